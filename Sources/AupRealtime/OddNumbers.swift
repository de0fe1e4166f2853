/// Samples that were no ordinary numbers, and what they were taken for.
public struct OddNumbers: Equatable, Sendable {
    /// Taken for silence.
    public let notNumbers: Int64
    /// Infinite, or in f64 beyond every float: taken for full scale.
    public let infinities: Int64
    /// Smaller than any normal float: taken for silence.
    public let denormals: Int64

    @_noLocks
    init(notNumbers: Int64, infinities: Int64, denormals: Int64) {
        self.notNumbers = notNumbers
        self.infinities = infinities
        self.denormals = denormals
    }
}
