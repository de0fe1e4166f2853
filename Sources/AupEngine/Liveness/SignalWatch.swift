import Glibc

/// Notices a device that delivers frames in time and no sound in them: zeros, one value, or one block over and over.
///
/// A microphone's converter is never at rest, so a sound card whose samples do not move is one whose cable, switch or
/// driver has failed. Blocks are compared with their predecessor byte for byte; those that a driver repeats are whole
/// periods, as the packets here are.
///
/// - Thread: transport.
struct SignalWatch: Sendable {
    enum Change: Equatable {
        case raised(LivenessConfiguration.Alarm)
        case cleared(LivenessConfiguration.Alarm)
    }

    /// One of the two conditions: how long it has held, and whether it was told.
    private struct Condition {
        var alarm: LivenessConfiguration.Alarm
        /// `nil`: not watched.
        var limitFrames: Int64?
        var frames: Int64 = 0
        var isRaised = false

        mutating func update(holds: Bool, frames count: Int64) -> Change? {
            guard let limitFrames else { return nil }
            guard holds else {
                frames = 0
                defer { isRaised = false }
                return isRaised ? .cleared(alarm) : nil
            }
            frames += count
            guard !isRaised, frames >= limitFrames else { return nil }
            isRaised = true
            return .raised(alarm)
        }
    }

    private let frameBytes: Int
    private let silenceByte: UInt8
    private var silence: Condition
    private var stuck: Condition
    private var last: [UInt8] = []
    /// Bytes of a block that are compared with the block before: whole frames, and more than two blocks that differ have
    /// in common. A long block is not copied for the rest.
    private let comparedBytes: Int

    /// - Parameters:
    ///   - silenceFrames, stuckFrames: how long it lasts before it is told; `nil` where it is not watched.
    ///   - silenceByte: what every byte of silence is.
    init(frameBytes: Int, silenceByte: UInt8, silenceFrames: Int64?, stuckFrames: Int64?) {
        self.frameBytes = frameBytes
        self.silenceByte = silenceByte
        comparedBytes = max(4096 / frameBytes, 1) * frameBytes
        silence = Condition(alarm: .silence, limitFrames: silenceFrames)
        stuck = Condition(alarm: .stuck, limitFrames: stuckFrames)
    }

    var isIdle: Bool { silence.limitFrames == nil && stuck.limitFrames == nil }

    /// Looks at the frames of one packet.
    mutating func look(_ payload: UnsafeRawBufferPointer, frames: Int) -> [Change] {
        guard !isIdle, frames > 0, payload.count >= frames * frameBytes, let base = payload.baseAddress
        else { return [] }
        let bytes = frames * frameBytes
        let isSilent = unsafe base.load(as: UInt8.self) == silenceByte && repeats(base, bytes, distance: 1)
        var changes: [Change] = []
        if let change = silence.update(holds: isSilent, frames: Int64(frames)) { changes.append(change) }
        guard stuck.limitFrames != nil else { return changes }
        let compared = min(bytes, comparedBytes)
        let isStuck = unsafe !isSilent && (isConstant(base, bytes) || isRepeated(base, compared))
        unsafe remember(base, compared)
        if let change = stuck.update(holds: isStuck, frames: Int64(frames)) { changes.append(change) }
        return changes
    }

    /// Whether each byte is the one so far before it. `memcmp` reads ahead in whole vectors and leaves at the first
    /// difference, which sound has in its first frame.
    private func repeats(_ base: UnsafeRawPointer, _ bytes: Int, distance: Int) -> Bool {
        if bytes <= distance { return true }
        return unsafe memcmp(base, base + distance, bytes - distance) == 0
    }

    private func isConstant(_ base: UnsafeRawPointer, _ bytes: Int) -> Bool {
        guard unsafe repeats(base, bytes, distance: frameBytes) else { return false }
        guard last.count >= frameBytes else { return bytes > frameBytes }
        let first = last.count - frameBytes
        return unsafe last.withUnsafeBytes { unsafe memcmp($0.baseAddress! + first, base, frameBytes) == 0 }
            || stuck.frames == 0
    }

    private func isRepeated(_ base: UnsafeRawPointer, _ bytes: Int) -> Bool {
        guard last.count == bytes else { return false }
        return unsafe last.withUnsafeBytes { unsafe memcmp($0.baseAddress!, base, bytes) == 0 }
    }

    private mutating func remember(_ base: UnsafeRawPointer, _ bytes: Int) {
        if last.count != bytes { last = [UInt8](repeating: 0, count: bytes) }
        unsafe last.withUnsafeMutableBytes {
            unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: base, count: bytes))
        }
    }
}
