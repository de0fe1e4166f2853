/// When each frame of a recording was, on the wall's clock.
///
/// Between two files time is counted in frames. Where a file begins it is taken anew from the frame's capture time, so
/// that a year of a device that is 50 ppm fast is not half an hour off, and a clock that was set is followed; unless the
/// frames come at another pace than their rate, as from a simulated device at full speed: then frames alone count.
///
/// - Thread: any.
public struct RecordingClock: Sendable {
    private let rate: Int64
    private var first: (position: Int64, monotonic: Int64)?
    private var anchor: (position: Int64, moment: Int64)?

    public init(rate: Int) { self.rate = Int64(rate) }

    /// A file begins here.
    ///
    /// - Parameters:
    ///   - monotonic: capture time of that frame, `nil` when nobody knows.
    ///   - moment: the same as nanoseconds since 1970-01-01 UTC, as the clocks stand now.
    public mutating func note(position: Int64, monotonic: Int64?, moment: Int64) {
        guard anchor != nil else {
            anchor = (position, moment)
            first = monotonic.map { (position, $0) }
            return
        }
        guard let monotonic, let first else { return }
        let expected = nanoseconds(position - first.position)
        // Wider than any sound card's error, narrower than any other speed; the constant is a scheduler's bad day.
        let tolerance = expected / 100 + 50_000_000
        if abs(monotonic - first.monotonic - expected) <= tolerance { anchor = (position, moment) }
    }

    /// Nanoseconds since 1970-01-01 UTC.
    public func moment(at position: Int64) -> Int64 {
        guard let anchor else { return 0 }
        return anchor.moment + nanoseconds(position - anchor.position)
    }

    private func nanoseconds(_ frames: Int64) -> Int64 {
        frames / rate * 1_000_000_000 + frames % rate * 1_000_000_000 / rate
    }
}
