import ArgumentParser

/// What may stand in the place of a value, as far as it can be offered.
enum ValueKind: Equatable {
    /// A number, a time, a text: nothing to offer.
    case nothing
    case words([String])
    case files
    case folders
    case programs
    /// The program's own commands.
    case commands
    /// What is there now; the program itself is asked.
    case live(LiveValues)

    /// As the definition has it: its completion, else the values of its type, else what its value is called.
    init(_ definition: JSONTree) {
        let completion = definition["completionKind"]
        let command = completion["shellCommand"]["command"].text
        if let live = LiveValues(command: command) {
            self = .live(live)
        } else if completion.has("list") {
            self = .words(completion["list"]["values"].items.map(\.text))
        } else if completion.has("file") {
            self = .files
        } else if completion.has("directory") {
            self = .folders
        } else if definition.has("allValues") {
            self = .words(definition["allValues"].items.map(\.text))
        } else {
            self = Self.named[definition["valueName"].text] ?? .nothing
        }
    }

    private static let named: [String: ValueKind] = [
        "file": .files, "folder": .folders, "command": .programs, "plugin": .live(.plugin), "device": .live(.device),
    ]
}

/// Values that only the running program knows.
enum LiveValues: String, CaseIterable {
    case device, endpoint, plugin, chain, control
    /// Of a chain that runs.
    case parameter

    init?(command: String) {
        let beginning = "aup \(LiveCompletion.word) "
        guard command.hasPrefix(beginning) else { return nil }
        self.init(rawValue: String(command.dropFirst(beginning.count)))
    }
}

extension CompletionKind {
    /// Values of this kind, in the definition of an option.
    static func live(_ values: LiveValues) -> CompletionKind {
        .shellCommand("aup \(LiveCompletion.word) \(values.rawValue)")
    }
}
