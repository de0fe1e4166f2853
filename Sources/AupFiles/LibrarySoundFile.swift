public import AupSound
internal import CSndfile
internal import Glibc

/// A recording in a container that libsndfile writes.
///
/// What keeps the `.part` readable differs: CAF and AIFF get a new header once a second, and readers take what it
/// says. W64 must never say less than there is, because readers go on behind the sound, so its lengths are written
/// before the sound they speak of. FLAC and MP3 are streams whose frames are written as they are full. Ogg Vorbis
/// is ``VorbisFile``'s.
///
/// - Thread: control, one at a time; every verb may wait for the disk.
@safe public final class LibrarySoundFile: RecordingFile {
    public let format: PCMFormat
    public let channelSources: [Int]?
    public private(set) var frames: UInt64 = 0
    public var byteCount: Int64 { part.byteCount }

    public var path: String { part.path }
    public var partPath: String { part.partPath }

    private let container: RecordingContainer
    private let encoding: LibraryEncoding
    private let part: PartFile
    /// libsndfile's file; owned alone by this object, closed once.
    private var file: UnsafeMutableRawPointer?
    /// Where a W64 file keeps the length of its sound.
    private var lengthOffset: UInt64 = 0
    /// What is to stand before the sound of a FLAC file, and does not yet.
    private var metadata: FLACMetadata?
    /// Samples on their way to the width libsndfile takes them in.
    private var widened: [Int32] = []
    private var narrow: [Int16] = []

    /// The most that an AIFF file's 32 bit lengths can say, less room for its chunks.
    static let longestAIFF: UInt64 = 0xFFFF_0000

    public init(
        path: String, container: RecordingContainer, format wanted: PCMFormat, overwrite: Bool = false,
        fsync: FsyncPolicy = .finish
    ) throws(FileError) {
        if let why = unsafe aup_sndfile_missing() {
            throw .missingLibrary(
                container: container.name, library: "libsndfile", package: "libsndfile1",
                why: unsafe String(cString: why))
        }
        self.container = container
        encoding = try LibraryEncoding(container, wanted)
        format = encoding.format
        channelSources = encoding.channelSources
        let (rate, channels) = (Int32(wanted.rate), Int32(wanted.channels))
        guard aup_sndfile_holds(encoding.code, rate, channels) != 0 else {
            throw .unwritable(container: container.name, what: wanted.summary)
        }
        part = try PartFile(path: path, overwrite: overwrite, fsync: fsync)
        var why: UnsafePointer<CChar>?
        errno = 0
        unsafe file = aup_sndfile_create(part.descriptor, encoding.code, rate, channels, &why)
        guard unsafe file != nil else {
            let code = errno
            part.discard()
            if [ENOSPC, EDQUOT, EFBIG].contains(code) { throw part.writeError(code, frames: nil) }
            throw .unwritable(container: container.name, what: wanted.summary)
        }
        // A layout that they have no words for is left to WAV's order.
        if container == .caf || container == .aiff, wanted.layout?.isKnown ?? false, wanted.channels > 2,
            var map = format.layout.map({ LibraryChannels.codes($0) })
        {
            _ = unsafe aup_sndfile_set_channel_map(file, &map, channels)
        }
        if container == .w64 || container == .caf || container == .aiff { unsafe aup_sndfile_update_header(file) }
        if container == .w64 { lengthOffset = try Self.findLength(part) }
    }

    deinit {
        if unsafe file != nil { _ = unsafe aup_sndfile_close(file) }
    }

    public func setTags(_ tags: [SoundTag]) throws(FileError) {
        // W64 has no place for them, and libsndfile would only count it as a mistake.
        guard container != .w64 else { return }
        if container == .flac {
            metadata = FLACMetadata(tags)
            return
        }
        for (kind, text) in TagPlaces.libraryTexts(tags) { unsafe aup_sndfile_set_string(file, kind, text) }
        try refreshHeader()
    }

    /// None of these containers has a place for it that readers agree on.
    public func setStart(_ start: RecordingStart) {}

    public func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        let count = bytes.count / format.frameBytes
        guard count > 0 else { return }
        let after = (frames + UInt64(count)) * UInt64(storedFrameBytes)
        if container == .aiff, after > Self.longestAIFF {
            throw .outgrown(path: part.partPath, container: container.name, frames: frames)
        }
        if container == .w64 { announce(dataBytes: after) }
        let first = try unsafe beginFLAC(bytes)
        guard first < count else { return }
        errno = 0
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[(first * format.frameBytes)...])
        let written = unsafe hand(rest, frames: Int64(count - first))
        frames += UInt64(max(written, 0))
        try check(isComplete: written == Int64(count - first), errno)
    }

    public func refreshHeader() throws(FileError) {
        if container == .caf || container == .aiff { unsafe aup_sndfile_update_header(file) }
    }

    public func sync() throws(FileError) { try part.sync() }

    public func finish(as path: String?) throws(FileError) {
        errno = 0
        let code = unsafe aup_sndfile_close(file)
        let cause = errno
        unsafe file = nil
        if container == .flac, frames == 0, part.byteCount == 0 { writeEmptyFLAC() }
        // The name is given all the same: what is in the file plays.
        try part.finish(as: path)
        try check(isComplete: code == 0, cause)
    }

    /// - Parameter code: errno, which was 0 before; the MP3 writer of libsndfile 1.2 loses what the disk refuses and reports
    ///   success, so that errno alone tells.
    private func check(isComplete: Bool, _ code: Int32) throws(FileError) {
        guard !isComplete || [ENOSPC, EDQUOT, EFBIG, EIO].contains(code) else { return }
        let isPCM = container == .w64 || container == .caf || container == .aiff
        throw part.writeError(code == 0 ? EIO : code, frames: isPCM ? frames : nil)
    }

    /// Bytes of a frame in the file, where that is a constant.
    private var storedFrameBytes: Int {
        format.channels * (format.sampleFormat == .s24 ? 3 : format.sampleFormat.bytesPerSample)
    }

    private func hand(_ bytes: UnsafeRawBufferPointer, frames: Int64) -> Int64 {
        let base = bytes.baseAddress!
        let samples = Int(frames) * format.channels
        // Whole frames of a buffer that begins aligned for any sample are aligned for their own.
        switch encoding.feed {
        case .bytes:
            let written = unsafe aup_sndfile_write_bytes(file, base, Int64(samples))
            return written / Int64(format.channels)
        case .bytesAsS16:
            narrow.removeAll(keepingCapacity: true)
            for index in 0..<samples { unsafe narrow.append((Int16(bytes[index]) - 128) << 8) }
            return unsafe aup_sndfile_write_s16(file, narrow, frames)
        case .s16: return unsafe aup_sndfile_write_s16(file, base.assumingMemoryBound(to: Int16.self), frames)
        case .s24:
            widened.removeAll(keepingCapacity: true)
            for index in 0..<samples {
                unsafe widened.append(bytes.loadUnaligned(fromByteOffset: index * 4, as: Int32.self) << 8)
            }
            return unsafe aup_sndfile_write_s32(file, widened, frames)
        case .s32: return unsafe aup_sndfile_write_s32(file, base.assumingMemoryBound(to: Int32.self), frames)
        case .f32: return unsafe aup_sndfile_write_f32(file, base.assumingMemoryBound(to: Float.self), frames)
        case .f64: return unsafe aup_sndfile_write_f64(file, base.assumingMemoryBound(to: Double.self), frames)
        }
    }

    // MARK: - FLAC

    /// libFLAC writes nothing before the first frame: a file without one gets its header here. Where there is no room for
    /// it, there is no file.
    private func writeEmptyFLAC() {
        let header = (metadata ?? FLACMetadata([])).header(FLACMetadata.streamInfo(format)) ?? []
        errno = 0
        guard unsafe pwrite(part.descriptor, header, header.count, 0) != header.count else { return }
        part.noteRefusal(errno == 0 ? ENOSPC : errno)
        _ = ftruncate(part.descriptor, 0)
    }

    /// Has the header of a FLAC file written, and puts its metadata in. libFLAC does so with the first frame, which it keeps
    /// until a block is full, and comes back only to what stands before the metadata.
    ///
    /// - Returns: frames that were taken.
    private func beginFLAC(_ bytes: UnsafeRawBufferPointer) throws(FileError) -> Int {
        guard let metadata else { return 0 }
        self.metadata = nil
        errno = 0
        let written = unsafe hand(UnsafeRawBufferPointer(rebasing: bytes[..<format.frameBytes]), frames: 1)
        frames += UInt64(max(written, 0))
        try check(isComplete: written == 1, errno)
        var old = [UInt8](repeating: 0, count: Int(clamping: min(part.byteCount, Self.longestHeader)))
        let count = unsafe pread(part.descriptor, &old, old.count, 0)
        guard count == old.count, let header = metadata.header(old) else {
            throw .broken(path: part.partPath, doing: "reading the header back", errno: count < 0 ? errno : EIO)
        }
        var done = 0
        while done < header.count {
            errno = 0
            let taken = unsafe header.withUnsafeBytes {
                unsafe pwrite(part.descriptor, $0.baseAddress! + done, $0.count - done, off_t(done))
            }
            if taken < 0, errno == EINTR { continue }
            guard taken > 0 else {
                let code = errno
                // As it was, so that the frame can follow.
                _ = unsafe pwrite(part.descriptor, old, old.count, 0)
                _ = ftruncate(part.descriptor, off_t(old.count))
                throw part.writeError(code == 0 ? ENOSPC : code, frames: nil)
            }
            done += taken
        }
        lseek(part.descriptor, off_t(header.count), SEEK_SET)
        return 1
    }

    /// Of what libFLAC writes by itself.
    private static let longestHeader: Int64 = 1 << 20

    // MARK: - W64

    private static let w64Data: [UInt8] = [
        0x64, 0x61, 0x74, 0x61, 0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0x00, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A,
    ]

    /// Finds the data chunk in the header that libsndfile has just written.
    private static func findLength(_ part: PartFile) throws(FileError) -> UInt64 {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = unsafe pread(part.descriptor, &bytes, bytes.count, 0)
        var place = 40
        while place + 24 <= count {
            if Array(bytes[place..<place + 16]) == w64Data { return UInt64(place + 16) }
            // Chunks are padded to eight bytes.
            place += Int(clamping: max(24, (bytes.little(place + 16, 8) + 7) / 8 * 8))
        }
        throw .broken(path: part.partPath, doing: "reading the header back", errno: count < 0 ? errno : EIO)
    }

    /// Writes the lengths for sound that is about to be written. Unchecked: a disk that refuses eight bytes it already
    /// has refuses the sound too, and then says so.
    private func announce(dataBytes: UInt64) {
        var length: [UInt8] = []
        length.appendLittle(dataBytes + 24, 8)
        _ = unsafe pwrite(part.descriptor, length, 8, off_t(lengthOffset))
        length.removeAll(keepingCapacity: true)
        length.appendLittle(lengthOffset + 8 + dataBytes, 8)
        _ = unsafe pwrite(part.descriptor, length, 8, 16)
    }
}
