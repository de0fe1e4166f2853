/// A sound card as the kernel has it.
public struct SoundCard: Sendable, Equatable {
    /// The kernel's number, which changes when cards come and go.
    public var index: Int
    /// ALSA's short name, as in `hw:CARD=id`.
    public var id: String
    /// `HDA-Intel`, `USB-Audio`; empty where nobody tells.
    public var driver: String
    public var name: String
    /// The name with maker and place on the bus.
    public var longName: String
    /// What stays of the card when it is plugged in elsewhere or numbers move; `-D` takes it.
    public var identifier: String
    /// Where it hangs, from sysfs: `pci0000:00/0000:00:14.0/usb1/1-2`; empty for a card without a bus.
    public var place: String
    /// `046d:0825`; `nil` when it is not on USB.
    public var product: String?
    public var serial: String?

    public init(
        index: Int, id: String, driver: String = "", name: String, longName: String = "", identifier: String,
        place: String = "", product: String? = nil, serial: String? = nil
    ) {
        self.index = index
        self.id = id
        self.driver = driver
        self.name = name
        self.longName = longName
        self.identifier = identifier
        self.place = place
        self.product = product
        self.serial = serial
    }
}

/// Something that `-D` takes: a card's PCM, a name of the configuration, a simulation.
public struct SoundDevice: Sendable, Equatable {
    /// What stands behind the name.
    public enum Kind: String, Sendable {
        /// A card's PCM, opened directly.
        case hardware
        /// A card that several programs share through alsa-lib's own mixing, or a conversion in front of one.
        case shared
        /// A client of a sound server.
        case server
        /// Any other plugin of the configuration.
        case plugin
        case simulation
    }

    /// What opens it now.
    public var name: String
    /// What opens it also after it was plugged in elsewhere; `nil` where the name is all there is.
    public var identifier: String?
    /// One line.
    public var description: String
    public var kind: Kind
    /// One program at a time.
    public var isExclusive: Bool
    /// `nil` for what belongs to no card.
    public var card: SoundCard?
    /// Its number on the card.
    public var device: Int?
    /// Where a name of the configuration leads: `hw:0,0`, `pulse`.
    public var target: String?
    /// Whether a person looking for a device wants to see it; the rest is for `--all`.
    public var isUsual: Bool
    /// `nil` where it cannot capture.
    public var capture: DeviceSide?
    /// `nil` where it cannot play.
    public var playback: DeviceSide?

    public init(
        name: String, identifier: String? = nil, description: String, kind: Kind, isExclusive: Bool,
        card: SoundCard? = nil, device: Int? = nil, target: String? = nil, isUsual: Bool = true,
        capture: DeviceSide? = nil,
        playback: DeviceSide? = nil
    ) {
        self.name = name
        self.identifier = identifier
        self.description = description
        self.kind = kind
        self.isExclusive = isExclusive
        self.card = card
        self.device = device
        self.target = target
        self.isUsual = isUsual
        self.capture = capture
        self.playback = playback
    }

    public func side(_ direction: DeviceDirection) -> DeviceSide? { direction == .capture ? capture : playback }
}
