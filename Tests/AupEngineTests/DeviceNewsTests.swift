import AupSound
import Testing

@testable import AupEngine

/// Devices and moments, in milliseconds.
private struct Rig {
    var news: DeviceNews
    var lines: [String] = []

    init(_ snapshot: DeviceSnapshot) { news = DeviceNews(snapshot) }

    mutating func looked(_ snapshot: DeviceSnapshot, at milliseconds: Int64) -> [String] {
        news.looked(snapshot, now: milliseconds * 1_000_000).map(Self.text)
    }

    mutating func tell(at milliseconds: Int64) -> [String] {
        news.tell(now: milliseconds * 1_000_000).map(Self.text)
    }

    static func text(_ line: DeviceNews.Announcement) -> String {
        let subject: String
        switch line.subject {
        case .device(let device): subject = device.identifier ?? device.name
        case .server(let server): subject = server.name
        case .standard(let direction, let name): subject = "\(direction) \(name ?? "nothing")"
        }
        let changes = line.changes.map { "\($0.name) \($0.before ?? "-")>\($0.now ?? "-")" }
        let untold = line.untold > 0 ? ["+\(line.untold)"] : []
        return ([line.kind.rawValue, subject] + changes + untold).joined(separator: " ")
    }
}

private func card(
    _ id: String, _ index: Int = 1, pcms: Int = 1, volume: Int? = nil, holder: String? = nil, isDefault: Bool = false
) -> [SoundDevice] {
    let card = SoundCard(index: index, id: id, name: id, identifier: "card:\(id)", place: "pci/usb1/1-\(id)")
    return (0..<pcms).map { number in
        var side = DeviceSide(form: .microphone, isDefault: isDefault && number == 0, subdevices: 1)
        side.volume = volume.map { DeviceVolume(control: "Mic", percent: $0, decibels: nil, isMuted: nil) }
        side.streams = holder.map { [DeviceStream(subdevice: 0, state: "running", process: 7, command: $0)] } ?? []
        return SoundDevice(
            name: "hw:CARD=\(id),DEV=\(number)", identifier: "card:\(id)" + (number > 0 ? "/\(number)" : ""),
            description: id, kind: .hardware, isExclusive: true, card: card, device: number, capture: side)
    }
}

@Suite struct `What is told of devices` {
    @Test func `what is there first is told once, simulations are not`() {
        let simulation = SoundDevice(name: "sim:sine", description: "", kind: .simulation, isExclusive: false)
        var rig = Rig(
            DeviceSnapshot(
                devices: card("Mic", isDefault: true) + [simulation],
                servers: [SoundServer(name: "pulse", socket: "/run/pulse")]))
        #expect(
            rig.news.present.map(Rig.text) == [
                "present card:Mic", "present pulse", "present capture card:Mic", "present playback nothing",
            ])
        #expect(rig.looked(DeviceSnapshot(devices: card("Mic", isDefault: true)), at: 0) == ["removed pulse"])
    }

    @Test func `devices that come, go and change are told, and that nothing changed is not`() {
        var rig = Rig(DeviceSnapshot())
        let mic = DeviceSnapshot(devices: card("Mic", pcms: 2))
        #expect(rig.looked(mic, at: 0) == ["added card:Mic", "added card:Mic/1"])
        #expect(rig.looked(mic, at: 100) == [])
        #expect(
            rig.looked(DeviceSnapshot(devices: card("Mic", pcms: 2, volume: 30)), at: 200) == [
                "changed card:Mic input_volume ->30%", "changed card:Mic/1 input_volume ->30%",
            ])
        #expect(
            rig.looked(DeviceSnapshot(devices: card("Mic", pcms: 2, volume: 40, holder: "arecord")), at: 300).first
                == "changed card:Mic input_holder nobody>arecord 7 input_volume 30%>40%")
        #expect(
            rig.looked(DeviceSnapshot(devices: card("Other")), at: 400) == [
                "removed card:Mic", "removed card:Mic/1", "added card:Other",
            ])
    }

    @Test func `where the default leads is told when it changes`() {
        var rig = Rig(DeviceSnapshot(devices: card("A") + card("B", isDefault: true)))
        #expect(
            rig.looked(DeviceSnapshot(devices: card("A", isDefault: true) + card("B")), at: 0) == [
                "default capture card:A default card:B>card:A"
            ])
        // A server behind it has no identifier, so what the definition says is told.
        let server = SoundDevice(
            name: "default", description: "", kind: .server, isExclusive: false, target: "pulse",
            capture: DeviceSide(form: .server), playback: DeviceSide(form: .server))
        #expect(
            rig.looked(DeviceSnapshot(devices: card("A") + card("B") + [server]), at: 100) == [
                "added default", "default capture pulse default card:A>pulse",
                "default playback pulse default ->pulse",
            ])
    }

    @Test func `it is looked when nothing more comes for a moment, and soon however much comes`() {
        var news = DeviceNews(DeviceSnapshot())
        #expect(news.nextLook == nil)
        news.sign(now: 1000)
        #expect(news.nextLook == 1000 + DeviceNews.settling)
        for step in 1...10 {
            news.sign(now: 1000 + Int64(step) * 50_000_000)
            #expect(news.nextLook! <= 1000 + DeviceNews.longestSettling)
        }
        #expect(DeviceNews.longestSettling <= 250_000_000, "half of what was promised is for looking")
        _ = news.looked(DeviceSnapshot(), now: 700_000_000)
        #expect(news.nextLook == nil)
        let waits = news.waitsForCard(now: 700_000_000)
        #expect(!waits)
        // A card of which not all nodes are there is waited for, and not for ever.
        news.sign(now: 0)
        var now: Int64 = 0
        while let look = news.nextLook {
            now = look
            guard news.waitsForCard(now: now) else { break }
            #expect(news.nextLook! > now)
        }
        #expect((DeviceNews.longestArrival..<(DeviceNews.longestArrival + 2 * DeviceNews.settling)).contains(now))
    }

    @Test func `what flaps is told at first, then as one change, with the number of those untold`() {
        var rig = Rig(DeviceSnapshot())
        var all: [String] = []
        // Off and on, ten times a second, for half a minute.
        for step in 0..<300 {
            let snapshot = DeviceSnapshot(devices: step % 2 == 0 ? card("Mic") : [])
            all += rig.looked(snapshot, at: Int64(step) * 100)
        }
        #expect(all.prefix(8).allSatisfy { !$0.contains("+") })
        #expect(all.count < 16)
        #expect(all[9].contains(" +"))
        // Now it stays, and in the end that is what is believed.
        all += rig.looked(DeviceSnapshot(devices: card("Mic")), at: 30_000)
        var time: Int64 = 30_000
        while let next = rig.news.nextTelling, time < 3_600_000 {
            time = max(time, next / 1_000_000) + 1
            all += rig.tell(at: time)
        }
        #expect(all.last { $0.contains("card:Mic") }!.hasPrefix("added card:Mic"))
        #expect(rig.tell(at: 7_200_000) == [])
    }

    @Test(arguments: [1, 4]) func `an hour of flapping is at most 26 lines, of a card with many PCMs as well`(pcms: Int)
    {
        var rig = Rig(DeviceSnapshot())
        var count = 0
        for step in 0..<18_000 {
            let snapshot = DeviceSnapshot(devices: step % 2 == 0 ? card("Mic", pcms: pcms) : [])
            count += rig.looked(snapshot, at: Int64(step) * 200).count
        }
        #expect(count <= 26, "\(count)")
        #expect(count >= 8)
    }

    @Test func `a volume that is turned without end does not hold back that the card went`() {
        var rig = Rig(DeviceSnapshot(devices: card("Mic", volume: 0)))
        for step in 1..<500 {
            _ = rig.looked(DeviceSnapshot(devices: card("Mic", volume: step % 100)), at: Int64(step) * 100)
        }
        #expect(rig.looked(DeviceSnapshot(), at: 50_000).map { $0.hasPrefix("removed card:Mic") } == [true])
    }

    @Test func `a device that flaps does not hold back another`() {
        var rig = Rig(DeviceSnapshot())
        for step in 0..<100 {
            _ = rig.looked(DeviceSnapshot(devices: step % 2 == 0 ? card("Mic") : []), at: Int64(step) * 100)
        }
        #expect(rig.looked(DeviceSnapshot(devices: card("Other", 2)), at: 10_000).contains("added card:Other"))
    }

    @Test func `after ten minutes of calm all is told at once again`() {
        var rig = Rig(DeviceSnapshot())
        for step in 0..<100 {
            _ = rig.looked(DeviceSnapshot(devices: step % 2 == 0 ? card("Mic") : []), at: Int64(step) * 100)
        }
        _ = rig.tell(at: 600_000)
        for step in 0..<8 {
            let snapshot = DeviceSnapshot(devices: step % 2 == 0 ? card("Mic") : [])
            #expect(rig.looked(snapshot, at: 1_300_000 + Int64(step)).count == 1, "\(step)")
        }
    }

    @Test func `names that are made up one after the other are remembered within bounds`() {
        var rig = Rig(DeviceSnapshot())
        var count = 0
        for step in 0..<2000 {
            count += rig.looked(DeviceSnapshot(devices: card("Fake\(step)", pcms: 1)), at: Int64(step) * 100).count
        }
        #expect(count < 2 * DeviceNews.groups + 40, "\(count)")
    }
}
