import Foundation
import TestSupport
import Testing

/// Files of aup's in the hands of others; `make opusmatrix` does all of it and writes the page.
@Suite struct `Opus files in other hands` {
    @Test(
        .enabled(
            if: ["python3", "opusdec", "opusinfo", "ffmpeg"].allSatisfy { ToolRun.find($0) != nil },
            "python3, opus-tools or ffmpeg is not installed"))
    func `a dozen are as long as what went in for every decoder, and have opusenc's packets`() throws {
        let script = Repository.root.appending(path: "Tests/Compatibility/opus_matrix.py").path
        let run = try ToolRun("env", ["AUP=\(Pipeline.aup)", "python3", script, "--short"])
        #expect(run.status == 0, "\(run.output.suffix(2000))\(run.errors.suffix(500))")
        #expect(run.output.contains("12 files"))
    }
}
