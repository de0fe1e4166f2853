import AupSound
import CALSA
import Glibc

/// How playing out the buffer ended.
public enum DrainOutcome: Sendable, Equatable {
    /// The last sample was heard (or the buffer had already run dry).
    case drained
    /// `shouldStop` said so; the rest was thrown away.
    case interrupted
    /// The device did not come to its end in time; the rest was thrown away.
    case timedOut
    /// The device went away meanwhile.
    case gone
}

extension ALSADevice {
    /// Plays what is left in the buffer to the last sample, then stops the device.
    ///
    /// Waits at most as long as a full buffer takes to play, and two seconds more for what lies behind the buffer: a
    /// server, a converter, a radio link.
    ///
    /// - Parameter shouldStop: asked every 20 ms at the latest; `true` ends the wait and throws the rest away.
    public func drain(shouldStop: () -> Bool = { false }) -> DrainOutcome {
        let pcm = unsafe open
        guard request.direction == .playback else {
            drop()
            return .drained
        }
        let code = unsafe snd_pcm_drain(pcm)
        if code == 0 { return .drained }
        guard code == -EAGAIN else {
            drop()
            // An empty buffer, or one that ran dry, has nothing left to play.
            return code == -EPIPE || code == -EBADFD ? .drained : .gone
        }
        let outcome = unsafe waitForDrain(pcm, shouldStop)
        if outcome != .drained { drop() }
        return outcome
    }

    private func waitForDrain(_ pcm: OpaquePointer, _ shouldStop: () -> Bool) -> DrainOutcome {
        let playing = Double(configuration.bufferFrames) / Double(configuration.format.rate)
        let deadline = monotonicSeconds() + playing + 2
        var descriptors = self.descriptors()
        let port = self.port
        while true {
            // Asking for room is what moves the position on in plugins, and with it the state.
            let status = port.available()
            switch unsafe snd_pcm_state(pcm) {
            case SND_PCM_STATE_DRAINING: break
            case SND_PCM_STATE_DISCONNECTED: return .gone
            default: return .drained
            }
            if case .gone = status { return .gone }
            if shouldStop() { return .interrupted }
            if monotonicSeconds() > deadline { return .timedOut }
            _ = unsafe poll(&descriptors, UInt(descriptors.count), 20)
            let events = unsafe port.pollEvents(&descriptors, count: descriptors.count)
            // Descriptors that answer at once while nothing is over would turn this wait into a spin.
            if events.isReady || events.isFailed { usleep(2000) }
        }
    }

    private func monotonicSeconds() -> Double {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
