/// What one direction of a device can do, as it says so itself.
///
/// - Thread: any.
public struct DeviceAbilities: Sendable, Equatable {
    /// How samples get into the device and out of it.
    public enum Access: String, CaseIterable, Sendable {
        case memoryMapped = "mmap"
        case readWrite = "rw"
        case memoryMappedPlanar = "mmap-planar"
        case readWritePlanar = "rw-planar"
        case memoryMappedComplex = "mmap-complex"
    }

    /// What stands behind the name.
    public enum Kind: String, Sendable {
        /// A card's own buffer, shared or not.
        case card
        /// A plugin that does the transfer itself: a sound server's client, Bluetooth.
        case server
        /// A plugin that converts for another PCM.
        case converter
        /// Arithmetic: `sim:`.
        case simulation
    }

    /// Where the knowledge comes from.
    public enum Origin: String, Sendable {
        /// The device was opened and asked.
        case device
        /// What the driver tells of it without being opened, as while somebody else holds it.
        case driver
    }

    /// One order of channels that it knows.
    public struct MapOffer: Sendable, Equatable {
        public enum Freedom: String, Sendable {
            case fixed
            /// Channels may be exchanged with each other.
            case variable
            /// Pairs of channels may be exchanged with each other.
            case paired
        }
        public var freedom: Freedom
        public var positions: [ChannelPosition]

        public init(freedom: Freedom, positions: [ChannelPosition]) {
            self.freedom = freedom
            self.positions = positions
        }

        /// `FL,FR`.
        public var list: String { positions.map(\.name).joined(separator: ",") }
    }

    /// What its driver promises. All are `nil` where nobody knows.
    public struct Traits: Sendable, Equatable {
        public var canPause: Bool?
        /// Goes on where it stood when the machine has slept.
        public var canResume: Bool?
        /// Starts to the frame with others of its card.
        public var canStartInSync: Bool?
        /// Its position moves in blocks that are transferred, not frame by frame.
        public var isBatch: Bool?
        /// Only one direction at a time.
        public var isHalfDuplex: Bool?
        /// Both directions have the same rate and format.
        public var isJointDuplex: Bool?
        public var canDoWithoutPeriodWakeups: Bool?
        /// Of a sample, where the driver says so: what its converters have.
        public var significantBits: Int?

        public init() {}
    }

    public var name: String
    public var direction: DeviceDirection
    public var origin: Origin
    public var kind: Kind
    /// The library's word for it: `HW`, `PLUG`, `IOPLUG`.
    public var type: String
    /// The driver's words for this PCM; `nil` where there is no driver.
    public var description: String?
    /// Formats that this project speaks, in the order of ``SampleFormat``.
    public var formats: [SampleFormat] = []
    /// alsa-lib's names of all formats on offer.
    public var formatNames: [String] = []
    /// Hertz, ascending; a single rate is a range of one. Cut to ``Limits/rates``.
    public var rates: [ClosedRange<Int>] = []
    /// Ascending; cut to ``Limits/channels``.
    public var channels: [ClosedRange<Int>] = []
    public var channelMaps: [MapOffer] = []
    public var accesses: [Access] = []
    /// Limits at the ``usual`` format.
    public var periodFrames: ClosedRange<Int>?
    public var bufferFrames: ClosedRange<Int>?
    /// Periods in a buffer.
    public var periods: ClosedRange<Int>?
    public var traits = Traits()
    /// What `aup capture` or `aup play` would take if nobody asked for anything.
    public var usual: DeviceConfiguration?
    /// Why there is no such thing.
    public var usualProblem: String?

    public init(
        name: String, direction: DeviceDirection, origin: Origin = .device, kind: Kind, type: String
    ) {
        self.name = name
        self.direction = direction
        self.origin = origin
        self.kind = kind
        self.type = type
    }

    /// alsa-lib's names of formats on offer that this project does not speak.
    public var otherFormats: [String] {
        let known = Set(SampleFormat.allCases.map(\.alsaName))
        return formatNames.filter { !known.contains($0) }
    }

    /// Rates that sound usually has: telephones, tape, discs, film, and their multiples.
    public static let usualRates = [
        8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000, 128_000, 176_400,
        192_000, 352_800, 384_000, 705_600, 768_000,
    ]

    /// Those of ``usualRates`` that it has.
    public var offeredUsualRates: [Int] { Self.usualRates.filter { rate in rates.contains { $0.contains(rate) } } }

    /// The rates on offer one by one, as far as anybody wants them: single ones, and of a run its ends and the usual ones.
    public var rateList: [Int] {
        let ends = rates.flatMap { [$0.lowerBound, $0.upperBound] }
        return Set(ends + offeredUsualRates).sorted()
    }

    /// Channel counts one by one.
    public var channelList: [Int] { channels.flatMap { Array($0) } }
}
