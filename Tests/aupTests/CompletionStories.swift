import Foundation
import TestSupport
import Testing

/// What shells are told when they ask for the words of a line.
@Suite struct `The words that shells ask for` {
    private struct Offer: Equatable {
        let value: String
        let note: String
    }

    /// What is offered where `command` has these words before it.
    private func offers(
        _ kind: String, _ command: String, _ option: String, _ typed: String, _ before: String = "",
        _ environment: [String: String] = [:]
    ) throws -> [Offer] {
        let ask = {
            try Pipeline.run(
                ["aup ---complete \(kind) \(command) '\(option)' '\(typed)' \(before)"],
                environment: [
                    "AUP_PLUGIN_PATH": Repository.root.appending(path: "plugins").path, "LADSPA_PATH": "/nowhere",
                ]
                .merging(environment) { $1 })
        }
        var run = try ask()
        // A shell is not kept waiting: where the processors are taken away, it is the next TAB that is answered.
        for _ in 0..<3 where run.statuses == [128 + 14] { run = try ask() }
        #expect(run.statuses == [0])
        #expect(run.errors == [""])
        return String(decoding: run.output, as: UTF8.self).split(separator: "\n").map { line in
            let parts = line.split(separator: "\t", maxSplits: 1)
            return Offer(value: String(parts[0]), note: parts.count > 1 ? String(parts[1]) : "")
        }
    }

    private func values(
        _ kind: String, _ command: String, _ option: String, _ typed: String, _ before: String = "",
        _ environment: [String: String] = [:]
    ) throws -> Set<String> {
        Set(try offers(kind, command, option, typed, before, environment).map(\.value))
    }

    @Test func `plugins, and the keys of the one before`() throws {
        #expect(try values("chain", "process", "", "").isSuperset(of: ["gain", "limiter", "ladspa:", "lv2:", "clap:"]))
        let keys = try values("chain", "process", "-o", "", "limiter")
        #expect(keys.isSuperset(of: ["ceiling=", "channels=", "limiter"]))
        #expect(!keys.contains("freq1=") && !keys.contains("side=") && !keys.contains("out="))
        #expect(try values("chain", "process", "-o", "", "compressor").isSuperset(of: ["channels=", "side="]))
        #expect(try values("chain", "process", "-o", "", "mix").contains("out="))
        // The value of an option is no plugin, a setting neither.
        #expect(
            try values("chain", "process", "-o,--tail", "", "limiter ceiling=-1dB -o mix --tail=1s").contains(
                "ceiling="))
    }

    @Test func `ranges and choices of a key`() throws {
        let gain = try offers("chain", "process", "", "", "gain").first { $0.value == "gain=" }
        #expect(gain?.note == "Gain, -90 dB to 24 dB; usually 0 dB")
        #expect(
            try offers("chain", "process", "", "gain=", "gain").map(\.value) == ["gain=-90dB", "gain=0dB", "gain=24dB"])
        #expect(try values("chain", "process", "", "type1=", "eq").isSuperset(of: ["type1=bell", "type1=notch"]))
        #expect(try values("chain", "process", "", "on1=", "eq") == ["on1=on", "on1=off"])
        #expect(try values("chain", "process", "", "nothing=", "eq") == [])
    }

    @Test func `devices of the direction that is wanted`() throws {
        #expect(try values("device", "capture", "--device", "").isSuperset(of: ["sim:sine", "sim:noise"]))
        #expect(try values("device", "play", "--device", "") == ["sim:null"])
        #expect(try values("device", "devices", "--to", "").contains("sim:null"))
        #expect(try values("device", "capture", "--device", "sim:sine?fr").contains("sim:sine?freq="))
        #expect(
            try values("device", "capture", "--device", "sim:sine?freq=440&pace=")
                == ["sim:sine?freq=440&pace=realtime", "sim:sine?freq=440&pace=fast"])
    }

    private func configured(_ text: String, mode: Int = 0o644) throws -> (Scratch, [String: String]) {
        let scratch = try Scratch()
        try text.write(toFile: scratch.path("c.toml"), atomically: true, encoding: .utf8)
        unsafe chmod(scratch.path("c.toml"), mode_t(mode))
        return (scratch, ["AUP_CONFIG": scratch.path("c.toml")])
    }

    @Test func `what the configuration calls devices and chains`() throws {
        let (scratch, environment) = try configured(
            """
            [devices]
            mic = "hw:CARD=Mic"
            tone = "sim:sine"
            nothing = "sim:null"
            [chains]
            voice = "gate 'compressor' ratio=3"
            torn = "gate 'compressor"
            """)
        defer { withExtendedLifetime(scratch) {} }
        #expect(try values("device", "capture", "--device", "@", "", environment) == ["@mic", "@tone"])
        #expect(
            try values("device", "devices", "--probe", "", "", environment).isSuperset(of: [
                "@mic", "@tone", "@nothing",
            ]))
        #expect(
            try values("endpoint", "process", "--output", "", "", environment).isSuperset(of: ["@mic", "@nothing"]))
        #expect(try !values("endpoint", "process", "--output", "", "", environment).contains("@tone"))
        #expect(
            try values("endpoint", "process", "--input", "alsa:@", "", environment) == ["alsa:@mic", "alsa:@tone"])
        #expect(try !values("endpoint", "stream", "--connect", "", "", environment).contains("@mic"))
        #expect(
            try offers("chain", "process", "", "@", "", environment)
                == [Offer(value: "@voice", note: "gate compressor ratio=3")])
        // Behind a chain come the parameters of its last plugin.
        #expect(
            try values("chain", "process", "", "", "@voice", environment).isSuperset(of: ["ratio=", "@voice", "gate"]))
        #expect(try values("chain", "process", "", "ratio=", "@voice", environment).contains("ratio=4"))
    }

    @Test(arguments: [("[devices\n", 0o644), ("[devices]\nmic = 1\n", 0o644), ("[devices]\nmic = \"hw:0\"\n", 0o666)])
    func `the rest where the configuration is wrong`(text: String, mode: Int) throws {
        let (scratch, environment) = try configured(text, mode: mode)
        defer { withExtendedLifetime(scratch) {} }
        for environment in [environment, ["AUP_CONFIG": "/nowhere/at.all"]] {
            #expect(try values("device", "capture", "--device", "@", "", environment) == [])
            #expect(try values("device", "capture", "--device", "", "", environment).contains("sim:sine"))
            #expect(try values("chain", "process", "", "", "gain", environment).isSuperset(of: ["gain=", "limiter"]))
        }
        // Shells that begin are not told either.
        let script = try Pipeline.run(["aup completions bash"], environment: environment)
        #expect(script.statuses == [0] && script.errors == [""])
    }

    @Test(.enabled(if: VirtualCard.isAvailable)) func `a card that is there`() throws {
        let card = try VirtualCard()
        try card.addPCM("desk", [:])
        let found = try values("endpoint", "play", "--output", "alsa:", "", card.environment)
        #expect(found.allSatisfy { $0.hasPrefix("alsa:") })
        #expect(!found.contains("alsa:sim:null"))
    }

    @Test func `endpoints that make sense there`() throws {
        #expect(
            try values("endpoint", "encode", "--input", "") == ["alsa:", "sim:", "unix:", "tcp:", "rtp:", "/"])
        #expect(
            try values("endpoint", "encode", "--output", "")
                == ["alsa:", "sim:null", "unix:", "tcp:", "rtp:", "icecast://", "/"])
        #expect(try values("endpoint", "capture", "--input", "") == ["alsa:", "sim:"])
        #expect(try values("endpoint", "play", "--output", "") == ["alsa:", "sim:null"])
        #expect(try values("endpoint", "stream", "--send", "") == ["unix:", "tcp:"])
    }

    @Test func `sockets, descriptions and sounds behind their prefix`() throws {
        let scratch = try Scratch()
        for name in ["a.sdp", "b.wav", "c.txt", ".hidden.wav", "two words.sdp"] {
            try Data().write(to: URL(filePath: scratch.path(name)))
        }
        try FileManager.default.createDirectory(atPath: scratch.path("sub"), withIntermediateDirectories: true)
        let folder = scratch.folder.path + "/"
        #expect(
            try values("endpoint", "play", "--input", "rtp:\(folder)")
                == ["rtp:\(folder)a.sdp", "rtp:\(folder)two words.sdp", "rtp:\(folder)sub/"])
        #expect(
            try values("device", "capture", "--device", "sim:\(folder)").isSuperset(of: [
                "sim:\(folder)b.wav", "sim:\(folder)sub/",
            ]))
        #expect(try values("endpoint", "play", "--input", "unix:\(folder)") == ["unix:\(folder)sub/"])
    }

    @Test func `nothing where nothing makes sense`() throws {
        #expect(try values("chain", "process", "", "", "--connect unix:/nowhere/at-all").contains("list"))
        #expect(try values("endpoint", "play", "--input", "unix:/nowhere/at-all/") == [])
        #expect(try values("nonsense", "play", "--input", "") == [])
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/lib/ladspa/amp.so"), "ladspa-sdk is not installed"))
    func `plugins of others`() throws {
        let scratch = try Scratch()
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path("amp.so"), withDestinationPath: "/usr/lib/ladspa/amp.so")
        let offered = try values("chain", "process", "", "ladspa:am", "", ["LADSPA_PATH": scratch.folder.path])
        // Where another file has the label too, the file is named.
        #expect(offered.contains { $0.hasPrefix("ladspa:") && $0.hasSuffix("amp_mono") })
    }

    @Test func `what a running chain can be told`() throws {
        let scratch = try Scratch()
        let socket = scratch.path("s")
        let run = try Pipeline.run(
            ["aup capture -D sim:sine -d 60s", "aup process --control unix:\(socket) gain eq", "cat > /dev/null"],
            during: """
                for n in $(seq 200); do
                    aup process --connect unix:\(socket) list > /dev/null 2>&1 && break
                    sleep 0.1
                done
                aup ---complete chain process '' ga --connect unix:\(socket) > \(scratch.path("offers"))
                aup ---complete parameter process --get '' --connect=unix:\(socket) > \(scratch.path("keys"))
                aup ---complete endpoint play --input unix:\(scratch.folder.path)/ > \(scratch.path("sockets"))
                kill -INT $(stage 1)
                """)
        #expect(run.statuses == [0, 0, 0])
        func lines(_ name: String) throws -> [String] {
            try String(contentsOfFile: scratch.path(name), encoding: .utf8).split(separator: "\n")
                .map { String($0.split(separator: "\t")[0]) }
        }
        let offers = try lines("offers")
        #expect(offers.contains("gain.gain=") && offers.contains("list"))
        #expect(try lines("keys").contains("gain.gain"))
        #expect(try lines("sockets") == ["unix:\(socket)"])
    }

    @Test func `bash is given what it replaces, however it cuts words`() throws {
        // With and without = and : among what cuts; and what it offers is never expanded.
        let scratch = try Scratch()
        let script = scratch.path("aup.bash")
        let run = try Pipeline.run(
            [
                """
                bash --norc -c 'source \(script); compopt() { :; }; for breaks in " =:" " "; do COMP_WORDBREAKS=$breaks; \
                for line in "aup process eq type1=be" "aup play --device=sim:nu" "aup encode -i uni"; do \
                COMP_LINE=$line COMP_POINT=${#line}; _aup; printf "%s\\n" "${COMPREPLY[@]}"; done; done'
                """
            ], before: "aup completions bash > \(script)",
            environment: ["AUP_PLUGIN_PATH": Repository.root.appending(path: "plugins").path])
        #expect(
            String(decoding: run.output, as: UTF8.self)
                == "bell\nnull\nunix:\ntype1=bell\n--device=sim:null\nunix:\n")
        #expect(run.errors == [""])
    }
}
