/// Why frames are missing from a stream. Raw values are the codes of the gap packet.
public enum GapCause: UInt8, CaseIterable, Sendable {
    /// The device's buffer ran over or under.
    case xrun = 1
    /// A queue of our own was full because the reader stood still.
    case overflow = 2
    /// Lost between machines.
    case network = 3
    /// The device was away.
    case device = 4
    /// Left out to catch up with a live source.
    case skip = 5
    /// The process was suspended.
    case suspend = 6
    case unknown = 255

    public var name: String {
        switch self {
        case .xrun: "xrun"
        case .overflow: "overflow"
        case .network: "network"
        case .device: "device"
        case .skip: "skip"
        case .suspend: "suspend"
        case .unknown: "unknown"
        }
    }
}

/// How a stream ended. Raw values are the codes of the end packet.
public enum EndReason: UInt8, CaseIterable, Sendable {
    /// The source has no more.
    case normal = 0
    /// Somebody asked for it: a signal, a duration reached.
    case stopped = 1
    /// Something failed; the message says what.
    case error = 2
}

/// Which clock the capture times of a stream were read from, so that times of another machine or another
/// boot are never compared.
public struct ClockIdentity: Equatable, Sendable {
    public enum Kind: UInt8, CaseIterable, Sendable {
        /// No capture times in this stream.
        case none = 0
        /// `CLOCK_MONOTONIC` of the boot that `boot` names.
        case monotonic = 1
        /// Nanoseconds since 1970-01-01 UTC.
        case utc = 2
    }
    public let kind: Kind
    /// The 16 bytes of the machine's boot id; zeros where `kind` is not `monotonic`.
    public let boot: [UInt8]

    public static let none = ClockIdentity(kind: .none, boot: Array(repeating: 0, count: 16))

    public init(kind: Kind, boot: [UInt8]) {
        precondition(boot.count == 16)
        self.kind = kind
        self.boot = boot
    }
}
