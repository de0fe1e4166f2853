/// What lets sound go by a plugin without a click: the input, held back as long as the plugin holds it, and a fade.
///
/// The plugin runs on meanwhile, so that nothing old is heard when it is taken in again and the latency stays.
///
/// - Thread: control makes it, audio uses it. A copyable value inside a node; the node owns.
@safe struct ChainBypass {
    let channels: Int
    /// Channels of what comes in; where they are fewer, they are heard again from the first.
    private let sources: Int
    let delayFrames: Int
    /// The input as it is to be heard with the plugin's output, for one block.
    let dry: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
    /// A ring of `delayFrames` for each channel.
    private let held: UnsafeMutablePointer<Float>
    private let memory: UnsafeMutablePointer<Float>

    /// - Parameter sources: channels of the input; 0 for silence.
    init(channels: Int, sources: Int, maxFrames: Int, delayFrames: Int) {
        self.channels = channels
        self.sources = sources
        self.delayFrames = delayFrames
        unsafe memory = .allocate(capacity: channels * maxFrames)
        unsafe memory.initialize(repeating: 0, count: channels * maxFrames)
        unsafe held = .allocate(capacity: max(channels * delayFrames, 1))
        unsafe held.initialize(repeating: 0, count: max(channels * delayFrames, 1))
        unsafe dry = .allocate(capacity: channels)
        for channel in 0..<channels {
            unsafe dry.advanced(by: channel).initialize(to: memory + channel * maxFrames)
        }
    }

    func deallocate() {
        unsafe dry.deallocate()
        unsafe held.deallocate()
        unsafe memory.deallocate()
    }

    // MARK: - Audio thread

    /// Takes a block of the input.
    ///
    /// - Parameter place: where the ring stands.
    /// - Returns: where it stands then.
    @_noLocks
    func keep(
        _ from: UnsafePointer<UnsafeMutablePointer<Float>>, offset: Int, frames: Int, place: Int
    ) -> Int {
        guard sources > 0 else { return 0 }
        for channel in 0..<channels {
            let source = unsafe from[channel % sources] + offset
            let goal = unsafe dry[channel]
            guard delayFrames > 0 else {
                for frame in 0..<frames { unsafe goal[frame] = source[frame] }
                continue
            }
            let ring = unsafe held + channel * delayFrames
            var slot = place
            for frame in 0..<frames {
                unsafe goal[frame] = ring[slot]
                unsafe ring[slot] = source[frame]
                slot += 1
                if slot == delayFrames { slot = 0 }
            }
        }
        return delayFrames > 0 ? (place + frames) % delayFrames : 0
    }

    @_noLocks
    func clear() {
        for index in 0..<(channels * delayFrames) { unsafe held[index] = 0 }
    }

    /// Puts the input in the place of the plugin's output, or leads from one to the other.
    ///
    /// - Parameters:
    ///   - wet: frames of the fade that the plugin is in, of `fade`.
    ///   - step: 1 where the plugin comes in, -1 where it goes, 0 where nothing changes.
    /// - Returns: where the fade stands then.
    @_noLocks
    func mix(
        into to: UnsafePointer<UnsafeMutablePointer<Float>>, offset: Int, frames: Int, wet: Int, fade: Int, step: Int
    ) -> Int {
        for channel in 0..<channels {
            let goal = unsafe to[channel] + offset
            let source = unsafe dry[channel]
            var now = wet
            for frame in 0..<frames {
                now = max(0, min(fade, now + step))
                if now == fade { continue }
                let input = unsafe source[frame]
                unsafe goal[frame] =
                    now == 0 ? input : input + (goal[frame] - input) * (Float(now) / Float(fade))
            }
        }
        return max(0, min(fade, wet + step * frames))
    }
}
