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
            guard DeviceIdentifier.kinds.contains(kind) || kind == "front" else { return nil }
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

    /// The card behind a PCM's name or a ``DeviceIdentifier``; `nil` where the name leads to none.
    ///
    /// - Parameter system: where sysfs is mounted.
    public init?(pcm name: String, system: String = "/sys") {
        let cards = Self.cards(system)
        if let identifier = DeviceIdentifier(name) {
            let found = cards.filter { $0.answers(to: identifier.card) }
            guard found.count == 1 else { return nil }
            self = found[0].identity
            return
        }
        guard let hardware = HardwareName(name),
            let found = cards.first(where: { hardware.card == $0.id || hardware.card == "\($0.index)" })
        else { return nil }
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
        let cards = Self.cards(system)
        let identifier = DeviceIdentifier(name)
        let hardware = HardwareName(name)
        func only(_ match: (CardIdentity) -> Bool) -> String? {
            // What the user wrote of it holds still: an identifier with a socket means that socket.
            let found = cards.filter { card in
                match(card.identity) && identifier.map { card.answers(to: $0.card) } ?? true
            }
            guard found.count == 1 else { return nil }
            return identifier?.name(card: found[0].id) ?? hardware?.with(card: found[0].id)
        }
        guard let product else {
            let isHere = { (card: CardIdentity) in card.place == place && card.product == nil }
            // Cards without a bus are all in the same place: nowhere.
            return only(isHere) ?? only { isHere($0) && $0.id == id }
        }
        if let serial { return only { $0.product == product && $0.serial == serial } }
        return only { $0.product == product && $0.place == place } ?? only { $0.product == product && $0.serial == nil }
    }

    private static func cards(_ system: String) -> [PluggedCard] {
        var folders = HostFolders()
        folders.system = system
        return PluggedCard.all(folders)
    }
}
