/// Loudness over a programme of any length in bounded memory.
///
/// Points are added at a fixed interval; when it is full, every two neighbours become one that keeps the lowest and the
/// highest of both, so that no maximum is lost.
///
/// - Thread: one at a time.
public struct LoudnessOverview: Sendable {
    /// Lowest and highest value of a stretch of time.
    public struct Reach: Equatable, Sendable {
        public var low: Float
        public var high: Float

        fileprivate static func of(_ value: Double?) -> Reach? {
            guard let value, !value.isNaN else { return nil }
            return Reach(low: Float(value), high: Float(value))
        }

        static func both(_ one: Reach?, _ other: Reach?) -> Reach? {
            guard let one, let other else { return one ?? other }
            return Reach(low: min(one.low, other.low), high: max(one.high, other.high))
        }
    }

    public struct Cell: Equatable, Sendable {
        /// LUFS; `nil` where there was no value yet, `-inf` in silence.
        public var momentary: Reach?
        public var shortTerm: Reach?
        /// dBTP, the highest of all channels.
        public var truePeak: Reach?

        mutating func merge(_ other: Cell) {
            momentary = .both(momentary, other.momentary)
            shortTerm = .both(shortTerm, other.shortTerm)
            truePeak = .both(truePeak, other.truePeak)
        }
    }

    public let capacity: Int
    public let secondsPerPoint: Double
    public private(set) var pointsPerCell = 1
    private var cells: [Cell] = []
    private var pending = Cell()
    private var pendingPoints = 0

    /// - Parameter secondsPerPoint: between one point and the next; the first is that long after the beginning.
    public init(secondsPerPoint: Double = 0.1, capacity: Int = 4096) {
        precondition(secondsPerPoint > 0 && capacity > 0 && capacity % 2 == 0)
        self.secondsPerPoint = secondsPerPoint
        self.capacity = capacity
        cells.reserveCapacity(capacity)
    }

    /// Adds the next point; `nil` or NaN where there is no value yet.
    ///
    /// - Parameters:
    ///   - momentary: LUFS of the last 400 ms.
    ///   - shortTerm: LUFS of the last 3 s.
    ///   - truePeak: dBTP since the point before, the highest of all channels.
    public mutating func add(momentary: Double?, shortTerm: Double?, truePeak: Double? = nil) {
        pending.merge(Cell(momentary: .of(momentary), shortTerm: .of(shortTerm), truePeak: .of(truePeak)))
        pendingPoints += 1
        guard pendingPoints == pointsPerCell else { return }
        cells.append(pending)
        pending = Cell()
        pendingPoints = 0
        guard cells.count == capacity else { return }
        for index in 0..<capacity / 2 {
            var merged = cells[2 * index]
            merged.merge(cells[2 * index + 1])
            cells[index] = merged
        }
        cells.removeLast(capacity / 2)
        pointsPerCell *= 2
    }

    // MARK: - What it holds

    public var count: Int { cells.count + (pendingPoints > 0 ? 1 : 0) }
    public var secondsPerCell: Double { secondsPerPoint * Double(pointsPerCell) }
    public func cell(_ index: Int) -> Cell { index < cells.count ? cells[index] : pending }
}
