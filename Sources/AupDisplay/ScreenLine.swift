/// What a stretch of text is, and so how it looks.
public enum ScreenStyle: Int, CaseIterable, Equatable, Sendable {
    case plain, faint, strong
    case safe, loud, hot
    /// The part of a bar between RMS and peak.
    case safePeak, loudPeak, hotPeak
    case notice, alarm

    /// Parameters of SGR (ECMA-48): the terminal's own 16 colours, so that they suit its background.
    private var code: String {
        switch self {
        case .plain: ""
        case .faint: "2"
        case .strong: "1"
        case .safe: "92"
        case .loud: "93"
        case .hot: "91"
        case .safePeak: "32"
        case .loudPeak: "33"
        case .hotPeak: "31"
        case .notice: "30;43"
        case .alarm: "97;41"
        }
    }

    /// What brings a terminal from plain text to each style, and from any other style.
    private static let sequences = allCases.map { style in
        (Array("\u{1B}[\(style.code)m".utf8), Array("\u{1B}[0;\(style.code)m".utf8))
    }
    fileprivate static let end = Array("\u{1B}[0m".utf8)

    fileprivate func begin(after last: ScreenStyle, into bytes: inout [UInt8]) {
        if self == .plain {
            if last != .plain { bytes += Self.end }
        } else {
            let (first, next) = Self.sequences[rawValue]
            bytes += last == .plain ? first : next
        }
    }
}

/// A line for a terminal: text in stretches of one style each. Each Unicode scalar takes one column: what a meter writes has no
/// others.
///
/// It is kept as bytes, because lines are made and written thirty times a second.
public struct ScreenLine: Equatable, Sendable {
    private struct Stretch: Equatable, Sendable {
        /// Where it ends in `bytes`.
        var end: Int
        let style: ScreenStyle
    }

    private var bytes: [UInt8] = []
    private var ends: [Stretch] = []
    /// Of the whole text.
    public private(set) var columns = 0

    public init() {}

    /// With room for a line of so many columns, so that it need not be found bit by bit.
    init(columns: Int) {
        bytes.reserveCapacity(columns * 3)
        ends.reserveCapacity(24)
    }

    /// Without styles.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    public var stretches: [(text: String, style: ScreenStyle)] {
        ends.indices.map { index in
            let start = index == 0 ? 0 : ends[index - 1].end
            return (String(decoding: bytes[start..<ends[index].end], as: UTF8.self), ends[index].style)
        }
    }

    /// With what a terminal needs to show styles, where `hasColour`.
    public func painted(hasColour: Bool) -> String {
        var painted: [UInt8] = []
        paint(hasColour: hasColour, into: &painted)
        return String(decoding: painted, as: UTF8.self)
    }

    func paint(hasColour: Bool, from place: Int = 0, into painted: inout [UInt8]) {
        guard hasColour else {
            painted += bytes[place...]
            return
        }
        var start = place
        var style = ScreenStyle.plain
        for stretch in ends where stretch.end > place {
            stretch.style.begin(after: style, into: &painted)
            painted += bytes[start..<stretch.end]
            (start, style) = (stretch.end, stretch.style)
        }
        ScreenStyle.plain.begin(after: style, into: &painted)
    }

    /// Paints what is other than in the line that stands in the row now, `nil` where nobody knows what does.
    func paint(over shown: ScreenLine?, row: Int, hasColour: Bool, into painted: inout [UInt8]) {
        let place = shown.map(sameBytes) ?? 0
        let column = bytes[..<place].reduce(1) { $0 + ($1.isContinuation ? 0 : 1) }
        painted += "\u{1B}[\(row);\(column)H".utf8
        paint(hasColour: hasColour, from: place, into: &painted)
        if shown.map({ columns < $0.columns }) ?? true { painted += Self.clearRest }
    }

    private static let clearRest = Array("\u{1B}[K".utf8)

    /// How many bytes of the beginning are the same in another line and look the same.
    private func sameBytes(as other: ScreenLine) -> Int {
        var same = min(bytes.count, other.bytes.count)
        if let first = zip(ends, other.ends).enumerated().first(where: { $0.element.0 != $0.element.1 }) {
            let (mine, its) = first.element
            let start = first.offset == 0 ? 0 : ends[first.offset - 1].end
            same = mine.style == its.style ? min(mine.end, its.end) : start
        }
        var place = 0
        while place < same, bytes[place] == other.bytes[place] { place += 1 }
        // Back to the first byte of the letter.
        while place > 0, place < bytes.count, bytes[place].isContinuation { place -= 1 }
        return place
    }

    public mutating func add(_ text: String, _ style: ScreenStyle = .plain, times: Int = 1) {
        guard times > 0 else { return }
        var text = text
        unsafe text.withUTF8 { letters in
            for _ in 0..<times { unsafe bytes.append(contentsOf: letters) }
            columns += unsafe times * letters.reduce(0) { $0 + ($1.isContinuation ? 0 : 1) }
        }
        end(style)
    }

    /// A level as reports write it, at the right of so many columns: `-12.3`, `-inf`, `--.-` where there is none.
    mutating func add(level: Double?, columns width: Int, _ style: ScreenStyle = .plain) {
        guard let level, !level.isNaN, abs(level) < 1e6 else {
            let name = level.map { $0.isNaN ? "--.-" : $0 < 0 ? "-inf" : "inf" } ?? "--.-"
            add(" ", times: width - name.utf8.count)
            return add(name, style)
        }
        // By hand, from the right: a wall of meters writes thousands of numbers a second.
        let tenths = Int((level * 10).rounded())
        var rest = abs(tenths)
        // Two digits and a point, what is left of them, and a sign.
        var needed = 3 + (tenths < 0 ? 1 : 0)
        var more = rest / 100
        while more > 0 {
            needed += 1
            more /= 10
        }
        let count = max(width, needed)
        let end = bytes.count + count
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: count))
        for place in 1...needed {
            switch place {
            case 2: bytes[end - place] = UInt8(ascii: ".")
            case needed where tenths < 0: bytes[end - place] = UInt8(ascii: "-")
            default:
                bytes[end - place] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
        }
        columns += count
        self.end(style)
    }

    public mutating func add(_ line: ScreenLine) {
        let before = bytes.count
        bytes += line.bytes
        columns += line.columns
        for stretch in line.ends { end(stretch.style, at: before + stretch.end) }
    }

    /// Blanks up to a column.
    public mutating func pad(to column: Int) { add(" ", times: column - columns) }

    private mutating func end(_ style: ScreenStyle, at place: Int? = nil) {
        let place = place ?? bytes.count
        guard place > ends.last?.end ?? 0 else { return }
        if let last = ends.indices.last, ends[last].style == style {
            ends[last].end = place
        } else {
            ends.append(Stretch(end: place, style: style))
        }
    }

    /// No longer than so many columns.
    public func cut(_ columns: Int) -> ScreenLine {
        guard self.columns > columns else { return self }
        var line = ScreenLine()
        var start = 0
        for stretch in ends {
            let scalars = String(decoding: bytes[start..<stretch.end], as: UTF8.self).unicodeScalars
            let room = max(0, columns - line.columns)
            line.add(String(String.UnicodeScalarView(scalars.prefix(room))), stretch.style)
            start = stretch.end
        }
        return line
    }
}

extension UInt8 {
    /// Of UTF-8: not the first byte of a scalar.
    fileprivate var isContinuation: Bool { self & 0xC0 == 0x80 }
}
