import AupFiles
import AupSound
import AupSystem
import Glibc

/// Which file each of several inputs becomes: `{stem}.opus`, `{dir}/{stem}.opus`, or a folder.
///
/// | word | of `album/01 a.wav` |
/// |---|---|
/// | `{stem}` | `01 a` |
/// | `{name}` | `01 a.wav` |
/// | `{ext}` | `wav` |
/// | `{dir}` | `album`; `.` where the input has none |
///
/// - Thread: main.
public struct OutputPattern: Sendable, Equatable {
    private enum Piece: Equatable {
        case text(String)
        case word(String)

        var isWord: Bool { if case .word = self { true } else { false } }
    }

    private static let words = ["stem", "name", "ext", "dir"]
    private let text: String
    private let pieces: [Piece]

    /// Whether it has the input's own name in it: nothing else tells inputs apart.
    public var namesInput: Bool { pieces.contains { $0 == .word("stem") || $0 == .word("name") } }
    public var hasWords: Bool { pieces.contains(where: \.isWord) }

    /// - Parameters:
    ///   - text: a pattern, or a folder: one that exists, or ends with a slash.
    ///   - ending: what files in a folder are called behind the stem, without a dot.
    /// - Returns: `nil` where a word in braces is unknown.
    public init?(_ text: String, ending: String) {
        self.text = text
        var whole = text
        if Self.isFolder(text) { whole += (text.hasSuffix("/") ? "" : "/") + "{stem}." + ending }
        var pieces: [Piece] = []
        var rest = whole[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let word = String(rest[rest.index(after: open)..<close])
            guard Self.words.contains(word) else { return nil }
            pieces += [.text(String(rest[..<open])), .word(word)]
            rest = rest[rest.index(after: close)...]
        }
        pieces.append(.text(String(rest)))
        self.pieces = pieces.filter { $0 != .text("") }
    }

    /// The output for an input.
    public func path(for input: String) -> String {
        let slash = input.lastIndex(of: "/")
        let name = slash.map { String(input[input.index(after: $0)...]) } ?? input
        let dot = name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : $0 }
        let folder = slash.map { $0 == input.startIndex ? "/" : String(input[..<$0]) } ?? "."
        return pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .word("stem"): dot.map { String(name[..<$0]) } ?? name
            case .word("name"): name
            case .word("ext"): dot.map { String(name[name.index(after: $0)...]) } ?? ""
            case .word: folder
            }
        }.joined()
    }

    /// Why these files cannot be made of those, in one line; `nil` where they can. Nothing is opened or made.
    public static func objection(inputs: [String], outputs: [String]) -> String? {
        var sources: [Identity: String] = [:]
        for input in inputs { if let identity = Identity(input) { sources[identity] = input } }
        let names = Set(inputs)
        var targets: [Identity: String] = [:]
        var taken: [String: String] = [:]
        for (input, output) in zip(inputs, outputs) {
            let identity = Identity(output)
            if names.contains(output) || identity.flatMap({ sources[$0] }) != nil {
                return "\(output) would be written over, and it is one of the inputs; choose another -o"
            }
            let other = taken[output] ?? identity.flatMap { targets[$0] }
            if let other { return "\(other) and \(input) would both become \(output); choose another -o" }
            taken[output] = input
            if let identity { targets[identity] = input }
        }
        return nil
    }

    /// Makes the folder that is named with a slash at its end; why that cannot be, in one line.
    public func makeFolder() -> String? {
        guard text.hasSuffix("/"), unsafe mkdir(FileName.bytes(text), 0o777) != 0, errno != EEXIST else { return nil }
        return "cannot make the folder \(text): \(unsafe String(cString: strerror(errno)))"
    }

    private static func isFolder(_ path: String) -> Bool {
        if path.hasSuffix("/") { return true }
        var facts = stat()
        return unsafe stat(FileName.bytes(path), &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    /// A file that is there, whatever it is called.
    private struct Identity: Hashable {
        let device: dev_t
        let number: ino_t

        init?(_ path: String) {
            var facts = stat()
            guard unsafe stat(FileName.bytes(path), &facts) == 0 else { return nil }
            (device, number) = (facts.st_dev, facts.st_ino)
        }
    }
}

extension SessionConfiguration {
    /// What files in a folder are called behind their stem.
    public var endingInFolder: String {
        if let container = recording.container { return container.rawValue }
        return switch encoding?.codec {
        case .flac: "flac"
        case .pcm: "wav"
        case .opus, nil: "opus"
        }
    }
}
