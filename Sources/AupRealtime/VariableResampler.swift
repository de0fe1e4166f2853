internal import CRealtime

/// Stretches sound by a ratio that may change with every block: what follows a source whose clock is not the device's.
///
/// Polyphase interpolation with a windowed sinc, as in F. Adriaensen's zita-resampler; see ``InterpolationTable`` for
/// the filter and its figures. For ratios near one: between clocks that mean the same rate, not between rates.
///
///     process(in) ─▶ history ─▶ filter at position ─▶ out       position += 1 / ratio
///     pass(in)    ─▶ history                                    follows a sound that goes by untouched
///
/// Frames that went in come out 64 frames later at the latest; ``pendingFrames`` says exactly how many are inside.
/// A step of the ratio is rounded off over a few milliseconds, so that it makes no sideband.
///
/// - Thread: any, one at a time; made on a control thread, after which it neither allocates nor waits.
@safe
public struct VariableResampler: ~Copyable {
    /// Ratios it can do: far beyond any two clocks that claim the same rate.
    public static let ratios = 0.95...1.05
    /// Frames that a frame waits for those that come after it.
    public static let latencyFrames = 64
    /// Frames processed at once inside; blocks may be of any length.
    private static var blockFrames: Int { @_noLocks get { 1024 } }
    private static var taps: Int { @_noLocks get { 128 } }
    private static var phases: Int { @_noLocks get { 512 } }
    /// The share of the way to a new ratio that each frame goes: 1/e of it is left after 256 frames.
    private static var easing: Double { @_noLocks get { 1.0 / 256 } }

    public let channels: Int
    private let table: InterpolationTable
    // Owned alone by this value, freed in its deinit: one array of doubles a channel, the frames that are still needed.
    private let history: UnsafeMutablePointer<Double>
    private let stride: Int
    private var frames: Int
    /// Where the taps of the next output frame begin.
    private var position = 0.0
    private var step = 1.0
    private var targetStep = 1.0

    /// - Thread: control.
    public init(channels: Int) {
        precondition(channels > 0 && channels <= mostChannels)
        self.channels = channels
        table = InterpolationTable()
        stride = 1024 + 2 * 128
        let count = channels * stride
        unsafe history = UnsafeMutableRawPointer.allocate(byteCount: count * 8, alignment: 64)
            .bindMemory(to: Double.self, capacity: count)
        unsafe history.initialize(repeating: 0, count: count)
        frames = 63
    }

    deinit { unsafe history.deallocate() }

    // MARK: - Audio thread

    /// Output frames for each input frame. What lies outside of ``ratios`` becomes the nearest inside.
    public var ratio: Double {
        @_noLocks get { 1 / targetStep }
        @_noLocks set { targetStep = 1 / min(max(newValue, 0.95), 1.05) }
    }

    /// Sets the ratio at once.
    @_noLocks
    public mutating func jump(toRatio ratio: Double) {
        self.ratio = ratio
        step = targetStep
    }

    /// Frames that went in and have not come out, with the fraction that is left of one.
    public var pendingFrames: Double {
        @_noLocks get { Double(frames - 63) - position }
    }

    /// The most frames that so many can become.
    @_noLocks
    public func roomFrames(forSource frames: Int) -> Int { frames + frames / 16 + 2 * Self.taps }

    /// Takes interleaved frames and gives what can be given of them; returns how many frames that are.
    ///
    /// - Parameter target: room for ``roomFrames(forSource:)``.
    @_noLocks
    public mutating func process(
        _ source: UnsafePointer<Double>, frames count: Int, into target: UnsafeMutablePointer<Double>
    ) -> Int {
        let room = roomFrames(forSource: count)
        var made = 0
        var done = 0
        while done < count {
            let block = min(count - done, Self.blockFrames)
            unsafe append(source + done * channels, frames: block)
            done += block
            unsafe made += aup_interpolate(
                history, stride, channels, frames, table.rows, Self.phases, &position, &step, targetStep, Self.easing,
                target + made * channels, room - made)
            drop()
        }
        return made
    }

    /// Remembers frames that go by untouched, so that ``process(_:frames:into:)`` can take over after any of them. None
    /// are pending then.
    @_noLocks
    public mutating func pass(_ source: UnsafePointer<Double>, frames count: Int) {
        // Only the last are needed.
        let start = max(0, count - Self.blockFrames)
        unsafe append(source + start * channels, frames: count - start)
        position = Double(frames - 63)
        step = targetStep
        drop()
    }

    /// Forgets the sound.
    @_noLocks
    public mutating func reset() {
        for index in 0..<channels * stride { unsafe history[index] = 0 }
        frames = 63
        position = 0
        step = targetStep
    }

    @_noLocks
    private mutating func append(_ source: UnsafePointer<Double>, frames count: Int) {
        for channel in 0..<channels {
            let plane = unsafe history + channel * stride + frames
            for frame in 0..<count { unsafe plane[frame] = source[frame * channels + channel] }
        }
        frames += count
    }

    /// Moves what is still needed to the front.
    @_noLocks
    private mutating func drop() {
        let whole = min(Int(position), frames)
        guard whole > 0 else { return }
        let rest = frames - whole
        for channel in 0..<channels {
            let plane = unsafe history + channel * stride
            for frame in 0..<rest { unsafe plane[frame] = plane[frame + whole] }
        }
        frames = rest
        position -= Double(whole)
    }
}
