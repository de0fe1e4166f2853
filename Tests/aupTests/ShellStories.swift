import Foundation
import TestSupport
import Testing

/// TAB in real shells, at a pseudo-terminal, with the scripts where they are installed.
@Suite(.realTime) struct `TAB` {
    /// What a shell made of one line.
    private struct Completed: Decodable {
        /// What stands on the command line afterwards.
        let line: String
        /// What the terminal showed meanwhile.
        let screen: String
    }

    private let scratch: Scratch

    /// A folder with a song that has a blank in its name, one whose name is no text, and a folder.
    init() throws {
        scratch = try Scratch()
        let files = scratch.folder.appending(path: "files")
        try FileManager.default.createDirectory(at: files.appending(path: "takes"), withIntermediateDirectories: true)
        try Data().write(to: files.appending(path: "my song.wav"))
        try Data().write(to: files.appending(path: "takes/one.wav"))
        // A name that would do harm where it is expanded.
        try Data().write(to: files.appending(path: "$(touch HARM).sdp"))
    }

    private func press(_ shell: String, _ lines: [String], environment: [String: String] = [:]) throws -> [Completed] {
        let places = ["bash": "completions/aup", "zsh": "site-functions/_aup", "fish": "vendor_completions.d/aup.fish"]
        let place = scratch.path(try #require(places[shell]))
        try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: URL(filePath: scratch.path("lines")))
        let driver = Repository.root.appending(path: "Tests/Shells/tab.py").path
        let run = try Pipeline.run(
            ["bash -c \"cd '\(scratch.path("files"))' && exec python3 '\(driver)' \(shell) '\(scratch.folder.path)'\""],
            before: """
                mkdir -p "$(dirname '\(place)')"; aup completions \(shell) > '\(place)'
                touch '\(scratch.path("files/odd"))'$'\\xff.wav'
                """,
            input: scratch.path("lines"),
            environment: [
                "AUP_PLUGIN_PATH": Repository.root.appending(path: "plugins").path, "LADSPA_PATH": "/nowhere",
            ]
            .merging(environment) { $1 })
        #expect(run.statuses == [0], "\(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: scratch.path("files/HARM")))
        return try run.output.split(separator: 10).map { try JSONDecoder().decode(Completed.self, from: $0) }
    }

    /// Types lines and compares what becomes of each.
    private func expect(
        _ shell: String, _ cases: [(typed: String, completed: String)], environment: [String: String] = [:],
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let configuration = scratch.path("config.toml")
        try """
        [devices]
        mic = "hw:CARD=Mic"
        speakers = "sim:null"
        [chains]
        voice = "gate compressor"
        """.write(toFile: configuration, atomically: true, encoding: .utf8)
        let completed = try press(
            shell, cases.map(\.typed), environment: environment.merging(["AUP_CONFIG": configuration]) { $1 })
        #expect(completed.count == cases.count, sourceLocation: location)
        for (one, result) in zip(cases, completed) {
            #expect(result.line == one.completed, "\(one.typed)", sourceLocation: location)
        }
    }

    /// What every shell makes of these.
    private let common: [(typed: String, completed: String)] = [
        ("aup cap", "aup capture "), ("true | aup enc", "true | aup encode "),
        ("aup completions f", "aup completions fish "),
        ("aup help str", "aup help stream "),
        ("aup process lim", "aup process limiter "),
        ("aup process -o x.wav -v limiter ceil", "aup process -o x.wav -v limiter ceiling="),
        ("aup process eq type1=be", "aup process eq type1=bell "),
        ("aup capture -D sim:noi", "aup capture -D sim:noise "),
        ("aup capture --device=sim:noi", "aup capture --device=sim:noise "),
        ("aup play -D 'sim:nu", "aup play -D 'sim:null' "),
        ("aup capture -f al", "aup capture -f alaw "), ("aup encode -r 44", "aup encode -r 44.1k "),
        ("aup encode my", "aup encode my\\ song.wav "), ("aup encode -i ta", "aup encode -i takes/"),
        ("aup encode -i takes/on", "aup encode -i takes/one.wav "), ("aup encode -o qqq", "aup encode -o qqq"),
        ("aup play -i un", "aup play -i unix:"), ("aup encode -- my", "aup encode -- my\\ song.wav "),
        ("aup capture --stats my", "aup capture --stats my\\ song.wav "),
        ("aup play -i rtp:./", "aup play -i rtp:./"),
        // What the configuration has.
        ("aup capture -D @mi", "aup capture -D @mic "), ("aup play --device=@sp", "aup play --device=@speakers "),
        ("aup meter -i alsa:@mi", "aup meter -i alsa:@mic "), ("aup process @vo", "aup process @voice "),
        ("aup process @voice rat", "aup process @voice ratio="),
        ("aup --show-conf", "aup --show-config "), ("aup --show-config pla", "aup --show-config play "),
        ("aup --show-config --json play -D sim:n", "aup --show-config --json play -D sim:null "),
    ]

    @Test(
        .enabled(if: ToolRun.find("bash") != nil && ToolRun.find("python3") != nil, "bash or python3 is not installed"))
    func `completes in bash`() throws {
        try expect(
            "bash",
            common + [
                ("aup encode odd", "aup encode odd\\xff.wav "), ("aup capture --form", "aup capture --format "),
                ("aup encode --input=my", "aup encode --input=my\\ song.wav "),
                ("aup encode \"my", "aup encode \"my song.wav\" "), ("aup encode > my", "aup encode > my\\ song.wav "),
                ("aup process eq \"type1=be", "aup process eq \"type1=bell\" "),
                ("aup capture -D sim:sine?pa", "aup capture -D sim:sine\\?pace="),
            ])
    }

    @Test(
        .enabled(
            if: FileManager.default.fileExists(atPath: "/usr/share/bash-completion/bash_completion"),
            "bash-completion is not installed"))
    func `finds the script in bash by the program's name`() throws {
        try expect("bash", [("aup pla", "aup play "), ("aup pla", "aup play ")], environment: ["TAB_LOADER": "1"])
    }

    @Test(.enabled(if: ToolRun.find("zsh") != nil, "zsh is not installed"))
    func `completes in zsh`() throws {
        try expect(
            "zsh",
            common + [
                ("aup encode odd", "aup encode odd$'\\377'.wav"), ("aup capture --form", "aup capture --format="),
                ("aup encode --input=my", "aup encode --input=my\\ song.wav "),
                ("aup encode \"my", "aup encode \"my song.wav\" "), ("aup encode > my", "aup encode > my\\ song.wav "),
                ("aup capture -D sim:sine\\?pa", "aup capture -D sim:sine\\?pace="),
            ])
    }

    @Test(.enabled(if: ToolRun.find("fish") != nil, "fish is not installed"))
    func `completes in fish`() throws {
        try expect(
            "fish",
            common + [
                ("aup encode odd", "aup encode odd\\Xff.wav "), ("aup capture --form", "aup capture --format "),
                ("aup encode --input=my", "aup encode --input=my\\ song.wav "),
                ("aup encode \"my", "aup encode \"my song.wav\" "), ("aup encode > my", "aup encode > my\\ song.wav "),
                ("aup capture -D sim:sine\\?pa", "aup capture -D sim:sine\\?pace="),
            ])
    }

    @Test(arguments: ["zsh", "fish"].filter { ToolRun.find($0) != nil })
    func `shows ranges beside a plugin's parameters`(shell: String) throws {
        let screens = try press(shell, ["aup process gain ", "aup process gain gain=", "aup "]).map(\.screen)
        #expect(screens.count == 3)
        guard screens.count == 3 else { return }
        #expect(screens[0].contains("-90 dB to 24 dB"))
        #expect(screens[1].contains("24dB") && screens[1].contains("the most"))
        #expect(screens[2].contains("Send a stream through plugins"))
    }
}
