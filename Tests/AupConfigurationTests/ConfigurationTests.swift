import Testing

@testable import AupConfiguration

/// What a file may say, and what is told where it says something else.
@Suite struct `A configuration` {
    @Test func `has defaults for a command, for all, and names`() throws {
        let read = try Sections.configuration(
            """
            [defaults]
            color = "never"

            [defaults.capture]
            rate = 44100
            output = ["-", "a.wav"]
            quiet = true

            [devices]
            mic = "hw:CARD=Mic"

            [chains]
            voice = "gate threshold=-40"
            loud = ["gain", "gain=6"]
            """)
        #expect(
            read.settings.map { "\($0.command ?? "all") \($0.key) \($0.value.written) \($0.origin.text)" } == [
                "capture rate 44100 a.toml:5", "capture output [\"-\", \"a.wav\"] a.toml:6",
                "capture quiet true a.toml:7", "all color \"never\" a.toml:2",
            ])
        #expect(read.devices["mic"]?.value == .text("hw:CARD=Mic"))
        #expect(read.devices["mic"]?.origin == .file(path: "a.toml", line: 10))
        #expect(read.chains.keys.sorted() == ["loud", "voice"])
        try read.check(Sections.table)
    }

    @Test func `may be written with dotted keys, or hold nothing`() throws {
        let read = try Sections.configuration("defaults.capture.rate = 48000\n[devices]\n")
        #expect(read.settings.first?.origin == .file(path: "a.toml", line: 1))
        #expect(try Sections.configuration("").settings.isEmpty)
        #expect(try Sections.configuration("# nothing\n").settings.isEmpty)
    }

    private static let mistakes: [(String, String)] = [
        (
            "[defalts]\n",
            "a.toml:1: there is nothing like 'defalts' here, only [defaults], [defaults.COMMAND], [devices] and [chains]; did you mean 'defaults'?"
        ),
        ("\n[defaults.capure]\nrate = 1\n", "a.toml:3: there is no command 'capure'; did you mean 'capture'?"),
        ("[defaults.capture]\nlatncy = 1\n", "a.toml:2: aup capture has no option 'latncy'; did you mean 'latency'?"),
        ("[defaults]\nxyzzy = 1\n", "a.toml:2: no command has an option 'xyzzy'"),
        ("[defaults]\nquiet = \"yes\"\n", "a.toml:2: 'quiet' is on or off; write true or false, not \"yes\""),
        ("[defaults.capture]\nrate = true\n", "a.toml:2: 'rate' takes a value, not true"),
        ("[defaults.capture]\nrate = [1, 2]\n", "a.toml:2: 'rate' takes one value, not a list"),
        ("[defaults.capture]\noutput = [true]\n", "a.toml:2: 'output' takes texts and numbers, not true"),
        ("[defaults.capture]\ncheck = true\n", "a.toml:2: 'check' is something to do, and no default"),
        ("[defaults.capture]\nlatency = 07:00:00\n", "a.toml:2: 'latency': put times and dates into quotes"),
        ("[defaults.capture.rate]\nx = 1\n", "a.toml:1: 'rate' is an option's name and takes a value, no table"),
        ("defaults = 1\n", "a.toml:1: 'defaults' is a table: [defaults]"),
        ("[devices]\nmic = 1\n", "a.toml:2: 'mic': a device is a text, as -D takes it: \"hw:CARD=Mic\""),
        ("[devices]\nmic = \"@other\"\n", "a.toml:2: 'mic': a device is a text, as -D takes it: \"hw:CARD=Mic\""),
        ("[devices]\n\"a b\" = \"x\"\n", "a.toml:2: 'a b' is no name: letters, digits, - and _, 64 at most"),
        (
            "[chains]\nv = []\n",
            "a.toml:2: 'v': a chain is what stands behind process, as one text or as a list of words"
        ),
        ("[chains]\nv = \"gate @w\"\n", "a.toml:2: 'v': no name stands for another; write its words here"),
        ("[chains]\nv = [\"gate\", \"@w\"]\n", "a.toml:2: 'v': no name stands for another; write its words here"),
        (
            "[defaults.capture]\nrate = 1\nrate = 2\n",
            "a.toml:3: key-value pair: cannot redefine existing integer 'rate'"
        ),
        ("[defaults.capture]\nlatency = \"a\\nb\"\n", "a.toml:2: 'latency' has a control character in its value"),
    ]

    @Test(arguments: mistakes)
    func `that is wrong tells the line, and what was meant`(text: String, told: String) {
        #expect(Sections.mistake(text) == told)
    }

    @Test func `of another language than TOML tells the line`() {
        #expect(Sections.mistake("[defaults]\ncolor =\n")?.hasPrefix("a.toml:2: ") == true)
        #expect(Sections.mistake("\u{0}")?.hasPrefix("a.toml:1: ") == true)
        #expect(throws: ConfigurationMistake.self) { try TOMLDocument([0x61, 0x3D, 0x22, 0xFF, 0x22], path: "x") }
    }

    @Test func `is bounded in length and depth`() {
        let long = "# " + String(repeating: "x", count: TOMLDocument.longest)
        #expect(Sections.mistake(long)?.contains("more than 1048576 bytes") == true)
        let deep = Array(repeating: "a", count: 100_000).joined(separator: ".")
        #expect(Sections.mistake("\n[\(deep)]\n") == "a.toml:2: more than 256 points in a line; write it over several")
        let nested = "a = " + String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
        #expect(Sections.mistake(nested)?.contains("nested") == true)
        let many = "[devices]\n" + (0...1024).map { "d\($0) = \"hw:0\"\n" }.joined()
        #expect(Sections.mistake(many)?.contains("more than 1024") == true)
    }

    @Test func `says to all what only some of them have, and to each what fits it`() throws {
        // latency is a time for capture and play, and something to do for devices; output is a list for capture alone.
        let read = try Sections.configuration("[defaults]\nlatency = \"20ms\"\noutput = [\"-\"]\n")
        try read.check(Sections.table)
        #expect(try Sections.plan(read, [], "play").defaults.map(\.words) == [["--latency=20ms"]])
        #expect(try Sections.plan(read, [], "devices").defaults.isEmpty)
        #expect(try Sections.plan(read, []).defaults.map(\.words) == [["--latency=20ms"], ["--output=-"]])
    }

    @Test func `counts less than the one before it`() throws {
        let read = try Sections.configuration(
            "[defaults]\ncolor = \"always\"\n[devices]\nmic = \"hw:1\"\n",
            "[defaults.capture]\ncolor = \"never\"\nrate = 1\n[devices]\nmic = \"hw:2\"\nline = \"hw:3\"\n")
        let plan = try Sections.plan(read, [])
        #expect(plan.defaults.flatMap(\.words) == ["--color=always", "--rate=1"])
        #expect(plan.overruled.map(\.origin.text) == ["b.toml:2"])
        #expect(read.devices.mapValues(\.value) == ["mic": .text("hw:1"), "line": .text("hw:3")])
    }

    @Test func `counts less than the environment`() throws {
        var read = try Sections.configuration("[defaults.capture]\nrate = 1\ncolor = \"never\"\nquiet = true\n")
        try read.add(
            environment: [
                ("AUP_DEFAULT_COLOR", "auto"), ("AUP_CAPTURE_RATE", "2"), ("AUP_CAPTURE_QUIET", "0"),
                ("AUP_CAPTURE_OUTPUT", "a\nb"), ("AUP_CAPTURE_JSON", ""), ("AUP_PLAY_RATE", "3"),
            ], for: Sections.capture, Sections.table)
        let plan = try Sections.plan(read, [])
        #expect(
            plan.defaults.flatMap(\.words).sorted() == ["--color=auto", "--output=a", "--output=b", "--rate=2"])
        #expect(plan.overruled.count == 3)
    }

    @Test func `takes a text of the environment for what the option is`() throws {
        var read = Configuration()
        try read.add(
            environment: [
                ("AUP_CAPTURE_DEVICE", "true"), ("AUP_CAPTURE_REALTIME", "false"), ("AUP_CAPTURE_QUIET", "yes"),
                ("AUP_CAPTURE_SIDECAR", "false"), ("AUP_CAPTURE_RATE", "-1"),
            ], for: Sections.capture, Sections.table)
        #expect(
            try Sections.plan(read, []).defaults.flatMap(\.words) == [
                "--device=true", "--quiet", "--rate=-1", "--no-realtime", "--no-sidecar",
            ])
    }

    @Test func `is told what is wrong in the environment`() {
        for (name, told) in [
            ("AUP_CAPTURE_RATTE", "AUP_CAPTURE_RATTE: aup capture has no option 'ratte'; did you mean 'rate'?"),
            ("AUP_DEFAULT_XYZZY", "AUP_DEFAULT_XYZZY: no command has an option 'xyzzy'"),
        ] {
            var read = Configuration()
            #expect(throws: ConfigurationMistake(.environment(name: name), String(told.dropFirst(name.count + 2)))) {
                try read.add(environment: [(name, "1")], for: Sections.capture, Sections.table)
            }
        }
    }
}
