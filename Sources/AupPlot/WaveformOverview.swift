/// The shape of a recording of any length in bounded memory: lowest, highest and mean square sample of each channel.
///
/// It begins with cells of one column. When it is full, every two neighbours become one, so that a cell always stands for
/// `framesPerColumn · 2^n` frames and what it holds is exact: the highest of the highest, and squares summed over all.
///
///     full    a b c d e f g h      16 frames each
///     halved  A B C D . . . .      32 frames each, A = a and b
///
/// A sample that is no finite number counts as none, and its cell is marked.
///
/// - Thread: one at a time.
public struct WaveformOverview: Sendable {
    /// What is known of one channel over one cell, or over several.
    public struct Cell: Equatable, Sendable {
        public var minimum = Float.infinity
        public var maximum = -Float.infinity
        /// Sum of the squares of `samples` samples.
        public var squares = 0.0
        public var samples: Int64 = 0
        /// Samples that were NaN or infinite.
        public var invalidSamples: Int64 = 0

        public init() {}

        /// `nil` where no sample was a number.
        public var rms: Double? { samples > 0 ? (squares / Double(samples)).squareRoot() : nil }

        mutating func merge(_ other: Cell) {
            minimum = min(minimum, other.minimum)
            maximum = max(maximum, other.maximum)
            squares += other.squares
            samples += other.samples
            invalidSamples += other.invalidSamples
        }

        mutating func add(_ sample: Float) {
            guard sample.isFinite else {
                invalidSamples += 1
                return
            }
            minimum = min(minimum, sample)
            maximum = max(maximum, sample)
            squares += Double(sample) * Double(sample)
            samples += 1
        }
    }

    public let channels: Int
    /// Cells it may hold.
    public let capacity: Int
    public private(set) var framesPerCell: Int
    /// All frames that were added.
    public private(set) var frames: Int64 = 0
    private var cells: [Cell] = []
    private var pending: [Cell]
    private var pendingFrames = 0

    /// - Parameters:
    ///   - framesPerColumn: frames of the columns that come; 1 where samples come.
    ///   - capacity: even; twice the pixels of a picture's width keep every pixel sharp.
    public init(channels: Int, framesPerColumn: Int = 1, capacity: Int = 4096) {
        precondition(channels > 0 && framesPerColumn > 0 && capacity > 0 && capacity % 2 == 0)
        self.channels = channels
        self.capacity = capacity
        framesPerCell = framesPerColumn
        pending = Array(repeating: Cell(), count: channels)
        cells.reserveCapacity(capacity * channels)
    }

    /// Adds interleaved samples, any number of whole frames.
    public mutating func add(_ samples: Span<Float>) {
        let total = samples.count / channels
        precondition(total * channels == samples.count)
        var first = 0
        while first < total {
            let count = min(framesPerCell - pendingFrames, total - first)
            for channel in 0..<channels {
                var cell = pending[channel]
                var index = first * channels + channel
                for _ in 0..<count {
                    cell.add(samples[index])
                    index += channels
                }
                pending[channel] = cell
            }
            first += count
            advance(count)
        }
    }

    private mutating func advance(_ count: Int) {
        frames += Int64(count)
        pendingFrames += count
        guard pendingFrames == framesPerCell else { return }
        cells += pending
        for channel in 0..<channels { pending[channel] = Cell() }
        pendingFrames = 0
        if cells.count == capacity * channels { halve() }
    }

    private mutating func halve() {
        for cell in 0..<capacity / 2 {
            for channel in 0..<channels {
                var merged = cells[2 * cell * channels + channel]
                merged.merge(cells[(2 * cell + 1) * channels + channel])
                cells[cell * channels + channel] = merged
            }
        }
        cells.removeLast(capacity / 2 * channels)
        framesPerCell *= 2
    }

    // MARK: - What it holds

    /// Cells there are, the last of which may stand for fewer frames.
    public var count: Int { cells.count / channels + (pendingFrames > 0 ? 1 : 0) }

    public func cell(_ index: Int, channel: Int) -> Cell {
        precondition(index < count && channel < channels)
        return index * channels < cells.count ? cells[index * channels + channel] : pending[channel]
    }

    /// What is known of one channel from one frame to before another: of every cell that has a part in it.
    public func cell(fromFrame start: Double, to end: Double, channel: Int) -> Cell {
        var merged = Cell()
        let first = max(0, Int(start / Double(framesPerCell)))
        let last = min(count, max(first + 1, Int((end / Double(framesPerCell)).rounded(.up))))
        for index in first..<max(first, last) { merged.merge(cell(index, channel: channel)) }
        return merged
    }
}
