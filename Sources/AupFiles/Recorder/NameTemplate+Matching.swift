// The way back: which paths a template can have made. Needed where files are removed, so it is strict.

extension NameTemplate {
    enum Step: Equatable, Sendable {
        case byte(UInt8)
        case digits(least: Int, most: Int)
        case letters
        case sign
        /// Nothing, or a dash and a number: the sibling of a taken name.
        case counter
    }

    /// How strftime's letters look in a name; `nil` for letters that no name may have.
    static func shape(of letter: Character) -> [Step]? {
        let two = Step.digits(least: 2, most: 2)
        let four = Step.digits(least: 4, most: 4)
        func text(_ character: Character) -> Step { .byte(character.asciiValue!) }
        switch letter {
        case "Y", "G": return [four]
        case "C", "y", "g", "m", "d", "H", "I", "M", "S", "U", "V", "W": return [two]
        case "j": return [.digits(least: 3, most: 3)]
        case "u", "w": return [.digits(least: 1, most: 1)]
        case "s": return [.digits(least: 1, most: 12)]
        case "a", "A", "b", "B", "h", "p", "P", "Z": return [.letters]
        case "z": return [.sign, four]
        case "F": return [four, text("-"), two, text("-"), two]
        case "T": return [two, text(":"), two, text(":"), two]
        case "R": return [two, text(":"), two]
        default: return nil
        }
    }

    private var steps: [Step] {
        var steps: [Step] = pieces.flatMap { piece -> [Step] in
            switch piece {
            case .text(let text): text.utf8.map { .byte($0) }
            case .time(let letter): Self.shape(of: letter) ?? []
            case .milliseconds: [.digits(least: 3, most: 3)]
            case .number(let width): [.digits(least: max(width, 1), most: 18)]
            }
        }
        // The counter stands before the extension of the last part, as in name(_:counter:).
        let slash = steps.lastIndex(of: .byte(UInt8(ascii: "/"))) ?? -1
        let dot = steps.lastIndex(of: .byte(UInt8(ascii: ".")))
        let place = dot.flatMap { $0 > slash + 1 ? $0 : nil } ?? steps.count
        steps.insert(.counter, at: place)
        return steps
    }

    /// Whether this template can have made the path.
    public func canMake(_ path: String) -> Bool {
        let bytes = Array(path.utf8)
        return Self.match(steps[...], bytes[...])
    }

    /// The folder all files lie under, without the parts that hold a time; "." for the working folder.
    public var folder: String {
        var fixed = ""
        if case .text(let text)? = pieces.first { fixed = text }
        guard let slash = fixed.lastIndex(of: "/") else { return fixed.isEmpty || !fixed.hasPrefix("/") ? "." : "/" }
        return slash == fixed.startIndex ? "/" : String(fixed[..<slash])
    }

    /// How many folders below ``folder`` a file lies.
    public var depth: Int {
        let all = steps.count { $0 == .byte(UInt8(ascii: "/")) }
        let fixed = folder == "." ? 0 : folder == "/" ? 1 : folder.utf8.count { $0 == UInt8(ascii: "/") } + 1
        return max(0, all - fixed)
    }

    private static func match(_ steps: ArraySlice<Step>, _ bytes: ArraySlice<UInt8>) -> Bool {
        guard let step = steps.first else { return bytes.isEmpty }
        let rest = steps.dropFirst()
        switch step {
        case .byte(let byte): return bytes.first == byte && match(rest, bytes.dropFirst())
        case .sign:
            return (bytes.first == UInt8(ascii: "+") || bytes.first == UInt8(ascii: "-"))
                && match(rest, bytes.dropFirst())
        case .digits(let least, let most): return match(rest, bytes, least: least, most: most, of: isDigit)
        case .letters: return match(rest, bytes, least: 1, most: 16, of: isLetter)
        case .counter:
            if match(rest, bytes) { return true }
            return bytes.first == UInt8(ascii: "-") && match(rest, bytes.dropFirst(), least: 1, most: 12, of: isDigit)
        }
    }

    private static func match(
        _ rest: ArraySlice<Step>, _ bytes: ArraySlice<UInt8>, least: Int, most: Int, of kind: (UInt8) -> Bool
    ) -> Bool {
        let run = bytes.prefix(most).prefix(while: kind).count
        guard run >= least else { return false }
        return (least...run).reversed().contains { match(rest, bytes.dropFirst($0)) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Zones without a name of letters are called `+03`.
    private static func isLetter(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte & 0xDF) || isDigit(byte)
            || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }
}
