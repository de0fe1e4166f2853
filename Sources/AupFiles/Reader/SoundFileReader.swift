public import AupSound
public import AupSystem
internal import Glibc

/// A sound file, read exactly: after every seek the frames are those that reading from the beginning would have given.
///
/// WAV, RF64, W64, AU and headerless samples are read as they lie; AIFF, CAF, FLAC, Ogg Vorbis and what else
/// libsndfile knows are decoded by it, MP3 by libmpg123, Ogg Opus by whatever codec it is given. The format holds the file's samples without loss: integers
/// stay integers of their width, the lossy codecs give floats. What decoders get wrong is made good here: they land
/// beside the frame, need sound before it to be themselves again, and leave out what is damaged.
///
/// Damaged pieces become silence of the same length where the container tells it, so that everything behind them keeps
/// its place: always in FLAC and Ogg files. Of Opus a moment is guessed before silence begins. A frame of MP3 whose header is gone is left out; damage inside a frame
/// cannot be told from sound. A file that was cut off is read to what is there.
///
/// Pipes and sockets pass once: all of these formats are read from them as they come, but cannot be sought in, and
/// damage is counted, not filled.
///
/// - Thread: one at a time; every verb may wait for the disk.
public final class SoundFileReader {
    /// What people call it: "FLAC", "Ogg Vorbis", ….
    public let container: String
    public let format: PCMFormat
    /// Frames of the whole file as far as it says so; reading may end before where it was cut off.
    public let totalFrames: Int64?
    /// What the file says about its sound; cover pictures of FLAC and Ogg are there too, as `METADATA_BLOCK_PICTURE`.
    public let tags: [SoundTag]
    /// The rate of the sound before it was encoded, where the codec has one of its own.
    public var originalRate: Int? { decoder.originalRate }
    /// How many of them are not, because they are longer than anybody keeps.
    public let tagsLeftOut: Int
    public var title: String? { tags.first { $0.hasKey("TITLE") }?.value }
    public var artist: String? { tags.first { $0.hasKey("ARTIST") }?.value }
    /// Whether ``seek(to:)`` works.
    public let isSeekable: Bool
    /// The frame that ``read(into:frames:)`` gives next.
    public private(set) var position: Int64 = 0
    /// Pieces of the file that could not be decoded, and the frames of silence in their place.
    public private(set) var damagedPieces = 0
    public private(set) var damagedFrames: Int64 = 0
    /// What the file promises and does not have; known at its end.
    public private(set) var cutOff: CutOff?

    private let input: ByteInput
    private let decoder: any SoundDecoder
    private let path: String
    /// Frames of silence before the decoder goes on.
    private var silentFrames: Int64 = 0
    private var isOver = false
    /// What is decoded and thrown away on the way to a frame.
    private let scratch: AlignedBytes

    /// Seeks that are tried before the file is decoded from its beginning.
    private static let seekAttempts = 3
    /// Damaged pieces that follow each other without a frame between.
    private static let fruitlessReads = 64
    private static let scratchBytes = 64 << 10

    /// Opens a file, FIFO or device by its path.
    ///
    /// - Parameters:
    ///   - opus: decodes Ogg Opus.
    ///   - stop: ends waiting reads of a pipe, as if it had ended.
    public convenience init(path: String, opus: OpusCodec, stop: StopRequest = StopRequest()) throws(FileError) {
        let descriptor: Descriptor
        do throws(SystemError) {
            descriptor = try Descriptor.reading(path)
        } catch {
            throw error.code == EACCES
                ? .denied(path: path) : .broken(path: path, doing: "opening", errno: error.code)
        }
        var first: [UInt8] = []
        if descriptor.fileBytes == nil { first = try Self.firstBytes(descriptor, path, stop) }
        try self.init(descriptor, firstBytes: first, path: path, opus: opus, stop: stop)
    }

    /// Takes over an open input.
    ///
    /// - Parameters:
    ///   - firstBytes: what was read from it to find out what it is; a regular file is read from its beginning all the
    ///     same.
    ///   - opus: decodes Ogg Opus.
    public init(
        _ descriptor: Descriptor, firstBytes: [UInt8], path: String, opus: OpusCodec,
        stop: StopRequest = StopRequest()
    ) throws(FileError) {
        let input = ByteInput(descriptor, firstBytes: firstBytes, stop: stop)
        var head = firstBytes
        if input.fileBytes != nil {
            head = [UInt8](repeating: 0, count: 4096)
            let count = unsafe head.withUnsafeMutableBytes {
                unsafe input.read(at: 0, into: $0.baseAddress!, count: $0.count)
            }
            head.removeLast(head.count - count)
        }
        if input.failure != 0 { throw .broken(path: path, doing: "reading", errno: input.failure) }
        var found: FoundTags?
        switch ContainerSniffer.identify(head.span, isComplete: true) {
        case .wav, .au:
            let isWAV = ContainerSniffer.identify(head.span, isComplete: true) == .wav
            let header = try PlainDecoder.header(input, isWAV: isWAV)
            container = header.container.rawValue
            decoder = PlainDecoder(input, header)
        case .coded("W64"):
            container = "W64"
            decoder = PlainDecoder(input, try W64Header.read(input))
        case .coded(let name):
            let behindTag = name == "MP3" ? Self.flacBehindTag(input, head) : nil
            let name = behindTag == nil ? name : "FLAC"
            // Before the decoder, which would leave nothing of a pipe to look at.
            if name == "FLAC" { found = TagReader.flac(input, at: behindTag ?? 0) }
            if name.hasPrefix("Ogg") { found = TagReader.ogg(input) }
            container = name
            decoder =
                switch name {
                case "MP3": try MP3Decoder(input)
                case "Ogg Opus": try OggOpusDecoder(input, codec: opus)
                case let name where name.hasPrefix("Ogg"): try OggDecoder(input, container: name)
                default: try LibraryDecoder(input, container: name)
                }
        case .refused(let error): throw error
        case .needsMore: throw .refused(seen: "too short an input", remedy: "look at the command that should write it")
        }
        self.input = input
        self.path = path
        scratch = AlignedBytes(count: max(Self.scratchBytes, decoder.format.frameBytes))
        format = decoder.format
        totalFrames = decoder.totalFrames
        tags = found?.tags ?? decoder.tags
        tagsLeftOut = found?.leftOut ?? 0
        isSeekable = input.fileBytes != nil
    }

    /// Headerless samples.
    public init(headerless descriptor: Descriptor, format: PCMFormat, path: String, stop: StopRequest = StopRequest()) {
        let input = ByteInput(descriptor, firstBytes: [], stop: stop)
        let header = SoundFileHeader(container: .wav, format: format, storage: .native, dataBytes: nil, headerBytes: 0)
        self.input = input
        self.path = path
        self.format = format
        container = "headerless"
        decoder = PlainDecoder(input, header)
        scratch = AlignedBytes(count: max(Self.scratchBytes, format.frameBytes))
        totalFrames = decoder.totalFrames
        tags = []
        tagsLeftOut = 0
        isSeekable = input.fileBytes != nil
    }

    /// Gives the next frames; 0 at the end.
    ///
    /// - Parameter target: room for `frames` frames of ``format``, aligned for its samples.
    public func read(into target: UnsafeMutableRawPointer, frames: Int) throws(FileError) -> Int {
        var done = 0
        while done < frames, !isOver {
            let place = unsafe target + done * format.frameBytes
            if silentFrames > 0 {
                let count = Int(min(silentFrames, Int64(frames - done)))
                unsafe place.initializeMemory(
                    as: UInt8.self, repeating: format.sampleFormat.silenceByte, count: count * format.frameBytes)
                silentFrames -= Int64(count)
                position += Int64(count)
                done += count
                continue
            }
            let count = try unsafe decode(into: place, frames: frames - done)
            done += count
            if count > 0, input.mayBeShort, !isSeekable { break }
        }
        return done
    }

    /// Goes to a frame; beyond the end, to the end.
    public func seek(to frame: Int64) throws(FileError) {
        precondition(isSeekable, "a pipe passes once")
        let frame = min(max(0, frame), totalFrames ?? .max)
        guard frame != position else { return }
        silentFrames = 0
        isOver = false
        // Reading on is nearer than going there and rolling up.
        if frame > position, frame - position <= decoder.preRollFrames + 4096 { return try discard(to: frame) }
        try land(before: frame)
        try discard(to: frame)
    }

    // MARK: - Seeking

    /// Lets the decoder land at a frame from which it is itself again when it reaches the one that is wanted.
    private func land(before frame: Int64) throws(FileError) {
        var distance = decoder.preRollFrames
        for _ in 0..<Self.seekAttempts {
            let start = max(0, min(frame - distance, decoder.lastLanding ?? .max))
            // A landing behind the frame is at the far side of a hole, or wrong; what lies before tells.
            if let landing = decoder.seek(to: start) {
                if landing <= frame {
                    position = landing
                    return
                }
            } else {
                try decoder.reopen()
            }
            if start == 0 { break }
            distance = distance * 4 + 65_536
        }
        try decoder.reopen()
        position = 0
    }

    private func discard(to frame: Int64) throws(FileError) {
        let block = Int64(unsafe scratch.bytes.count / format.frameBytes)
        while position < frame {
            let count = try unsafe read(into: scratch.base, frames: Int(min(block, frame - position)))
            if count == 0 { return }
        }
    }

    // MARK: - Damage

    private func decode(into target: UnsafeMutableRawPointer, frames: Int) throws(FileError) -> Int {
        for _ in 0..<Self.fruitlessReads {
            let decoded = try unsafe decoder.read(into: target, frames: frames)
            if input.failure != 0 { throw .broken(path: path, doing: "reading", errno: input.failure) }
            if let hole = decoded.hole, isSeekable {
                let good = Int(max(0, hole.first - position))
                position += Int64(good)
                try pass(hole)
                return good
            }
            position += Int64(decoded.count)
            damagedPieces += decoded.damagedPieces
            damagedFrames += decoded.guessedFrames
            if decoded.isBroken {
                try passBroken()
            } else if decoded.count == 0 {
                end()
                return 0
            } else if decoded.hole != nil {
                damagedPieces += 1
            }
            if decoded.count > 0 || silentFrames > 0 || isOver { return decoded.count }
        }
        end()
        return 0
    }

    private func end() {
        isOver = true
        let missing = (totalFrames ?? position) - position
        cutOff = missing > 0 ? .frames(missing) : decoder.isTorn && !input.stop.isRequested ? .page : nil
    }

    /// Puts silence where a hole is and lets the decoder go on behind it.
    private func pass(_ hole: DecodedFrames.Hole) throws(FileError) {
        guard let landing = decoder.seek(to: hole.next), landing >= position else { return end() }
        if landing > position { fill(to: landing) }
    }

    /// Behind a piece that the decoder refuses: the first frame it takes again.
    private func passBroken() throws(FileError) {
        guard isSeekable, let totalFrames, decoder.preRollFrames == 0 else {
            damagedPieces += 1
            return
        }
        var refused = position
        var taken: Int64?
        var step: Int64 = 1024
        while taken == nil, refused + step < totalFrames {
            let place = refused + step
            if try canDecode(at: place) { taken = place } else { refused = place }
            step = min(step * 2, 1 << 20)
        }
        guard var taken else { return end() }
        while taken - refused > 1 {
            let place = refused + (taken - refused) / 2
            if try canDecode(at: place) { taken = place } else { refused = place }
        }
        guard try canDecode(at: taken), let landing = decoder.seek(to: taken), landing == taken else { return end() }
        fill(to: taken)
    }

    private func canDecode(at frame: Int64) throws(FileError) -> Bool {
        if decoder.seek(to: frame) == frame {
            let decoded = try unsafe decoder.read(into: scratch.base, frames: 1)
            if decoded.count == 1, !decoded.isBroken { return true }
        }
        try decoder.reopen()
        return false
    }

    private func fill(to frame: Int64) {
        damagedPieces += 1
        damagedFrames += frame - position
        silentFrames = frame - position
    }

    /// An MP3 file begins with a tag, and now and then a FLAC file does.
    private static func flacBehindTag(_ input: ByteInput, _ head: [UInt8]) -> Int64? {
        guard head.count >= 10, head.span.starts("ID3", at: 0) else { return nil }
        // Four times seven bits (ID3v2.4, section 6.2), and the header of ten bytes.
        let size = head[6..<10].reduce(0) { $0 << 7 | Int64($1 & 0x7F) } + 10
        var name = [UInt8](repeating: 0, count: 4)
        let count = unsafe name.withUnsafeMutableBytes {
            unsafe input.read(at: size, into: $0.baseAddress!, count: 4)
        }
        return count == 4 && name.span.starts("fLaC", at: 0) ? size : nil
    }

    private static func firstBytes(
        _ descriptor: Descriptor, _ path: String, _ stop: StopRequest
    ) throws(FileError) -> [UInt8] {
        var first: [UInt8] = []
        let chunk = AlignedBytes(count: 4096)
        while case .needsMore = ContainerSniffer.identify(first.span) {
            do throws(SystemError) {
                guard let count = try unsafe descriptor.read(into: chunk.bytes, stop: stop), count > 0 else { break }
                unsafe first += chunk.bytes[..<count]
            } catch {
                throw .broken(path: path, doing: "reading", errno: error.code)
            }
        }
        return first
    }
}
