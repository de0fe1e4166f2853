internal import AupSystem
internal import Glibc

/// What stays of a sound card when it is unplugged and comes back elsewhere: its bus, its maker's numbers, its serial.
///
/// Read from sysfs: `/sys/class/sound/cardN/id`, and, above `cardN/device`, the folder of the USB device with `idVendor`,
/// `idProduct` and `serial`. A card that is on no USB has its id and its place on the bus.
///
/// - Thread: control.
public struct CardIdentity: Sendable, Equatable {
    /// ALSA's short name, which the next card of its kind gets with a number behind it.
    public var id: String
    /// Where it hangs, from sysfs: `usb1/1-2`, `pci0000:00/0000:00:1b.0`.
    public var place: String
    /// `046d:0825`; `nil` when it is not on USB.
    public var product: String?
    public var serial: String?

    /// A PCM's name taken apart: `plughw:CARD=Mic,DEV=1` is `plughw`, `Mic`, `,DEV=1`.
    struct HardwareName: Equatable {
        var kind: String
        var card: String
        var rest: String
        var isKeyed: Bool

        /// Only names that lead to a card's own hardware; `default`, a server or a plugin of the user's stay what they are.
        init?(_ name: String) {
            guard let colon = name.firstIndex(of: ":") else { return nil }
            kind = String(name[..<colon])
            guard ["hw", "plughw", "dsnoop", "sysdefault", "front"].contains(kind) else { return nil }
            let arguments = name[name.index(after: colon)...]
            let comma = arguments.firstIndex(of: ",") ?? arguments.endIndex
            rest = String(arguments[comma...])
            isKeyed = arguments.hasPrefix("CARD=")
            card = String(arguments[..<comma].dropFirst(isKeyed ? 5 : 0))
            guard !card.isEmpty else { return nil }
        }

        func with(card: String) -> String { "\(kind):CARD=\(card)\(rest.isEmpty ? "" : devicePart)" }

        /// `hw:1,0` has its device without a key, and the two ways cannot be mixed.
        private var devicePart: String { isKeyed ? rest : ",DEV=\(rest.dropFirst().split(separator: ",")[0])" }
    }

    /// The card behind a PCM's name; `nil` where the name leads to none.
    ///
    /// - Parameter system: where sysfs is mounted.
    public init?(pcm name: String, system: String = "/sys") {
        guard let hardware = HardwareName(name) else { return nil }
        let cards = Self.cards(system)
        guard let found = cards.first(where: { hardware.card == $0.id || hardware.card == "\($0.index)" }) else {
            return nil
        }
        self = found.identity
    }

    init(id: String, place: String, product: String?, serial: String?) {
        self.id = id
        self.place = place
        self.product = product
        self.serial = serial
    }

    /// The name by which the same card's PCM can be opened now; `nil` while the card is away.
    ///
    /// A serial number decides where there is one. Without it the same product in the same place comes first, then
    /// the only one of its product: two of a kind without serials cannot be told apart anywhere else.
    public func currentName(of name: String, system: String = "/sys") -> String? {
        guard let hardware = HardwareName(name) else { return nil }
        let cards = Self.cards(system)
        func only(_ match: (CardIdentity) -> Bool) -> String? {
            let found = cards.filter { match($0.identity) }
            return found.count == 1 ? hardware.with(card: found[0].id) : nil
        }
        guard let product else {
            let isHere = { (card: CardIdentity) in card.place == place && card.product == nil }
            // Cards without a bus are all in the same place: nowhere.
            return only(isHere) ?? only { isHere($0) && $0.id == id }
        }
        if let serial { return only { $0.product == product && $0.serial == serial } }
        return only { $0.product == product && $0.place == place } ?? only { $0.product == product && $0.serial == nil }
    }

    private struct Entry {
        var index: Int
        var id: String
        var identity: CardIdentity
    }

    /// Cards by number; 32 is the kernel's own limit unless it was built otherwise.
    private static func cards(_ system: String) -> [Entry] {
        (0..<32).compactMap { index in
            let folder = "\(system)/class/sound/card\(index)"
            guard let id = line("\(folder)/id") else { return nil }
            guard let device = resolved("\(folder)/device") else {
                return Entry(index: index, id: id, identity: CardIdentity(id: id, place: "", product: nil, serial: nil))
            }
            return Entry(index: index, id: id, identity: identity(id, device))
        }
    }

    private static func identity(_ id: String, _ device: String) -> CardIdentity {
        // The card belongs to an interface of the USB device, so that folder is one or two up.
        var folder = device
        for _ in 0..<3 {
            if let vendor = line("\(folder)/idVendor"), let product = line("\(folder)/idProduct") {
                return CardIdentity(
                    id: id, place: place(folder), product: "\(vendor):\(product)", serial: line("\(folder)/serial"))
            }
            guard let slash = folder.lastIndex(of: "/") else { break }
            folder = String(folder[..<slash])
        }
        return CardIdentity(id: id, place: place(device), product: nil, serial: nil)
    }

    private static func place(_ folder: String) -> String {
        folder.firstRange(of: "/devices/").map { String(folder[$0.upperBound...]) } ?? folder
    }

    private static func resolved(_ path: String) -> String? {
        guard let text = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }

    /// The first line of a small file.
    private static func line(_ path: String) -> String? {
        guard let file = try? Descriptor.reading(path) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(file.number, $0.baseAddress, $0.count) }
        guard count > 0 else { return nil }
        return String(decoding: bytes.prefix(count).prefix { $0 != 10 }, as: UTF8.self)
    }
}
