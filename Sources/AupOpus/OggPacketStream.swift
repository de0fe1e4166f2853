internal import COgg

/// Packets of any codec as the pages of one logical stream of Ogg (RFC 3533).
///
/// - Thread: one at a time; none that must not wait.
@safe public final class OggPacketStream {
    private let stream: OpaquePointer

    /// What takes a page: two pieces that follow each other, valid during the call.
    public typealias Taker = (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws -> Void

    /// - Parameter serial: tells it from others of one file.
    public init(serial: UInt32) throws(OpusError) {
        if let why = unsafe aup_ogg_missing() {
            throw .missingLibrary(.ogg, why: unsafe String(cString: why))
        }
        guard let stream = unsafe aup_ogg_begin(Int32(bitPattern: serial)) else {
            throw .failed(doing: "writing", why: "out of memory")
        }
        unsafe self.stream = stream
    }

    deinit { unsafe aup_ogg_free(stream) }

    /// - Parameter granule: the position behind it.
    public func add(_ packet: [UInt8], granule: Int64, isLast: Bool = false) throws(OpusError) {
        guard unsafe aup_ogg_add(stream, packet, Int32(packet.count), granule, isLast ? 1 : 0) == 0 else {
            throw .failed(doing: "writing", why: "out of memory")
        }
    }

    /// Gives the pages that are full, or all that is there.
    public func pages(flushes: Bool, _ take: Taker) throws {
        var page = unsafe aup_ogg_page()
        while unsafe aup_ogg_next(stream, flushes ? 1 : 0, &page) != 0 {
            try unsafe take(
                UnsafeRawBufferPointer(start: page.head, count: Int(page.head_bytes)),
                UnsafeRawBufferPointer(start: page.body, count: Int(page.body_bytes)))
        }
    }
}
