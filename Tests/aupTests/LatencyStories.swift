import Foundation
import TestSupport
import Testing

/// Clicks that go round a loop: how long it is, and that nothing that came back is made up.
@Suite(.realTime, .serialized) struct `A latency test` {
    private func measure(_ words: String, _ card: VirtualCard) throws -> [String: Any] {
        let run = try Pipeline.run(["aup devices --latency \(words) --json"], environment: card.environment)
        #expect(run.statuses == [0], "\(run.errors)")
        return try #require(try JSONSerialization.jsonObject(with: run.output) as? [String: Any])
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `a loop that is longer by some frames is measured longer by as many`() throws {
        var trips: [Int] = []
        for converter in [48, 528] {
            let card = try VirtualCard()
            try card.addPCM("loop", ["loop": true, "formats": "S16_LE", "latency": converter])
            let report = try measure("-D loop -r 48000 -c 2", card)
            let heard = try #require(report["heard"] as? [Int])
            #expect(heard.count == 5)
            trips.append(try #require(report["round_trip_frames"] as? Int))
            #expect(heard.sorted()[2] == trips.last)
            // This card tells its converter's delay, so nothing is left untold but a period of the capture.
            #expect(abs(try #require(report["untold_frames"] as? Int)) <= 480)
        }
        // The fill of the buffers is settled to within a period, the rest is the converter's.
        #expect(abs(trips[1] - trips[0] - 480) <= 480)
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `shorter periods make a shorter loop`() throws {
        let card = try VirtualCard()
        try card.addPCM("loop", ["loop": true, "formats": "S16_LE"])
        let long = try #require(try measure("-D loop -r 48000 -c 2 --period 20ms", card)["round_trip_frames"] as? Int)
        let short = try #require(try measure("-D loop -r 48000 -c 2 --period 5ms", card)["round_trip_frames"] as? Int)
        #expect(short < long)
    }

    @Test func `silence that comes back is no click`() throws {
        let run = try Pipeline.run(["aup devices --latency -D sim:silence --to sim:null"])
        #expect(run.statuses == [1])
        #expect(run.errors[0].contains("none of 5 clicks came back"))
        // Nor is noise.
        let noise = try Pipeline.run(["aup devices --latency -D sim:noise --to sim:null"])
        #expect(noise.statuses == [1])
    }

    @Test func `its options want each other`() throws {
        let run = try Pipeline.run(["aup devices --level -30"])
        #expect(run.statuses == [64])
        #expect(run.errors[0].contains("--latency"))
    }
}
