public import AupSound
internal import COgg

/// Opus packets as the pages of one Ogg stream (RFC 7845, RFC 3533).
///
/// The last packet waits for the next one or for the end, because its page is marked. Everything else leaves in pages of at
/// most ``pageFrames``, so that a file which is cut off anywhere lacks no more.
///
/// - Thread: one at a time; none that must not wait.
@safe public final class OggOpusPages {
    /// Frames at 48 kHz that one page holds at most; a second, which is also what RFC 7845 (section 6) advises.
    public let pageFrames: Int
    private let stream: OpaquePointer
    private let configuration: OpusConfiguration
    private var held: [UInt8]?
    /// Packets, and frames they stand for, with the one that is held back.
    private var packets: Int64 = 0
    private var frames: Int64 = 0
    /// Frames of packets that are in no page yet.
    private var openFrames = 0

    /// What takes a page: two pieces that follow each other, valid during the call.
    public typealias Taker = (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws -> Void

    public init(
        _ headers: OpusHeaders, serial: UInt32, pageFrames: Int = OpusConfiguration.rate
    ) throws(OpusError) {
        if let why = unsafe aup_ogg_missing() {
            throw .missingLibrary(why: unsafe String(cString: why))
        }
        guard let stream = unsafe aup_ogg_begin(Int32(bitPattern: serial)) else {
            throw .failed(doing: "writing", why: "out of memory")
        }
        unsafe self.stream = stream
        self.pageFrames = pageFrames
        configuration = headers.configuration
        let order = OpusChannelOrder(channels: configuration.channels, layout: configuration.layout)
        try add(headers.identification(mapping: order.sources.map { configuration.mapping[$0] }), granule: 0)
        self.headers = headers.comments()
    }

    /// The second header, which goes into a page of its own.
    private var headers: [UInt8]?

    deinit { unsafe aup_ogg_free(stream) }

    /// The pages of the headers; to be called first, once.
    public func begin(_ take: Taker) throws {
        try unsafe pages(flushes: true, take)
        if let headers { try add(headers, granule: 0) }
        headers = nil
        try unsafe pages(flushes: true, take)
    }

    /// Takes a packet and gives the pages that are full.
    ///
    /// - Parameter frames: that it stands for.
    public func add(_ packet: UnsafeRawBufferPointer, frames: Int, _ take: Taker) throws {
        try release(isLast: false)
        if openFrames + configuration.frameSize > pageFrames { try unsafe flush(take) }
        held = unsafe Array(packet)
        packets += 1
        self.frames += Int64(frames)
    }

    /// Gives what is there, but for the last packet.
    public func flush(_ take: Taker) throws {
        try unsafe pages(flushes: true, take)
        openFrames = 0
    }

    /// Gives the last page, which says how long the sound is.
    public func finish(_ take: Taker) throws {
        try release(isLast: true)
        try unsafe flush(take)
    }

    private func release(isLast: Bool) throws(OpusError) {
        guard let packet = held else { return }
        // What a decoder makes of all packets so far; at the end what of it is sound (RFC 7845, section 4).
        let all = packets * Int64(configuration.frameSize)
        let sound = Int64(configuration.preSkipFrames) + frames
        try add(packet, granule: isLast ? min(all, sound) : all, isLast: isLast)
        held = nil
        openFrames += configuration.frameSize
    }

    private func add(_ packet: [UInt8], granule: Int64, isLast: Bool = false) throws(OpusError) {
        guard unsafe aup_ogg_add(stream, packet, Int32(packet.count), granule, isLast ? 1 : 0) == 0 else {
            throw .failed(doing: "writing", why: "out of memory")
        }
    }

    private func pages(flushes: Bool, _ take: Taker) throws {
        var page = unsafe aup_ogg_page()
        while unsafe aup_ogg_next(stream, flushes ? 1 : 0, &page) != 0 {
            try unsafe take(
                UnsafeRawBufferPointer(start: page.head, count: Int(page.head_bytes)),
                UnsafeRawBufferPointer(start: page.body, count: Int(page.body_bytes)))
        }
    }
}
