import Foundation
import TestSupport
import Testing

/// A configuration at work: files, environment and names, as the built binary takes them.
@Suite(.realTime) struct `A configured command` {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// One stage with files of configuration, the one that counts most first; `$out` is a WAV file.
    private func run(
        _ words: String, _ texts: String..., environment: [String: String] = [:], input: String = "/dev/null"
    ) throws -> Pipeline {
        var paths: [String] = []
        for (index, text) in texts.enumerated() {
            paths.append(scratch.path("\(index).toml"))
            try Data(text.utf8).write(to: URL(filePath: paths[index]))
        }
        let line = words.replacing("$out", with: scratch.path("out.wav"))
        return try Pipeline.run(
            ["aup \(line)"], input: input,
            environment: ["AUP_CONFIG": paths.joined(separator: ":")].merging(environment) { $1 }, seconds: 20)
    }

    private func text(_ run: Pipeline) -> String { String(decoding: run.output, as: UTF8.self) }

    /// The objects of `--show-config --json` for an option.
    private func shown(_ run: Pipeline, _ option: String) throws -> [[String: Any]] {
        try text(run).split(separator: "\n").compactMap {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }.filter { $0["option"] as? String == option }
    }

    private let sine = """
        [defaults.capture]
        device = "@mic"
        duration = "4800f"
        format = "s16"

        [devices]
        mic = "sim:sine?channels=1"
        """

    @Test func `takes its device, its time and its format from the file`() throws {
        let run = try run("capture -o $out", sine)
        #expect(run.statuses == [0], "\(run.errors)")
        let file = try Data(contentsOf: URL(filePath: scratch.path("out.wav")))
        // 44 bytes before 4800 frames of two bytes, or a header with more in it.
        #expect((9600...9800).contains(file.count))
    }

    @Test(arguments: ["-i sim:silence", "-i=@mic", "-i alsa:@mic", "-D=@mic", "--device @mic"])
    func `is told another device, and the default stands aside`(words: String) throws {
        let run = try run("capture \(words) -o $out", sine)
        #expect(run.statuses == [0], "\(run.errors)")
    }

    @Test func `knows names in the other direction too`() throws {
        let text = sine + "\nout = \"sim:null\"\n"
        for words in ["play -D @out $out", "play -o @out $out", "process -i $out -o @out"] {
            #expect(try self.run("capture -o $out --overwrite", text).statuses == [0])
            let run = try run(words, text)
            #expect(run.statuses == [0], "\(words): \(run.errors)")
        }
    }

    @Test(arguments: [
        ("capture -D @mik", "@mik: there is no device of that name; [devices] in "),
        ("capture -D @mik", "; did you mean 'mic'?"),
        ("process @voise", "@voise: there is no chain of that name"),
    ])
    func `says which names there are near one that there is not`(words: String, told: String) throws {
        let run = try run(words, sine)
        #expect(run.statuses == [64])
        #expect(run.errors[0].contains(told), "\(run.errors)")
    }

    @Test func `says without a file that there is none`() throws {
        let run = try run("play -D @out")
        #expect(run.statuses == [64])
        #expect(run.errors[0].contains("there is no configuration"), "\(run.errors)")
    }

    @Test(arguments: [
        ("[defaults.capture]\nlatncy = 1\n", ":2: aup capture has no option 'latncy'; did you mean 'latency'?"),
        ("\n[defaults.capture]\nlatency = \"soon\"\n", ":3: The value 'soon' is invalid for '--latency"),
        ("[defaults.capture]\nrealtime = 200\n", ":2: --realtime=200: priorities go from 1 to 99"),
        ("[defaults]\ncolor = \"pink\"\n", ":2: The value 'pink' is invalid for '--color"),
        ("[defaults]\nfsync = \"always\"\n", ":2: --fsync=always: it is never, finish or a number of seconds"),
        ("[defaults.capture]\ncontainer = \"mp4\"\n", ":2: --container=mp4: it is one of wav"),
        ("[defaults.capture]\nformat = \"\"\n", ":2: The value '' is invalid for '--format"),
        (
            "[defaults.capture]\noutput = [\"take.wav\", \"rtp:\"]\n",
            ":2: endpoint 'rtp:': HOST:PORT is missing behind it"
        ),
        ("[defaults.capture]\noutput = \"tcp:bad\"\n", ":2: 'tcp:bad': a port from 1 to 65535 is missing"),
        (
            "[defaults.capture]\noutput = \"rtp:192.0.2.1:0\"\n",
            ":2: 'rtp:192.0.2.1:0': a port from 1 to 65535 is missing"
        ),
        ("[defaults.capture]\noutput = \"icecast://u:geheim@\"\n", ":2: icecast: "),
        ("[defaults.capture]\nrate = -48000\n", ":2: The value '-48000' is invalid for '--rate"),
    ])
    func `tells the line of a mistake`(text: String, told: String) throws {
        for words in ["capture -D sim:sine -d 1s", "--show-config"] {
            let run = try run(words, text)
            #expect(run.statuses == [64])
            #expect(run.errors[0].contains("0.toml" + told), "\(run.errors)")
            #expect(run.errors[0].split(separator: "\n").count == 1)
        }
        #expect(try run("--version", text).statuses == [0])
        #expect(try run("capture --help", text).statuses == [0])
    }

    /// What commands, and not the parser, read values of.
    @Test(arguments: [
        ("meter", "fail-if = [\"true_peak>-1\", \"a\"]", "--fail-if: 'a' compares nothing"),
        ("meter", "alarm = \"silence\"", "--alarm: 'silence' compares nothing"),
        ("stream", "liveness = \"soon\"", "--liveness 'soon': 100ms to 1h"),
        ("stream", "spool = \"1d\"", "--spool '1d': 100ms to 1h"),
        ("process", "page = \"1h\"", "--page: a page holds 20ms to 1s of sound"),
    ])
    func `tells of a value that only the command can read`(command: String, text: String, told: String) throws {
        let run = try run(command, "[defaults.\(command)]\n\(text)\n")
        #expect(run.statuses == [64])
        #expect(run.errors[0].contains("0.toml:2: " + told), "\(run.errors)")
    }

    @Test func `tells its user's own mistake, and not the file's`() throws {
        let run = try run("capture --latency soon", sine)
        #expect(run.statuses == [64])
        #expect(run.errors[0].contains("'soon' is invalid") && !run.errors[0].contains("toml"))
    }

    @Test func `leaves out what does not fit its words`() throws {
        // Each of these is refused beside such words, by the parser or by the command.
        let text = """
            [defaults.play]
            device = "sim:null"
            loop = 2
            [defaults.process]
            watch = true
            [defaults.devices]
            device = "hw:0"
            period = "10ms"
            json = true
            [defaults.encode]
            bitrate = "96k"
            complexity = 3
            vbr = true
            jobs = 2
            overwrite = true
            """
        #expect(try run("capture -o $out", sine).statuses == [0])
        let played = try run("play -o sim:null", text, input: scratch.path("out.wav"))
        #expect(played.statuses == [0], "\(played.errors)")
        let passed = try run("process --as wav", text, input: scratch.path("out.wav"))
        #expect(passed.statuses == [0], "\(passed.errors)")
        let encoded = try run("encode -o \(scratch.path("other.wav"))", text, input: scratch.path("out.wav"))
        #expect(encoded.statuses == [0], "\(encoded.errors)")
        let streamed = try run(
            "capture --as wav",
            sine.replacing("[devices]", with: "split = \"1h\"\nkeep = \"30d\"\non-file = \"true\"\n\n[devices]"))
        #expect(streamed.statuses == [0], "\(streamed.errors)")
        let listed = try run("devices", text)
        #expect(listed.statuses == [0], "\(listed.errors)")
        #expect(self.text(listed).contains("{\"name\":\"sim:sine\""))
    }

    @Test func `tells where every value comes from`() throws {
        let run = try run(
            "--show-config --json capture -r 44.1k --no-realtime", "[defaults]\ncolor = \"never\"\nrealtime = 50\n",
            "[defaults.capture]\ncolor = \"always\"\nlatency = \"10ms\"\nrate = 48000\n",
            environment: ["AUP_CAPTURE_LATENCY": "20ms"])
        #expect(run.statuses == [0], "\(run.errors)")
        func told(_ option: String) throws -> [String] {
            try shown(run, option).map { object in
                let place = (object["path"] as? String)?.split(separator: "/").last.map(String.init)
                let line = (object["line"] as? Int).map { ":\($0)" } ?? ""
                return "\(object["value"] ?? "") \(object["source"] ?? "") "
                    + "\(place ?? object["variable"] as? String ?? "")\(line) \(object["state"] ?? "")"
            }
        }
        #expect(try told("color") == ["never file 0.toml:2 used", "always file 1.toml:2 overruled"])
        #expect(
            try told("latency") == ["20ms environment AUP_CAPTURE_LATENCY used", "10ms file 1.toml:3 overruled"])
        #expect(try told("rate") == ["44.1k command line  used", "48000 file 1.toml:4 overruled"])
        #expect(try told("realtime") == ["<null> built in  used", "50 file 0.toml:3 overruled"])
        #expect(text(run).contains("\"option\":\"no-realtime\",\"value\":true,\"source\":\"command line\""))
        #expect(try told("gaps") == ["fill built in  used"])
        #expect(try shown(run, "volume").isEmpty)
    }

    @Test func `tells what the command itself leaves out`() throws {
        let text = """
            [defaults.capture]
            device = "sim:sine"
            split = "1h"
            duration = "1s"
            [defaults.encode]
            output = ["no folder/"]
            fec = true
            """
        let captured = try run("--show-config --json capture --as wav -i sim:noise", text)
        #expect(captured.statuses == [0], "\(captured.errors)")
        func told(_ run: Pipeline, _ option: String) throws -> [String] {
            try shown(run, option).map { "\($0["state"] ?? "") \($0["reason"] ?? "")" }
        }
        #expect(try told(captured, "device") == ["used <null>", "left out -D and -i both name the device; give one"])
        #expect(try told(captured, "split").last?.hasPrefix("left out --split") == true)
        #expect(try told(captured, "duration") == ["used <null>"])
        // Of a flag only what stands beside it is wrong; and nothing is made or begun.
        let encoded = try run("--show-config --json encode a.wav b.wav", text)
        #expect(encoded.statuses == [0], "\(encoded.errors)")
        #expect(try told(encoded, "fec").last?.hasPrefix("left out --fec: say how many") == true)
        #expect(!FileManager.default.fileExists(atPath: "no folder"))
    }

    @Test func `tells it as a configuration that can be read again`() throws {
        let first = try run("--show-config", sine + "\n[chains]\nvoice = \"gate \\\"a b\\\"\"\n")
        #expect(first.statuses == [0], "\(first.errors)")
        let second = try run("--show-config", text(first))
        #expect(second.statuses == [0], "\(second.errors)")
        func values(_ run: Pipeline) -> [Substring] {
            text(run).split(separator: "\n").filter { $0.contains(" = ") && !$0.hasPrefix("#") }.map { line in
                line.prefix(line.distance(from: line.startIndex, to: line.lastIndex(of: "#") ?? line.endIndex))
            }
        }
        #expect(values(first).count > 60)
        #expect(values(first) == values(second))
        #expect(text(first).contains("0.toml:2"))
        #expect(text(first).contains("# built in"))
    }

    @Test func `is told to leave a default flag, whether there is one or not`() throws {
        let words = "play --no-json --controls -D sim:null $out"
        #expect(try run("capture -o $out", sine).statuses == [0])
        for run in [try run(words), try run(words, "[defaults]\njson = true\nno-controls = true\n")] {
            #expect(run.statuses == [0], "\(run.errors)")
            #expect(!run.errors[0].contains("{"))
        }
        let wrong = try run("play --no-jsn", "")
        #expect(wrong.statuses == [64])
        #expect(wrong.errors[0].contains("--no-jsn"))
    }

    @Test func `runs chains by their names, also in processes of their own`() throws {
        let text = """
            [defaults.process]
            isolate = true
            levels = true
            [chains]
            down = "gain gain=-6dB"
            both = ["gain", "gain=-6dB", "invert"]
            """
        #expect(try run("capture -o $out", sine).statuses == [0])
        let run = try run("process -v --as wav @down gain gain=-6dB @both", text, input: scratch.path("out.wav"))
        #expect(run.statuses == [0], "\(run.errors)")
        // -20 dB is what a simulation has; three times 6 are taken off.
        #expect(run.errors[0].contains("peak in -20.0 dBFS, out -38.0 dBFS"), "\(run.errors)")
    }

    @Test func `is the user's own, and says where it would be`() throws {
        let folder = scratch.folder.appending(path: "home/aup")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("[defaults.meter]\njobs = 3\n".utf8).write(to: folder.appending(path: "config.toml"))
        let home = scratch.path("home")
        let run = try Pipeline.run(["env -u AUP_CONFIG XDG_CONFIG_HOME='\(home)' aup --show-config meter"])
        #expect(run.statuses == [0], "\(run.errors)")
        #expect(text(run).contains("\(home)/aup/config.toml:2"))
        #expect(text(run).contains("# /etc/aup/config.toml"))
        unsafe chmod(folder.appending(path: "config.toml").path, 0o666)
        let refused = try Pipeline.run(["env -u AUP_CONFIG XDG_CONFIG_HOME='\(home)' aup --version"])
        #expect(refused.statuses == [0])
        #expect(try Pipeline.run(["env -u AUP_CONFIG XDG_CONFIG_HOME='\(home)' aup help capture"]).statuses == [0])
        let read = try Pipeline.run(["env -u AUP_CONFIG XDG_CONFIG_HOME='\(home)' aup meter"])
        #expect(read.statuses == [64])
        #expect(read.errors[0].contains("chmod go-w it"))
    }

    @Test func `has the example that is shipped`() throws {
        let path = Repository.root.appending(path: "examples/config.toml").path
        let copy = scratch.path("copy.toml")
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        unsafe chmod(copy, 0o644)
        let run = try Pipeline.run(["aup --show-config --json"], environment: ["AUP_CONFIG": copy])
        #expect(run.statuses == [0], "\(run.errors)")
        let values = try Repository.text("examples/config.toml").split(separator: "\n").filter { $0.contains(" = ") }
        let lines = text(run).split(separator: "\n").filter { $0.contains("\"path\":\"\(copy)\",\"line\"") }
        #expect(lines.allSatisfy { !$0.contains("overruled") || $0.contains("realtime") })
        #expect(Set(lines.compactMap { $0.firstMatch(of: /"line":(\d+)/)?.1 }).count == values.count)
        let voice = try Pipeline.run(
            ["aup capture -D sim:sine -d 1000f", "aup process @voice @loud --as wav"],
            environment: ["AUP_CONFIG": copy, "AUP_PLUGIN_PATH": Repository.root.appending(path: "plugins").path])
        #expect(voice.statuses == [0, 0], "\(voice.errors)")
    }

    @Test(.enabled(if: ToolRun.find("python3") != nil, "python3 is not installed"))
    func `may say what commands can be told, neither more nor less`() throws {
        let run = try ToolRun(
            "python3", [Repository.root.appending(path: ".ci/options").path, Pipeline.aup, "--check"])
        #expect(run.status == 0, "\(run.errors)")
    }

    @Test(.enabled(if: ToolRun.find("mandoc") != nil, "mandoc is not installed"))
    func `has a page of the manual whose example is right`() throws {
        let page = try Repository.text("man/aup-config.5")
        let lint = try ToolRun(
            "mandoc", ["-T", "lint", "-W", "warning", Repository.root.appending(path: "man/aup-config.5").path])
        #expect(lint.status == 0 && lint.output == "")
        let start = try #require(page.firstRange(of: ".Bd -literal -offset indent\n"))
        let end = try #require(page.firstRange(of: "\n.Ed\n"))
        let run = try run("--show-config", String(page[start.upperBound..<end.lowerBound]))
        #expect(run.statuses == [0], "\(run.errors)")
        // In another section a file cannot say what is for all.
        #expect(text(run).contains("# " + scratch.path("0.toml") + ":5"))
    }
}
