import Foundation
import TestSupport
import Testing

/// The manual page of capture: what programs rely on, hooks, sidecars and names, is what it says.
@Suite(.realTime) struct `The manual of capture` {
    private func part(_ heading: String) throws -> String {
        try #require(try ManualPage("capture").part(heading), "\(heading)")
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
        #expect(Set(set).subtracting(["AUP_CONFIG", "AUP_PLUGIN_PATH", "AUP_SOAK"]) == said)
    }

    @Test func `the keys of a sidecar are what the page says`() throws {
        let section = try part(".Ss Sidecars")
        var said: Set<String> = []
        for line in section.split(separator: "\n") where line.hasPrefix(".It Li ") || line.hasPrefix(".Li ") {
            for word in line.matches(of: /[a-z][a-z0-9_]+/) { said.insert(String(word.0)) }
        }
        let scratch = try Scratch()
        let run = try Pipeline.run([
            "aup capture -D 'sim:sine?unplug=0.5s&replug=1.5s' --reconnect -d 2s -o '\(scratch.path("%i.wav"))' --sidecar"
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
}
