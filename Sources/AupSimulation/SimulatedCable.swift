internal import AupSound
internal import Synchronization

/// The plug of a simulated device, which outlives it: a device that was unplugged stays away for a later open too,
/// until the time of its replug.
///
/// - Thread: control, any number at once.
struct SimulatedCable: Sendable {
    private struct Past {
        /// Monotonic time of the first start.
        var epoch: Int64
        /// A device without a clock cannot tell later that it is away; it is remembered.
        var isGone: Bool
    }

    // Kept for the life of the process, one entry a name: names come from the command line, so they are few.
    private static let pasts = Mutex<[String: Past]>([:])

    private let key: String

    init(name: String, direction: DeviceDirection) { key = (direction == .capture ? "<" : ">") + name }

    /// Opens: an error while the device is away, otherwise the frame of the new device's clock at which it vanishes.
    func plug(_ spec: SimulationSpec, rate: Int, now: Int64) throws(DeviceError) -> Int64 {
        guard let unplug = spec.unplug else { return .max }
        guard let past = Self.pasts.withLock({ $0[key] }) else { return unplug.frames(rate: rate) }
        if spec.pace == .fast {
            guard past.isGone else { return unplug.frames(rate: rate) }
            guard spec.replug != nil else { throw .gone(name: spec.name) }
            return .max
        }
        let elapsed = now - past.epoch
        let unplugNanoseconds = unplug.nanoseconds(rate: rate)
        if elapsed < unplugNanoseconds, !past.isGone {
            return TimeSpan.nanoseconds(unplugNanoseconds - elapsed).frames(rate: rate)
        }
        guard let replug = spec.replug, elapsed >= replug.nanoseconds(rate: rate) else { throw .gone(name: spec.name) }
        return .max
    }

    /// Closes: remembers when the device first ran and whether it was gone.
    func unplug(epoch: Int64, isGone: Bool) {
        guard epoch >= 0 else { return }
        Self.pasts.withLock { pasts in
            pasts[key] = Past(epoch: pasts[key]?.epoch ?? epoch, isGone: isGone || pasts[key]?.isGone == true)
        }
    }
}
