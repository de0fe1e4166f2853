public import AupSound
import CALSA
import Glibc

/// What alsa-lib has to offer on this machine: the names of PCMs.
///
/// - Thread: control.
public enum ALSADirectory {
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

    /// alsa-lib alone would not do: it knows of no card that this user may not open.
    public static var hasAnyCard: Bool {
        ALSAMessages.prepareLibrary()
        var card: Int32 = -1
        return unsafe snd_card_next(&card) == 0 && card >= 0 || !PluggedCard.all(.current).isEmpty
    }

    /// The kernel's numbers of its cards, by alsa-lib alone.
    static var numbers: [Int] {
        ALSAMessages.prepareLibrary()
        var numbers: [Int] = []
        var index: Int32 = -1
        while unsafe snd_card_next(&index) == 0, index >= 0 { numbers.append(Int(index)) }
        return numbers
    }

    /// Lets alsa-lib read its configuration anew when it next needs it. It notices by itself that a file has changed, but not
    /// that one has come, nor that a sound server has, which decides what some files say.
    public static func forgetConfiguration() { _ = snd_config_update_free_global() }

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

    /// The name that a mistyped one most likely meant: a PCM's at most two slips away, and at most a third of its length;
    /// or a card by its identifier, its short name or its name.
    public static func nearest(
        to name: String, _ direction: DeviceDirection, folders: HostFolders = .current
    ) -> String? {
        NearName.nearest(name, among: names(direction)) ?? NearName.of(name, among: NearName.cards(folders))
    }

    private static func hintText(_ hint: UnsafeMutableRawPointer, _ key: String) -> String? {
        guard let text = unsafe snd_device_name_get_hint(hint, key) else { return nil }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }
}
