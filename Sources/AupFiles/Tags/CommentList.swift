internal import AupSound

/// Vorbis comments as the bytes they are: what is not replaced stays as it was written, whatever it is.
///
///     length(4) vendor | count(4) | { length(4) KEY=VALUE } × count | what the container puts behind
///
/// Source: Vorbis I specification, section 5.2.
///
/// - Thread: any; a plain value.
struct CommentList: Equatable {
    var vendor: [UInt8]
    var comments: [[UInt8]] = []
    /// In Ogg Opus padding, or something to be kept (RFC 7845, section 5.2).
    var rest: [UInt8] = []

    init(vendor: String) { self.vendor = Array(vendor.utf8) }

    /// `nil` where a length is not true.
    init?(_ bytes: ArraySlice<UInt8>) {
        var left = bytes
        func take() -> [UInt8]? {
            guard let length = number(), length <= left.count else { return nil }
            defer { left = left.dropFirst(length) }
            return Array(left.prefix(length))
        }
        func number() -> Int? {
            guard left.count >= 4 else { return nil }
            defer { left = left.dropFirst(4) }
            return Int(Array(left.prefix(4)).little(0, 4))
        }
        guard let vendor = take(), let count = number(), count <= left.count / 4 else { return nil }
        self.vendor = vendor
        comments.reserveCapacity(count)
        for _ in 0..<count {
            guard let comment = take() else { return nil }
            comments.append(comment)
        }
        rest = Array(left)
    }

    /// Takes out every value of these keys, in any case, and puts others behind all that stays.
    mutating func replace(_ keys: [String], with tags: [SoundTag]) {
        let names = keys.map { $0.utf8.map(Self.lower) }
        comments.removeAll { comment in
            guard let equals = comment.firstIndex(of: UInt8(ascii: "=")) else { return false }
            let key = comment[..<equals].map(Self.lower)
            return names.contains(key)
        }
        comments += tags.map { Array($0.text.utf8) }
    }

    /// Without ``rest``.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendLittle(UInt64(vendor.count), 4)
        bytes += vendor
        bytes.appendLittle(UInt64(comments.count), 4)
        for comment in comments {
            bytes.appendLittle(UInt64(comment.count), 4)
            bytes += comment
        }
        return bytes
    }

    /// Keys are ASCII.
    private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte + 0x20 : byte }
}
