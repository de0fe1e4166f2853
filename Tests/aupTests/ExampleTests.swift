import Foundation
import TestSupport
import Testing

/// Each example runs as it stands, in shortened form.
@Suite(.realTime) struct `Examples` {
    private static let stories = [
        ("01-monitor.sh", "", 0, ""), ("02-record.sh", "take.wav && soxi -s take.wav", 0, "48000"),
        ("03-other-programs.sh", "turned.flac && soxi -s turned.flac", 0, "48000"),
        ("04-what-was-lost.sh", "", 0, "in 2 gaps"), ("05-errors-travel.sh", "", 0, "ended with 3"),
    ]

    @Test(arguments: stories)
    func `an example does what it says`(name: String, words: String, status: Int, says: String) throws {
        let script = Repository.root.appending(path: "examples/\(name)").path
        let devices = name.hasPrefix("05") || name.hasPrefix("04") ? [:] : ["IN": "sim:sine", "OUT": "sim:null"]
        let run = try Pipeline.run(
            ["sh -c '\(script) \(words)'"],
            environment: devices.merging(["SECONDS_TO_RUN": "1"]) { $1 })
        #expect(run.statuses == [status], "\(run.errors)")
        #expect(says.isEmpty || String(decoding: run.output, as: UTF8.self).contains(says), "\(run.errors)")
    }

    @Test func `every numbered example is in this list and has at most 25 lines`() throws {
        let folder = Repository.root.appending(path: "examples").path
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.first?.isNumber == true }
        #expect(names.sorted() == Self.stories.map(\.0).sorted())
        for name in names {
            let lines = try Repository.text("examples/\(name)").split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count <= 26, "\(name)")
        }
    }

    @Test func `the demonstration runs and counts every frame`() throws {
        let script = Repository.root.appending(path: "examples/demo.sh").path
        let run = try Pipeline.run(["env AUP='\(Pipeline.aup)' \(script) 1"])
        #expect(run.statuses == [0], "\(run.errors)")
        let text = String(decoding: run.output, as: UTF8.self)
        #expect(text.contains("captured   48000 frames"))
        #expect(text.contains("-12.0 dBFS before, -18.0 dBFS after"))
    }
}
