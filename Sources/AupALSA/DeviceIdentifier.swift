/// A name of a device that stays: which card, by its maker's numbers or its place, and which of its PCMs.
///
///     identifier  [KIND:] card [/DEVICE [/SUBDEVICE]]
///     card        usb:VENDOR:PRODUCT[:SERIAL][@PORT]     usb:046d:0825:A77   usb:0d8c:0014@1-2
///                 BUS:ADDRESS                            pci:0000:00:1b.0    platform:snd_aloop.0
///                 card:ID                                card:Loopback
///
/// Without a device number it is the card's device 0. Of USB only what is written has to be so: `usb:046d:0825` is the only
/// one of its make, in whatever socket, `usb:046d:0825@1-2` whatever of that make is in that socket. KIND is a way to open
/// the card, `plughw` or `dsnoop`; without it the hardware is opened itself. What is no letter, digit, `.`, `_` or `-` in a
/// serial is written as `%` and two digits.
///
/// - Thread: any.
public struct DeviceIdentifier: Sendable, Equatable {
    enum Card: Sendable, Equatable {
        case usb(product: String, serial: String?, port: String?)
        case bus(String, address: String)
        case name(String)
    }

    /// How the card is opened: `hw` unless something else was said.
    var kind: String
    var card: Card
    var device: Int
    var subdevice: Int?

    init(_ card: Card, kind: String = "hw", device: Int = 0, subdevice: Int? = nil) {
        self.card = card
        self.kind = kind
        self.device = device
        self.subdevice = subdevice
    }

    /// `nil` for every other name.
    public init?(_ word: String) {
        var rest = word[...]
        kind = "hw"
        for other in Self.kinds where rest.hasPrefix("\(other):") {
            kind = other
            rest = rest.dropFirst(other.count + 1)
        }
        let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count) else { return nil }
        device = 0
        if parts.count > 1 {
            guard let number = Self.number(parts[1]) else { return nil }
            device = number
        }
        if parts.count > 2 {
            guard let number = Self.number(parts[2]) else { return nil }
            subdevice = number
        }
        guard let card = Card(parts[0]) else { return nil }
        self.card = card
    }

    /// Ways to open a card, by which also alsa-lib's own names of cards begin.
    public static let kinds = ["hw", "plughw", "dsnoop", "dmix", "sysdefault"]

    /// As ``init(_:)`` reads it.
    public var word: String {
        let tail = subdevice.map { "/\(device)/\($0)" } ?? (device == 0 ? "" : "/\(device)")
        return (kind == "hw" ? "" : "\(kind):") + card.word + tail
    }

    /// What alsa-lib calls it, once the card is known.
    func name(card id: String) -> String {
        switch kind {
        case "sysdefault": "\(kind):CARD=\(id)"
        default: "\(kind):CARD=\(id),DEV=\(device)" + (subdevice.map { ",SUBDEV=\($0)" } ?? "")
        }
    }

    private static func number(_ text: Substring) -> Int? {
        guard text.count <= 4, text.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
        return Int(text)
    }
}

extension DeviceIdentifier.Card {
    /// The buses whose addresses stay; a card on another one is known by its short name.
    static let buses: Set = [
        "pci", "platform", "virtio", "firewire", "pnp", "isa", "soundwire", "auxiliary", "acpi", "i2c", "xen",
    ]

    init?(_ word: Substring) {
        guard let colon = word.firstIndex(of: ":") else { return nil }
        let bus = String(word[..<colon])
        let rest = word[word.index(after: colon)...]
        guard !rest.isEmpty else { return nil }
        switch bus {
        case "usb":
            let halves = rest.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
            let numbers = halves[0].split(separator: ":", omittingEmptySubsequences: false)
            guard (2...3).contains(numbers.count), numbers.prefix(2).allSatisfy(Self.isProductNumber),
                halves.count == 1 || !halves[1].isEmpty
            else { return nil }
            let serial = numbers.count == 3 ? Self.decoded(numbers[2]) : nil
            guard numbers.count == 2 || serial?.isEmpty == false else { return nil }
            self = .usb(
                product: "\(numbers[0]):\(numbers[1])".lowercased(), serial: serial,
                port: halves.count == 2 ? String(halves[1]) : nil)
        case "card":
            guard let name = Self.decoded(rest) else { return nil }
            self = .name(name)
        default:
            guard Self.buses.contains(bus), let address = Self.decoded(rest) else { return nil }
            self = .bus(bus, address: address)
        }
    }

    var word: String {
        switch self {
        case .usb(let product, let serial, let port):
            "usb:\(product)" + (serial.map { ":" + Self.encoded($0) } ?? "") + (port.map { "@\($0)" } ?? "")
        case .bus(let bus, let address): "\(bus):" + Self.encoded(address, also: ":")
        case .name(let id): "card:" + Self.encoded(id, also: ":")
        }
    }

    private static func isProductNumber(_ text: Substring) -> Bool {
        text.count == 4 && text.allSatisfy(\.isHexDigit)
    }

    /// Text with what has a meaning in an identifier or to a shell written as `%` and two hexadecimal digits.
    private static func encoded(_ text: String, also allowed: String = "") -> String {
        var result = ""
        for byte in text.utf8 {
            let character = Character(UnicodeScalar(byte))
            let isPlain =
                byte < 128 && (character.isLetter || character.isNumber || "._-\(allowed)".contains(character))
            let digits = String(byte, radix: 16, uppercase: true)
            result += isPlain ? String(character) : "%" + (digits.count == 1 ? "0" : "") + digits
        }
        return result
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let digits = String(rest.prefix(2)), let value = UInt8(digits, radix: 16) else {
                return nil
            }
            rest = rest.dropFirst(2)
            bytes.append(value)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
