/// Which way sound goes at a device.
public enum DeviceDirection: Sendable, Equatable {
    case capture, playback
}

/// What a session asks of a device; whatever is `nil` is the device's own choice.
public struct DeviceRequest: Sendable {
    /// The name after `-D`: an ALSA PCM or `sim:…`.
    public var name: String
    public var direction: DeviceDirection
    public var sampleFormat: SampleFormat?
    public var rate: Int?
    /// The rate of the sound that is to be played, where ``rate`` leaves the choice to the device: that, or the one on
    /// offer that suits it best.
    public var soundRate: Int?
    public var channels: Int?
    public var layout: ChannelLayout?
    /// What the user wants end to end at this device; period and buffer follow from it.
    public var latency: TimeSpan
    public var period: TimeSpan?
    public var buffer: TimeSpan?

    public init(name: String, direction: DeviceDirection, latency: TimeSpan = .nanoseconds(40_000_000)) {
        self.name = name
        self.direction = direction
        self.latency = latency
    }

    /// Period and buffer in frames at a rate: the period is a quarter of the latency (a quarter waits to be
    /// filled, two quarters wait in the playback buffer, one is headroom); the buffer holds 16 periods and at least
    /// half a second of capture, since a capture buffer that is kept empty adds no latency, only safety.
    public func sizes(rate: Int) -> (periodFrames: Int, bufferFrames: Int) {
        let latencyFrames = max(latency.frames(rate: rate), 64)
        let periodFrames = period.map { $0.frames(rate: rate) } ?? latencyFrames / 4
        let safety = direction == .capture ? Int64(rate) / 2 : 0
        let bufferFrames = buffer.map { $0.frames(rate: rate) } ?? max(periodFrames * 16, safety)
        let limit = Int64(Limits.bufferFrames)
        return (
            Int(min(max(periodFrames, 16), limit / 2)), Int(min(max(bufferFrames, 2 * max(periodFrames, 16)), limit))
        )
    }
}

/// What the device agreed to, read back from it: never what was asked for.
public struct DeviceConfiguration: Sendable, Equatable {
    public var format: PCMFormat
    public var periodFrames: Int
    public var bufferFrames: Int
    /// Whether samples are copied straight to and from the device's memory.
    public var isMemoryMapped: Bool
    /// How reports call the device.
    public var name: String

    public init(format: PCMFormat, periodFrames: Int, bufferFrames: Int, isMemoryMapped: Bool, name: String) {
        self.format = format
        self.periodFrames = periodFrames
        self.bufferFrames = bufferFrames
        self.isMemoryMapped = isMemoryMapped
        self.name = name
    }
}

/// What went wrong with a device, named by what the user can do about it. Every text is one line and says the remedy.
///
/// - Thread: control. The audio thread reports numbers (``PortStatus``); errors are made from them afterwards.
public enum DeviceError: Error, Equatable, Sendable {
    /// No such device, or no sound card at all.
    case unknown(name: String, remedy: String)
    /// Somebody else holds it; who, where the kernel tells.
    case busy(name: String, holder: DeviceStream? = nil)
    /// This user may not open it.
    case denied(name: String)
    /// It cannot do what was asked: which value, and what it offers instead.
    case unsupported(name: String, what: String)
    /// It was there and is not any more.
    case gone(name: String)
    /// Anything else the library said.
    case broken(name: String, what: String)

    /// One line: what was wrong, where, and what to do.
    public var message: String {
        switch self {
        case .unknown(let name, let remedy): "device '\(name)': there is no such device; \(remedy)"
        case .busy(let name, let holder):
            "device '\(name)' is busy: \(holder?.holding ?? "another program holds it"); stop that one, or use a shared device such as 'default'"
        case .denied(let name):
            "device '\(name)': permission denied; join the group 'audio' or run as a user who may open it"
        case .unsupported(let name, let what): "device '\(name)': \(what)"
        case .gone(let name): "device '\(name)' is gone: it was unplugged or its driver went away"
        case .broken(let name, let what): "device '\(name)': \(what)"
        }
    }
}

/// What one call of the audio thread to a device came back with. Numbers only: nothing else may leave that thread.
public enum PortStatus: Sendable, Equatable {
    /// Frames that can be read or written now.
    case ready(frames: Int)
    /// The device stopped because nobody served it in time; it must be recovered.
    case xrun
    /// The machine slept; it must be resumed.
    case suspended
    /// It will not come back by itself. The code is the library's errno.
    case gone(code: Int32)
}
