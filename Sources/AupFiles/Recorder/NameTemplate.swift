internal import Glibc

/// A file name with the time in it, as strftime writes times: `rec/%F/%H%M%S.wav`.
///
/// Besides strftime's own, `%f` is three digits of milliseconds and `%i` the number of the file in its run, from 1;
/// `%04i` fills it up with zeros. `%%` is a percent sign. A name without any of them is a plain name.
///
/// - Thread: any.
public struct NameTemplate: Equatable, Sendable {
    public struct Malformed: Error, Equatable, Sendable {
        /// One line.
        public let message: String
    }

    enum Piece: Equatable, Sendable {
        case text(String)
        case time(Character)
        case milliseconds
        case number(width: Int)
    }

    /// Longest number of digits that is asked for.
    private static let widest = 12

    /// As it was given: what a recording's files are known by.
    public let text: String
    let pieces: [Piece]

    public init(_ text: String) throws(Malformed) {
        self.text = text
        var pieces: [Piece] = []
        var rest = Substring(text)
        func complain(_ word: some StringProtocol) -> Malformed {
            Malformed(
                message: "'\(text)': %\(word) is no part of a time that a name can have; %Y %m %d %F %H %M %S %f %i … "
                    + "are, and %% is a percent sign")
        }
        while let first = rest.popFirst() {
            guard first == "%" else {
                if case .text(let start)? = pieces.last {
                    pieces[pieces.count - 1] = .text(start + String(first))
                } else {
                    pieces.append(.text(String(first)))
                }
                continue
            }
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard let letter = rest.popFirst() else { throw complain("") }
            let isNumber = letter == "i" && digits.count <= 3 && (Int(digits) ?? 0) <= Self.widest
            guard digits.isEmpty || isNumber else { throw complain(digits + String(letter)) }
            switch letter {
            case "%": pieces.append(.text("%"))
            case "f": pieces.append(.milliseconds)
            case "i": pieces.append(.number(width: Int(digits) ?? 1))
            default:
                guard Self.shape(of: letter) != nil else { throw complain(String(letter)) }
                pieces.append(.time(letter))
            }
        }
        self.pieces = pieces
    }

    /// Whether every file has the same name but for a counter.
    public var isPlain: Bool {
        pieces.allSatisfy { if case .text = $0 { true } else { false } }
    }

    /// The name of a file that begins at a moment, in nanoseconds since 1970-01-01 UTC.
    public func name(at nanoseconds: Int64, zone: CalendarZone, number: Int) -> String {
        let seconds = nanoseconds / 1_000_000_000
        let fields = unsafe zone.fields(at: seconds)
        var name = ""
        for piece in pieces {
            switch piece {
            case .text(let text): name += text
            case .milliseconds: name += Self.padded(Int(nanoseconds / 1_000_000 % 1000), 3)
            case .number(let width): name += Self.padded(number, width)
            // Not strftime's, which takes the fields for local time whatever they are.
            case .time("s"): name += String(seconds)
            case .time(let letter): name += unsafe Self.expanded(letter, fields)
            }
        }
        return name
    }

    /// A name's sibling for when it is taken: `a.wav`, `a-1.wav`, `a-2.wav`.
    public static func name(_ name: String, counter: Int) -> String {
        guard counter > 0 else { return name }
        let stem = stem(of: name)
        return "\(stem)-\(counter)\(name.dropFirst(stem.count))"
    }

    /// A name without its extension.
    static func stem(of name: String) -> Substring {
        let last = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
        guard let dot = name[last...].lastIndex(of: "."), dot != last else { return name[...] }
        return name[..<dot]
    }

    private static func expanded(_ letter: Character, _ fields: tm) -> String {
        var fields = unsafe fields
        // The longest word of any strftime letter in the C locale is `September`.
        var space = [CChar](repeating: 0, count: 64)
        let count = unsafe strftime(&space, space.count, "%\(letter)", &fields)
        return String(decoding: space[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
