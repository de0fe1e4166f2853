import Foundation
import TestSupport
import Testing

/// Live sources whose clock is not the device's, in real time.
@Suite(.realTime, .serialized) struct `Sources with another clock` {
    private func end(_ run: Pipeline) throws -> [String: Any] {
        try #require(try run.events("end", stage: run.statuses.count - 1).first)
    }

    private static let tolerance = 40.0

    /// Runs it, again where what was followed is off: two milliseconds in which somebody else has the processors at one end of
    /// twenty seconds are 100 ppm. The last of three counts.
    private func listen(_ ppm: Double, _ run: () throws -> Pipeline) throws -> Pipeline {
        func isNear(_ run: Pipeline) throws -> Bool {
            guard let told = try end(run)["drift_ppm"] as? Double else { return false }
            return abs(told - ppm) < Self.tolerance
        }
        for _ in 0..<2 {
            let one = try Pipeline.undisturbed { try run() }
            if try isNear(one) { return one }
        }
        return try Pipeline.undisturbed { try run() }
    }

    private func expectFollowed(_ run: Pipeline, ppm: Double) throws {
        #expect(run.statuses.allSatisfy { $0 == 0 }, "\(run.errors)")
        let end = try end(run)
        // Twenty seconds on a busy machine do not tell more.
        #expect(abs(try #require(end["drift_ppm"] as? Double) - ppm) < Self.tolerance)
        #expect(end["drift"] as? String == "locked")
        #expect(end["xruns"] as? Int == 0)
        // What piled up while the device was opened.
        let skipped = try #require(end["skipped_frames"] as? Int)
        #expect(skipped < 48_000)
        #expect(end["lost_frames"] as? Int == 0)
        // What is played is as much longer as the source was too slow.
        let played = try #require(end["played_frames"] as? Int)
        let frames = try #require(end["frames"] as? Int)
        #expect(ppm > 0 ? played + skipped < frames : played + skipped > frames)
    }

    @Test(arguments: [-300.0, 1000])
    func `a simulation that is off is followed`(_ ppm: Double) throws {
        let run = try listen(ppm) {
            try Pipeline.run(
                ["aup capture -D 'sim:sine?ppm=\(ppm)' -d 20s", "aup play -D sim:null --latency 200ms --json"],
                seconds: 60)
        }
        try expectFollowed(run, ppm: ppm)
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `a card that is off is followed`() throws {
        let card = try VirtualCard()
        try card.addPCM("out", ["ppm": -400])
        let run = try listen(400) {
            try Pipeline.run(
                ["aup capture -D sim:sine -d 20s", "aup play -D out --latency 200ms --json"],
                environment: card.environment, seconds: 60)
        }
        try expectFollowed(run, ppm: 400)
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `one clock on both sides is left alone, sample by sample`() throws {
        let card = try VirtualCard()
        let options: [String: any CustomStringConvertible] = ["pattern": true, "formats": "S16_LE", "ppm": 120]
        try card.addPCM("mic", options)
        try card.addPCM("out", options)
        let run = try Pipeline.undisturbed(["xruns", "skipped_frames"]) {
            try Pipeline.run(
                ["aup capture -D mic -r 48000 -c 2 -d 8s", "aup play -D out --json"], environment: card.environment,
                seconds: 60)
        }
        #expect(run.statuses == [0, 0])
        #expect(try end(run)["played_frames"] as? Int == 384_000)
        let report = try #require(card.log(with: "pattern").last)
        #expect(report.contains("pattern played=384000 differing=0"), "\(report)")
    }

    @Test func `a device without a clock tells none, and one with a clock only when it was measured`() throws {
        let fast = try Pipeline.run(["aup capture -D 'sim:sine?pace=fast' -d 120s --json", "cat > /dev/null"])
        #expect(try fast.events("end", stage: 0).first?["clock_ppm"] is NSNull)
        let words = try Pipeline.run(["aup capture -D 'sim:sine?pace=fast' -d 120s -v", "cat > /dev/null"])
        #expect(words.errors[0].contains("5760000 frames") && !words.errors[0].contains("clock"))
        let short = try Pipeline.run(["aup capture -D 'sim:sine?ppm=500' -d 300ms --json", "cat > /dev/null"])
        #expect(try short.events("end", stage: 0).first?["clock_ppm"] is NSNull)
        let long = try Pipeline.run(["aup capture -D 'sim:sine?ppm=5000' -d 5s --json", "cat > /dev/null"])
        let ppm = try #require(try long.events("end", stage: 0).first?["clock_ppm"] as? Double)
        // Five seconds, in which the nominal rate still weighs as much as one of them.
        #expect((2500...6000).contains(ppm))
    }

    @Test func `following is turned off by hand, and a file is never stretched`() throws {
        let run = try Pipeline.undisturbed(["xruns", "skipped_frames"]) {
            try Pipeline.run(
                ["aup capture -D 'sim:sine?ppm=1000' -d 5s", "aup play -D sim:null --no-drift --json"], seconds: 60)
        }
        #expect(try end(run)["drift_ppm"] is NSNull)
        #expect(try end(run)["played_frames"] as? Int == 240_000)
        let file = try Pipeline.run(
            ["aup capture -D 'sim:sine?ppm=1000' -d 5s --as wav", "aup play -D sim:null --json"], seconds: 60)
        #expect(try end(file)["drift_ppm"] is NSNull)
        #expect(try end(file)["played_frames"] as? Int == 240_000)
    }

    @Test func `after a stall the rest is left out at once, and counted`() throws {
        let run = try Pipeline.run(
            ["aup capture -D 'sim:sine?ppm=200' -d 12s", "aup play -D sim:null --json --stats=0.5"],
            during: "stage 1 > /dev/null; stage 2 > /dev/null; sleep 5; kill -STOP $(stage 2); sleep 3; "
                + "kill -CONT $(stage 2)", seconds: 60)
        #expect(run.statuses == [0, 0])
        let end = try end(run)
        #expect(try #require(end["skipped_frames"] as? Int) > 96_000)
        // Three seconds later the latency is what it was.
        let latencies = try run.events("status", stage: 1).compactMap { $0["latency_ms"] as? Double }
        #expect(try #require(latencies.last) < 60, "\(latencies)")
    }
}
