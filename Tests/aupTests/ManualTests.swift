import Foundation
import TestSupport
import Testing

/// Help, manual and completion are one thing said three times: they are well formed, and agree. There is no list here: a new
/// command, option or page is looked at when it is there.
@Suite struct `The manual` {
    @Test func `has a page for every command, and no other`() throws {
        #expect(CommandHelp.all.count > 8)
        let commands = CommandHelp.all.map { $0.name.isEmpty ? "aup.1" : "aup-\($0.name).1" }
        #expect(commands.sorted() == ManualPage.all.filter(\.isOfCommand).map(\.name))
    }

    @Test(arguments: CommandHelp.all) func `has every option of the help, and no other`(command: CommandHelp) throws {
        #expect(command.options["--help"] == false && command.options["-h"] == false)
        let page = try ManualPage(command.name)
        let known = Set(command.options.keys)
        #expect(known.subtracting(page.described.keys).sorted() == [])
        #expect(Set(page.described.keys).subtracting(known).sorted() == [])
        // A page may speak of another command's option, but of none that nobody has.
        let anywhere = CommandHelp.all.reduce(into: Set<String>()) { $0.formUnion($1.options.keys) }
        #expect(page.mentioned.subtracting(anywhere).sorted() == [])
    }

    @Test(arguments: CommandHelp.all) func `says of every option whether it takes a value, as the help does`(
        command: CommandHelp
    ) throws {
        let page = try ManualPage(command.name)
        let different = command.options.filter { page.described[$0.key] != nil && page.described[$0.key] != $0.value }
        #expect(different.keys.sorted() == [])
    }

    @Test(arguments: CommandHelp.all) func `says of a command what the help says`(command: CommandHelp) throws {
        // The help's is a sentence, the page's the rest of one.
        let words = command.abstract.lowercased().filter { $0.isLetter || $0 == " " }
        let page = try ManualPage(command.name).abstract.lowercased().filter { $0.isLetter || $0 == " " }
        #expect(words == page)
        guard !command.name.isEmpty else { return }
        let list = try #require(try ManualPage("").part(".Ss Commands"))
        #expect(list.contains(".It Xr aup-\(command.name) 1\n\(command.abstract)\n"))
    }

    /// Of play and capture the other end is a device.
    @Test(arguments: CommandHelp.all.filter { $0.options["--input"] != nil })
    func `lists every kind of endpoint, and so does the help`(command: CommandHelp) throws {
        let help = String(
            decoding: try Pipeline.run(["aup \(command.name) --help"], environment: ["COLUMNS": "500"]).output,
            as: UTF8.self)
        let page = try ManualPage(command.name)
        let both = ["alsa:NAME", "unix:PATH", "tcp:HOST:PORT", "rtp:HOST:PORT"]
        let lists = [
            ("i", "input", both + ["sim:NAME", "rtp:FILE.sdp"], "capture"),
            ("o", "output", both + ["sim:null", "icecast://HOST/MOUNT"], "play"),
        ]
        for (letter, name, kinds, other) in lists where command.name != other {
            let described = try #require(
                page.text.components(separatedBy: "\n.It ").first { $0.hasPrefix("Fl \(letter) ") })
            let said = try #require(
                help.firstMatch(of: try Regex("(?s)\n  -\(letter), --\(name) .*?\n  -")).map { help[$0.range] })
            let words = said.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            for kind in kinds {
                #expect(described.contains(kind), "\(command.name) \(kind)")
                #expect(words.contains(kind), "\(command.name) \(kind)")
            }
        }
    }

    @Test(arguments: ManualPage.all) func `has examples, and of commands the exit status and the environment`(
        page: ManualPage
    ) {
        #expect(page.sections.contains("EXAMPLES") && page.sections.contains("SEE ALSO"))
        guard page.isOfCommand else { return }
        #expect(page.sections.contains("EXIT STATUS") && page.sections.contains("ENVIRONMENT"))
    }

    /// What can be arranged for a command is told in its page.
    @Test(arguments: CommandHelp.all.filter { $0.options["--quiet"] != nil })
    func `tells where defaults for its options come from`(command: CommandHelp) throws {
        let page = try ManualPage(command.name)
        #expect(page.variables.isSuperset(of: ["AUP_\(command.name.uppercased())_OPTION", "AUP_CONFIG"]))
        #expect(page.part(".Sh SEE ALSO")?.contains(".Xr aup-config 5") == true)
    }

    @Test func `sends its reader to pages that there are, and from the first to each that is no command`() throws {
        let names = Set(ManualPage.all.map(\.name))
        for page in ManualPage.all {
            for match in page.text.matches(of: /\.Xr (aup[-a-z]*) ([1-8])/) {
                #expect(names.contains("\(match.1).\(match.2)"), "\(page.name): \(match.1)(\(match.2))")
            }
        }
        let first = try #require(try ManualPage("").part(".Sh SEE ALSO"))
        for page in ManualPage.all where !page.isOfCommand {
            #expect(first.contains(".Xr \(page.name.dropLast(2)) \(page.name.suffix(1))"), "\(page.name)")
        }
    }

    @Test func `tells of every variable that is read`() throws {
        var read: Set<String> = []
        let folder = Repository.root.appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        for case let file as URL in files where ["swift", "c"].contains(file.pathExtension) {
            let text = try String(contentsOf: file, encoding: .utf8)
            guard text.contains("getenv") || text.contains("environment(") || text.contains("Variable") else {
                continue
            }
            let calls =
                /(?:getenv|environment|variable|folders|value)\("([A-Z][A-Z0-9_]+)"|Variable = "([A-Z][A-Z0-9_]+)"/
            for match in text.matches(of: calls) { read.insert(String(match.1 ?? match.2 ?? "")) }
        }
        #expect(read.isSuperset(of: ["AUP_PLUGIN_PATH", "NO_COLOR", "LV2_PATH"]))
        let own = read.filter { !$0.hasPrefix("AUP_TEST_") }
        #expect(own.subtracting(try ManualPage("").variables).sorted() == [])
    }

    @Test(.enabled(if: ToolRun.find("man") != nil, "man is not installed"), arguments: ManualPage.all)
    func `is formatted by man without a complaint`(page: ManualPage) throws {
        let run = try Pipeline.run(["env LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z '\(page.path)'"])
        #expect(run.statuses == [0])
        #expect(run.errors == [""])
        #expect(run.output.count > 2000)
    }

    @Test(.enabled(if: ToolRun.find("mandoc") != nil, "mandoc is not installed"), arguments: ManualPage.all)
    func `gives mandoc nothing to warn of`(page: ManualPage) throws {
        let run = try ToolRun("mandoc", ["-T", "lint", "-W", "warning", page.path])
        #expect(run.status == 0)
        #expect(run.output == "")
    }

    // MARK: - Completion

    @Test func `has the options that bash completes`() throws {
        let run = try Pipeline.run(
            [
                """
                bash --norc -c 'source <(aup completions bash); compopt() { :; }; for command in "" "${__aup_commands[@]}"; do \
                COMP_LINE="aup $command${command:+ }-" COMP_POINT=99; _aup; echo "$command:${COMPREPLY[*]}"; done'
                """
            ])
        try expectSame(run.output)
    }

    @Test(.enabled(if: ToolRun.find("fish") != nil, "fish is not installed"))
    func `has the options that fish completes`() throws {
        let names = CommandHelp.all.map(\.name).joined(separator: " ")
        let run = try Pipeline.run(
            [
                """
                fish --no-config -c 'aup completions fish | source; for command in "" \(names); \
                set -l offers (complete -C "aup $command -" | string replace -r "\\t.*" ""); \
                echo "$command:$offers"; end'
                """
            ])
        try expectSame(run.output)
    }

    @Test func `has the options that zsh completes`() throws {
        let script = String(decoding: try Pipeline.run(["aup completions zsh"]).output, as: UTF8.self)
        var lines = ""
        for function in script.matches(of: /(?s)\n_aup(?:_([a-z]+))?\(\) \{\n(.*?)\n\}/)
        where function.2.contains("_arguments") {
            var names: Set<Substring> = []
            // What is left of a specification without what it excludes and explains.
            for line in function.2.split(separator: "\n") where line.contains("[") {
                let specification = line[..<line.firstIndex(of: "[")!]
                for name in specification.matches(of: /--?[A-Za-z][-a-z0-9]*/) { names.insert(name.0) }
            }
            lines += "\(function.1 ?? ""):\(names.joined(separator: " "))\n"
        }
        try expectSame(Data(lines.utf8))
    }

    /// - Parameter output: `COMMAND:OPTION OPTION …` a line.
    private func expectSame(_ output: Data, _ location: SourceLocation = #_sourceLocation) throws {
        var completed: [String: Set<String>] = [:]
        for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            completed[String(parts[0])] = Set(parts[1].split(separator: " ").map(String.init))
        }
        for command in CommandHelp.all {
            let names = completed[command.name] ?? []
            #expect(names == Set(command.options.keys), "\(command.testDescription)", sourceLocation: location)
        }
    }
}
