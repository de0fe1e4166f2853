/// The spectrum of a recording of any length over time, in bounded memory.
///
/// Columns are added at a fixed interval; when it is full, every two neighbours become one with the mean power of both.
/// Since both stand for the same time, a cell is the exact mean of its columns.
///
/// - Thread: one at a time.
public struct SpectrogramOverview: Sendable {
    /// Powers a column.
    public let bins: Int
    public let capacity: Int
    /// Where each power begins and ends, rising.
    let lowerHertz: [Double]
    let upperHertz: [Double]
    public let secondsPerColumn: Double
    public private(set) var columnsPerCell = 1
    private var cells: [Float] = []
    private var pending: [Double]
    private var pendingColumns = 0

    /// For bands, a column's powers from the lowest to the highest.
    ///
    /// - Parameters:
    ///   - lowerHertz: where each band begins; rising, none below 0.
    ///   - upperHertz: where it ends.
    ///   - capacity: cells, of four bytes a band each.
    public init(
        lowerHertz: [Double], upperHertz: [Double], secondsPerColumn: Double, capacity: Int = 2048
    ) {
        precondition(!lowerHertz.isEmpty && lowerHertz.count == upperHertz.count)
        precondition(secondsPerColumn > 0 && capacity > 0 && capacity % 2 == 0)
        bins = lowerHertz.count
        self.lowerHertz = lowerHertz
        self.upperHertz = upperHertz
        self.secondsPerColumn = secondsPerColumn
        self.capacity = capacity
        pending = Array(repeating: 0, count: bins)
    }

    /// Adds the next column.
    ///
    /// - Parameter powers: of each bin or band; 1 is a sine at full scale, twice its mean square. What is no number or below zero counts as nothing.
    public mutating func add(_ powers: Span<Float>) {
        precondition(powers.count == bins)
        for bin in 0..<bins {
            let power = powers[bin]
            if power > 0, power.isFinite { pending[bin] += Double(power) }
        }
        pendingColumns += 1
        guard pendingColumns == columnsPerCell else { return }
        append()
        if cells.count == capacity * bins { halve() }
    }

    private mutating func append() {
        // A power of two: exact.
        let share = 1 / Double(columnsPerCell)
        for bin in 0..<bins {
            cells.append(Float(pending[bin] * share))
            pending[bin] = 0
        }
        pendingColumns = 0
    }

    private mutating func halve() {
        for cell in 0..<capacity / 2 {
            for bin in 0..<bins {
                cells[cell * bins + bin] = (cells[2 * cell * bins + bin] + cells[(2 * cell + 1) * bins + bin]) / 2
            }
        }
        cells.removeLast(capacity / 2 * bins)
        columnsPerCell *= 2
    }

    // MARK: - What it holds

    /// Cells there are, the last of which may stand for fewer columns.
    public var count: Int { cells.count / bins + (pendingColumns > 0 ? 1 : 0) }
    public var secondsPerCell: Double { secondsPerColumn * Double(columnsPerCell) }

    /// All columns that were added.
    public var columns: Int { cells.count / bins * columnsPerCell + pendingColumns }

    /// Mean power of one bin in one cell.
    public func power(_ cell: Int, bin: Int) -> Double {
        precondition(cell < count && bin < bins)
        if cell * bins < cells.count { return Double(cells[cell * bins + bin]) }
        return pending[bin] / Double(pendingColumns)
    }
}
