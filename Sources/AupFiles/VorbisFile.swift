public import AupSound
internal import CVorbis
internal import Glibc

/// An Ogg Vorbis recording whose pages are written as often as its header would be, however little there is in them.
///
/// Encoded as libsndfile and oggenc do by default, at quality 0.4. A kill costs what has come since the last
/// ``refreshHeader()``, and what the codec looks ahead: less than 50 ms.
///
/// - Thread: control, one at a time; every verb may wait for the disk.
@safe public final class VorbisFile: RecordingFile {
    public let format: PCMFormat
    public let channelSources: [Int]?
    public private(set) var frames: UInt64 = 0
    public var byteCount: Int64 { pages.byteCount }

    public var path: String { pages.path }
    public var partPath: String { pages.partPath }

    private let pages: PageFile
    private var hasHeaders = false
    /// The encoder; owned alone by this object, freed once.
    private let stream: UnsafeMutableRawPointer

    static let quality: Float = 0.4
    /// What the encoder is given at once: it makes room for all of it.
    private static let chunkFrames = 4096

    public init(
        path: String, format wanted: PCMFormat, overwrite: Bool = false, fsync: FsyncPolicy = .finish
    ) throws(FileError) {
        let container = RecordingContainer.ogg.name
        if let why = unsafe aup_vorbis_missing() {
            throw .missingLibrary(
                container: container, library: "libvorbisenc", package: "libvorbisenc2",
                why: unsafe String(cString: why))
        }
        let encoding = try LibraryEncoding(.ogg, wanted)
        (format, channelSources) = (encoding.format, encoding.channelSources)
        // The serial number need only differ within a file, and there is one stream in it.
        let (channels, rate) = (Int32(wanted.channels), Int32(wanted.rate))
        guard let stream = unsafe aup_vorbis_begin(channels, rate, Self.quality, 1, "aup") else {
            throw .unwritable(container: container, what: wanted.summary)
        }
        unsafe self.stream = stream
        do throws(FileError) {
            pages = try PageFile(path: path, overwrite: overwrite, fsync: fsync)
        } catch {
            unsafe aup_vorbis_free(stream)
            throw error
        }
    }

    deinit { unsafe aup_vorbis_free(stream) }

    public func setTags(_ tags: [SoundTag]) throws(FileError) {
        for tag in tags { unsafe aup_vorbis_comment(stream, tag.key, tag.value) }
    }

    /// The headers have pages of their own, which are written when all is said that they say.
    private func writeHeaders() throws(FileError) {
        guard !hasHeaders else { return }
        hasHeaders = true
        unsafe aup_vorbis_headers(stream)
        try writePages(flushes: true)
    }

    /// Vorbis has no place for it that readers agree on.
    public func setStart(_ start: RecordingStart) {}

    public func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        try writeHeaders()
        var rest = unsafe bytes
        while rest.count >= format.frameBytes {
            let count = min(rest.count / format.frameBytes, Self.chunkFrames)
            // Whoever writes hands over memory that is aligned for its samples.
            let samples = unsafe rest.baseAddress!.assumingMemoryBound(to: Float.self)
            guard unsafe aup_vorbis_take(stream, samples, Int32(count)) == 0 else {
                throw pages.error(ENOMEM, doing: "encoding")
            }
            frames += UInt64(count)
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[(count * format.frameBytes)...])
        }
        try writePages(flushes: false)
    }

    public func refreshHeader() throws(FileError) {
        if hasHeaders { try writePages(flushes: true) }
    }

    public func sync() throws(FileError) { try pages.sync() }

    public func finish(as path: String?) throws(FileError) {
        var failure: FileError?
        do throws(FileError) {
            try writeHeaders()
            unsafe aup_vorbis_end(stream)
            try writePages(flushes: true)
        } catch {
            failure = error
        }
        // The name is given all the same: what is in the file plays.
        try pages.finish(as: path)
        if let failure { throw failure }
    }

    private func writePages(flushes: Bool) throws(FileError) {
        var (head, body): (UnsafePointer<UInt8>?, UnsafePointer<UInt8>?)
        var (headBytes, bodyBytes) = (0, 0)
        while !pages.isCut,
            unsafe aup_vorbis_page(stream, flushes ? 1 : 0, &head, &headBytes, &body, &bodyBytes) != 0
        {
            try unsafe pages.append(
                UnsafeRawBufferPointer(start: head, count: headBytes),
                UnsafeRawBufferPointer(start: body, count: bodyBytes))
        }
    }
}
