import Testing

@testable import AupConfiguration

/// Which defaults stand beside the words of a command line.
@Suite struct `Defaults` {
    private func words(_ text: String, _ words: [String]) throws -> [String] {
        try Sections.plan(Sections.configuration("[defaults.capture]\n" + text), words).defaults.flatMap(\.words)
    }

    @Test func `are words of the command line`() throws {
        #expect(
            try words("rate = 44100\nlatency = \"20ms\"\nquiet = true\nverbose = false\noutput = [\"a\", \"b\"]", [])
                == [
                    "--rate=44100", "--latency=20ms", "--quiet", "--output=a", "--output=b",
                ])
        #expect(try words("rate = 48000.0\n", []) == ["--rate=48000"])
        #expect(try words("latency = 0.5\n", []) == ["--latency=0.5"])
        // Behind a = the parser would not see it.
        #expect(try words("device = \"\"\n", []) == ["--device", ""])
    }

    @Test(arguments: [
        ["-r", "1"], ["-r=1"], ["--rate", "1"], ["--rate=1"], ["-qr", "1"], ["a", "-D", "x", "-r", "1", "b"],
    ])
    func `give way to the option, however it is written`(given: [String]) throws {
        #expect(try words("rate = 44100\nlatency = \"20ms\"", given) == ["--latency=20ms"])
    }

    @Test(arguments: [["-D", "-r"], ["--", "-r", "1"], ["--device=--rate"], ["-"], ["--unknown", "1"]])
    func `stay where the option only seems to be given`(given: [String]) throws {
        #expect(try words("rate = 44100\n", given) == ["--rate=44100"])
    }

    @Test func `give way to the opposite`() throws {
        #expect(try words("realtime = 40\n", ["--no-realtime"]) == [])
        #expect(try words("no-realtime = true\n", ["--realtime=50"]) == [])
        #expect(try words("sidecar = true\n", ["--no-sidecar"]) == [])
        #expect(try words("output = [\"a\", \"b\"]\n", ["-o", "c"]) == [])
    }

    @Test func `of two opposites in one file the first counts`() throws {
        #expect(try words("realtime = 40\nno-realtime = true\n", []) == ["--realtime=40"])
    }

    @Test func `switch off what has an opposite, and on what may stand without a value`() throws {
        #expect(try words("realtime = false\n", []) == ["--no-realtime"])
        #expect(try words("realtime = true\n", []) == ["--realtime=40"])
        #expect(try words("sidecar = false\n", []) == ["--no-sidecar"])
    }

    @Test func `that are flags can be switched off though there is no such option`() throws {
        let read = try Sections.configuration("[defaults]\njson = true\nno-controls = true\n")
        let plan = try Sections.plan(read, ["--no-json", "x"])
        #expect(plan.defaults.isEmpty)
        #expect(plan.words == ["x"])
        let play = try Sections.plan(read, ["--controls", "x"], "play")
        #expect(play.defaults.isEmpty)
        #expect(play.words == ["x"])
        // What is an option itself, or no flag at all, is left to the parser.
        #expect(try Sections.plan(read, ["--no-realtime", "--no-rate", "--", "--no-json"]).words.count == 4)
    }

    @Test func `know which words are values and which stand alone`() throws {
        let reader = WordReader(["-D", "@a", "--input=@b", "@c", "-q", "--", "@d"], of: Sections.capture)
        let seen = try reader.replacing { (value, option) throws(ConfigurationMistake) -> [String]? in
            value.hasPrefix("@") ? [option ?? "alone", "x"] : nil
        }
        #expect(seen == ["-D", "device", "x", "--input=input x", "alone", "x", "-q", "--", "alone", "x"])
        #expect(reader.value(of: "device") == "@a")
        #expect(reader.value(of: "input") == "@b")
        #expect(reader.gives("quiet") && !reader.gives("rate"))
    }
}
