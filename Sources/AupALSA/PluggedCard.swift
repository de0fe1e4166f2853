/// A card as sysfs has it now: its number and short name, and what it is called for good.
///
/// - Thread: control.
struct PluggedCard: Sendable, Equatable {
    var index: Int
    var identity: CardIdentity
    /// The bus by its name in sysfs; `nil` for a card without one.
    var bus: String?
    /// The device's own folder in sysfs, of USB the one with `idVendor`; `nil` without a bus.
    var folder: String?

    /// ALSA's short name.
    var id: String { identity.id }

    /// The device's name on its bus: `0000:00:1f.3`, `1-2`.
    var address: String? {
        folder.flatMap { $0.split(separator: "/").last }.map(String.init)
    }

    /// All cards by number.
    static func all(_ folders: HostFolders) -> [PluggedCard] {
        let numbers = folders.names("\(folders.system)/class/sound", prefix: "card").compactMap { Int($0.dropFirst(4)) }
        return numbers.sorted().compactMap { PluggedCard($0, folders) }
    }

    private init?(_ index: Int, _ folders: HostFolders) {
        let card = "\(folders.system)/class/sound/card\(index)"
        guard let id = folders.line("\(card)/id") else { return nil }
        self.index = index
        guard let device = folders.resolved("\(card)/device") else {
            identity = CardIdentity(id: id, place: "", product: nil, serial: nil)
            return
        }
        bus = folders.resolved("\(device)/subsystem")?.split(separator: "/").last.map(String.init)
        // The card belongs to an interface of the USB device, so that folder is one or two up.
        var folder = device
        for _ in 0..<3 {
            if let vendor = folders.line("\(folder)/idVendor"), let product = folders.line("\(folder)/idProduct") {
                bus = "usb"
                self.folder = folder
                identity = CardIdentity(
                    id: id, place: Self.place(folder), product: "\(vendor):\(product)",
                    serial: folders.line("\(folder)/serial"))
                return
            }
            guard let slash = folder.lastIndex(of: "/") else { break }
            folder = String(folder[..<slash])
        }
        self.folder = device
        identity = CardIdentity(id: id, place: Self.place(device), product: nil, serial: nil)
    }

    private static func place(_ folder: String) -> String {
        folder.firstRange(of: "/devices/").map { String(folder[$0.upperBound...]) } ?? folder
    }

    /// What leads to this card of all there are, and to no other. The serial where there is one, else the socket: of two
    /// of a make, the one that comes second must not change what the first is called.
    func identifier(among cards: [PluggedCard]) -> DeviceIdentifier.Card {
        let best: DeviceIdentifier.Card
        if let product = identity.product {
            let isOnly =
                cards.filter { $0.identity.product == product && $0.identity.serial == identity.serial }.count == 1
            best = .usb(
                product: product, serial: identity.serial, port: identity.serial != nil && isOnly ? nil : address)
        } else if let bus, DeviceIdentifier.Card.buses.contains(bus), let address {
            best = .bus(bus, address: address)
        } else {
            return .name(id)
        }
        // Two cards of one device: only their names tell them apart.
        return cards.filter { $0.answers(to: best) }.count == 1 ? best : .name(id)
    }

    func answers(to identifier: DeviceIdentifier.Card) -> Bool {
        switch identifier {
        case .usb(let product, let serial, let port):
            identity.product == product && (serial == nil || identity.serial == serial)
                && (port == nil || address == port)
        case .bus(let bus, let address): self.bus == bus && self.address == address
        case .name(let id): self.id == id
        }
    }
}
