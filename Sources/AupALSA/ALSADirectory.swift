public import AupSound
import CALSA
import Glibc

/// What ALSA has to offer on this machine: cards, and the names of PCMs.
///
/// - Thread: control.
public enum ALSADirectory {
    /// A sound card as the kernel numbers it.
    public struct Card: Sendable, Equatable {
        public let index: Int
        /// Short name that stays when numbers move: `hw:CARD=id`.
        public let id: String
        public let name: String
    }

    /// A name that `-D` takes.
    public struct Entry: Sendable, Equatable {
        public let name: String
        /// One line; alsa-lib's own line breaks become `, `.
        public let description: String
        public let canCapture: Bool
        public let canPlay: Bool

        /// Whether the name stands for a card's own hardware, which one program at a time may hold.
        public var isExclusive: Bool { name.hasPrefix("hw:") || name.hasPrefix("plughw:") }

        public func supports(_ direction: DeviceDirection) -> Bool {
            direction == .capture ? canCapture : canPlay
        }
    }

    public static var hasAnyCard: Bool {
        ALSAMessages.prepareLibrary()
        var card: Int32 = -1
        return unsafe snd_card_next(&card) == 0 && card >= 0
    }

    /// Cards in the kernel's order.
    public static var cards: [Card] {
        ALSAMessages.prepareLibrary()
        var cards: [Card] = []
        var index: Int32 = -1
        while unsafe snd_card_next(&index) == 0, index >= 0 {
            let name = unsafe ownedString { unsafe snd_card_get_name(index, $0) }
            cards.append(Card(index: Int(index), id: identifier(ofCard: index), name: name ?? "card \(index)"))
        }
        _ = ALSAMessages.take()
        return cards
    }

    /// Every PCM that the configuration shows, in its order.
    public static var entries: [Entry] {
        ALSAMessages.prepareLibrary()
        var hints: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
        guard unsafe snd_device_name_hint(-1, "pcm", &hints) == 0, let hints = unsafe hints else { return [] }
        defer { unsafe snd_device_name_free_hint(hints) }
        var entries: [Entry] = []
        var next = unsafe hints
        while let hint = unsafe next.pointee {
            unsafe next += 1
            guard let name = unsafe hintText(unsafe hint, "NAME") else { continue }
            let description = unsafe hintText(unsafe hint, "DESC") ?? ""
            let direction = unsafe hintText(unsafe hint, "IOID")
            entries.append(
                Entry(
                    name: name, description: description.split(whereSeparator: \.isNewline).joined(separator: ", "),
                    canCapture: direction != "Output", canPlay: direction != "Input"))
        }
        _ = ALSAMessages.take()
        return entries
    }

    /// Names that `-D` takes, for one direction.
    public static func names(_ direction: DeviceDirection) -> [String] {
        entries.filter { $0.supports(direction) }.map(\.name)
    }

    /// The name that a mistyped one most likely meant: at most two slips away, and at most a third of its length.
    public static func nearest(to name: String, _ direction: DeviceDirection) -> String? {
        let allowed = min(2, name.count / 3)
        let candidates = names(direction).map { (name: $0, slips: slips(between: name, and: $0)) }
        return candidates.filter { $0.slips > 0 && $0.slips <= allowed }.min { $0.slips < $1.slips }?.name
    }

    /// Letters inserted, left out, exchanged or swapped with their neighbour (optimal string alignment distance).
    static func slips(between left: String, and right: String) -> Int {
        let a = Array(left.lowercased().utf8)
        let b = Array(right.lowercased().utf8)
        if abs(a.count - b.count) > 8 { return 8 }
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var current = [i + 1]
            for j in b.indices {
                var least = min(last[j + 1] + 1, current[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, beforeLast[j - 1] + 1) }
                current.append(least)
            }
            (beforeLast, last) = (last, current)
        }
        return last[b.count]
    }

    private static func identifier(ofCard index: Int32) -> String {
        var control: OpaquePointer?
        var info: OpaquePointer?
        guard unsafe snd_ctl_open(&control, "hw:\(index)", 0) == 0, let control = unsafe control else {
            return "\(index)"
        }
        defer { unsafe snd_ctl_close(control) }
        guard unsafe snd_ctl_card_info_malloc(&info) == 0, let info = unsafe info else { return "\(index)" }
        defer { unsafe snd_ctl_card_info_free(info) }
        guard unsafe snd_ctl_card_info(control, info) == 0, let id = unsafe snd_ctl_card_info_get_id(info) else {
            return "\(index)"
        }
        return unsafe String(cString: id)
    }

    private static func hintText(_ hint: UnsafeMutableRawPointer, _ key: String) -> String? {
        guard let text = unsafe snd_device_name_get_hint(hint, key) else { return nil }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }

    /// A string that the library allocated and the caller frees.
    private static func ownedString(_ fill: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe fill(&text) == 0, let text = unsafe text else { return nil }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }
}
