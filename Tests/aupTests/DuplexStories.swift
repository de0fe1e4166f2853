import Foundation
import TestSupport
import Testing

/// A host in one process: `aup process` from a device, through plugins, to a device.
@Suite(.realTime, .serialized) struct `A host in one process` {
    private func end(_ run: Pipeline) throws -> [String: Any] {
        try #require(try run.events("end", stage: 0).first, "it said: \(run.errors)")
    }

    /// Hertz of what was played, s16 stereo, by its upward crossings of zero over the middle of it.
    private func frequency(_ bytes: [UInt8], rate: Int) -> Double {
        let samples = stride(from: 0, to: bytes.count - 3, by: 4).map {
            Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
        }
        let middle = samples[(samples.count / 4)..<(samples.count * 3 / 4)]
        let crossings = zip(middle, middle.dropFirst()).enumerated().filter { $1.0 < 0 && $1.1 >= 0 }.map(\.offset)
        guard let first = crossings.first, let last = crossings.last, last > first else { return 0 }
        return Double(crossings.count - 1) * Double(rate) / Double(last - first)
    }

    private func sine(_ card: VirtualCard, rate: Int) throws -> String {
        let path = card.file("sine").path
        let made = try Pipeline.run([
            "aup capture -D 'sim:sine?pace=fast&level=-12&freq=1000' -r \(rate) -c 2 -f s16 -d 10s --as raw > \(path)"
        ])
        #expect(made.statuses == [0])
        return path
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `captures, turns down, measures and plays, and knows its latency`() throws {
        let card = try VirtualCard()
        let path = try sine(card, rate: 48_000)
        try card.addPCM("in", ["cfile": path, "formats": "S16_LE"])
        try card.addPCM("out", ["pfile": card.file("played").path, "formats": "S16_LE", "latency": 96])
        let run = try Pipeline.undisturbed {
            try Pipeline.run(
                ["aup process -i alsa:in -o alsa:out gain gain=-6dB -d 4s --json"], environment: card.environment)
        }
        #expect(run.statuses == [0], "\(run.errors)")
        let report = try end(run)
        #expect(report["xruns"] as? Int == 0)
        #expect(abs((report["input_peak_dbfs"] as? Double ?? 0) + 12) < 0.1)
        #expect(abs((report["output_peak_dbfs"] as? Double ?? 0) + 18) < 0.1)
        // What is asked for by default, and the converter's two milliseconds that it tells of.
        let latency = try #require(report["latency_ms"] as? Double)
        #expect(latency > 2 && latency < 60)
        #expect(abs(frequency(card.bytes("played"), rate: 48_000) - 1000) < 1)
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `rates of two devices that differ are brought together`() throws {
        let card = try VirtualCard()
        let path = try sine(card, rate: 44_100)
        try card.addPCM("in", ["cfile": path, "formats": "S16_LE", "rate_min": 44_100, "rate_max": 44_100])
        let played = card.file("played").path
        try card.addPCM("out", ["pfile": played, "formats": "S16_LE", "rate_min": 48_000, "rate_max": 48_000])
        let run = try Pipeline.undisturbed {
            try Pipeline.run(
                ["aup process -i alsa:in -o alsa:out gain gain=0 -d 4s --json"], environment: card.environment)
        }
        #expect(run.statuses == [0], "\(run.errors)")
        let bytes = card.bytes("played")
        #expect(abs(frequency(bytes, rate: 48_000) - 1000) < 1)
        #expect(abs(Double(bytes.count) / 4 / 48_000 - 4) < 0.2)
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `without loudspeakers it measures, says so once, and goes on`() throws {
        let card = try VirtualCard()
        try card.addPCM("in", ["cfile": try sine(card, rate: 48_000), "formats": "S16_LE"])
        let run = try Pipeline.run(
            ["aup process -i alsa:in -o alsa:nowhere gain gain=-6dB -d 2s --json"],
            environment: card.environment)
        #expect(run.statuses == [0], "\(run.errors)")
        #expect(run.errors[0].components(separatedBy: "only levels").count == 2)
        let report = try end(run)
        #expect(report["frames"] as? Int == 96_000)
        #expect(abs((report["output_peak_dbfs"] as? Double ?? 0) + 18) < 0.1)
        // A device that is there and cannot be had is another matter.
        let busy = try Pipeline.run(
            ["aup process -i sim:sine -o alsa:nowhere gain -d 1s"], environment: card.environment)
        #expect(busy.statuses == [0])
        let played = try Pipeline.run(
            ["aup capture -D sim:sine -d 1s", "aup play -D nowhere"], environment: card.environment)
        #expect(played.statuses.last == 2)
    }
}
