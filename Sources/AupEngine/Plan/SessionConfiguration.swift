public import AupSound
import AupSystem

/// Everything a session is asked for, resolved from the command line: no defaults are left to guess here.
public struct SessionConfiguration: Sendable {
    /// The subcommand, which is who a message comes from: `capture`, `play`, ….
    public var command: String
    public var input: Endpoint
    public var outputs: [Endpoint]
    /// `-f -r -c --channel-map`: what a device is asked for, what raw input is said to be, what an output becomes.
    public var sampleFormat: SampleFormat?
    public var rate: Int?
    public var channels: Int?
    public var layout: ChannelLayout?
    /// `--raw`: the input has no header at all.
    public var isInputRaw = false
    /// `--as`: the format of a stream output; `nil` is aup's own.
    public var outputContainer: StreamContainer?
    public var duration: TimeSpan?
    /// `nil` is ``usualLatency``.
    public var latency: TimeSpan?
    public var period: TimeSpan?
    public var buffer: TimeSpan?
    /// The priority of the audio thread; `nil` leaves it ordinary.
    public var realtimePriority: Int? = RealtimePromotion.usualPriority
    /// The words after `process`: plugins and their `key=value`.
    public var chainWords: [String] = []
    /// The chain is loaded and checked, but the sound goes by it.
    public var isChainBypassed = false
    public var chain = ChainConfiguration()
    /// Plugins see and leave numbers below 1.2e-38 as they are.
    public var keepsDenormals = false
    public var overwrite = false
    /// `--container`, `--fsync`, `--bext`: how files are written.
    public var recording = RecordingPlan()
    /// What `encode` is asked for; `nil` for every other command.
    public var encoding: EncodingConfiguration?
    /// `--jobs`: threads that encode one file at once.
    public var encodingJobs = 1
    public var network = NetworkConfiguration()
    /// What `meter` is asked for; `nil` for every other command.
    public var metering: MeteringConfiguration?
    /// Opus of a stream goes on as it is.
    public var keepsOpus = false
    /// Amplitude factor of `play --volume`.
    public var volume = 1.0
    /// Half of the output is of no use: a first signal lets the input come to its end, and only a second one ends at once.
    public var finishesInput = false
    /// Silence before the first frame at a playback device (Bluetooth, HDMI).
    public var leadIn: TimeSpan?
    /// How loud the clicks of a latency test are; `nil` for any other session.
    public var latencyClick: Float?
    /// How sound is brought to a playback device.
    public var playback = PlaybackPlan()
    /// What `play` plays where it is more than standard input; `nil` where the input says it all.
    public var playlist: PlaylistConfiguration?
    /// Whether the levels before and after are measured.
    public var measuresLevels = false
    /// How a capture device is watched, and when a session records.
    public var liveness = LivenessConfiguration()
    public var scheduling = ScheduleConfiguration()

    /// What `capture` asks of its files; `nil` where an output is a file and no more.
    public var recorder: RecorderConfiguration?

    /// A device on both sides, in one process: capture, plugins, levels, playback.
    public var isDuplex: Bool { input.isDevice && outputs.contains(where: \.isDevice) }

    /// What a packet may be old before it is late: what is wanted end to end, where nobody says what a monitor is.
    var latencyTargetNanoseconds: Int64 { (latency ?? .nanoseconds(40_000_000)).nanoseconds(rate: rate ?? 48_000) }

    private static let latencyOfFiles = TimeSpan.nanoseconds(200_000_000)

    private var playsFiles: Bool { playlist.map { !$0.words.contains("-") } ?? false }

    /// The buffer where nobody says; `nil` is what follows from the latency. Of files the whole buffer is full, and a jump is
    /// heard behind it.
    func usualBuffer(_ direction: DeviceDirection) -> TimeSpan? {
        playsFiles && direction == .playback && latency == nil ? Self.latencyOfFiles : nil
    }

    /// What a device is asked for where nobody says: 40 ms, or two seconds where nobody hears it before it lies in a
    /// file, so that the machine sleeps longer between two periods and a stall of the disk or the system matters less.
    /// Files that are played take a fifth of a second for the same reason; keys must still be answered at once.
    var usualLatency: TimeSpan {
        if playsFiles { return Self.latencyOfFiles }
        let isHeard = outputs.contains { output in
            guard case .file(let path) = output else { return true }
            return Descriptor.Kind(path: path).map { $0 != .file } ?? false
        }
        return .nanoseconds(isHeard ? 40_000_000 : 2_000_000_000)
    }

    public init(command: String, input: Endpoint, outputs: [Endpoint]) {
        self.command = command
        self.input = input
        self.outputs = outputs
    }
}

/// What a stream on a pipe may look like besides aup's own packets.
public enum StreamContainer: String, Sendable, CaseIterable {
    case wav, au, raw
}
