public import AupSound

/// The audio thread's end of a simulated device: the same verbs, in the same order, as a real one's.
///
/// A copy is a pointer to the device's numbers, so passing it about costs nothing; it is valid until the device is
/// closed.
///
/// - Thread: audio, after the control side has prepared the device; never two at once.
@safe
public struct SimulatedPort: @unchecked Sendable {
    // Unchecked because a pointer cannot promise: the Engine hands the port to one thread and joins it before close.
    let state: UnsafeMutablePointer<SimulatedState>

    // MARK: - Audio thread

    /// Frames that can be moved now. Capture never stops by itself: when nobody reads, the count grows beyond the
    /// buffer, and the caller skips what does not fit and counts it as lost. Playback that runs dry is an xrun.
    @_noLocks public func available() -> PortStatus {
        unsafe state.pointee.status()
    }

    /// Frames that must be skipped before capture can go on, 0 while nothing was lost: the excess over the buffer, and
    /// one period more, which a real device would be overwriting while it is read.
    @_noLocks public func overrunFrames(available: Int) -> Int {
        let buffer = unsafe Int(state.pointee.bufferFrames)
        guard unsafe state.pointee.isCapture, available > buffer else { return 0 }
        return unsafe available - buffer + Int(state.pointee.periodFrames)
    }

    /// Copies captured frames out, as many as there are up to `frames`; `.ready(frames:)` says how many. None are
    /// handed out after an overrun until the lost ones have been skipped.
    @_noLocks public func read(into memory: UnsafeMutableRawPointer, frames: Int) -> PortStatus {
        let status = unsafe state.pointee.status()
        guard case .ready(let ready) = status else { return status }
        guard unsafe ready <= Int(state.pointee.bufferFrames) else { return .ready(frames: 0) }
        let count = max(min(frames, ready), 0)
        guard count > 0 else { return .ready(frames: 0) }
        if case .file = unsafe state.pointee.waveform.shape {
            unsafe copyFile(memory, count)
        } else {
            unsafe state.pointee.waveform.render(into: memory, position: state.pointee.position, frames: count)
        }
        advance(count)
        return .ready(frames: count)
    }

    /// Takes frames to play, as many as fit up to `frames`, and hears them without keeping them; `.ready(frames:)` says
    /// how many.
    @_noLocks public func write(from memory: UnsafeRawPointer, frames: Int) -> PortStatus { skip(frames: frames) }

    /// Passes over frames: captured ones are lost, played ones are silent. `.ready(frames:)` says how many.
    @_noLocks public func skip(frames: Int) -> PortStatus {
        let status = unsafe state.pointee.status()
        guard case .ready(let ready) = status else { return status }
        let count = max(min(frames, ready), 0)
        advance(count)
        return .ready(frames: count)
    }

    /// Frames between this call and the loudspeaker or the microphone. Never `nil`: arithmetic always knows.
    @_noLocks public func delayFrames() -> Int? {
        unsafe state.pointee.isCapture
            ? Int(max(state.pointee.clock() - state.pointee.position, 0))
            : Int(max(state.pointee.position - state.pointee.played(), 0))
    }

    /// When the device told its position: now.
    @_noLocks public func timestampNanoseconds() -> Int64 { unsafe state.pointee.now() }

    /// Number of the next frame on the device's own time line; it jumps by what was lost in an xrun.
    @_noLocks public func positionFrames() -> Int64 { unsafe state.pointee.position }

    /// Ends an xrun: the buffer is empty and ``start()`` is needed.
    @_noLocks public func prepareAgain() -> PortStatus {
        if case .gone = unsafe state.pointee.phase { return .gone(code: Self.goneCode()) }
        unsafe state.pointee.playedAtStart = state.pointee.position
        unsafe state.pointee.phase = .prepared
        return .ready(frames: 0)
    }

    /// Lets the clock run. A capture that starts again misses what its clock counted in between.
    @_noLocks public func start() -> PortStatus {
        switch unsafe state.pointee.phase {
        case .gone: return .gone(code: Self.goneCode())
        case .xrun: return .xrun
        case .running: return .ready(frames: 0)
        case .prepared: break
        }
        if unsafe state.pointee.epochNanoseconds < 0 { unsafe state.pointee.epochNanoseconds = state.pointee.now() }
        let clock = unsafe state.pointee.clock()
        unsafe state.pointee.clockAtStart = clock
        if unsafe state.pointee.isCapture && !state.pointee.isFast { unsafe state.pointee.position = clock }
        unsafe state.pointee.phase = .running
        return .ready(frames: 0)
    }

    /// Sets the timer that poll watches to the moment when there will be something to do: the last thing before a
    /// wait, outside of the real-time section, because it is a system call.
    @_noLocks public func setWakeUp() { unsafe state.pointee.arm() }

    /// A simulated machine never sleeps, so there is nothing to take up again.
    @_noLocks public func resume() -> PortStatus { .ready(frames: 0) }

    /// `ENODEV`, as a driver says it.
    @_noLocks static func goneCode() -> Int32 { 19 }

    @_noLocks private func advance(_ frames: Int) { unsafe state.pointee.position += Int64(frames) }

    @_noLocks private func copyFile(_ memory: UnsafeMutableRawPointer, _ frames: Int) {
        let length = unsafe state.pointee.fileFrames
        let frameBytes = unsafe state.pointee.frameBytes
        guard length > 0, let file = unsafe state.pointee.file else { return }
        var done = 0
        while done < frames {
            let at = unsafe (state.pointee.position + Int64(done)) % length
            let count = min(frames - done, Int(length - at))
            unsafe (memory + done * frameBytes).copyMemory(
                from: file + Int(at) * frameBytes, byteCount: count * frameBytes)
            done += count
        }
    }
}
