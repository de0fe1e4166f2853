public import Foundation

/// A sound card of our own making, for one test: an ALSA plugin paced by real or virtual time.
///
/// Tests/VirtualCard/options.c lists what a PCM of it can be told; aupsimctl there what can happen to it.
///
///     let card = try VirtualCard()
///     card.addPCM("mic", ["cfile": ramp.path, "virtual": true, "await": 2])
///     card.addPCM("out", ["pfile": card.file("played").path, "virtual": true, "await": 2])
///     try card.use { … ALSA in this process … }      or      process.environment = card.environment
public final class VirtualCard {
    /// Why there is no virtual card on this machine; `nil` where there is one.
    public static var missing: String? {
        if case .failure(let reason) = build { return reason.text }
        return nil
    }

    /// Whether tests with the card can run; says why not, once, where they cannot. For `.enabled(if:)`.
    public static let isAvailable: Bool = {
        guard let missing else { return true }
        print("skipped, no virtual sound card: \(missing)")
        return false
    }()

    /// Everything of this card lies here, and goes with it.
    public let directory: URL
    private var pcms: [String] = []

    public init() throws {
        _ = try Self.build.get()
        directory = FileManager.default.temporaryDirectory.appending(path: "aup-card-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try writeConfiguration()
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    /// A file of this card.
    public func file(_ name: String) -> URL { directory.appending(path: name) }

    /// Adds a PCM of type aupsim. The options `card`, `dir` and `log` are filled in where they are not given.
    public func addPCM(_ name: String, _ options: [String: any CustomStringConvertible] = [:]) throws {
        var all: [String: any CustomStringConvertible] = [
            "card": "card", "dir": directory.path, "log": file("log").path,
        ]
        all.merge(options) { $1 }
        let lines = all.sorted { $0.key < $1.key }.map { "    \($0.key) \"\($0.value)\"" }
        try addDefinition(
            "pcm.\(name) {\n    type aupsim\n" + lines.joined(separator: "\n")
                + "\n    hint { show on description \"virtual \(name)\" }\n}")
    }

    /// Adds `hw:CARD=Mic,DEV=0` and its like, which lead to cards that come and go each by itself.
    ///
    /// - Parameter away: cards that are not there at first.
    public func addHardware(away: [String] = []) throws {
        try addDefinition(
            """
            pcm.hw {
                @args [ CARD DEV ]
                @args.CARD { type string }
                @args.DEV { type integer default 0 }
                type aupsim
                card $CARD
                device $DEV
                dir "\(directory.path)"
                log "\(file("log").path)"
                formats "S16_LE"
            }
            """)
        for card in away { try command(card: card, "unplug") }
    }

    /// Adds any other definition: `pcm.!default { … }`.
    public func addDefinition(_ text: String) throws {
        pcms.append(text)
        try writeConfiguration()
    }

    /// What a child process needs to find this card and nothing else.
    public var environment: [String: String] {
        ProcessInfo.processInfo.environment.merging(
            ["ALSA_CONFIG_PATH": file("asound.conf").path, "AUPSIM_DIR": directory.path]
        ) { $1 }
    }

    /// Runs `body` with this card as the ALSA of this very process. One at a time: others wait.
    public func use<Result>(_ body: () throws -> Result) rethrows -> Result {
        try ALSAConfiguration.use(["ALSA_CONFIG_PATH": file("asound.conf").path], body)
    }

    /// Sends a command through aupsimctl: `command("unplug")`, `command("xrun", "p")`.
    @discardableResult
    public func command(card: String = "card", _ words: String...) throws -> String {
        let control = try Self.build.get().appending(path: "aupsimctl")
        return try run(control, [card] + words, environment: environment)
    }

    /// The words of a shell that send a command to this card: `\(card.controlWords) unplug`.
    public var controlWords: String { get throws { try controlWords(card: "card") } }

    /// The same for a card of ``addHardware(away:)``.
    public func controlWords(card: String) throws -> String {
        "\(try Self.build.get().appending(path: "aupsimctl").path) \(card)"
    }

    /// What the streams have written to their log, a line each.
    public var log: [String] {
        let text = (try? String(contentsOf: file("log"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// Log lines that contain a text.
    public func log(with text: String) -> [String] { log.filter { $0.contains(text) } }

    /// What was written to a `pfile`.
    public func bytes(_ name: String) -> [UInt8] {
        (try? [UInt8](Data(contentsOf: file(name)))) ?? []
    }

    private func writeConfiguration() throws {
        let module = try Self.build.get().appending(path: "libasound_module_pcm_aupsim.so")
        let template = try Repository.text("Tests/VirtualCard/asound.conf.in")
        let text = template.replacing("@MODULE@", with: module.path)
            .replacing("@PCMS@", with: pcms.joined(separator: "\n"))
        // A name of its own for each version would be needed if alsa-lib looked only at the time of a file it has
        // read: it also looks at the inode, which an atomic write changes.
        try text.write(to: file("asound.conf"), atomically: true, encoding: .utf8)
    }

    /// The folder with the built module, made once for each test run.
    private static let build: Result<URL, Missing> = {
        let directory = FileManager.default.temporaryDirectory.appending(path: "aup-virtual-card-\(getpid())")
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            let sources = Repository.root.appending(path: "Tests/VirtualCard")
            let make = URL(filePath: "/usr/bin/make")
            try run(make, ["-s", "-C", sources.path, "OUT=\(directory.path)"], environment: nil)
            return .success(directory)
        } catch let error as Missing {
            return .failure(error)
        } catch {
            return .failure(Missing(text: "\(error)"))
        }
    }()

    /// What is missing for the card, in words for the one who runs the tests.
    struct Missing: Error {
        let text: String
    }
}

/// Runs a program to its end and returns what it printed; its failure is an error with what it said.
@discardableResult
private func run(_ program: URL, _ words: [String], environment: [String: String]?) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = program
    process.arguments = words
    process.environment = environment
    process.standardOutput = output
    process.standardError = output
    do {
        try process.run()
    } catch {
        throw VirtualCard.Missing(
            text: "\(program.lastPathComponent) cannot be run: install make, cc and libasound2-dev")
    }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw VirtualCard.Missing(
            text: "\(program.lastPathComponent) failed (are cc and libasound2-dev there?): \(text)")
    }
    return text
}
