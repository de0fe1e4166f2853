/// The laws of the house, each a function from files to complaints: none when it is kept. A complaint begins with the
/// place, `path:line:` where there is one.
enum Laws {
    /// What every Swift target may import: the standard library and the system's C library.
    static let always: Set<String> = ["Swift", "Synchronization", "Glibc", "_Volatile", "Builtin"]

    /// Libraries whose start-up cost every command of a pipeline would pay.
    static let slow: Set<String> = ["Foundation", "FoundationEssentials", "Dispatch", "FoundationNetworking"]

    // Expressions stand outside the loops, because Swift reads a literal one anew each time it comes to it.

    // MARK: - Imports

    /// Imports of a file with their lines.
    static func imports(_ file: SourceFile) -> [(line: Int, module: String)] {
        let pattern = /^\s*(?:@\w+(?:\(\w*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?/
        let rest = /^import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/
        return file.code.enumerated().filter { $0.element.contains("import") }.compactMap { index, line in
            guard let prefix = line.prefixMatch(of: pattern),
                let match = line[prefix.range.upperBound...].prefixMatch(of: rest)
            else { return nil }
            return (index + 1, String(match.1))
        }
    }

    static func undrawnImports(_ files: [SourceFile], _ layers: Layers) -> [String] {
        files.filter { $0.isSwift && $0.target != nil }.flatMap { file -> [String] in
            guard let name = file.target, let target = layers.target(name) else {
                return ["\(file.path): its target is not drawn in docs/ARCHITECTURE.md"]
            }
            return imports(file).filter { !always.contains($0.module) && !target.imports.contains($0.module) }.map {
                "\(file.path):\($0.line): \(name) imports \($0.module), which is not drawn in docs/ARCHITECTURE.md"
            }
        }
    }

    static func slowImports(_ files: [SourceFile]) -> [String] {
        files.filter { $0.isSwift && $0.target != nil }.flatMap { file in
            imports(file).filter { slow.contains($0.module) }.map {
                "\(file.path):\($0.line): \($0.module) under the roof makes every command slow to start"
            }
        }
    }

    /// Arrows that do not point down, as drawn.
    static func arrowsUp(_ layers: Layers) -> [String] {
        layers.targets.flatMap { target in
            target.imports.compactMap { layers.target($0) }.filter { $0.storey >= target.storey }.map {
                "\(target.name) on storey \(target.storey) imports \($0.name) on storey \($0.storey): arrows point down"
            }
        }
    }

    /// A circle among the imports that the files really have.
    static func circles(_ files: [SourceFile]) -> [String] {
        var arrows: [String: Set<String>] = [:]
        for file in files where file.isSwift {
            if let target = file.target { arrows[target, default: []].formUnion(imports(file).map(\.module)) }
        }
        var done: Set<String> = []
        var complaints: [String] = []
        func visit(_ name: String, _ path: [String]) {
            if let start = path.firstIndex(of: name) {
                complaints.append("a circle of imports: \((path[start...] + [name]).joined(separator: " → "))")
                return
            }
            guard done.insert(name).inserted || !path.isEmpty, arrows[name] != nil else { return }
            for next in arrows[name, default: []].sorted()
            where !done.contains(next) || path.contains(next) || next == name {
                visit(next, path + [name])
            }
        }
        for name in arrows.keys.sorted() { visit(name, []) }
        return complaints
    }

    // MARK: - Doors

    /// A C library has one door, and the door has one importer.
    static func secondImporters(_ files: [SourceFile], _ layers: Layers) -> [String] {
        let doors = layers.targets.filter { $0.storey == 0 }
        return doors.flatMap { door -> [String] in
            let importers = Set(
                files.filter { file in file.isSwift && imports(file).contains { $0.module == door.name } }
                    .compactMap(\.target))
            let includers = Set(
                files.filter { file in
                    file.isC && file.target != door.name && file.target != nil
                        && door.headers.contains { header in file.text.contains("<\(header)") }
                }.compactMap(\.target))
            var complaints: [String] = []
            if importers.count > 1 {
                complaints.append(
                    "\(door.name) has more than one importer: \(importers.sorted().joined(separator: ", "))")
            }
            for includer in includers.sorted() {
                complaints.append(
                    "\(includer) includes \(door.headers.joined(separator: " ")), which \(door.name) opens")
            }
            return complaints
        }
    }

    // MARK: - Package.swift

    static func differences(_ layers: Layers, _ manifest: Manifest) -> [String] {
        var complaints: [String] = []
        let drawn = layers.targets.map(\.name)
        let declared = manifest.targets.map(\.name)
        for name in declared where !drawn.contains(name) {
            complaints.append("\(name) is in Package.swift, but not drawn")
        }
        for name in drawn where !declared.contains(name) {
            complaints.append("\(name) is drawn, but not in Package.swift")
        }
        if complaints.isEmpty, Array(drawn.reversed()) != declared {
            complaints.append("Package.swift and the drawing have their targets in different order")
        }
        for target in manifest.targets {
            guard let picture = layers.target(target.name) else { continue }
            let more = Set(target.dependencies).subtracting(picture.imports).sorted()
            let less = Set(picture.imports).subtracting(target.dependencies).sorted()
            for name in more {
                complaints.append("\(target.name) depends on \(name) in Package.swift, not in the drawing")
            }
            for name in less {
                complaints.append("\(target.name) imports \(name) in the drawing, not in Package.swift")
            }
        }
        return complaints
    }

    // MARK: - Words

    /// Words that print or end the process, where the drawing gives the file no voice.
    static func voices(_ files: [SourceFile], _ layers: Layers) -> [String] {
        let words: [(voice: String, pattern: Regex<Substring>)] = [
            ("print", /(?:^|[^\w.])(?:print|debugPrint|dump|printf|fprintf|vprintf|puts|fputs|perror)\(/),
            ("exit", /(?:^|[^\w.])(?:exit|abort|fatalError)\(/),
        ]
        let named = /func\s+(?:print|exit|abort|dump)\(/
        return files.filter { ($0.isSwift || $0.isC) && $0.target != nil }.flatMap { file in
            words.flatMap { word -> [String] in
                let allowed = layers.voices[word.voice] ?? []
                guard !allowed.contains(where: { file.path == $0 || ($0.hasSuffix("/") && file.path.hasPrefix($0)) })
                else { return [] }
                return file.code.enumerated().filter {
                    // A verb of somebody's own may have the name; called through its owner it is no such call.
                    $0.element.contains(word.pattern) && !$0.element.contains(named)
                }.map {
                    "\(file.path):\($0.offset + 1): \(word.voice) is spoken only in \(allowed.joined(separator: " "))"
                }
            }
        }
    }

    static let longestFile = 500

    static func longFiles(_ files: [SourceFile]) -> [String] {
        files.filter { $0.isSwift || $0.isC }.compactMap { file in
            let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
            return lines > longestFile ? "\(file.path): \(lines) lines, \(longestFile) are enough for one story" : nil
        }
    }

    /// Put together from halves, so that this file does not break its own law.
    static let unfinished = ["TO" + "DO", "FIX" + "ME", "X" + "XX:", "HA" + "CK:"]

    static func unfinishedWork(_ files: [SourceFile]) -> [String] {
        files.flatMap { file in
            lines(file).flatMap { line, text in
                unfinished.filter { text.contains($0) }.map { "\(file.path):\(line): \($0)" }
            }
        }
    }

    /// Names that say nothing about sound.
    static let emptyWords: Set<String> = [
        "Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Common", "Base", "Core", "Context",
    ]

    static func emptyNames(_ files: [SourceFile]) -> [String] {
        let declaration = /(?:^|\s)(?:class|struct|enum|protocol|actor|typealias)\s+(\w+)/
        let word = /[A-Z][a-z0-9]*|[a-z0-9]+/
        return files.filter(\.isSwift).flatMap { file in
            file.code.enumerated().flatMap { index, line in
                line.matches(of: declaration).compactMap { match in
                    let words = match.1.matches(of: word).map { String($0.0) }
                    guard let empty = words.first(where: { emptyWords.contains($0) }) else { return nil }
                    return "\(file.path):\(index + 1): \(match.1) is a name without a trade (\(empty))"
                }
            }
        }
    }

    /// Where somebody's machine shows through. In halves for the same reason.
    static let workplaces = ["/wo" + "rk/", "/ho" + "me/", "/Us" + "ers/", "/ro" + "ot/"]

    static func workplacePaths(_ files: [SourceFile]) -> [String] {
        files.flatMap { file in
            lines(file).flatMap { line, text in
                workplaces.filter { place in
                    text.ranges(of: place).contains { range in
                        // Inside a longer path or an address it is somebody else's folder.
                        range.lowerBound == text.startIndex || !isPart(text[text.index(before: range.lowerBound)])
                    }
                }.map { "\(file.path):\(line): the path \($0)… exists on one machine only" }
            }
        }
    }

    private static func isPart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "_-.}*~".contains(character)
    }

    // MARK: - Audio threads

    static let audioMark = "// MARK: - Audio thread"

    /// Functions below the mark that promise nothing.
    static func unpromised(_ files: [SourceFile]) -> [String] {
        let function = /^[^=(:]*\b(?:func\s+\S|init[?!]?[(<])/
        return files.filter { $0.isSwift && $0.target != nil && $0.text.contains(audioMark) }.flatMap {
            file -> [String] in
            let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
            guard let mark = lines.firstIndex(where: { $0.trimmed == audioMark }) else { return [] }
            let end = lines[(mark + 1)...].firstIndex { $0.trimmed.hasPrefix("// MARK:") } ?? lines.count
            return (mark + 1..<min(end, file.code.count)).filter { index in
                guard file.code[index].contains(function) else { return false }
                var above = index
                while above >= 0, above == index || file.code[above].trimmed.hasPrefix("@") {
                    if file.code[above].contains("@_noLocks") { return false }
                    above -= 1
                }
                return true
            }.map { "\(file.path):\($0 + 1): runs on the audio thread without @_noLocks" }
        }
    }

    private static func lines(_ file: SourceFile) -> [(Int, Substring)] {
        file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map {
            ($0.offset + 1, $0.element)
        }
    }
}

extension StringProtocol {
    var trimmed: String { String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()) }
}
