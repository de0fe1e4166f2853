import AupPlugins
import AupSound
import AupSystem
import AupWire
import Foundation
import TestSupport
import Testing

@testable import AupEngine

/// Plugins that are rebuilt while sound runs through them. The file is written between two packets, so that each test is
/// the same every time.
@Suite(.serialized) struct `Plugins that are made anew` {
    private let mono = PCMFormat(.f32, rate: 48_000, channels: 1)!
    private let events = EventQueue(bell: Doorbell())

    private final class Rig {
        let scratch: Scratch
        let recorder = PacketRecorder()
        let stage: PluginStage
        var position: Int64 = 0

        init(_ specs: (Scratch) -> [PluginSpec], events: EventQueue, automation: String = "") throws {
            scratch = try Scratch()
            let desk = ChainDesk(specs(scratch), canReload: true)
            stage = PluginStage(
                desk, ChainConfiguration(), isBypassed: false, target: nil, keepsSampleFormat: true, isHeard: false,
                events: events, next: recorder)
            stage.automation = try Automation(
                Array(automation.utf8), name: "test", plugins: try desk.descriptions())
        }

        func take(_ samples: [Float]) throws {
            let bytes = samples.flatMap { sample in
                (0..<4).map { UInt8(truncatingIfNeeded: sample.bitPattern >> (8 * $0)) }
            }
            try stage.take(audio: bytes, frames: samples.count, position: position)
            position += Int64(samples.count)
            stage.desk.forgetRetired()
        }

        var heard: [Float] {
            stride(from: 0, to: recorder.bytes.count, by: 4).map { at in
                Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(recorder.bytes[at + $1]) << UInt32(8 * $1) })
            }
        }
    }

    private let own = Repository.root.appending(path: "plugins/gain/gain.so").path

    private func sound(_ frames: Int) -> [Float] { (0..<frames).map { Float(sin(Double($0) * 0.05)) / 2 } }

    /// Puts a file in another's place: by its name, or byte by byte into the very same file.
    private func replace(_ path: String, with source: String, inPlace: Bool) throws {
        let bytes = try Data(contentsOf: URL(filePath: source))
        try bytes.write(to: URL(filePath: path), options: inPlace ? [] : .atomic)
    }

    @Test(arguments: [false, true])
    func `a hundred times, and not a bit is other than without`(inPlace: Bool) throws {
        let rig = try Rig(
            { scratch in
                try? FileManager.default.copyItem(atPath: own, toPath: scratch.path("gain.so"))
                return [PluginSpec(scratch.path("gain.so"))]
            }, events: events)
        let sound = sound(1000)
        try rig.stage.take(.format(StreamDescription(mono)))
        for round in 0..<100 {
            try rig.take(sound)
            try replace(rig.scratch.path("gain.so"), with: own, inPlace: inPlace)
            try rig.stage.desk.reload()
            // The fade of 960 frames begins with the next packet and is over with the one after.
            try rig.take(sound)
            try rig.take(sound)
            #expect(rig.stage.status.reloads == Int64(round + 1))
        }
        let isSame = rig.heard == (0..<300).flatMap { _ in sound }
        #expect(isSame)
    }

    @Test func `values that were set, bypasses and what is still to come go on`() throws {
        let rig = try Rig(
            { scratch in
                try? FileManager.default.copyItem(atPath: own, toPath: scratch.path("gain.so"))
                return [PluginSpec(scratch.path("gain.so")), PluginSpec(own, [.init(key: "gain", value: "3")])]
            }, events: events, automation: "10000f 1 gain 0 0\n")
        let ones = [Float](repeating: 1, count: 1000)
        try rig.stage.take(.format(StreamDescription(mono)))
        try rig.take(ones)
        try rig.stage.desk.set("1.gain", to: "-20", ramp: .frames(0))
        try rig.stage.desk.bypass("2", true)
        try rig.take(ones)
        try rig.stage.desk.reload()
        try rig.take(ones)
        // While one takes over, a wish reaches both.
        try rig.stage.desk.set("2.gain", to: "6", ramp: nil)
        for _ in 0..<8 { try rig.take(ones) }
        #expect(rig.stage.status.reloads == 1)
        let heard = rig.heard
        #expect(heard[1500..<10_000].allSatisfy { abs($0 - 0.1) < 1e-6 })
        #expect(heard[10_000...].allSatisfy { $0 == 1 })
        #expect(try rig.stage.desk.chain?.value(plugin: 1, key: "gain") == 6)
        #expect(rig.stage.desk.chain?.isBypassed(plugin: 1) == true)
    }

    @Test func `what a plugin remembers is there again`() throws {
        let settings = ["feedback": "0.5", "time": "500", "lag": "90"].map {
            PluginSpec.Setting(key: $0.key, value: $0.value)
        }
        func run(reloads: Bool) throws -> [Float] {
            let rig = try Rig({ _ in [PluginSpec(TestGuest.path("echo"), settings)] }, events: events)
            try rig.stage.take(.format(StreamDescription(mono)))
            let sound = sound(40_000)
            for start in stride(from: 0, to: sound.count, by: 1000) {
                if reloads, start == 5000 { try rig.stage.desk.reload() }
                try rig.take(Array(sound[start..<start + 1000]))
            }
            try rig.stage.take(.end(EndPacket(totalFrames: 0, lostFrames: 0, reason: .normal)))
            #expect(rig.stage.status.reloads == (reloads ? 1 : 0))
            return rig.heard
        }
        let without = try run(reloads: false)
        let with = try run(reloads: true)
        #expect(with.count == without.count)
        let difference = zip(with, without).map { abs($0 - $1) }.max() ?? 1
        #expect(20 * log10(Double(difference)) < -60, "\(difference)")
    }

    @Test func `a broken build, other channels or another latency leave the old one running`() throws {
        let rig = try Rig(
            { scratch in
                try? FileManager.default.copyItem(atPath: TestGuest.path("echo"), toPath: scratch.path("p.so"))
                return [PluginSpec(scratch.path("p.so"), [.init(key: "feedback", value: "0")])]
            }, events: events)
        let sound = sound(1000)
        try rig.stage.take(.format(StreamDescription(mono)))
        try rig.take(sound)
        func complaint() -> String {
            do throws(PluginError) {
                try rig.stage.desk.reload()
                return ""
            } catch {
                return error.message
            }
        }
        let path = rig.scratch.path("p.so")
        try Data("oops".utf8).write(to: URL(filePath: path), options: .atomic)
        #expect(complaint().contains("no ELF header"))
        TestGuest.build("Tests/Guests/rude.c", to: path, defines: ["RUDE_UNDEFINED"])
        let missing = complaint()
        #expect(missing.contains("this_is_nowhere") && missing.contains(path), "\(missing)")
        TestGuest.build("Tests/Guests/rude.c", to: path)
        #expect(complaint().contains("no parameter 'feedback'"))
        try FileManager.default.removeItem(atPath: path)
        #expect(complaint().contains("no such file"))
        try rig.take(sound)
        try replace(path, with: TestGuest.path("echo"), inPlace: false)
        #expect(complaint() == "")
        for _ in 0..<30 { try rig.take(sound) }
        #expect(rig.stage.status.reloads == 1)
        let isSame = rig.heard == (0..<32).flatMap { _ in sound }
        #expect(isSame)
    }

    @Test func `one that fails while it takes over is dropped`() throws {
        let rig = try Rig(
            { scratch in
                TestGuest.build("Tests/Guests/rude.c", to: scratch.path("rude.so"), defines: ["RUDE_IN_PLACE"])
                return [PluginSpec(scratch.path("rude.so"))]
            }, events: events)
        try rig.stage.take(.format(StreamDescription(mono)))
        let sound = sound(400)
        for round in 0..<4 {
            if round == 1 {
                TestGuest.build("Tests/Guests/rude.c", to: rig.scratch.path("rude.so"), defines: ["RUDE_FAILS"])
                try rig.stage.desk.reload()
            }
            try rig.take(sound)
        }
        #expect(rig.stage.status.reloads == 0)
        let warned = events.takeAll().contains {
            if case .warning(let text) = $0 { text.contains("goes on") } else { false }
        }
        #expect(warned)
        // The guest says that it holds a frame back, and that one is called for at the end only.
        #expect(rig.recorder.totalFrames == 1599)
    }

    @Test func `a later one takes the place of one that has not taken over yet`() throws {
        let rig = try Rig({ _ in [PluginSpec(own)] }, events: events)
        try rig.stage.take(.format(StreamDescription(mono)))
        let sound = sound(100)
        for _ in 0..<50 {
            try rig.stage.desk.reload()
            try rig.take(sound)
            try rig.stage.desk.reload()
            try rig.stage.desk.reload()
        }
        for _ in 0..<20 { try rig.take(sound) }
        #expect(rig.stage.status.reloads == 1)
        let isSame = rig.heard == (0..<70).flatMap { _ in sound }
        #expect(isSame)
    }

    @Test func `files that are written are noticed, by rename and in place, and others are not`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.so")
        try Data("1".utf8).write(to: URL(filePath: path))
        let watch = try FileWatch([path])
        #expect(!watch.takeChanges())
        try Data("2".utf8).write(to: URL(filePath: scratch.path("b.so")))
        #expect(!watch.takeChanges())
        try Data("2".utf8).write(to: URL(filePath: path))
        #expect(watch.takeChanges())
        try Data("3".utf8).write(to: URL(filePath: path), options: .atomic)
        #expect(watch.takeChanges())
        #expect(!watch.takeChanges())
    }
}
