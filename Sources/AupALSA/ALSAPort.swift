public import AupSound
import CALSA
import Glibc

/// The audio thread's view of an open device: a handle and the few constants its verbs need, copied freely.
///
/// A port neither owns nor closes anything; it is valid until ``ALSADevice/close()``. Every verb returns at once: the
/// device is open without blocking, and what cannot be done now is reported as `.ready(frames: 0)`.
///
/// - Thread: audio, one at a time.
@safe
public struct ALSAPort: @unchecked Sendable {
    // @unchecked because the handle is a pointer: it moves to the audio thread once, before that thread starts, and
    // the owner touches the device again only after that thread has been joined.
    let pcm: OpaquePointer
    public let isCapture: Bool
    public let isMemoryMapped: Bool
    public let frameBytes: Int
    public let periodFrames: Int
    public let bufferFrames: Int

    init(pcm: OpaquePointer, direction: DeviceDirection, configuration: DeviceConfiguration) {
        unsafe self.pcm = pcm
        isCapture = direction == .capture
        isMemoryMapped = configuration.isMemoryMapped
        frameBytes = configuration.format.frameBytes
        periodFrames = configuration.periodFrames
        bufferFrames = configuration.bufferFrames
    }

    // MARK: - Audio thread

    /// Frames that wait to be read, or that fit to be written.
    ///
    /// Capture runs free: where nobody read in time the count passes ``bufferFrames`` and goes on, so the loss is
    /// known to the frame. Then ``overrunFrames(available:)`` says how many to ``skip(frames:)``.
    @_noLocks
    public func available() -> PortStatus {
        let available = unsafe snd_pcm_avail_update(pcm)
        if available < 0 { return Self.status(code: Int32(truncatingIfNeeded: -available)) }
        // The count alone may look healthy on a device that was pulled out or put to sleep.
        switch unsafe snd_pcm_state(pcm) {
        case SND_PCM_STATE_DISCONNECTED: return .gone(code: ENODEV)
        case SND_PCM_STATE_SUSPENDED: return .suspended
        case SND_PCM_STATE_XRUN: return .xrun
        default: return .ready(frames: available)
        }
    }

    /// Frames that must be skipped before capture can go on, 0 while nothing was lost.
    ///
    /// More than ``bufferFrames`` waiting means that the device has written over the oldest. One period more than the
    /// bare excess goes, because the device is writing into the oldest period while it would be read.
    @_noLocks
    public func overrunFrames(available: Int) -> Int {
        guard isCapture, available > bufferFrames else { return 0 }
        return available - bufferFrames + periodFrames
    }

    /// Reads up to `frames` interleaved frames, as they are stored in the device, into `destination`.
    ///
    /// `.ready(frames:)` says how many were read. It is 0 when nothing waits, and 0 after an overrun until the lost
    /// frames have been skipped: frames that may have been written over while they were copied are not handed out.
    @_noLocks
    public func read(into destination: UnsafeMutableRawPointer, frames: Int) -> PortStatus {
        let available = unsafe snd_pcm_avail_update(pcm)
        if available < 0 { return Self.status(code: Int32(truncatingIfNeeded: -available)) }
        let count = min(frames, available)
        if count == 0 || available > bufferFrames { return stopped() ?? .ready(frames: 0) }
        let moved =
            isMemoryMapped
            ? unsafe aup_alsa_mmap_read(pcm, destination, UInt(count), frameBytes, UInt(bufferFrames))
            : unsafe snd_pcm_readi(pcm, destination, UInt(count))
        return moved < 0 ? Self.status(code: Int32(truncatingIfNeeded: -moved)) : .ready(frames: moved)
    }

    /// Writes up to `frames` interleaved frames, stored as the device wants them; `.ready(frames:)` says how many fitted.
    @_noLocks
    public func write(from source: UnsafeRawPointer, frames: Int) -> PortStatus {
        // Never more than fits: alsa-lib refuses a longer write whole while less than avail_min is free.
        let available = unsafe snd_pcm_avail_update(pcm)
        if available < 0 { return Self.status(code: Int32(truncatingIfNeeded: -available)) }
        let count = min(frames, available)
        if count == 0 { return stopped() ?? .ready(frames: 0) }
        let moved =
            isMemoryMapped
            ? unsafe aup_alsa_mmap_write(pcm, source, UInt(count), frameBytes)
            : unsafe snd_pcm_writei(pcm, source, UInt(count))
        return moved < 0 ? Self.status(code: Int32(truncatingIfNeeded: -moved)) : .ready(frames: moved)
    }

    /// Passes over captured frames without reading them; `.ready(frames:)` says how many. They are the loss to report.
    @_noLocks
    public func skip(frames: Int) -> PortStatus {
        let moved = unsafe snd_pcm_forward(pcm, UInt(max(frames, 0)))
        return moved < 0 ? Self.status(code: Int32(truncatingIfNeeded: -moved)) : .ready(frames: moved)
    }

    /// Frames between the application and the air: written and not yet heard, or heard and not yet read. `nil` where
    /// the device does not say.
    @_noLocks
    public func delayFrames() -> Int? {
        let delay = unsafe aup_alsa_delay(pcm)
        return delay == .min ? nil : delay
    }

    /// When the device last told its position, on `CLOCK_MONOTONIC`; 0 where it does not say.
    @_noLocks
    public func timestampNanoseconds() -> Int64 {
        unsafe aup_alsa_timestamp(pcm)
    }

    /// When the device was where `available` says, on `CLOCK_MONOTONIC`; 0 where it does not say or has moved on since.
    @_noLocks
    public func timestampNanoseconds(available: Int) -> Int64 {
        unsafe aup_alsa_timestamp_at(pcm, UInt(max(available, 0)))
    }

    /// Empties the device's buffer and makes it ready to be started: the way out of an xrun.
    @_noLocks
    public func prepareAgain() -> PortStatus {
        Self.status(code: -(unsafe snd_pcm_prepare(pcm)))
    }

    /// Lets the device run; no harm if it runs already. Playback needs frames in its buffer first.
    @_noLocks
    public func start() -> PortStatus {
        if unsafe snd_pcm_state(pcm) == SND_PCM_STATE_RUNNING { return .ready(frames: 0) }
        return Self.status(code: -(unsafe snd_pcm_start(pcm)))
    }

    /// Wakes the device after the machine slept.
    ///
    /// `.ready` means that it runs on, `.suspended` try again later, `.xrun` that it cannot resume and must be
    /// prepared and started anew.
    @_noLocks
    public func resume() -> PortStatus {
        let code = -(unsafe snd_pcm_resume(pcm))
        if code == EAGAIN { return .suspended }
        if code == ENOSYS { return .xrun }
        if code == 0, unsafe snd_pcm_state(pcm) == SND_PCM_STATE_SUSPENDED { return .xrun }
        return Self.status(code: code)
    }

    /// What poll's answer means for this device.
    ///
    /// Call it after every poll, also when nothing came back: some plugins keep their books here, and the descriptors'
    /// own bits mean nothing (a timer, a pipe to a server).
    ///
    /// - Parameter descriptors: `count` entries of C's `struct pollfd`, filled from ``ALSADevice/pollDescriptors`` in
    ///   that order. Raw, because the C type would reach the caller through another module than its own.
    @_noLocks
    public func pollEvents(_ descriptors: UnsafeMutableRawPointer, count: Int) -> PollEvents {
        var events: UInt16 = 0
        let code = unsafe snd_pcm_poll_descriptors_revents(
            pcm, descriptors.assumingMemoryBound(to: pollfd.self), UInt32(count), &events)
        let wanted = isCapture ? POLLIN : POLLOUT
        return PollEvents(
            isReady: code == 0 && events & UInt16(wanted) != 0,
            isFailed: code < 0 || events & UInt16(POLLERR | POLLNVAL | POLLHUP) != 0)
    }

    /// The status that explains why nothing could be moved, `nil` where waiting is enough.
    @_noLocks
    private func stopped() -> PortStatus? {
        switch unsafe snd_pcm_state(pcm) {
        case SND_PCM_STATE_DISCONNECTED: return .gone(code: ENODEV)
        case SND_PCM_STATE_SUSPENDED: return .suspended
        case SND_PCM_STATE_XRUN: return .xrun
        default: return nil
        }
    }

    /// A positive errno of alsa-lib as a status; 0 and "try again" are `.ready(frames: 0)`.
    @_noLocks
    static func status(code: Int32) -> PortStatus {
        switch code {
        case 0, EAGAIN, EINTR: return .ready(frames: 0)
        case EPIPE: return .xrun
        case ESTRPIPE: return .suspended
        default: return .gone(code: code)
        }
    }
}

/// What poll said about a device.
///
/// - Thread: any.
public struct PollEvents: Sendable, Equatable {
    /// Frames can be read or written.
    public let isReady: Bool
    /// The device stopped or is gone; ``ALSAPort/available()`` says which.
    public let isFailed: Bool

    @_noLocks
    init(isReady: Bool, isFailed: Bool) {
        self.isReady = isReady
        self.isFailed = isFailed
    }
}
