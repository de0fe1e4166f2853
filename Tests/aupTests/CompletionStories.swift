import Foundation
import TestSupport
import Testing

/// What bash offers for the words of a chain: the generated script, sourced by a real shell.
@Suite struct `The words of a chain complete themselves` {
    /// - Parameter words: as bash cuts them; the last one is completed.
    private func offers(_ words: [String], _ environment: [String: String] = [:]) throws -> Set<String> {
        let scratch = try Scratch()
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        let run = try Pipeline.run(
            [
                """
                bash --norc -c 'source \(scratch.path("aup.bash")); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); \
                COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMP_KEY=9; _aup; \
                printf "%s\\n" "${COMPREPLY[@]}"' bash \(quoted)
                """
            ], before: "aup --generate-completion-script bash > \(scratch.path("aup.bash"))",
            environment: [
                "AUP_PLUGIN_PATH": Repository.root.appending(path: "plugins").path, "LADSPA_PATH": "/nowhere",
            ]
            .merging(environment) { $1 })
        return Set(String(decoding: run.output, as: UTF8.self).split(separator: "\n").map(String.init))
    }

    @Test func `with plugins and with the keys of the one before`() throws {
        let plugins = try offers(["aup", "process", "ga"])
        #expect(plugins == ["gain", "gate"])
        let keys = try offers(["aup", "process", "limiter", ""])
        #expect(keys.isSuperset(of: ["ceiling=", "limiter", "ladspa:", "lv2:", "clap:"]))
        #expect(!keys.contains("freq1="))
        #expect(try offers(["aup", "process", "eq", "ty"]).contains("type1="))
        #expect(try offers(["aup", "process", "compressor", ""]).isSuperset(of: ["channels=", "side="]))
        #expect(try offers(["aup", "process", "mix", "out"]) == ["out="])
        #expect(!keys.contains("side=") && !keys.contains("out="))
    }

    @Test func `with the labels of a key, however the shell cuts it`() throws {
        #expect(try offers(["aup", "process", "eq", "type1=be"]) == ["type1=bell"])
        #expect(try offers(["aup", "process", "eq", "type1", "=", "be"]) == ["bell"])
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/lib/ladspa/amp.so")))
    func `with the plugins of others`() throws {
        let scratch = try Scratch()
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path("amp.so"), withDestinationPath: "/usr/lib/ladspa/amp.so")
        let folder = ["LADSPA_PATH": scratch.folder.path]
        // Where another file has the label too, the file is named.
        let offered = try offers(["aup", "process", "ladspa:am"], folder)
        let label = try #require(offered.first { $0.hasSuffix("amp_mono") })
        #expect(offered.allSatisfy { $0.hasPrefix("ladspa:am") })
        #expect(try offers(["aup", "process", "ladspa", ":", "am"], folder).contains(String(label.dropFirst(7))))
        let cut = label.split(separator: ":").flatMap { [":", String($0)] }.dropFirst()
        #expect(try offers(["aup", "process"] + cut, folder) == ["amp_mono"])
    }

    @Test func `with what a running chain can be told`() throws {
        let scratch = try Scratch()
        let socket = scratch.path("s")
        let run = try Pipeline.run(
            ["aup capture -D sim:sine -d 60s", "aup process --control unix:\(socket) gain eq", "cat > /dev/null"],
            during: """
                for n in $(seq 200); do
                    aup process --connect unix:\(socket) list > /dev/null 2>&1 && break
                    sleep 0.1
                done
                aup ---completion process -- positional@0 4 2 aup process --connect unix:\(socket) ga \
                    > \(scratch.path("offers"))
                aup ---completion process -- positional@0 4 2 aup process --connect unix:\(socket) li \
                    >> \(scratch.path("offers"))
                kill -INT $(stage 1)
                """)
        #expect(run.statuses == [0, 0, 0])
        let offers = try String(contentsOfFile: scratch.path("offers"), encoding: .utf8).split(separator: "\n")
        #expect(offers == ["gain.gain=", "list"])
    }
}
