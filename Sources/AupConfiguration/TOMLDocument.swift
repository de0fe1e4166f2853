internal import CTOML

/// A TOML document as a tree that knows its lines.
///
/// - Thread: any.
struct TOMLDocument {
    indirect enum Value {
        case plain(SettingValue)
        case list([Entry])
        case table([Entry])
        /// A date or a time, which no setting is.
        case time
    }

    struct Entry {
        /// Empty inside lists.
        let key: String
        let line: Int
        let value: Value
    }

    /// In the order of their lines.
    let entries: [Entry]

    /// Bytes of a document.
    static let longest = 1 << 20
    /// Parts of dotted keys in one line: the reader takes tables apart by descending into them.
    static let dots = 256

    /// - Parameter path: for the mistake.
    init(_ bytes: [UInt8], path: String) throws(ConfigurationMistake) {
        guard bytes.count <= Self.longest else {
            throw ConfigurationMistake(.file(path: path, line: 0), "more than \(Self.longest) bytes")
        }
        var line = 1
        var dots = 0
        for byte in bytes {
            if byte == UInt8(ascii: "\n") { (line, dots) = (line + 1, 0) }
            if byte == UInt8(ascii: ".") { dots += 1 }
            guard dots <= Self.dots else {
                throw ConfigurationMistake(
                    .file(path: path, line: line), "more than \(Self.dots) points in a line; write it over several")
            }
        }
        let harvest = Harvest()
        var mistake = aup_toml_mistake()
        let isRead = unsafe bytes.withUnsafeBytes { bytes in
            unsafe aup_toml_read(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count,
                { context, value in
                    guard let context = unsafe context, let value = unsafe value else { return }
                    unsafe Unmanaged<Harvest>.fromOpaque(context).takeUnretainedValue().take(value.pointee)
                }, Unmanaged.passUnretained(harvest).toOpaque(), &mistake)
        }
        guard isRead == 1 else {
            let reason = unsafe withUnsafeBytes(of: &mistake.reason) { unsafe Array($0.prefix { $0 != 0 }) }
            throw ConfigurationMistake(
                .file(path: path, line: Int(mistake.line)), Self.told(String(decoding: reason, as: UTF8.self)))
        }
        entries = harvest.tree()
    }

    /// The reader's words on one line, without how it calls itself.
    private static func told(_ reason: String) -> String {
        let text =
            reason.hasPrefix("Error while parsing ") ? String(reason.dropFirst("Error while parsing ".count)) : reason
        return String(text.prefix { $0 != "\n" })
    }
}

/// The reader's values in the order in which they come, each with its depth.
private final class Harvest {
    private struct Grain {
        let depth: Int
        let line: Int
        let key: String
        let value: SettingValue?
        let kind: aup_toml_kind
    }
    private var grains: [Grain] = []

    func take(_ value: aup_toml_value) {
        let kind = unsafe aup_toml_kind(UInt32(value.kind))
        let plain: SettingValue? =
            switch kind {
            case AUP_TOML_TEXT: .text(unsafe Self.text(value.text, value.text_bytes))
            case AUP_TOML_INTEGER: .integer(unsafe value.integer)
            case AUP_TOML_NUMBER: .number(unsafe value.number)
            case AUP_TOML_FLAG: .flag(unsafe value.integer != 0)
            default: nil
            }
        let key = unsafe Self.text(value.key, value.key_bytes)
        grains.append(
            Grain(depth: Int(unsafe value.depth), line: Int(unsafe value.line), key: key, value: plain, kind: kind))
    }

    func tree() -> [TOMLDocument.Entry] {
        var at = 0
        return level(0, &at).sorted { $0.line < $1.line }
    }

    /// The values of one depth, and all below them.
    private func level(_ depth: Int, _ at: inout Int) -> [TOMLDocument.Entry] {
        var entries: [TOMLDocument.Entry] = []
        while at < grains.count, grains[at].depth == depth {
            let grain = grains[at]
            at += 1
            let below = level(depth + 1, &at)
            let value: TOMLDocument.Value =
                switch grain.kind {
                case AUP_TOML_LIST: .list(below)
                case AUP_TOML_TABLE: .table(below.sorted { $0.line < $1.line })
                default: grain.value.map { .plain($0) } ?? .time
                }
            entries.append(TOMLDocument.Entry(key: grain.key, line: grain.line, value: value))
        }
        return entries
    }

    private static func text(_ start: UnsafePointer<CChar>?, _ bytes: Int) -> String {
        guard let start = unsafe start else { return "" }
        return unsafe String(
            decoding: UnsafeRawBufferPointer(start: start, count: bytes), as: UTF8.self)
    }
}
