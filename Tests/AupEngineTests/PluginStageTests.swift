import AupPlugins
import AupSound
import AupSystem
import AupWire
import Foundation
import TestSupport
import Testing

@testable import AupEngine

@Suite struct `Plugins in a stream` {
    private let mono = PCMFormat(.f32, rate: 8000, channels: 1)!
    private let events = EventQueue(bell: Doorbell())

    private func gain(_ decibels: String? = nil) -> PluginSpec {
        let path = Repository.root.appending(path: "plugins/gain/gain.so").path
        return PluginSpec(path, decibels.map { [.init(key: "gain", value: $0)] } ?? [])
    }

    private func echo(_ settings: [String: String]) -> PluginSpec {
        PluginSpec(TestGuest.path("echo"), settings.map { .init(key: $0.key, value: $0.value) })
    }

    private func stage(
        _ specs: [PluginSpec], _ recorder: PacketRecorder, tail: ChainConfiguration.Tail = .own,
        automation: String? = nil, isBypassed: Bool = false, isHeard: Bool = false
    ) throws -> PluginStage {
        var plan = ChainConfiguration()
        plan.tail = tail
        let stage = PluginStage(
            ChainDesk(specs), plan, isBypassed: isBypassed, target: nil, keepsSampleFormat: true, isHeard: isHeard,
            events: events, next: recorder)
        if let automation {
            stage.automation = try Automation(
                Array(automation.utf8), name: "test", plugins: try stage.desk.descriptions())
        }
        return stage
    }

    private func bytes(_ samples: [Float]) -> [UInt8] {
        samples.flatMap { sample in (0..<4).map { UInt8(truncatingIfNeeded: sample.bitPattern >> (8 * $0)) } }
    }

    private func samples(_ recorder: PacketRecorder) -> [Float] {
        stride(from: 0, to: recorder.bytes.count, by: 4).map { at in
            Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(recorder.bytes[at + $1]) << UInt32(8 * $1) })
        }
    }

    private func end(_ reason: EndReason = .normal) -> Packet {
        .end(EndPacket(totalFrames: 0, lostFrames: 0, reason: reason))
    }

    /// An impulse and silence, so many frames in all.
    private func impulse(_ frames: Int) -> [Float] { [1] + [Float](repeating: 0, count: frames - 1) }

    private func run(
        _ specs: [PluginSpec], _ sound: [Float], tail: ChainConfiguration.Tail = .own, reason: EndReason = .normal,
        isHeard: Bool = false
    ) throws -> [Float] {
        let recorder = PacketRecorder()
        let stage = try stage(specs, recorder, tail: tail, isHeard: isHeard)
        try stage.take(.format(StreamDescription(mono)))
        try stage.take(audio: bytes(sound), frames: sound.count)
        try stage.take(end(reason))
        #expect(recorder.story.last == "end \(reason)")
        return samples(recorder)
    }

    // MARK: - Input that is no sound

    @Test(arguments: [SampleFormat.f32, .f64])
    func `what is no number does not reach the first plugin's memory, and is counted`(format: SampleFormat) throws {
        let recorder = PacketRecorder()
        let stage = try stage([echo(["feedback": "0.5", "time": "10"])], recorder, tail: .off)
        try stage.take(.format(StreamDescription(PCMFormat(format, rate: 8000, channels: 1)!)))
        var sound = [Double](repeating: 0.25, count: 100)
        // The last is a number, but no float.
        let strange: [Double] = [.nan, .infinity, -.infinity] + (format == .f64 ? [1e300] : [])
        for (place, value) in strange.enumerated() { sound[3 + place] = value }
        let bytes = sound.flatMap { sample in
            format == .f32
                ? unsafe withUnsafeBytes(of: Float(sample)) { unsafe Array($0) }
                : unsafe withUnsafeBytes(of: sample) { unsafe Array($0) }
        }
        try stage.take(audio: bytes, frames: sound.count)
        #expect(stage.status.invalidSamples == Int64(strange.count))
        #expect(stage.desk.chain?.reports[0].nonFiniteSamples == 0)
        try stage.take(end())
        let heard =
            format == .f32
            ? samples(recorder)
            : unsafe recorder.bytes.withUnsafeBytes { unsafe $0.bindMemory(to: Double.self).map { Float($0) } }
        #expect(heard.count == 100)
        let isSound = heard.allSatisfy { $0.isFinite && abs($0) <= 2 }
        #expect(isSound)
        // The echo of what was no number is as finite as itself, and the last frames know nothing of it but that.
        let isCalm = heard.suffix(10).allSatisfy { abs($0 - 0.5) < 0.01 }
        #expect(isCalm)
    }

    // MARK: - Tails

    @Test func `the end waits for what still sounds`() throws {
        let heard = try run([echo(["feedback": "0.1", "time": "100"])], impulse(10))
        // Down to a ten thousandth: four echoes.
        #expect(heard.count == 10 + 400)
        #expect(heard[100] == 0.1)
        #expect(abs(heard[400] - 1e-4) < 1e-9)
    }

    @Test func `a tail is as long as one wishes, or there is none`() throws {
        let specs = [echo(["feedback": "0.1", "time": "100"])]
        #expect(try run(specs, impulse(10), tail: .off).count == 10)
        #expect(try run(specs, impulse(10), tail: .length(.frames(250))).count == 260)
        #expect(try run(specs, impulse(10), tail: .length(.nanoseconds(1_000_000_000))).count == 8010)
        #expect(try run([gain()], impulse(10)).count == 10)
    }

    @Test func `a latency is taken out and its frames come before the tail`() throws {
        let heard = try run([echo(["feedback": "0.1", "time": "100", "lag": "37"])], impulse(10))
        #expect(heard.count == 10 + 400)
        #expect(heard[0] == 1 && heard[100] == 0.1)
        let short = try run([echo(["feedback": "0", "time": "100", "lag": "37"])], impulse(10))
        #expect(short == impulse(10))
    }

    @Test func `what would sound for ever is cut, and that is told`() throws {
        let heard = try run([echo(["feedback": "1", "time": "100"])], impulse(10))
        #expect(heard.count == 10 + ChainConfiguration.endlessTailSeconds * 8000)
        let told = events.takeAll().contains { event in
            if case .happened(let event) = event { event.name == "tail" && event.text.contains("10 s") } else { false }
        }
        #expect(told)
    }

    @Test func `whoever stops what they hear does not wait for the tail`() throws {
        let specs = [echo(["feedback": "0.1", "time": "100", "lag": "5"])]
        #expect(try run(specs, impulse(10), reason: .stopped, isHeard: true).count == 10)
        #expect(try run(specs, impulse(10), reason: .stopped).count == 410)
        #expect(try run(specs, impulse(10), isHeard: true).count == 410)
    }

    @Test func `a bypassed chain has no tail and a stream without frames neither`() throws {
        let recorder = PacketRecorder()
        let bypassed = try stage([echo(["feedback": "0.5"])], recorder, isBypassed: true)
        try bypassed.take(.format(StreamDescription(mono)))
        try bypassed.take(audio: bytes([1, 2]), frames: 2)
        try bypassed.take(end())
        #expect(samples(recorder) == [1, 2])
        let empty = PacketRecorder()
        let stage = try stage([echo(["feedback": "0.5"])], empty)
        try stage.take(.format(StreamDescription(mono)))
        try stage.take(end())
        #expect(empty.story == ["format", "end normal"])
    }

    @Test func `what a plugin measures is shown`() throws {
        let recorder = PacketRecorder()
        let stage = try stage([echo(["feedback": "0"])], recorder)
        try stage.take(.format(StreamDescription(mono)))
        try stage.take(audio: bytes([0.1, 0.1]), frames: 2)
        let reading = try #require(stage.desk.chain?.reports.first?.readings.first)
        #expect(reading.key == "level")
        #expect(abs(reading.value + 20) < 1e-5)
        #expect(reading.text.hasSuffix(" dB"))
    }

    // MARK: - Changes at exact frames

    /// A signal that is never twice the same.
    private func sound(_ frames: Int) -> [Float] {
        (0..<frames).map { Float(($0 &* 7919) % 4001 - 2000) / 2048 }
    }

    private let automation = """
        # a remark, and an empty line

        0        1  gain -20
        100f     1  gain 0dB     5ms
        0.05s, echo, feedback, 0.25
        0.06s\techo\tfeedback\t0.5 20ms
        701f     3  gain -6dB    0
        701f     3  gain -7dB    0
        2000f    1  gain 3       1f   # almost a jump
        """

    @Test(arguments: [1, 7, 160, 1000, 4096, 5000])
    func `automation is the same to the bit whatever the packets`(size: Int) throws {
        let sound = sound(5000)
        let specs = [gain(), echo(["feedback": "0", "lag": "13"]), gain()]
        func run(_ size: Int) throws -> [Float] {
            let recorder = PacketRecorder()
            let stage = try stage(specs, recorder, automation: automation)
            try stage.take(.format(StreamDescription(mono)))
            for start in stride(from: 0, to: sound.count, by: size) {
                let part = Array(sound[start..<min(start + size, sound.count)])
                try stage.take(audio: bytes(part), frames: part.count, position: Int64(start))
            }
            try stage.take(end())
            return samples(recorder)
        }
        let whole = try run(5000)
        let isSame = try run(size) == whole
        #expect(isSame)
        #expect(whole[0] == sound[0] * 0.1)
        // Frame 701 is the third plugin's, though the second one holds 13 frames back.
        let ratio = whole[701] / whole[700] * (sound[700] / sound[701])
        #expect(whole.count == 5000 && ratio.isFinite)
    }

    @Test func `a gap counts as time, and changes in it are over after it`() throws {
        let recorder = PacketRecorder()
        let stage = try stage([gain()], recorder, automation: "150f gain gain -20 1s\n205f gain gain 0 0\n")
        try stage.take(.format(StreamDescription(mono)))
        try stage.take(audio: bytes([Float](repeating: 1, count: 100)), frames: 100)
        try stage.take(.gap(GapPacket(position: 100, captureTime: nil, frames: 100, cause: .xrun, seenBy: "")))
        try stage.take(audio: bytes([Float](repeating: 1, count: 10)), frames: 10, position: 200)
        let heard = samples(recorder)
        #expect(heard[..<100].allSatisfy { $0 == 1 })
        #expect(heard[100..<105].allSatisfy { $0 == 0.1 })
        #expect(heard[105...].allSatisfy { $0 == 1 })
    }

    @Test func `time goes on where the format changes, and values stay`() throws {
        let recorder = PacketRecorder()
        let stage = try stage([gain()], recorder, automation: "100f gain gain -20 0\n150ms gain gain 0 0\n")
        let ones = [Float](repeating: 1, count: 800)
        try stage.take(.format(StreamDescription(mono)))
        try stage.take(audio: bytes(ones), frames: 800)
        // A tenth of a second is over; the rest is counted at the new rate.
        try stage.take(.format(StreamDescription(PCMFormat(.f32, rate: 16_000, channels: 1)!)))
        try stage.take(audio: bytes(ones), frames: 800, position: 800)
        try stage.take(audio: bytes(ones), frames: 800, position: 1600)
        let heard = samples(recorder)
        #expect(heard.firstIndex { $0 != 1 } == 100)
        #expect(heard[100...].firstIndex { $0 == 1 } == 800 + 800)
        #expect(heard[1600...].allSatisfy { $0 == 1 })
    }

    @Test func `an event of the stream changes a parameter with the next frame`() throws {
        let recorder = PacketRecorder()
        let stage = try stage([gain()], recorder)
        func event(_ value: String) -> Packet {
            .event(EventPacket(position: 50, captureTime: nil, key: "set", value: value))
        }
        try stage.take(.format(StreamDescription(mono)))
        try stage.take(audio: bytes([Float](repeating: 1, count: 50)), frames: 50)
        for value in ["reverb gain 3", "gain gain 99", "gain", "gain gain -20 0s"] { try stage.take(event(value)) }
        try stage.take(audio: bytes([Float](repeating: 1, count: 50)), frames: 50, position: 50)
        let heard = samples(recorder)
        #expect(heard[..<50].allSatisfy { $0 == 1 } && heard[50...].allSatisfy { $0 == 0.1 })
        let warnings = events.takeAll().filter { if case .warning = $0 { true } else { false } }
        #expect(warnings.count == 2, "what is meant for another stage is none of ours")
        #expect(recorder.story.filter { $0 == "event set" }.count == 4)
    }
}
