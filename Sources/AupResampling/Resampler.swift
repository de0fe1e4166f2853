public import AupSound
internal import CSoxr

/// Brings sound from one rate to another by a fixed ratio, with libsoxr.
///
/// The delay of the filter is taken out, so that frame n of the output sounds when frame n · from / to of the input
/// did, and the length is exact: after ``finish(into:)`` as many frames have come out as went in times the ratio, to the
/// nearest. What is made does not depend on how the input is cut into blocks.
///
///     process ─▶ process ─▶ … ─▶ finish until 0
///
/// - Thread: one at a time, and none that must not wait: libsoxr allocates when blocks grow. Not for audio threads.
@safe
public struct Resampler: ~Copyable {
    /// How samples lie in memory.
    public enum Arrangement: Sendable {
        /// One frame after the other.
        case interleaved
        /// One array a channel; buffers are then tables of pointers to them.
        case planar
    }

    public let sourceRate: Int
    public let targetRate: Int
    public let channels: Int
    // Owned alone by this value, freed in its deinit.
    private let handle: UnsafeMutableRawPointer
    private let frameBytes: Int
    private let arrangement: Arrangement
    private var takenFrames: Int64 = 0
    private var madeFrames: Int64 = 0

    /// Whether the library is there; looking opens it.
    public static var isAvailable: Bool { unsafe aup_soxr_missing() == nil }

    /// - Parameters:
    ///   - sampleFormat: f32 or f64, in and out alike.
    public init(
        from sourceRate: Int, to targetRate: Int, channels: Int, sampleFormat: SampleFormat = .f64,
        arrangement: Arrangement = .interleaved, quality: ResamplingQuality = .high
    ) throws(ResamplingError) {
        precondition(sampleFormat.isFloatingPoint && (1...Limits.channels).contains(channels))
        precondition(Limits.rates.contains(sourceRate) && Limits.rates.contains(targetRate))
        if let why = unsafe aup_soxr_missing() { throw .missingLibrary(why: unsafe String(cString: why)) }
        let type: soxr_datatype_t =
            switch (sampleFormat, arrangement) {
            case (.f32, .interleaved): SOXR_FLOAT32_I
            case (.f32, .planar): SOXR_FLOAT32_S
            case (_, .interleaved): SOXR_FLOAT64_I
            case (_, .planar): SOXR_FLOAT64_S
            }
        var why: UnsafePointer<CChar>?
        let made = unsafe aup_soxr_create(
            Double(sourceRate), Double(targetRate), UInt32(channels), quality.recipe, Int32(type.rawValue), &why)
        guard let made = unsafe made else {
            throw .refused(what: unsafe why.map { unsafe String(cString: $0) } ?? "no reason given")
        }
        unsafe handle = made
        self.sourceRate = sourceRate
        self.targetRate = targetRate
        self.channels = channels
        self.arrangement = arrangement
        frameBytes = sampleFormat.bytesPerSample * channels
    }

    deinit { unsafe aup_soxr_delete(handle) }

    /// Room that takes whatever so many frames of input, or the rest after them, can make at once.
    public func roomFrames(forSource frames: Int) -> Int {
        Int((Double(frames) * Double(targetRate) / Double(sourceRate)).rounded(.up)) + 4096
    }

    /// Frames of the target's rate that have gone in and not come out.
    public var delayFrames: Double { unsafe aup_soxr_delay(handle) }

    /// Takes frames and gives what can be given; returns how many of each. Not all are taken where the room is short.
    ///
    /// - Parameters:
    ///   - source: interleaved samples, or a table of a pointer for each channel.
    ///   - target: room for `room` frames, arranged alike.
    public mutating func process(
        _ source: UnsafeRawPointer, frames: Int, into target: UnsafeMutableRawPointer, room: Int
    ) throws(ResamplingError) -> (taken: Int, made: Int) {
        guard frames > 0 else { return (0, 0) }
        var taken = 0
        var made = 0
        if let why = unsafe aup_soxr_process(handle, source, frames, &taken, target, room, &made) {
            throw .refused(what: unsafe String(cString: why))
        }
        takenFrames += Int64(taken)
        madeFrames += Int64(made)
        return (taken, made)
    }

    /// Gives what is left once all input is in: to be called until it returns 0. Nothing goes in after it.
    ///
    /// - Parameter total: frames that are to come out in all, where somebody knows better than by rounding.
    public mutating func finish(
        into target: UnsafeMutableRawPointer, room: Int, total: Int64? = nil
    ) throws(ResamplingError) -> Int {
        let rest = (total ?? Self.length(of: takenFrames, from: sourceRate, to: targetRate)) - madeFrames
        let wanted = Int(min(Int64(room), rest))
        guard wanted > 0 else { return 0 }
        var made = 0
        if let why = unsafe aup_soxr_process(handle, nil, 0, nil, target, wanted, &made) {
            throw .refused(what: unsafe String(cString: why))
        }
        madeFrames += Int64(made)
        return made
    }

    /// Frames that so many become: times the ratio, to the nearest.
    public static func length(of frames: Int64, from sourceRate: Int, to targetRate: Int) -> Int64 {
        let (whole, rest) = frames.quotientAndRemainder(dividingBy: Int64(sourceRate))
        return whole * Int64(targetRate) + (rest * Int64(targetRate) + Int64(sourceRate) / 2) / Int64(sourceRate)
    }
}

extension ResamplingQuality {
    fileprivate var recipe: UInt {
        switch self {
        case .quick: UInt(SOXR_QQ)
        case .low: UInt(SOXR_LQ)
        case .medium: UInt(SOXR_MQ)
        // SOXR_HQ and SOXR_VHQ are other macros' names, which Swift does not see through everywhere.
        case .high: UInt(SOXR_20_BITQ)
        case .veryHigh: UInt(SOXR_28_BITQ)
        }
    }
}
