import Foundation
import TestSupport
import Testing

/// The manual page: it is well formed, and says of options and of what a program relies on neither more nor less than is.
@Suite struct `The manual` {
    private static let path = Repository.root.appending(path: "man/aup-capture.1").path
    private func page() throws -> String { try Repository.text("man/aup-capture.1") }

    /// The text between a heading and the next of its kind.
    private func part(_ heading: String) throws -> String {
        let page = try page()
        let start = try #require(page.firstRange(of: "\n\(heading)\n"), "\(heading)")
        let kind = heading.prefix(3)
        let rest = page[start.upperBound...]
        return String(rest[..<(rest.firstRange(of: "\n\(kind) ")?.lowerBound ?? rest.endIndex)])
    }

    @Test func `every option of the help is on the page, and no other`() throws {
        let help = String(decoding: try Pipeline.run(["aup capture --help"]).output, as: UTF8.self)
        var known: Set<String> = []
        for line in help.split(separator: "\n") {
            // An option's own line, not one of its description.
            guard let words = line.prefixMatch(of: /\ \ (-[-A-Za-z,\/ ]*)/)?.1 else { continue }
            for word in words.matches(of: /--?[A-Za-z][-a-z]*/) { known.insert(String(word.0)) }
        }
        #expect(known.isSuperset(of: ["-D", "--device", "--no-sidecar", "--trigger", "--help"]))
        var described: Set<String> = []
        for line in try part(".Sh DESCRIPTION").split(separator: "\n") where line.hasPrefix(".It ") {
            for flag in line.matches(of: /Fl (-?[A-Za-z][-a-z]*)/) { described.insert("-" + flag.1) }
        }
        #expect(known.subtracting(described).sorted() == [])
        #expect(described.subtracting(known).sorted() == [])
        // What is only mentioned must be there too.
        for flag in try page().matches(of: /Fl (-?[A-Za-z][-a-z]*)/) {
            #expect(known.contains("-" + flag.1), "-\(flag.1)")
        }
    }

    @Test func `the environment of a hook is what the page says`() throws {
        let said = Set(try part(".Ss Hooks").matches(of: /AUP_[A-Z0-9]+/).map { String($0.0) })
        let scratch = try Scratch()
        let run = try Pipeline.run([
            "aup capture -D 'sim:sine?pace=fast' -d 10f -o '\(scratch.path("%i.wav"))' "
                + "--on-file \"sh -c 'env > \(scratch.path("env"))'\""
        ])
        #expect(run.statuses == [0], "\(run.errors)")
        let set = try String(contentsOfFile: scratch.path("env"), encoding: .utf8)
            .matches(of: /(?m)^AUP_[A-Z0-9]+(?==)/).map { String($0.0) }
        // Of the tests' own.
        #expect(Set(set).subtracting(["AUP_PLUGIN_PATH", "AUP_SOAK"]) == said)
    }

    @Test func `the keys of a sidecar are what the page says`() throws {
        let section = try part(".Ss Sidecars")
        var said: Set<String> = []
        for line in section.split(separator: "\n") where line.hasPrefix(".It Li ") || line.hasPrefix(".Li ") {
            for word in line.matches(of: /[a-z][a-z0-9_]+/) { said.insert(String(word.0)) }
        }
        let scratch = try Scratch()
        let run = try Pipeline.run([
            "aup capture -D 'sim:sine?unplug=0.5s&replug=0.6s' --reconnect -d 2s -o '\(scratch.path("%i.wav"))' --sidecar"
        ])
        #expect(run.statuses == [0], "\(run.errors)")
        let data = try Data(contentsOf: URL(filePath: scratch.path("1.wav.json")))
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let gaps = try #require(object["gaps"] as? [[String: Any]])
        let keys = Set(object.keys).union(gaps.flatMap(\.keys))
        #expect(keys == said)
    }

    @Test func `the letters of a name are those the page says`() throws {
        let section = try part(".Ss Names")
        let said = Set(section.matches(of: /%([A-Za-z])/).map { String($0.1) })
        let scratch = try Scratch()
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".map(String.init)
        let script = scratch.path("each.sh")
        try """
        for letter in \(letters.joined(separator: " ")); do
            aup capture -D 'sim:sine?pace=fast' -d 1f -o "\(scratch.folder.path)/%$letter-$letter.wav" 2> /dev/null
            echo $letter $?
        done
        """.write(toFile: script, atomically: true, encoding: .utf8)
        let run = try Pipeline.run(["sh \(script)"])
        let expected = letters.map { "\($0) \(said.contains($0) ? 0 : 64)\n" }.joined()
        #expect(String(decoding: run.output, as: UTF8.self) == expected)
    }

    @Test(.enabled(if: ToolRun.find("man") != nil))
    func `man formats it without a complaint`() throws {
        let run = try Pipeline.run(["env LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z '\(Self.path)'"])
        #expect(run.statuses == [0])
        #expect(run.errors == [""])
        #expect(run.output.count > 10_000)
    }

    @Test(.enabled(if: ToolRun.find("mandoc") != nil))
    func `mandoc finds nothing to warn of`() throws {
        let run = try ToolRun("mandoc", ["-T", "lint", "-W", "warning", Self.path])
        #expect(run.status == 0)
        #expect(run.output == "")
    }
}
