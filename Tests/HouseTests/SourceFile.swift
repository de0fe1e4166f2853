import Foundation
import TestSupport

/// One file of the tree, with what is code in it told from comments and quoted text.
struct SourceFile {
    /// From the root of the checkout: `Sources/AupWire/Packet.swift`.
    let path: String
    let text: String

    /// Lines of code: comments and the insides of quotes are blanks, so no law trips over prose.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        let isC = path.hasSuffix(".c") || path.hasSuffix(".h")
        code = isC || path.hasSuffix(".swift") ? Self.codeLines(text, isC: isC) : []
    }

    /// The target it belongs to, `nil` outside Sources.
    var target: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var isC: Bool { path.hasSuffix(".c") || path.hasSuffix(".h") }

    /// Everything that is tracked, or, in a tree without history, everything that is not built.
    static func tracked() throws -> [SourceFile] {
        var paths: [String] = []
        if ToolRun.find("git") != nil {
            let run = try ToolRun(
                "git", ["ls-files", "--cached", "--others", "--exclude-standard"], in: Repository.root)
            if run.status == 0 { paths = run.output.split(separator: "\n").map(String.init) }
        }
        if paths.isEmpty {
            let all = FileManager.default.enumerator(atPath: Repository.root.path)
            paths = (all?.allObjects as? [String] ?? []).filter { !$0.hasPrefix(".build") && !$0.hasPrefix(".git/") }
        }
        return paths.sorted().compactMap { path in
            // Not text, or deleted and not yet committed.
            guard let text = try? Repository.text(path) else { return nil }
            return SourceFile(path: path, text: text)
        }
    }

    private enum Inside { case code, lineComment, blockComment, quote, longQuote, letter }

    private static func codeLines(_ text: String, isC: Bool) -> [String] {
        let newline = UInt8(ascii: "\n")
        let slash = UInt8(ascii: "/")
        let star = UInt8(ascii: "*")
        let quote = UInt8(ascii: "\"")
        let letter = UInt8(ascii: "'")
        let backslash = UInt8(ascii: "\\")
        let bytes = Array(text.utf8)
        var inside = Inside.code
        var code: [UInt8] = []
        var index = 0
        // Bytes and not texts, because every byte of the tree passes here in a debug build.
        func at(_ wanted: UInt8, times: Int = 1) -> Bool {
            index + times <= bytes.count && (0..<times).allSatisfy { bytes[index + $0] == wanted }
        }
        func at(_ first: UInt8, _ second: UInt8) -> Bool {
            index + 1 < bytes.count && bytes[index] == first && bytes[index + 1] == second
        }
        while index < bytes.count {
            if at(newline) {
                code.append(bytes[index])
                if inside == .lineComment || inside == .quote || inside == .letter { inside = .code }
                index += 1
                continue
            }
            var step = 1
            switch inside {
            case .code:
                if at(slash, times: 2) {
                    inside = .lineComment
                } else if at(slash, star) {
                    (inside, step) = (.blockComment, 2)
                } else if at(quote, times: 3) {
                    (inside, step) = (.longQuote, 3)
                } else if at(quote) {
                    inside = .quote
                } else if isC, at(letter) {
                    inside = .letter
                } else {
                    code.append(bytes[index])
                }
            case .lineComment: break
            case .blockComment: if at(star, slash) { (inside, step) = (.code, 2) }
            case .quote, .longQuote, .letter:
                if at(backslash) {
                    // A line break after it is still a line break.
                    step = index + 1 < bytes.count && bytes[index + 1] == newline ? 1 : 2
                } else if inside == .longQuote ? at(quote, times: 3) : inside == .quote ? at(quote) : at(letter) {
                    step = inside == .longQuote ? 3 : 1
                    inside = .code
                }
            }
            index += step
        }
        return String(decoding: code, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }
}
