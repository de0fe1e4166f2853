import Foundation
import TestSupport
import Testing

/// The clock of a device against the system's, wherever it is written down.
@Suite(.realTime) struct `A recorder that knows its clock` {
    /// It is told once a minute, so this takes longer: with AUP_SOAK set (`make soak`).
    @Test(.enabled(if: ProcessInfo.processInfo.environment["AUP_SOAK"] != nil, "long: make soak runs it"))
    func `a clock that is off stands in the stream, in the sidecar and in the report`() throws {
        let scratch = try Scratch()
        let path = scratch.path("off.wav")
        let run = try Pipeline.run(
            ["aup capture -D 'sim:noise?ppm=150' -d 70s --sidecar --json -o \(path)"], seconds: 120)
        #expect(run.statuses == [0], "\(run.errors)")
        let told = try run.events("stream", stage: 0).compactMap { $0["text"] as? String }
        let sidecar = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path + ".json")))
        let found = [
            told.filter { $0.hasPrefix("clock_ppm=") }.compactMap { Double($0.dropFirst(10)) }.first,
            (sidecar as? [String: Any])?["clock_ppm"] as? Double,
            try run.events("end", stage: 0).first?["clock_ppm"] as? Double,
        ]
        for ppm in found { #expect(abs(try #require(ppm) - 150) < 20, "\(found)") }
    }
}
