/// What the last minutes' loudness was, for pages that were not there: a point a second.
///
/// - Thread: one at a time.
struct LoudnessHistory: Sendable {
    /// Ten minutes.
    static let limit = 600

    /// Members of a reading that make a point, in this order, as they are written.
    static let members = ["seconds", "momentary_lufs", "short_term_lufs", "integrated_lufs"]

    private var points: [[UInt8]] = []
    private var lastSecond: Double?

    /// Keeps a point of a reading, one JSON object, when a second has passed in the sound since the last one. Time that
    /// goes back begins anew.
    mutating func note(_ reading: [UInt8]) {
        let values = Self.values(of: reading)
        guard let seconds = values[0].flatMap({ Double(String(decoding: $0, as: UTF8.self)) }), seconds.isFinite else {
            return
        }
        let second = seconds.rounded(.down)
        if let last = lastSecond {
            if second == last { return }
            if second < last { points = [] }
        }
        lastSecond = second
        if points.count == Self.limit { points.removeFirst() }
        points.append(Array(values.map { $0.map(Array.init) ?? Array("null".utf8) }.joined(separator: [44])))
    }

    /// Rows of `[seconds, momentary, short-term, integrated]` as one JSON array.
    var json: [UInt8] {
        var text: [UInt8] = [91]
        for (index, point) in points.enumerated() {
            text += (index == 0 ? [91] : [44, 91]) + point + [93]
        }
        return text + [93]
    }

    var count: Int { points.count }

    /// The plain values of these members of an object; members of objects inside it do not count.
    private static func values(of object: [UInt8]) -> [ArraySlice<UInt8>?] {
        var found: [ArraySlice<UInt8>?] = Array(repeating: nil, count: members.count)
        let names = members.map { Array($0.utf8) }
        var depth = 0
        var index = object.startIndex
        var key: Range<Int>?
        while index < object.endIndex {
            let byte = object[index]
            index += 1
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                let start = index
                while index < object.endIndex, object[index] != byte {
                    index += object[index] == UInt8(ascii: "\\") ? 2 : 1
                }
                key = start..<min(index, object.endIndex)
                index += 1
            case UInt8(ascii: ":") where depth == 1:
                guard let range = key, let place = names.firstIndex(where: { $0.elementsEqual(object[range]) }) else {
                    continue
                }
                let value = object[index...].prefix {
                    (48...57).contains($0) || [43, 45, 46, 69, 101].contains($0) || $0 == 32
                }
                let number = value.drop { $0 == 32 }
                found[place] = number.isEmpty ? nil : number
            default: break
            }
        }
        return found
    }
}
