internal import AupSound
internal import AupSystem
internal import CMpg123

/// MPEG audio, decoded by libmpg123 to floats; the silence that encoders put round it is left out where they say how
/// much it is.
///
/// - Thread: one at a time.
@safe final class MP3Decoder: SoundDecoder {
    let format: PCMFormat
    let totalFrames: Int64?
    private(set) var tags: [SoundTag] = []
    let lastLanding: Int64? = nil
    /// The bit reservoir reaches back over 511 bytes (ISO/IEC 11172-3, 2.4.2.7), which are ten frames of 1152 at the
    /// lowest rates, and each block overlaps with the one before.
    let preRollFrames: Int64 = 12 * 1152

    private let input: ByteInput
    /// What libmpg123 reads from; at one place as long as its file is open.
    private let source: UnsafeMutablePointer<aup_mpg123_input>
    private var file: UnsafeMutableRawPointer

    init(_ input: ByteInput) throws(FileError) {
        if let why = unsafe aup_mpg123_missing() {
            throw .missingReader(
                container: "MP3", library: "libmpg123", package: "libmpg123-0", why: unsafe String(cString: why))
        }
        self.input = input
        // A pipe is handed on as it comes: the library keeps what it looks at again.
        input.mayBeShort = true
        unsafe source = .allocate(capacity: 1)
        unsafe source.initialize(to: aup_mpg123_input())
        var facts = aup_mpg123_facts()
        do throws(FileError) {
            unsafe file = try Self.open(source, input, &facts)
        } catch {
            unsafe source.deallocate()
            throw error
        }
        guard let format = PCMFormat(.f32, rate: Int(facts.rate), channels: Int(facts.channels)) else {
            unsafe aup_mpg123_close(file)
            unsafe source.deallocate()
            throw .unsupported(container: "MP3", what: "\(facts.channels) channels at \(facts.rate) Hz", byteOffset: 0)
        }
        self.format = format
        totalFrames = facts.frames >= 0 ? facts.frames : nil
        for (key, name) in Self.frames {
            guard !tags.contains(where: { $0.hasKey(key) }), let text = unsafe Self.text(file, name),
                let tag = SoundTag(key, text)
            else { continue }
            tags.append(tag)
        }
        input.settle()
    }

    deinit {
        unsafe aup_mpg123_close(file)
        unsafe source.deallocate()
    }

    private static func open(
        _ source: UnsafeMutablePointer<aup_mpg123_input>, _ input: ByteInput, _ facts: inout aup_mpg123_facts
    ) throws(FileError) -> UnsafeMutableRawPointer {
        unsafe source.pointee.context = Unmanaged.passUnretained(input).toOpaque()
        unsafe source.pointee.bytes = input.fileBytes ?? -1
        unsafe source.pointee.position = 0
        unsafe source.pointee.read = { context, position, target, count in
            guard let context = unsafe context, let target = unsafe target else { return -1 }
            // Not retained: the decoder that owns the input closes the file before it lets go of it.
            let input = unsafe Unmanaged<ByteInput>.fromOpaque(context).takeUnretainedValue()
            return unsafe Int64(input.read(at: position, into: target, count: Int(count)))
        }
        var why: UnsafePointer<CChar>?
        guard let file = unsafe aup_mpg123_open(source, &facts, &why) else {
            throw .undecodable(
                container: "MP3", why: unsafe why.map { unsafe String(cString: $0) } ?? "it gave no reason")
        }
        return unsafe file
    }

    func reopen() throws(FileError) {
        var facts = aup_mpg123_facts()
        unsafe aup_mpg123_close(file)
        unsafe file = try Self.open(source, input, &facts)
    }

    func seek(to frame: Int64) -> Int64? {
        let landing = unsafe aup_mpg123_seek(file, frame)
        return landing >= 0 ? landing : nil
    }

    /// What is damaged inside a frame cannot be told from sound, since few encoders add checksums; a frame whose header
    /// is gone is left out by the library.
    func read(into target: UnsafeMutableRawPointer, frames: Int) throws(FileError) -> DecodedFrames {
        let samples = unsafe target.assumingMemoryBound(to: Float.self)
        let count = unsafe aup_mpg123_read(file, samples, Int64(frames), Int32(format.channels))
        return DecodedFrames(count: max(0, Int(count)), isBroken: count < 0)
    }

    /// ID3v2.4, section 4.2; the year is ID3v2.3's.
    private static let frames: [(key: String, name: String)] = [
        ("TITLE", "TIT2"), ("ARTIST", "TPE1"), ("ALBUM", "TALB"), ("DATE", "TDRC"), ("DATE", "TYER"), ("GENRE", "TCON"),
        ("TRACKNUMBER", "TRCK"), ("COPYRIGHT", "TCOP"), ("COMMENT", "COMM"),
    ]

    private static func text(_ file: UnsafeMutableRawPointer, _ name: String) -> String? {
        var bytes = [CChar](repeating: 0, count: Limits.stringBytes)
        let count = unsafe aup_mpg123_text(file, name, &bytes, Int32(bytes.count))
        guard count > 0 else { return nil }
        let text = bytes.prefix(Int(count)).map { UInt8(bitPattern: $0) }
        // ID3v1 knows nothing but Latin-1, and programs put UTF-8 there all the same, which is no Latin-1 anybody writes.
        if let unicode = String(validating: text, as: UTF8.self) { return unicode }
        var latin = String.UnicodeScalarView()
        for byte in text { latin.append(Unicode.Scalar(byte)) }
        return String(latin)
    }
}
