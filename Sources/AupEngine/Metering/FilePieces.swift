import AupFiles
import AupOpus
import AupRealtime
import AupSound
import AupSystem
import Synchronization

/// Measures one file with several threads, where there are fewer files than processors: each decodes and measures a piece.
///
///     0        │        1        │        2        │ …
///     analysis │ aup.meter       │ aup.meter       │       and then all of them behind the first
///          primes│             primes│
///
/// Only files that are read exactly from any frame on, and only sound ones: where anything is amiss it is said that
/// nothing was measured, and whoever reads the file in one go tells what it is.
///
/// - Thread: aup.meter.
struct FilePieces {
    /// A piece is at least so long: it hears four seconds besides its own.
    private static let leastSeconds = 10
    private static let blockBytes = 64 << 10
    /// Containers whose frames lie in them as they are, or that are decoded to the same bits from any place.
    private static let containers: Set<String> = ["WAV", "RF64", "W64", "AU", "AIFF", "CAF", "FLAC"]

    private let path: String
    private let format: PCMFormat
    private let totalFrames: Int64
    /// The second at which each piece begins.
    private let starts: [Int]
    private let stop: StopRequest
    private let measured = ProgressFrames()

    /// Frames that were measured, of all pieces.
    private final class ProgressFrames: Sendable {
        let count = Atomic<Int64>(0)
    }

    private final class Piece: @unchecked Sendable {
        // @unchecked because its thread has it alone until it is joined.
        var meter: SoundMeter
        var isWhole = false
        init(_ configuration: MeterConfiguration, second: Int) {
            meter = SoundMeter(configuration, piece: second)
        }
    }

    /// - Parameter count: pieces at most.
    /// - Returns: `nil` for a file that is read in one go.
    init?(_ path: String, count: Int, stop: StopRequest) {
        // A FIFO passes once.
        guard count > 1, Descriptor.Kind(path: path) == .file, let reader = Self.reader(path, stop),
            Self.containers.contains(reader.container), let totalFrames = reader.totalFrames
        else { return nil }
        let seconds = Int(clamping: totalFrames / Int64(reader.format.rate))
        let pieces = min(count, seconds / Self.leastSeconds)
        guard pieces > 1 else { return nil }
        self.path = path
        self.stop = stop
        self.totalFrames = totalFrames
        format = reader.format
        starts = (0..<pieces).map { $0 * (seconds / pieces) }
    }

    private static func reader(_ path: String, _ stop: StopRequest) -> SoundFileReader? {
        try? SoundFileReader(path: path, opus: .library, stop: stop)
    }

    /// - Parameters:
    ///   - analysis: gets all of the file.
    ///   - tick: told now and then how much is measured, 0 to 1.
    /// - Returns: whether it has it; else it is of no use any more.
    func measure(into analysis: SoundAnalysis, tick: (Double) -> Void) throws(SessionFailure) -> Bool {
        try analysis.begin(format, source: path)
        guard let configuration = analysis.meters?.sound.configuration else { return false }
        let pieces = starts.dropFirst().map { Piece(configuration, second: $0) }
        var threads: [WorkerThread] = []
        var isWhole = true
        do throws(SystemError) {
            for (index, piece) in pieces.enumerated() {
                let thread = try WorkerThread(name: "aup.meter") { [self] in measure(piece, number: index + 1) }
                threads.append(thread)
            }
        } catch {
            isWhole = false
        }
        if isWhole, let reader = Self.reader(path, stop) {
            isWhole = unsafe read(reader, until: frame(ofPiece: 1)) { base, frames in
                unsafe analysis.measure(base, frames: frames)
                tick(Double(measured.count.load(ordering: .relaxed)) / Double(totalFrames))
            }
        }
        for thread in threads { thread.join() }
        guard isWhole, pieces.allSatisfy(\.isWhole) else { return false }
        for piece in pieces { analysis.append(piece.meter) }
        return true
    }

    /// The frame at which a piece begins, and the one before it ends.
    private func frame(ofPiece number: Int) -> Int64 {
        number < starts.count ? Int64(starts[number]) * Int64(format.rate) : totalFrames
    }

    private func measure(_ piece: Piece, number: Int) {
        guard let reader = Self.reader(path, stop), reader.format == format else { return }
        let primes = SoundMeter.primingSecond(ofPiece: starts[number])
        guard (try? reader.seek(to: Int64(primes) * Int64(format.rate))) != nil else { return }
        let hear = { (base: UnsafeRawPointer, frames: Int) in unsafe piece.meter.measure(base, frames: frames) }
        guard unsafe read(reader, until: frame(ofPiece: number), isCounted: false, hear) else { return }
        piece.meter.beginPiece()
        guard unsafe read(reader, until: frame(ofPiece: number + 1), hear) else { return }
        if number == starts.count - 1 {
            // What lies behind the last frame that was promised is sound too; what is missing is told by others.
            guard unsafe read(reader, until: .max, hear), reader.cutOff == nil else { return }
            piece.meter.finish()
        }
        piece.isWhole = reader.damagedPieces == 0
    }

    /// - Returns: whether all of it was there.
    private func read(
        _ reader: SoundFileReader, until end: Int64, isCounted: Bool = true,
        _ hear: (UnsafeRawPointer, Int) -> Void
    ) -> Bool {
        var block = ScratchBytes()
        let blockFrames = max(1, Self.blockBytes / format.frameBytes)
        while reader.position < end {
            guard !stop.isRequested else { return false }
            let wanted = Int(min(Int64(blockFrames), end - reader.position))
            let space = unsafe block.space(wanted * format.frameBytes)
            guard let count = try? unsafe reader.read(into: space.baseAddress!, frames: wanted) else { return false }
            if count == 0 { return end == .max && reader.damagedPieces == 0 }
            unsafe hear(UnsafeRawPointer(space.baseAddress!), count)
            if isCounted { measured.count.add(Int64(count), ordering: .relaxed) }
        }
        return reader.damagedPieces == 0
    }
}
