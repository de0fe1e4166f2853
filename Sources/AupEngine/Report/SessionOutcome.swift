public import AupSound

/// How a session ended, in the terms of the exit table.
public enum SessionEnding: Equatable, Sendable {
    /// As asked: end of input, duration reached, a signal, downstream closed.
    case done
    /// This command's own input, output, file or plugin failed.
    case failed(String)
    /// The device could not be opened, or was lost and did not come back.
    case deviceFailed(String)
    /// Upstream failed or was cut off; what arrived was kept.
    case upstreamFailed(String)
    /// What was asked for makes no sense.
    case usage(String)
    /// A threshold that was asked for was exceeded.
    case thresholdExceeded(String)

    /// The sentence for stderr; `nil` when all is well.
    public var message: String? {
        switch self {
        case .done: nil
        case .failed(let text), .deviceFailed(let text), .upstreamFailed(let text), .usage(let text),
            .thresholdExceeded(let text):
            text
        }
    }
}

/// What a session has to say when it is over.
public struct SessionOutcome: Sendable {
    public var ending: SessionEnding
    public var status: SessionStatus
    /// Whether a signal asked for the end.
    public var isStopped = false
}

/// The numbers of a session, at any moment of it. All counts are since the start.
public struct SessionStatus: Sendable {
    public var format: PCMFormat?
    /// Frames that came in, including silence, without lost ones.
    public var frames: Int64 = 0
    /// Frames that are missing, and how many times.
    public var lostFrames: Int64 = 0
    public var gaps: Int64 = 0
    /// Times the device ran over or under.
    public var xruns: Int64 = 0
    /// Frames of silence a playback device made because nothing was there to play.
    public var underrunFrames: Int64 = 0
    /// Frames left out at a playback device to catch up with a live source.
    public var skippedFrames: Int64 = 0
    /// Frames a playback device was given.
    public var playedFrames: Int64 = 0
    /// Samples that did not fit the target's full scale, and samples that were no number.
    public var clippedSamples: Int64 = 0
    public var invalidSamples: Int64 = 0
    /// Peaks in dBFS, where levels are measured.
    public var inputPeakDecibels: Double?
    public var outputPeakDecibels: Double?
    /// Frames between the moment of capture and this stage's output, where both clocks are one.
    public var latencyNanoseconds: Int64?
    /// Frames waiting in this process and in the device's buffer.
    public var queuedFrames: Int64 = 0
    /// Of that, what waits in the playback device.
    public var deviceFrames: Int64 = 0
    /// The device's clock against the system's, parts per million, once it is known.
    public var deviceClockPPM: Double?
    /// A live source's clock against the playback device's, where it is followed.
    public var drift: DriftStatus?
    /// Times the device was lost and came back.
    public var reconnects: Int64 = 0
    /// No frames flow because something is waited for that was to be waited for: a device, a time of day.
    public var isWaiting = false
    /// Files that were finished, and old ones that were removed for them.
    public var files: Int64 = 0
    public var removedFiles: Int64 = 0
    /// Hooks that were run, and those that failed, took too long or could not be run.
    public var hooks: Int64 = 0
    public var failedHooks: Int64 = 0
    /// The plugins of the chain, in its order, and what it holds back in all, which is taken out again.
    public var plugins: [PluginStatus] = []
    public var pluginLatencyNanoseconds: Int64 = 0
    /// Times they were made anew while they ran.
    public var reloads: Int64 = 0
    /// Times that the process of a plugin ended.
    public var pluginCrashes: Int64 = 0
    /// What went through, packet by packet.
    public var passage = PassageStatus()
    /// What subscribers were given.
    public var publishing: PublishingStatus?
    /// What a receiver was sent.
    public var sending: SendingStatus?
    /// What came through a door for senders.
    public var receiving: ReceivingStatus?
    /// What went over RTP, or came.
    public var rtp: RTPStatus?
    /// What an Icecast server was given.
    public var icecast: IcecastStatus?
    /// What a meter has measured.
    public var meter: MeterReading?
    /// What an encoder made.
    public var encoding: EncodingStatus?
    /// Frames that the input has in all, where it says so.
    public var expectedFrames: Int64?
    /// What is heard of the files that `play` plays.
    public var now: NowPlaying?
    public var seconds: Double = 0
    public var cpuSeconds: Double = 0
    /// How the audio thread runs: "SCHED_FIFO 60", ….
    public var scheduling: String?

    public init() {}
}

/// Something that happened and that a person may want to read about. Printing is bounded by the roof.
public enum SessionEvent: Sendable, Equatable {
    /// A device is open and this is what it agreed to.
    case deviceOpened(DeviceConfiguration, DeviceDirection)
    /// Frames are missing here, because of this, seen by this stage.
    case gap(position: Int64, frames: Int64, cause: GapCause, origin: String)
    /// A playback device had nothing to play for so long.
    case underrun(frames: Int64)
    /// A playback device left out so much to catch up with a live source.
    case skip(frames: Int64)
    /// A file of a recording is whole and named; its first frame is the stream's at this position.
    case fileFinished(path: String, position: Int64, frames: Int64)
    /// An old file of the recording went for new ones.
    case fileRemoved(path: String, bytes: Int64)
    /// The remedy is in the text.
    case warning(String)
    /// Only for `-v`.
    case note(String)
    /// `key=value` that came along in the stream.
    case streamEvent(key: String, value: String)
    /// A reading that was asked for at this time of the sound.
    case measured(MeterReading)
    /// Anything else that has a name.
    case happened(NamedEvent)
}

/// What happens to the terminal a session is shown on.
public enum TerminalChange: Sendable {
    /// The process is about to be stopped.
    case suspended
    case resumed, resized
}

/// Whoever shows what a session does. Called on the thread that runs the session, never on an audio thread.
public protocol SessionObserver: AnyObject {
    /// Between two looks at the session: a second, or less where anything moves on a screen.
    var tickNanoseconds: Int64 { get }
    /// What becomes of the terminal.
    func session(terminal change: TerminalChange)
    func session(noticed event: SessionEvent)
    /// The session stands at this; `isRequested` when SIGUSR2 asked or the `--stats` interval is over, else it is a
    /// tick for a progress line.
    func session(stands status: SessionStatus, isRequested: Bool)
}

extension SessionObserver {
    public func session(terminal change: TerminalChange) {}
}
