import AupALSA
import AupSimulation
import AupSound
import AupSystem

/// What the audio thread holds of a device: the same verbs for a sound card and for a simulation.
///
/// An enum of trivial structs, because the audio thread may call neither a protocol's witness nor a closure that
/// nobody vouched for.
///
/// - Thread: audio.
enum DevicePort: Sendable {
    case alsa(ALSAPort)
    case simulated(SimulatedPort)

    // MARK: - Audio thread

    @_noLocks
    func available() -> PortStatus {
        switch self {
        case .alsa(let port): port.available()
        case .simulated(let port): port.available()
        }
    }

    /// Frames between what is written now and what is heard now; `nil` where the device does not say.
    @_noLocks
    func delayFrames() -> Int? {
        switch self {
        case .alsa(let port): port.delayFrames()
        case .simulated(let port): port.delayFrames()
        }
    }

    /// The time by which this device is judged: a simulation's may stand still.
    @_noLocks
    func now() -> Int64 {
        switch self {
        case .alsa: monotonicNanoseconds()
        case .simulated(let port): port.timestampNanoseconds()
        }
    }

    /// When the device was where `available` says, on the monotonic clock; 0 where it does not tell.
    @_noLocks
    func timestampNanoseconds(available: Int) -> Int64 {
        switch self {
        case .alsa(let port): port.timestampNanoseconds(available: available)
        case .simulated: 0
        }
    }

    @_noLocks
    func overrunFrames(available: Int) -> Int {
        switch self {
        case .alsa(let port): port.overrunFrames(available: available)
        case .simulated(let port): port.overrunFrames(available: available)
        }
    }

    @_noLocks
    func read(into memory: UnsafeMutableRawPointer, frames: Int) -> PortStatus {
        switch self {
        case .alsa(let port): unsafe port.read(into: memory, frames: frames)
        case .simulated(let port): unsafe port.read(into: memory, frames: frames)
        }
    }

    @_noLocks
    func write(from memory: UnsafeRawPointer, frames: Int) -> PortStatus {
        switch self {
        case .alsa(let port): unsafe port.write(from: memory, frames: frames)
        case .simulated(let port): unsafe port.write(from: memory, frames: frames)
        }
    }

    @_noLocks
    func skip(frames: Int) -> PortStatus {
        switch self {
        case .alsa(let port): port.skip(frames: frames)
        case .simulated(let port): port.skip(frames: frames)
        }
    }

    @_noLocks
    func prepareAgain() -> PortStatus {
        switch self {
        case .alsa(let port): port.prepareAgain()
        case .simulated(let port): port.prepareAgain()
        }
    }

    @_noLocks
    func start() -> PortStatus {
        switch self {
        case .alsa(let port): port.start()
        case .simulated(let port): port.start()
        }
    }

    @_noLocks
    func resume() -> PortStatus {
        switch self {
        case .alsa(let port): port.resume()
        case .simulated(let port): port.resume()
        }
    }
}
