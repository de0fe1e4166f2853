import AupWire
import Foundation
import TestSupport
import Testing

/// docs/wire.md as the tests read it: the norm's own rules and vectors.
struct WirePage {
    struct Vector: CustomTestStringConvertible, Sendable {
        enum Outcome: Sendable {
            /// It reads as the lines say; a writer makes the same bytes of them if `isCanonical`.
            case read(lines: [Seen], isCanonical: Bool)
            case refused(rule: String, offset: UInt64)
        }
        let name: String
        let bytes: [UInt8]
        let outcome: Outcome
        var testDescription: String { name }
    }

    let rules: [String]
    let vectors: [Vector]

    static let shared: WirePage = {
        do { return try WirePage(Repository.text("docs/wire.md")) } catch { fatalError("docs/wire.md: \(error)") }
    }()

    var good: [Vector] {
        vectors.filter { if case .read(_, true) = $0.outcome { true } else { false } }
    }

    init(_ page: String) throws {
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        rules = lines.compactMap { line in
            line.hasPrefix("- **W-") ? String(line.dropFirst(4).prefix { $0 != "*" }) : nil
        }
        var vectors: [Vector] = []
        var index = 0
        while index < lines.count {
            guard lines[index].hasPrefix("```hex ") else {
                index += 1
                continue
            }
            let words = lines[index].dropFirst(7).split(separator: " ").map(String.init)
            let bytes = try Self.block(lines, after: &index).flatMap(Self.hexadecimal)
            switch words[0] {
            case "bad":
                guard let offset = UInt64(words[2]) else { throw Unexpected() }
                vectors.append(
                    Vector(
                        name: "\(words[1]) at \(offset) in \(bytes.count) bytes, vector \(vectors.count)", bytes: bytes,
                        outcome: .refused(rule: words[1], offset: offset)))
            case "good", "read":
                while lines[index] != "```json" { index += 1 }
                let seen = try Self.block(lines, after: &index).map(Seen.init(json:))
                vectors.append(
                    Vector(name: words[1], bytes: bytes, outcome: .read(lines: seen, isCanonical: words[0] == "good")))
            default: throw Unexpected()
            }
        }
        self.vectors = vectors
    }

    /// The lines between the fence at `index` and the next, behind which it moves.
    private static func block(_ lines: [Substring], after index: inout Int) throws -> [Substring] {
        let first = index + 1
        guard let last = lines[first...].firstIndex(of: "```") else { throw Unexpected() }
        index = last + 1
        return Array(lines[first..<last])
    }

    private static func hexadecimal(_ line: Substring) throws -> [UInt8] {
        try line.prefix { $0 != "#" }.split(separator: " ").map { word in
            guard let byte = UInt8(word, radix: 16) else { throw Unexpected() }
            return byte
        }
    }
}

struct Unexpected: Error {}
