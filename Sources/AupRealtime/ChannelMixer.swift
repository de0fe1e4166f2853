public import AupSound
internal import CRealtime

/// Makes other channels of channels, as a ``MixMatrix`` says: each output is a sum of inputs times coefficients.
///
/// - Thread: any, one at a time; made on a control thread, after which it neither allocates nor waits.
@safe
public struct ChannelMixer: ~Copyable {
    public let sources: Int
    public let targets: Int
    // Owned alone by this value, freed in its deinit.
    private let coefficients: UnsafeMutablePointer<Double>

    /// - Thread: control.
    public init(_ matrix: MixMatrix) {
        sources = matrix.sources
        targets = matrix.targets
        unsafe coefficients = .allocate(capacity: matrix.coefficients.count)
        for (index, value) in matrix.coefficients.enumerated() { unsafe (coefficients + index).initialize(to: value) }
    }

    deinit { unsafe coefficients.deallocate() }

    // MARK: - Audio thread

    /// Mixes interleaved frames; source and target do not overlap.
    @_noLocks
    public func mix(_ source: UnsafePointer<Double>, frames: Int, into target: UnsafeMutablePointer<Double>) {
        unsafe aup_mix(source, sources, target, targets, coefficients, frames)
    }
}
