internal import AupSound
internal import CSndfile
internal import Glibc

/// Sound that libsndfile decodes: AIFF, CAF, FLAC, Ogg Vorbis and more.
///
/// - Thread: one at a time.
@safe final class LibraryDecoder: SoundDecoder {
    let format: PCMFormat
    let totalFrames: Int64?
    let preRollFrames: Int64
    let lastLanding: Int64?
    private(set) var tags: [SoundTag] = []
    /// Of a pipe its last bytes tell.
    var isTorn: Bool { isFileTorn || (input.fileBytes == nil && input.oggWatch?.isTorn ?? false) }

    /// How samples are asked for.
    private enum Feed { case u8, s16, s24, s32, f32, f64 }

    private let input: ByteInput
    private let containerName: String
    private let feed: Feed
    private let isFLAC: Bool
    private let isFileTorn: Bool
    /// The granule of the Ogg stream at which the first frame begins.
    private(set) var firstGranule: Int64 = 0
    private var position: Int64 = 0
    /// What libsndfile reads from; at one place as long as its file is open.
    private let source: UnsafeMutablePointer<aup_byte_input>
    /// libsndfile's file; owned alone by this object.
    private var file: UnsafeMutableRawPointer?
    private var narrow: [Int16] = []

    /// More frames than a file can have: libsndfile's ways to say that it does not know.
    private static let unknownFrames: Int64 = 1 << 44
    private static let unknownFramesOfPipe: Int64 = 1 << 36
    /// Two of the longest blocks of Vorbis (Vorbis I specification, 4.2.2).
    private static let vorbisPreRoll: Int64 = 2 * 8192

    init(_ input: ByteInput, container: String) throws(FileError) {
        if let why = unsafe aup_sndfile_missing() {
            throw .missingReader(
                container: container, library: "libsndfile", package: "libsndfile1", why: unsafe String(cString: why))
        }
        self.input = input
        containerName = container
        // Before the decoder, which would leave nothing of a pipe to look at.
        let stated = container == "AIFF" ? AIFFHeader(input) : nil
        unsafe source = .allocate(capacity: 1)
        unsafe source.initialize(to: aup_byte_input())
        var facts = aup_sndfile_facts()
        do throws(FileError) {
            unsafe file = try Self.open(source, input, container, &facts)
        } catch {
            unsafe source.deallocate()
            throw error
        }
        let kind = Int(facts.format) & SF_FORMAT_SUBMASK
        feed = Self.feed(kind)
        isFLAC = Int(facts.format) & SF_FORMAT_TYPEMASK == SF_FORMAT_FLAC
        let (rate, channels) = (Int(facts.rate), Int(facts.channels))
        let layout = unsafe Self.layout(file!, container: container, channels: channels)
        guard let format = PCMFormat(Self.sampleFormat(feed), rate: rate, channels: channels, layout: layout) else {
            unsafe aup_sndfile_close(file)
            unsafe source.deallocate()
            throw .unsupported(container: container, what: "\(channels) channels at \(rate) Hz", byteOffset: 0)
        }
        self.format = format
        // Of a pipe, what libsndfile made of the length it was told is as good as nothing.
        let unknown = input.fileBytes == nil ? Self.unknownFramesOfPipe : Self.unknownFrames
        let there = facts.frames >= 0 && facts.frames < unknown ? facts.frames : nil
        if let stated, stated.isCut(input) {
            totalFrames = max(there ?? 0, stated.frames ?? 0)
        } else {
            totalFrames = input.fileBytes == nil && stated != nil && stated?.frames == nil ? nil : there
        }
        preRollFrames =
            switch kind {
            case SF_FORMAT_VORBIS: Self.vorbisPreRoll
            default: 0
            }
        let isOgg = Int(facts.format) & SF_FORMAT_TYPEMASK == SF_FORMAT_OGG
        let tail = isOgg ? OggTail(input) : nil
        isFileTorn = tail?.isTorn ?? false
        if let tail, let totalFrames { firstGranule = tail.lastGranule - totalFrames }
        lastLanding = tail.map { [firstGranule, preRollFrames] in
            max(0, $0.granuleBefore - firstGranule - preRollFrames)
        }
        for (key, kind) in TagPlaces.libraryKinds {
            if let tag = unsafe Self.text(file!, kind).flatMap({ SoundTag(key, $0) }) { tags.append(tag) }
        }
        input.mayBeShort = preRollFrames > 0 || isFLAC
        input.oggWatch = isOgg ? OggWatch() : nil
        input.settle()
    }

    deinit {
        if unsafe file != nil { _ = unsafe aup_sndfile_close(file) }
        unsafe source.deallocate()
    }

    private static func open(
        _ source: UnsafeMutablePointer<aup_byte_input>, _ input: ByteInput, _ container: String,
        _ facts: inout aup_sndfile_facts
    ) throws(FileError) -> UnsafeMutableRawPointer {
        unsafe source.pointee.context = Unmanaged.passUnretained(input).toOpaque()
        unsafe source.pointee.bytes = input.length
        unsafe source.pointee.position = 0
        unsafe source.pointee.read = { context, position, target, count in
            guard let context = unsafe context, let target = unsafe target else { return -1 }
            // Not retained: the decoder that owns the input closes the file before it lets go of it.
            let input = unsafe Unmanaged<ByteInput>.fromOpaque(context).takeUnretainedValue()
            return unsafe Int64(input.read(at: position, into: target, count: Int(count)))
        }
        var why: UnsafePointer<CChar>?
        guard let file = unsafe aup_sndfile_open(source, &facts, &why) else {
            var text = unsafe why.map { unsafe String(cString: $0) } ?? "it gave no reason"
            while text.last == "." || text.last == "\n" { text.removeLast() }
            throw .undecodable(container: container, why: text)
        }
        return unsafe file
    }

    func reopen() throws(FileError) {
        if unsafe file != nil { _ = unsafe aup_sndfile_close(file) }
        unsafe file = nil
        input.oggWatch?.forget()
        var facts = aup_sndfile_facts()
        unsafe file = try Self.open(source, input, containerName, &facts)
        position = 0
    }

    func seek(to frame: Int64) -> Int64? {
        guard unsafe file != nil else { return nil }
        input.oggWatch?.forget()
        let landing = unsafe aup_sndfile_seek(file, frame)
        guard landing >= 0 else { return nil }
        position = landing
        return landing
    }

    func read(into target: UnsafeMutableRawPointer, frames: Int) throws(FileError) -> DecodedFrames {
        guard unsafe file != nil else { return DecodedFrames(count: 0) }
        let count = max(0, Int(unsafe fetch(into: target, frames: frames)))
        var decoded = DecodedFrames(count: count)
        decoded.isBroken = unsafe aup_sndfile_failed(file) != 0
        let first = position
        position += Int64(count)
        if let hole = input.oggWatch?.hole {
            let start = hole.lastGranule - firstGranule
            if start <= position {
                decoded.hole = .init(first: max(start, first), next: hole.nextGranule - firstGranule)
                input.oggWatch?.holeIsSeen()
            }
        }
        return decoded
    }

    private func fetch(into target: UnsafeMutableRawPointer, frames: Int) -> Int64 {
        let samples = frames * format.channels
        switch feed {
        case .u8:
            if narrow.count < samples { narrow = [Int16](repeating: 0, count: samples) }
            let count = unsafe aup_sndfile_read_s16(file, &narrow, Int64(frames))
            for index in 0..<max(0, Int(count)) * format.channels {
                unsafe target.storeBytes(of: UInt8((narrow[index] >> 8) + 128), toByteOffset: index, as: UInt8.self)
            }
            return count
        case .s16: return unsafe aup_sndfile_read_s16(file, target.assumingMemoryBound(to: Int16.self), Int64(frames))
        case .s24, .s32:
            let words = unsafe target.assumingMemoryBound(to: Int32.self)
            let count = unsafe aup_sndfile_read_s32(file, words, Int64(frames))
            guard feed == .s24 else { return count }
            for index in 0..<max(0, Int(count)) * format.channels { unsafe words[index] >>= 8 }
            return count
        case .f32: return unsafe aup_sndfile_read_f32(file, target.assumingMemoryBound(to: Float.self), Int64(frames))
        case .f64: return unsafe aup_sndfile_read_f64(file, target.assumingMemoryBound(to: Double.self), Int64(frames))
        }
    }

    private static func feed(_ kind: Int) -> Feed {
        switch kind {
        case SF_FORMAT_PCM_S8, SF_FORMAT_PCM_U8: .u8
        case SF_FORMAT_PCM_24, SF_FORMAT_ALAC_20, SF_FORMAT_ALAC_24: .s24
        case SF_FORMAT_PCM_32, SF_FORMAT_ALAC_32: .s32
        case SF_FORMAT_FLOAT, SF_FORMAT_VORBIS, SF_FORMAT_MPEG_LAYER_I, SF_FORMAT_MPEG_LAYER_II,
            SF_FORMAT_MPEG_LAYER_III:
            .f32
        case SF_FORMAT_DOUBLE: .f64
        // What is left (G.711, ADPCM and their like) decodes to 16 bits.
        default: .s16
        }
    }

    private static func sampleFormat(_ feed: Feed) -> SampleFormat {
        switch feed {
        case .u8: .u8
        case .s16: .s16
        case .s24: .s24
        case .s32: .s32
        case .f32: .f32
        case .f64: .f64
        }
    }

    private static func text(_ file: UnsafeMutableRawPointer, _ kind: Int32) -> String? {
        guard let text = unsafe aup_sndfile_string(file, kind) else { return nil }
        let string = unsafe String(
            decoding: UnsafeRawBufferPointer(start: text, count: min(strlen(text), Limits.stringBytes)), as: UTF8.self)
        return string.isEmpty ? nil : string
    }

    private static func layout(
        _ file: UnsafeMutableRawPointer, container: String, channels: Int
    ) -> ChannelLayout? {
        guard channels > 2, channels <= Limits.channels else { return nil }
        var map = [Int32](repeating: 0, count: channels)
        if unsafe aup_sndfile_channel_map(file, &map, Int32(channels)) != 0 {
            // A map whose words aup does not know, such as Ambisonics, is not the usual loudspeakers.
            let layout = ChannelLayout(map.map { LibraryChannels.position($0) })
            return layout?.isKnown ?? false ? layout : nil
        }
        return LibraryChannels.usual(container: container, channels: channels)
    }
}
