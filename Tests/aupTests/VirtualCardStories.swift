import Foundation
import TestSupport
import Testing

/// The built binary through libasound, on the virtual sound card and its virtual clock: exact whatever this machine does.
@Suite(.realTime, .enabled(if: VirtualCard.isAvailable), .serialized)
struct `Pipelines on the virtual card` {
    private static let formats = ["S16_LE", "S24_LE", "S32_LE", "FLOAT_LE"]
    private static let channels = [1, 2, 8]
    private static let rates = [44_100, 48_000, 96_000]

    /// Every format with every channel count and rate.
    private static let matrix = formats.flatMap { format in
        channels.flatMap { channels in rates.map { (format, channels, $0) } }
    }

    /// Ten minutes each with AUP_SOAK set (`make soak`), else two seconds.
    private static let seconds = ProcessInfo.processInfo.environment["AUP_SOAK"] == nil ? 2 : 600

    private func card(_ format: String) throws -> VirtualCard {
        let card = try VirtualCard()
        let options: [String: any CustomStringConvertible] = [
            "virtual": true, "await": 2, "pattern": true, "formats": format,
        ]
        try card.addPCM("mic", options)
        try card.addPCM("out", options)
        return card
    }

    private func play(_ card: VirtualCard, channels: Int, rate: Int, seconds: Int) throws -> Pipeline {
        try Pipeline.run(
            [
                "aup capture -D mic -c \(channels) -r \(rate) -d \(seconds)s --json", "aup process gain gain=0 --json",
                "aup play -D out --json",
            ], environment: card.environment, seconds: 300)
    }

    private func expectExact(_ run: Pipeline, _ card: VirtualCard, frames: Int) throws {
        #expect(run.statuses == [0, 0, 0], "\(run.errors)")
        let report = try #require(card.log(with: "pattern").last)
        #expect(report.contains("pattern played=\(frames) differing=0"), "\(report)")
        for stage in 0..<3 {
            let end = try #require(try run.events("end", stage: stage).first)
            #expect(end["frames"] as? Int == frames)
            #expect(end["lost_frames"] as? Int == 0)
            #expect(end["xruns"] as? Int == 0)
            #expect(end["skipped_frames"] as? Int == 0)
        }
    }

    @Test(arguments: matrix)
    func `capture, a gain of nothing and play give every sample back`(format: String, channels: Int, rate: Int) throws {
        let card = try card(format)
        let run = try play(card, channels: channels, rate: rate, seconds: Self.seconds)
        try expectExact(run, card, frames: Self.seconds * rate)
    }

    @Test func `ten minutes are exact to the last frame`() throws {
        let card = try card("S16_LE")
        let run = try play(card, channels: 2, rate: 48_000, seconds: 600)
        try expectExact(run, card, frames: 28_800_000)
    }

    /// Frames from the microphone to the loudspeaker, by the card's own counter: impulses lie in what is captured, and
    /// are looked for in what was played.
    private func latencyFrames(_ options: String) throws -> Int {
        let card = try VirtualCard()
        var sound = [UInt8](repeating: 0, count: 96_000 * 4)
        for impulse in stride(from: 24_000, to: 96_000, by: 24_000) {
            for byte in 0..<2 { sound[impulse * 4 + 2 * byte + 1] = 0x70 }
        }
        try Data(sound).write(to: card.file("impulses"))
        let common: [String: any CustomStringConvertible] = ["virtual": true, "await": 2, "formats": "S16_LE"]
        try card.addPCM("mic", common.merging(["cfile": card.file("impulses").path]) { $1 })
        try card.addPCM("out", common.merging(["pfile": card.file("played").path]) { $1 })
        let run = try Pipeline.run(
            ["aup capture -D mic -r 48000 -c 2 -d 2s \(options)", "aup play -D out \(options)"],
            environment: card.environment)
        #expect(run.statuses == [0, 0], "\(run.errors)")
        let starts = try ["c", "p"].map { stream in
            let line = try #require(card.log.first { $0.contains(".0.\(stream) start") })
            return try #require(Int(line.components(separatedBy: "abs=")[1].prefix { $0.isNumber }))
        }
        let played = card.bytes("played")
        let heard = try #require(stride(from: 1, to: played.count, by: 4).first { played[$0] == 0x70 }) / 4
        return starts[1] + heard - (starts[0] + 24_000)
    }

    @Test func `the default latency is three periods of ten milliseconds`() throws {
        let frames = try latencyFrames("")
        #expect(frames <= 40 * 48)
        #expect((3 * 480...3 * 480 + 480).contains(frames))
    }

    @Test func `a latency that is asked for is kept`() throws {
        let frames = try latencyFrames("--latency 20ms")
        // 21.6 ms is what arecord | aplay reach with four periods of 256.
        #expect(frames <= 20 * 48)
    }

    @Test func `an xrun on both sides is told and the sound goes on`() throws {
        let card = try VirtualCard()
        try card.addPCM("mic", ["xrun_at": 48_000])
        try card.addPCM("out", ["xrun_at": 72_000])
        let run = try Pipeline.run(
            ["aup capture -D mic -r 48000 -c 2 -d 3s --json", "aup play -D out --json"], environment: card.environment)
        #expect(run.statuses == [0, 0])
        let captured = try #require(try run.events("end", stage: 0).first)
        let played = try #require(try run.events("end", stage: 1).first)
        #expect(captured["xruns"] as? Int ?? 0 >= 1)
        #expect(captured["gaps"] as? Int ?? 0 >= 1)
        #expect(played["xruns"] as? Int ?? 0 >= 1)
        #expect(captured["lost_frames"] as? Int == played["lost_frames"] as? Int)
    }

    @Test func `frames lost in an xrun are counted to the frame, the rest is in its place`() throws {
        let card = try VirtualCard()
        try card.addPCM("mic", ["xrun_at": 96_000, "pattern": true, "formats": "S32_LE"])
        let run = try Pipeline.run(
            ["aup capture -D mic -r 48000 -c 1 -d 4s --json", "aup process --as raw"], environment: card.environment)
        let gap = try #require(try run.events("gap", stage: 0).first)
        let position = try #require(gap["position"] as? Int)
        let lost = try #require(gap["frames"] as? Int)
        // Without the xrun the card gives this; by the frame after the gap both must be in step again.
        let reference = try VirtualCard()
        try reference.addPCM("mic", ["virtual": true, "pattern": true, "formats": "S32_LE"])
        let whole = try Pipeline.run(
            ["aup capture -D mic -r 48000 -c 1 -d 4s --as raw"], environment: reference.environment)
        #expect(run.output.count == whole.output.count)
        #expect(run.output.prefix(position * 4) == whole.output.prefix(position * 4))
        let after = (position + lost) * 4
        // Time and position are read one after the other, which the scheduler may part: a frame either way.
        let shifts = [-2, -1, 0, 1, 2].filter { shift in
            run.output[after..<after + 4000] == whole.output[after + shift * 4..<after + shift * 4 + 4000]
        }
        #expect(shifts.count == 1, "the sound after the gap is elsewhere")
    }

    @Test func `an unplugged device ends with 2 and the neighbour with 3`() throws {
        let card = try VirtualCard()
        // Time waits for the one that reads, else a reader that got no processor would lose more than a period.
        try card.addPCM("mic", ["unplug_at": 48_000, "virtual": true])
        let run = try Pipeline.run(
            ["aup capture -D mic -r 48000 -c 2 -d 30s --json", "aup play -D sim:null --json"],
            environment: card.environment)
        #expect(run.statuses == [2, 3])
        // The last period was not full when the card went, and goes with it.
        #expect((48_000 - 480...48_000).contains(try run.events("end", stage: 0).first?["frames"] as? Int ?? 0))
    }

    @Test func `a playback device that goes away ends with 2, the source is done`() throws {
        let card = try VirtualCard()
        try card.addPCM("out", ["unplug_at": 48_000])
        let run = try Pipeline.run(
            ["aup capture -D sim:sine -d 30s --json", "aup play -D out --json"], environment: card.environment)
        #expect(run.statuses == [0, 2])
    }

    @Test func `a busy device names the remedy`() throws {
        let card = try VirtualCard()
        try card.addPCM("mic")
        try card.command("busy")
        let run = try Pipeline.run(["aup capture -D mic -d 1s"], environment: card.environment)
        #expect(run.statuses == [2])
        #expect(run.errors[0].split(separator: "\n").count == 1)
        #expect(run.errors[0].contains("busy"))
        #expect(run.output.isEmpty)
    }

    @Test func `a denied device names the remedy`() throws {
        let card = try VirtualCard()
        try card.addPCM("mic", ["open_err": 13])
        let run = try Pipeline.run(["aup capture -D mic -d 1s"], environment: card.environment)
        #expect(run.statuses == [2])
        #expect(run.errors[0].contains("permission denied"))
    }

    @Test func `a rate the device does not have is refused with what it has`() throws {
        let card = try VirtualCard()
        try card.addPCM("mic", ["rate_min": 44_100, "rate_max": 48_000])
        let run = try Pipeline.run(["aup capture -D mic -r 96k -d 1s"], environment: card.environment)
        #expect(run.statuses == [2])
        #expect(run.errors[0].contains("44100"))
        #expect(run.output.isEmpty)
    }

    @Test func `a stream is played at its own rate, and another wish is refused`() throws {
        let run = try Pipeline.run(["aup capture -D sim:sine -d 1s", "aup play -D sim:null -r 44.1k"])
        #expect(run.statuses.last == 2)
        #expect(run.errors[1].contains("48000, not 44100"))
    }

    @Test func `a file is heard to its last sample, and no further`() throws {
        let card = try VirtualCard()
        let path = card.file("noise.wav").path
        _ = try Pipeline.run(["aup capture -D 'sim:noise?pace=fast' -d 12345f -o \(path)"])
        try card.addPCM("out", ["virtual": true, "pfile": card.file("played").path, "formats": "S16_LE"])
        let run = try Pipeline.run(["aup play -D out \(path)"], environment: card.environment)
        #expect(run.statuses == [0], "\(run.errors)")
        let raw = try Pipeline.run(["aup process -i \(path) --as raw"])
        #expect(card.bytes("played").prefix(raw.output.count).elementsEqual(raw.output))
    }

    @Test func `devices lists what the configuration hints at`() throws {
        let card = try VirtualCard()
        try card.addPCM("mic")
        let run = try Pipeline.run(["aup devices --json"], environment: card.environment)
        #expect(run.statuses == [0])
        let text = String(decoding: run.output, as: UTF8.self)
        #expect(text.contains("\"name\":\"mic\""))
        #expect(text.contains("sim:sine"))
    }
}
