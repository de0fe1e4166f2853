/// What `/proc/asound/cards` says of a card beside its number and short name.
///
///      1 [Mic            ]: USB-Audio - Yeti Stereo Microphone
///                           Blue Microphones Yeti Stereo Microphone at usb-0000:00:14.0-2, full speed
///
/// - Thread: any.
struct CardListing: Sendable, Equatable {
    var index: Int
    var id: String
    var driver: String
    var name: String
    var longName: String

    static func all(_ folders: HostFolders) -> [CardListing] {
        parse(folders.text("\(folders.processes)/asound/cards") ?? "")
    }

    static func parse(_ text: String) -> [CardListing] {
        var listings: [CardListing] = []
        for line in text.split(separator: "\n") {
            if let listing = CardListing(line) {
                listings.append(listing)
            } else if let last = listings.indices.last, listings[last].longName.isEmpty {
                listings[last].longName = trimmed(line)
            }
        }
        return listings
    }

    init(index: Int, id: String, driver: String, name: String, longName: String) {
        self.index = index
        self.id = id
        self.driver = driver
        self.name = name
        self.longName = longName
    }

    private init?(_ line: Substring) {
        guard let opening = line.firstIndex(of: "["), let index = Int(trimmed(line[..<opening])),
            let closing = line[opening...].firstRange(of: "]:")
        else { return nil }
        let rest = line[closing.upperBound...]
        // A driver's name has no spaces, so that the first dash between spaces ends it.
        let dash = rest.firstRange(of: " - ")
        self.init(
            index: index, id: trimmed(line[line.index(after: opening)..<closing.lowerBound]),
            driver: dash.map { trimmed(rest[..<$0.lowerBound]) } ?? "",
            name: trimmed(dash.map { rest[$0.upperBound...] } ?? rest), longName: "")
    }
}

/// Text without spaces before and behind it.
func trimmed(_ text: some StringProtocol) -> String {
    guard let first = text.firstIndex(where: { !$0.isWhitespace }),
        let last = text.lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(text[first...last])
}

/// The lines `key: value` of a file of the kernel's.
struct KeyedLines {
    private var values: [String: String] = [:]

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            values[trimmed(line[..<colon]), default: ""] = trimmed(line[line.index(after: colon)...])
        }
    }

    subscript(key: String) -> String? { values[key].flatMap { $0.isEmpty ? nil : $0 } }

    /// The number at the beginning of a value: `48000 (48000/1)`.
    func number(_ key: String) -> Int? { self[key].flatMap { Int($0.prefix { $0.isNumber }) } }
}
