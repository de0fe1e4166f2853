/// The house as docs/ARCHITECTURE.md draws it: the `layers` block, one target a line from the roof down, and the
/// `voices` block, which says where words may be printed and the process ended.
struct Layers {
    struct Target: Equatable {
        /// `roof` or the storey's number.
        let storey: Int
        let name: String
        /// What it may import beyond the standard library.
        let imports: [String]
        /// A door's own libraries: the headers that nobody else includes.
        let headers: [String]
    }

    static let roof = 1000

    /// From the roof down.
    let targets: [Target]
    /// Folders and files in which a word may be spoken.
    let voices: [String: [String]]

    init(document: String) throws {
        targets = try Self.block("layers", document).map { line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count >= 2, let storey = words[0] == "roof" ? Self.roof : Int(words[0]) else {
                throw Malformed(line: line)
            }
            var imports: [String] = []
            var headers: [String] = []
            switch words.count > 2 ? words[2] : "" {
            case "imports": imports = Array(words[3...])
            case "opens": headers = Array(words[3...])
            case "": break
            default: throw Malformed(line: line)
            }
            return Target(storey: storey, name: words[1], imports: imports, headers: headers)
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
