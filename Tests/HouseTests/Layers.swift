/// The house as docs/ARCHITECTURE.md draws it: the `layers` block, one target a line from the roof down, and the
/// `voices` block, which says where words may be printed and the process ended.
struct Layers {
    struct Target: Equatable {
        /// `roof`, the storey's number, or `cellar`.
        let storey: Int
        let name: String
        /// What it may import beyond the standard library.
        let imports: [String]
        /// A door's own libraries: the headers that nobody else includes.
        let headers: [String]
    }

    static let roof = 1000
    static let cellar = -1

    /// From the roof down.
    let targets: [Target]
    /// Folders and files in which a word may be spoken.
    let voices: [String: [String]]

    init(document: String) throws {
        targets = try Self.block("layers", document).map { line in
            let words = line.split(separator: " ").map(String.init)
            let named = ["roof": Self.roof, "cellar": Self.cellar]
            guard words.count >= 2, let storey = named[words[0]] ?? Int(words[0]) else { throw Malformed(line: line) }
            var lists: [String: [String]] = ["imports": [], "opens": []]
            var verb = ""
            for word in words[2...] {
                if lists[word] != nil {
                    verb = word
                } else {
                    guard lists[verb]?.append(word) != nil else { throw Malformed(line: line) }
                }
            }
            return Target(
                storey: storey, name: words[1], imports: lists["imports"] ?? [], headers: lists["opens"] ?? [])
        }
        voices = try Self.block("voices", document).reduce(into: [:]) { voices, line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count >= 2 else { throw Malformed(line: line) }
            voices[words[0]] = Array(words[1...])
        }
    }

    struct Malformed: Error { let line: String }

    func target(_ name: String) -> Target? { targets.first { $0.name == name } }

    private static func block(_ name: String, _ document: String) throws -> [String] {
        let lines = document.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let start = lines.firstIndex(of: "```\(name)"), let end = lines[(start + 1)...].firstIndex(of: "```")
        else { throw Malformed(line: "```\(name)") }
        return lines[(start + 1)..<end].filter { !$0.allSatisfy(\.isWhitespace) }
    }
}
