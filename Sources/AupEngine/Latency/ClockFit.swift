/// A straight line through the looks at a device: how long a frame takes by the system's clock, and how sure that is.
///
///     time of look i  =  start of its run  +  position of look i · nanosecondsPerFrame  +  lateness i
///
/// Least squares with one slope and a start for each run (an xrun begins a new one). A look can only be late, by a
/// wake-up, a thread that was put aside, a position that moves in steps; so what lies far off is left out once, and
/// the line that ``time(ofFrame:run:)`` is read from is then moved to its earliest looks.
///
/// - Thread: control; a plain value.
struct ClockFit {
    private struct Point {
        var run: Int
        var frames: Double
        var nanoseconds: Double
    }

    /// A line through fewer says nothing.
    static let leastLooks = 8
    /// Buffers of servers and converters fill up in the beginning: so much of a run is not looked at, where it is long.
    static let settlingNanoseconds = 250_000_000.0
    /// Deviations from the median beyond which a look is left out; 1.4826 makes a standard deviation of a normal
    /// distribution out of a median deviation.
    private static let outlier = 6 * 1.4826

    private(set) var nanosecondsPerFrame: Double
    /// Half of the interval in which ``nanosecondsPerFrame`` lies in 95 of 100 cases.
    private(set) var uncertaintyNanosecondsPerFrame: Double
    /// From the first to the last look that counted, gaps between runs left out.
    private(set) var seconds: Double
    private let originNanoseconds: Int64
    private var starts: [Double]

    /// - Parameter rate: the nominal one, of which a frame's length says how exact a position can be.
    init?(_ looks: [DeviceLook], rate: Int) {
        guard let first = looks.first else { return nil }
        originNanoseconds = first.wakeNanoseconds
        let frame = 1e9 / Double(rate)
        let points = Self.settled(
            looks.filter { $0.timeNanoseconds != 0 }.map {
                Point(
                    run: $0.run, frames: Double($0.positionFrames),
                    nanoseconds: Double($0.timeNanoseconds - first.wakeNanoseconds))
            })
        let runs = (looks.last?.run ?? 0) + 1
        guard let rough = Self.line(points, runs: runs) else { return nil }
        let lateness = points.map { $0.nanoseconds - rough.starts[$0.run] - $0.frames * rough.slope }
        let middle = Self.median(lateness)
        let limit = max(Self.outlier * Self.median(lateness.map { abs($0 - middle) }), 2 * frame)
        let kept = zip(points, lateness).filter { abs($0.1 - middle) <= limit }.map(\.0)
        guard kept.count >= Self.leastLooks, let line = Self.line(kept, runs: runs) else { return nil }
        nanosecondsPerFrame = line.slope
        let rest = kept.map { $0.nanoseconds - line.starts[$0.run] - $0.frames * line.slope }
        uncertaintyNanosecondsPerFrame = Self.uncertainty(rest, spread: line.spread, runs: runs, frame: frame)
        seconds = line.seconds
        starts = line.starts
        for run in 0..<runs {
            // The earliest, not the mean.
            let earliest = zip(kept, rest).filter { $0.0.run == run }.map(\.1).min() ?? 0
            starts[run] += earliest
        }
    }

    /// When a device stood at a frame, at the earliest.
    func time(ofFrame frame: Int64, run: Int) -> Double {
        Double(originNanoseconds) + starts[run] + Double(frame) * nanosecondsPerFrame
    }

    private static func settled(_ points: [Point]) -> [Point] {
        var settled: [Point] = []
        var index = 0
        while index < points.count {
            let first = points[index]
            let run = points[index...].prefix { $0.run == first.run }
            index += run.count
            let length = (run.last ?? first).nanoseconds - first.nanoseconds
            let start = first.nanoseconds + (length > 4 * settlingNanoseconds ? settlingNanoseconds : 0)
            settled += run.drop { $0.nanoseconds < start }
        }
        return settled
    }

    private struct Line {
        var slope: Double
        var starts: [Double]
        /// The sum of the squares of the positions' distances from their mean.
        var spread: Double
        var seconds: Double
    }

    private static func line(_ points: [Point], runs: Int) -> Line? {
        guard points.count >= leastLooks else { return nil }
        var (counts, frames, times) = (
            [Double](repeating: 0, count: runs), [Double](repeating: 0, count: runs),
            [Double](repeating: 0, count: runs)
        )
        for point in points {
            counts[point.run] += 1
            frames[point.run] += point.frames
            times[point.run] += point.nanoseconds
        }
        for run in 0..<runs where counts[run] > 0 {
            frames[run] /= counts[run]
            times[run] /= counts[run]
        }
        var (spread, product) = (0.0, 0.0)
        for point in points {
            let distance = point.frames - frames[point.run]
            spread += distance * distance
            product += distance * (point.nanoseconds - times[point.run])
        }
        guard spread > 0, product > 0 else { return nil }
        var seconds = 0.0
        for (last, next) in zip(points, points.dropFirst()) where last.run == next.run {
            seconds += (next.nanoseconds - last.nanoseconds) / 1e9
        }
        let slope = product / spread
        return Line(
            slope: slope, starts: (0..<runs).map { times[$0] - frames[$0] * slope }, spread: spread, seconds: seconds)
    }

    /// The standard error of a slope, twice. What is late now is often late the next time too, so that there are fewer
    /// independent looks than looks: by (1 + r) / (1 - r), where r is the correlation of neighbours. A position is known
    /// to a frame, whatever the looks say: evenly within one is a deviation of a frame / √12.
    private static func uncertainty(_ rest: [Double], spread: Double, runs: Int, frame: Double) -> Double {
        let freedom = Double(max(rest.count - runs - 1, 1))
        let squares = rest.reduce(0) { $0 + $1 * $1 }
        var neighbours = 0.0
        for (last, next) in zip(rest, rest.dropFirst()) { neighbours += last * next }
        let correlation = squares > 0 ? min(max(neighbours / squares, 0), 0.99) : 0
        let variance = max(squares / freedom, frame * frame / 12)
        return 1.96 * (variance / spread * (1 + correlation) / (1 - correlation)).squareRoot()
    }

    private static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }
}
