import AupSound
import AupWire
import Foundation
import TestSupport
import Testing

/// A microphone on USB that is pulled out, and comes back as another card.
@Suite(.realTime, .enabled(if: VirtualCard.isAvailable), .serialized) struct `A card that moves` {
    private static let rate = 48_000.0

    /// Where each packet of sound stands, and when it was captured, of a stream of aup's.
    private struct Heard {
        var positions: [Int64] = []
        var times: [Int64] = []
        var gaps: [GapPacket] = []

        init(_ stream: Data) throws {
            var decoder = PacketDecoder()
            var bytes = [UInt8](stream)[...]
            while !bytes.isEmpty {
                let count = unsafe bytes.withUnsafeBytes { unsafe decoder.feed($0) }
                bytes = bytes.dropFirst(count)
                while let packet = try decoder.next() {
                    switch packet {
                    case .audio(let audio):
                        positions.append(audio.position)
                        times.append(try #require(audio.captureTime))
                    case .gap(let gap): gaps.append(gap)
                    default: break
                    }
                }
            }
        }

        /// By how many frames positions and times of capture disagree, at most, counted from the first packet.
        var largestError: Double {
            guard let position = positions.first, let time = times.first else { return .infinity }
            return zip(positions, times).map { abs(Double($0 - position) - Double($1 - time) * rate / 1e9) }.max()!
        }
    }

    /// Card 0 `Mic`; card 1 `Mic_1`, which is the same microphone in another socket; and card 2, another microphone of
    /// that make, which takes the name `Mic` while that is free.
    private func cards() throws -> (card: VirtualCard, tree: CardTree) {
        let card = try VirtualCard()
        try card.addHardware(away: ["Mic_1"])
        let tree = try CardTree()
        try tree.plug(0, id: "Mic", place: "pci/usb1/1-2", product: "046d:0825", serial: "A77")
        try tree.plug(
            1, id: "Mic_1", place: "pci/usb1/1-4", product: "046d:0825", serial: "A77", isPlugged: false)
        try tree.plug(2, id: "Mic", place: "pci/usb1/1-2.1", product: "046d:0825", serial: "B12", isPlugged: false)
        return (card, tree)
    }

    private func run(
        _ options: String, _ card: VirtualCard, _ tree: CardTree, during: [String], to sink: String = "cat"
    ) throws -> Pipeline {
        let name = "hw:CARD=Mic,DEV=0"
        return try Pipeline.run(
            ["aup capture -D \(name) -r 48000 -c 2 --period 480f --json \(options)", sink],
            during: "sounds; sleep 1; " + during.joined(separator: "; "),
            environment: card.environment.merging(["AUP_TEST_SYSFS": tree.path]) { $1 })
    }

    @Test func `it is the same microphone under another number, and its absence is one gap of that length`() throws {
        let (card, tree) = try cards()
        let mic = try card.controlWords(card: "Mic")
        let moved = try card.controlWords(card: "Mic_1")
        let times = card.file("times").path
        let run = try run(
            "-d 8s --reconnect=30s", card, tree,
            during: [
                tree.unplugWords(0), "\(mic) unplug; date +%s.%N > \(times)",
                // Another one of that make gets its name, and could be opened.
                "sleep 1; \(mic) plug; \(tree.plugWords(2))",
                "sleep 2; date +%s.%N >> \(times); \(moved) plug; \(tree.plugWords(1)); date +%s.%N >> \(times)",
            ])
        #expect(run.statuses == [0, 0], "\(run.errors)")
        let heard = try Heard(run.output)

        #expect(try run.events("device-lost", stage: 0).count == 1)
        let back = try run.events("device-back", stage: 0)
        #expect(back.map { $0["text"] as? String } == ["device 'hw:CARD=Mic,DEV=0' is back as 'hw:CARD=Mic_1,DEV=0'"])
        #expect(try run.events("device", stage: 0).map { $0["device"] as? String }.last == "hw:CARD=Mic_1,DEV=0")
        #expect(try run.events("gap", stage: 0).count == 1)

        let gap = try #require(heard.gaps.first)
        #expect(heard.gaps.count == 1)
        #expect(gap.cause == .device)
        // As long as it was away: from a period before it went to the next attempt after it came, a second at most, and
        // two seconds for a machine with much to do.
        let stamps = try String(contentsOfFile: times, encoding: .utf8).split(separator: "\n").compactMap { Double($0) }
        let away = (stamps[1] - stamps[0]) * Self.rate
        let longest = (stamps[2] - stamps[0] + 3) * Self.rate
        #expect(Double(gap.frames) > away - 4800 && Double(gap.frames) < longest, "\(gap.frames) of \(away)")
        // And a place in the stream is a time of the recording all the same, on both sides of it.
        #expect(heard.largestError < 960)
        #expect(heard.positions.last! > gap.position + gap.frames)
        let end = try #require(try run.events("end", stage: 0).first)
        #expect(end["frames"] as? Int == 8 * 48_000 - Int(gap.frames))
        #expect(end["reconnects"] as? Int == 1)
    }

    @Test func `another one of its make is not taken for it, and in the end it is given up`() throws {
        let (card, tree) = try cards()
        let mic = try card.controlWords(card: "Mic")
        let run = try run(
            "-d 60s --reconnect=3s", card, tree,
            during: [
                tree.unplugWords(0), "\(mic) unplug", "sleep 1; \(mic) plug; \(tree.plugWords(2))",
            ])
        #expect(run.statuses == [2, 0], "\(run.errors)")
        #expect(try run.events("device-lost", stage: 0).count == 1)
        #expect(try run.events("device-back", stage: 0).isEmpty)
        let end = try #require(try run.events("end", stage: 0).first)
        #expect((end["message"] as? String)?.contains("did not come back within 3 s") == true)
        let heard = try Heard(run.output)
        #expect(heard.gaps.isEmpty)
        #expect(!heard.positions.isEmpty)
    }
}
