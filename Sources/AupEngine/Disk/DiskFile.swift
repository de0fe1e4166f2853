import AupFiles
import AupRealtime
import AupSound
import Synchronization

/// What control may know of a file that the disk thread reads.
///
/// - Thread: any.
final class DiskFile: Sendable {
    let container: String
    let format: PCMFormat
    let totalFrames: Int64?
    let title: String?
    let artist: String?
    private let counts = Guarded(Counts())

    struct Counts: Sendable, Equatable {
        /// Pieces that could not be decoded, and the frames of silence in their place.
        var damagedPieces = 0
        var damagedFrames: Int64 = 0
        /// What the file promises and does not have.
        var cutOff: CutOff?
        /// Why reading ended before the end.
        var failure: FileError?
    }

    init(_ reader: SoundFileReader) {
        container = reader.container
        format = reader.format
        totalFrames = reader.totalFrames
        title = reader.title
        artist = reader.artist
    }

    var status: Counts { counts.read { $0 } }

    /// - Thread: aup.disk.
    func tell(_ news: Counts) {
        counts.write { $0 = news }
    }
}

/// One file in the disk thread's hands.
final class DiskJob: @unchecked Sendable {
    // @unchecked because control makes it, hands it over in a command, and only the disk thread uses it from then on.
    let file: DiskFile
    private let reader: SoundFileReader
    private var filler: ReadAhead.Filler
    private let isWhole: Bool
    private var told = DiskFile.Counts()

    /// Frames decoded at once: long enough to pay for the turn, short enough to answer a seek soon.
    private static let blockFrames = 4096

    init(_ file: DiskFile, _ reader: SoundFileReader, _ filler: consuming ReadAhead.Filler, isWhole: Bool) {
        self.file = file
        self.reader = reader
        self.filler = filler
        self.isWhole = isWhole
    }

    /// Answers a seek and decodes a block, where there is room for one; false when there was nothing to do.
    func step() -> Bool {
        if let request = filler.request() { answer(request.frame, request.generation) }
        guard !filler.isAtEnd else { return false }
        let room = filler.writableFrames
        if isWhole, room == 0 {
            filler.end()
            return false
        }
        // A few frames of room are not worth the turn; they grow.
        guard room > 0, isWhole || room >= Self.blockFrames || room * 4 >= 3 * filler.capacityFrames else {
            return false
        }
        let space = unsafe filler.space(frames: Self.blockFrames)
        do throws(FileError) {
            let count = try unsafe reader.read(into: space.start, frames: space.frames)
            filler.advance(frames: count)
            // Told before the end is seen, because whoever sees it asks what was wrong.
            tell()
            if count == 0 { filler.end() }
        } catch {
            fail(error)
        }
        return true
    }

    private func answer(_ frame: Int, _ generation: Int) {
        guard reader.isSeekable || Int64(frame) >= reader.position else {
            // A pipe does not go back.
            filler.begin(at: frame, generation: generation)
            filler.end()
            return
        }
        do throws(FileError) {
            if reader.isSeekable { try reader.seek(to: Int64(frame)) }
            filler.begin(at: min(Int(reader.position), frame), generation: generation)
        } catch {
            filler.begin(at: frame, generation: generation)
            fail(error)
        }
    }

    private func fail(_ error: FileError) {
        told.failure = error
        tell()
        filler.end()
    }

    private func tell() {
        var news = told
        news.damagedPieces = reader.damagedPieces
        news.damagedFrames = reader.damagedFrames
        news.cutOff = reader.cutOff
        guard news != told || news.failure != nil else { return }
        told = news
        file.tell(news)
    }
}
