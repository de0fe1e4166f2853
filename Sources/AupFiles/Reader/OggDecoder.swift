internal import AupSound

/// Sound in an Ogg file, in its place also where the file is damaged.
///
/// libsndfile does not count what a damaged page has swallowed, and takes the first page that it finds after a jump for
/// the one that it looked for: behind the damage everything would sound too early. So the pages are watched as they
/// pass; when one is missing, the file is looked through once, and from then on every stretch of good pages is read as
/// a file of its own, whose last page tells where it belongs.
///
/// - Thread: one at a time.
final class OggDecoder: SoundDecoder {
    let totalFrames: Int64?
    var format: PCMFormat { whole.format }
    var tags: [SoundTag] { whole.tags }
    var preRollFrames: Int64 { whole.preRollFrames }
    var isTorn: Bool { whole.isTorn }
    var lastLanding: Int64? { runs == nil ? whole.lastLanding : nil }

    private let input: ByteInput
    private let container: String
    private let whole: LibraryDecoder
    /// The granule at which the first frame begins.
    private let firstGranule: Int64
    /// The stretches of a file that is known to be damaged.
    private var runs: [OggRun]?
    private var headerBytes: Int64 = 0
    private var hasLooked = false
    /// The stretch that is open: which, its decoder, and the frames of the file that it holds.
    private var open: (index: Int, decoder: LibraryDecoder, frames: Range<Int64>)?
    private var position: Int64 = 0

    init(_ input: ByteInput, container: String) throws(FileError) {
        self.input = input
        self.container = container
        do throws(FileError) {
            whole = try LibraryDecoder(input, container: container)
        } catch {
            // Cut off in the midst of its header. No codec's first page has more bytes than that.
            guard case .undecodable = error, let end = input.fileBytes, OggTail(input)?.isTorn ?? (end < 80) else {
                throw error
            }
            throw .truncated(container: container, byteOffset: UInt64(end))
        }
        guard whole.totalFrames == nil, let found = Self.look(through: input),
            let decoder = Self.decoder(input, container, found.headerBytes, found.runs[0]),
            let count = decoder.totalFrames
        else {
            totalFrames = whole.totalFrames
            firstGranule = whole.firstGranule
            return
        }
        // Damage can keep libsndfile from finding the end; the first stretch tells where the file begins.
        firstGranule = found.runs[0].endGranule - count
        totalFrames = (found.runs.last?.endGranule ?? 0) - firstGranule
        headerBytes = found.headerBytes
        runs = found.runs
        hasLooked = true
        open = (0, decoder, 0..<count)
    }

    func reopen() throws(FileError) {
        position = 0
        open = nil
        if runs == nil { try whole.reopen() }
    }

    func seek(to frame: Int64) -> Int64? {
        if runs != nil { return seekInRuns(to: frame) }
        guard let landing = whole.seek(to: frame) else { return nil }
        position = landing
        return landing
    }

    func read(into target: UnsafeMutableRawPointer, frames: Int) throws(FileError) -> DecodedFrames {
        if runs != nil { return try unsafe readRun(into: target, frames: frames) }
        var decoded = try unsafe whole.read(into: target, frames: frames)
        if input.fileBytes != nil, isSuspicious(decoded), isDamaged() {
            // What was read up to the hole is good; where a jump went wrong nothing is.
            let first = decoded.hole?.first ?? position
            decoded.isBroken = false
            decoded.count = Int(first - position)
            decoded.hole = .init(first: first, next: first)
            position = first
            return decoded
        }
        if input.fileBytes != nil { decoded.hole = nil }
        position += Int64(decoded.count)
        return decoded
    }

    // MARK: - Damage

    private func isSuspicious(_ decoded: DecodedFrames) -> Bool {
        if decoded.hole != nil || decoded.isBroken { return true }
        guard let page = input.oggWatch?.firstPage, page > 0 else { return false }
        input.oggWatch?.firstPageIsSeen()
        return !OggPage.isIntact(before: page, in: input)
    }

    /// Looks the file through, once.
    private func isDamaged() -> Bool {
        if hasLooked { return false }
        hasLooked = true
        guard let found = Self.look(through: input) else { return false }
        headerBytes = found.headerBytes
        runs = found.runs
        return true
    }

    private static func look(through input: ByteInput) -> (headerBytes: Int64, runs: [OggRun])? {
        guard let found = OggRun.all(in: input), found.runs.count > 1 else { return nil }
        return found
    }

    private static func decoder(
        _ input: ByteInput, _ container: String, _ headerBytes: Int64, _ run: OggRun
    ) -> LibraryDecoder? {
        try? LibraryDecoder(ByteInput(input, beginning: headerBytes, stretch: run.bytes), container: container)
    }

    private func seekInRuns(to frame: Int64) -> Int64? {
        let runs = runs ?? []
        let granule = frame + firstGranule
        var index = runs.firstIndex { $0.endGranule > granule } ?? runs.count
        while index < runs.count {
            if let frames = enter(index), frames.upperBound > frame {
                let start = max(frame, frames.lowerBound)
                guard let open, let landing = open.decoder.seek(to: start - frames.lowerBound) else { return nil }
                position = frames.lowerBound + landing
                return position
            }
            // Too short to hold a frame.
            index += 1
        }
        open = nil
        position = totalFrames ?? position
        return position
    }

    /// Opens a stretch, and says which frames of the file it holds.
    private func enter(_ index: Int) -> Range<Int64>? {
        if let open, open.index == index { return open.frames }
        open = nil
        guard let run = runs?[index], let decoder = Self.decoder(input, container, headerBytes, run),
            let count = decoder.totalFrames, count > 0
        else { return nil }
        let end = run.endGranule - firstGranule
        let frames = max(0, end - count)..<end
        open = (index, decoder, frames)
        return frames
    }

    private func readRun(into target: UnsafeMutableRawPointer, frames: Int) throws(FileError) -> DecodedFrames {
        guard let open else { return DecodedFrames(count: 0) }
        let rest = Int(clamping: open.frames.upperBound - position)
        var decoded = DecodedFrames(count: 0)
        if rest > 0 {
            decoded = try unsafe open.decoder.read(into: target, frames: min(frames, rest))
            decoded.hole = nil
            decoded.isBroken = false
        }
        position += Int64(decoded.count)
        if decoded.count == 0, let totalFrames, position < totalFrames {
            // Behind the stretch; where it ended too early, too.
            let end = max(position, open.frames.upperBound)
            decoded.hole = .init(first: position, next: end)
        }
        return decoded
    }
}
