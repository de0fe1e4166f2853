internal import AupSound
internal import AupSystem

/// Everything the audio thread knows of a simulated device: plain numbers in one place of the heap.
///
/// Time is counted in frames of the device's own clock, which begins with the first start and never stops, xrun or not.
///
///     capture    0 ─────────── position ─────── clock        position: next frame to be read
///                              └── available ──┘
///     playback   0 ── played ─────── position                position: frames written
///                     └─── delay ───┘
///
/// - Thread: the control side fills it in before the audio thread starts and looks again after it has been joined.
@safe
struct SimulatedState {
    enum Phase { case prepared, running, xrun, gone }

    var waveform: Waveform
    var file: UnsafeMutableRawPointer?
    var fileFrames: Int64 = 0
    var isCapture: Bool
    var isFast: Bool
    var frameBytes: Int
    var periodFrames: Int64
    var bufferFrames: Int64
    /// Frames that must be movable before the timer goes off.
    var wakeFrames: Int64 = 0
    /// Frames of the device's clock a nanosecond; carries the clock error.
    var framesPerNanosecond: Double
    var timer: Int32
    /// What the timer is set to; a new one is not set, which is the same as for never.
    var armedNanoseconds = Int64.max
    /// What the time is, where a test says so; negative where the monotonic clock does.
    var manualNanoseconds: Int64 = -1
    /// Frames at which an xrun is due, ascending, and how many are behind.
    var xruns: UnsafeMutablePointer<Int64>?
    var xrunCount = 0
    var xrunsDone = 0
    /// Frame of the device's clock at which it vanishes.
    var unplugFrame = Int64.max

    var phase = Phase.prepared
    /// The monotonic time of frame 0; negative before the first start.
    var epochNanoseconds: Int64 = -1
    var position: Int64 = 0
    /// Playback: what had been played, and what the clock stood at, when this run began.
    var playedAtStart: Int64 = 0
    var clockAtStart: Int64 = 0

    // MARK: - Audio thread

    @_noLocks func now() -> Int64 { manualNanoseconds >= 0 ? manualNanoseconds : monotonicNanoseconds() }

    /// Frames since the first start. A fast device has no clock: sound is there whenever somebody asks.
    @_noLocks func clock() -> Int64 {
        if isFast { return isCapture ? position + bufferFrames : position }
        guard epochNanoseconds >= 0 else { return 0 }
        return Int64(Double(now() - epochNanoseconds) * framesPerNanosecond)
    }

    /// Playback: frames that have been heard.
    @_noLocks func played() -> Int64 {
        if isFast { return position }
        guard case .running = phase else { return playedAtStart }
        return playedAtStart + clock() - clockAtStart
    }

    @_noLocks func nextXrun() -> Int64 {
        guard xrunsDone < xrunCount, let xruns = unsafe xruns else { return .max }
        return unsafe xruns[xrunsDone]
    }

    @_noLocks mutating func status() -> PortStatus {
        switch phase {
        case .gone: return .gone(code: SimulatedPort.goneCode())
        case .xrun: return .xrun
        case .prepared: return .ready(frames: isCapture ? 0 : Int(bufferFrames - (position - playedAtStart)))
        case .running: return isCapture ? captureStatus() : playbackStatus()
        }
    }

    /// A fault comes when less than a period is left before it, because a loop that waits for whole periods would wait
    /// for ever; what was left is lost with it, as a real device's buffer is.
    @_noLocks private mutating func captureStatus() -> PortStatus {
        let limit = min(min(clock(), nextXrun()), unplugFrame)
        let frames = limit - position
        if frames < periodFrames {
            if limit == unplugFrame { return end(.gone) }
            if limit == nextXrun() { return end(.xrun) }
        }
        return .ready(frames: Int(max(frames, 0)))
    }

    @_noLocks private mutating func playbackStatus() -> PortStatus {
        let played = played()
        if clock() >= unplugFrame { return end(.gone) }
        if played >= nextXrun() || played > position { return end(.xrun) }
        return .ready(frames: Int(bufferFrames - (position - played)))
    }

    @_noLocks private mutating func end(_ fault: Phase) -> PortStatus {
        if !isCapture { playedAtStart = min(played(), position) }
        phase = fault
        if case .gone = fault { return .gone(code: SimulatedPort.goneCode()) }
        // An underrun of the caller's own uses up no xrun that was asked for.
        if isCapture || playedAtStart >= nextXrun() { xrunsDone += 1 }
        return .xrun
    }

    /// Sets the timer to the moment when a period can be moved or a fault is due.
    @_noLocks mutating func arm() {
        var wake: Int64
        switch phase {
        case .xrun, .gone: wake = 0
        case .prepared: wake = isCapture ? .max : 0
        case .running where isFast: wake = 0
        case .running:
            let moved = isCapture ? position + wakeFrames : position - bufferFrames + wakeFrames
            var frame = min(moved, nextXrun())
            if !isCapture { frame += clockAtStart - playedAtStart }
            frame = min(frame, unplugFrame)
            // One nanosecond more, because the conversion back to frames rounds down.
            wake = epochNanoseconds + Int64(Double(max(frame, 0)) / framesPerNanosecond) + 1
        }
        // A test's clock does not run, so the timer only says whether the moment has come.
        if manualNanoseconds >= 0 { wake = wake <= manualNanoseconds + 1 ? 0 : .max }
        // A timer that has gone off stays readable, so setting it to the same moment again is a system call for nothing.
        guard wake != armedNanoseconds else { return }
        armedNanoseconds = wake
        TimerDescriptor.arm(timer, at: wake)
    }
}
