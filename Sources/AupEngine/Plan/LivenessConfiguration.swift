import AupALSA
public import AupSound

/// How a session watches over its capture device, and what it does when the device fails.
public struct LivenessConfiguration: Sendable {
    /// What a watchdog can notice.
    public enum Alarm: String, Sendable, CaseIterable {
        /// The device is open and not one frame came.
        case noFrames = "no-frames"
        /// Frames came, and then the device's position stood still.
        case frozen
        /// Nothing but zeros.
        case silence
        /// One value, or one block of sound, over and over.
        case stuck
    }

    /// Whether frames that a gap cost stand in a file as silence.
    public enum GapStorage: String, Sendable, CaseIterable {
        /// As silence: a place in the file is a time of the recording.
        case fill
        /// Left out of files; the stream, the report and the sidecar have them.
        case mark
    }

    /// How long something is waited for.
    public enum Patience: Sendable, Equatable {
        case nanoseconds(Int64)
        case forever

        public static let defaultReconnect = Patience.nanoseconds(60_000_000_000)
    }

    /// `--wait-device`: how long a device that is not there yet is waited for; `nil` not at all.
    public var waitsForDevice: Patience?
    /// `--reconnect`: how long a device that was lost is waited for; `nil` not at all.
    public var reconnects: Patience?
    public var gaps = GapStorage.fill
    /// Alarms that end the session.
    public var exits: Set<Alarm> = []
    /// How long zeros, or a stuck signal, last before they are told; `nil` leaves it to the device: 30 s at a sound
    /// card, never at a simulation.
    public var silenceAlarm: TimeSpan?
    public var stuckAlarm: TimeSpan?

    /// Where the kernel tells of its sound cards, and where the nodes of their PCMs come and go.
    let systemFolder = HostFolders.current.system
    var deviceFolder = HostFolders.current.nodes

    public init() {}

    static let usualAlarm = TimeSpan.nanoseconds(30_000_000_000)

    /// The lengths of time for a device of this name; `nil` where its signal is not watched for that.
    func alarms(isSimulated: Bool) -> (silence: TimeSpan?, stuck: TimeSpan?) {
        let usual = isSimulated ? nil : Self.usualAlarm
        return (
            silenceAlarm ?? (exits.contains(.silence) ? Self.usualAlarm : usual),
            stuckAlarm ?? (exits.contains(.stuck) ? Self.usualAlarm : usual)
        )
    }
}

/// Something that happened and has a name: for people a sentence, for programs numbers beside it.
public struct NamedEvent: Sendable, Equatable {
    public var name: String
    public var text: String
    public var numbers: [Number] = []
    /// Only for `-v` and `--json`.
    public var isQuiet = false
    /// More of it, a line each: what a compiler said. Whatever has such lines answers what somebody did, and is always told.
    public var lines: [String] = []
    /// Whether it is an account that somebody adds up: for programs each is told, however many come.
    public var isAccount = false

    public struct Number: Sendable, Equatable {
        public var key: String
        public var value: Double
    }

    public init(_ name: String, _ text: String, numbers: [(String, Double)] = [], isQuiet: Bool = false) {
        self.name = name
        self.text = text
        self.numbers = numbers.map { Number(key: $0.0, value: $0.1) }
        self.isQuiet = isQuiet
    }
}
