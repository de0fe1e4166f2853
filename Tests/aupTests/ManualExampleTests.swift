import Foundation
import TestSupport
import Testing

/// What the pages of the stream and of the plugin interface show is what it says it is.
@Suite struct `The manual's examples` {
    /// The first literal text among a page's examples.
    private func literal(_ file: String) throws -> String {
        let examples = try #require(try ManualPage(file: file).part(".Sh EXAMPLES"))
        let text = try #require(examples.firstMatch(of: /(?s)\.Bd -literal\n(.*?)\n\.Ed/)?.1)
        return String(text).replacing("\\&", with: "").replacing("\\e", with: "\\")
    }

    @Test func `are a stream that is read to its end`() throws {
        var bytes = Data()
        for line in try literal("aup-stream.7").split(separator: "\n") {
            // A row is sixteen bytes at most; the name of the packet follows some.
            let words = line.split(separator: " ").map(String.init).filter { $0.count == 2 }
            bytes.append(contentsOf: words.compactMap { UInt8($0, radix: 16) })
        }
        let scratch = try Scratch()
        try bytes.write(to: URL(filePath: scratch.path("one.aup")))
        let run = try Pipeline.run(["aup process --as raw"], input: scratch.path("one.aup"))
        #expect(run.statuses == [0], "\(run.errors)")
        #expect(Array(run.output) == [1, 0])
    }

    @Test(.enabled(if: ToolRun.find("cc") != nil, "there is no C compiler"))
    func `are a plugin that is built and keeps to the rules`() throws {
        let scratch = try Scratch()
        let (source, plugin) = (scratch.path("flip.c"), scratch.path("flip.so"))
        try Data(literal("aup-plugin.7").utf8).write(to: URL(filePath: source))
        let header = Repository.root.appending(path: "plugins").path
        let build = "cc -Wall -Wextra -Werror -O2 -shared -fPIC -I'\(header)' -o '\(plugin)' '\(source)'"
        let run = try Pipeline.run(
            ["aup capture -D 'sim:sine?pace=fast' -d 100f", "aup process --as raw '\(plugin)' invert"], before: build)
        let plain = try Pipeline.run(["aup capture -D 'sim:sine?pace=fast' -d 100f --as raw"])
        #expect(run.statuses == [0, 0], "\(run.errors)")
        // Turned twice it is what it was.
        #expect(run.output == plain.output && !run.output.isEmpty)
        let check = try Pipeline.run(["aup process --check '\(plugin)'"])
        #expect(check.statuses == [0])
    }
}
