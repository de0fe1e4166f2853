internal import AupSystem
internal import Glibc

/// The bytes behind a decoder: a regular file read at any place, or a pipe that passes once.
///
/// Files are read and never mapped: a file that shrinks under a map kills whoever touches it with SIGBUS, and a page
/// that is not in memory makes the audio thread wait for the disk; a read returns less, or waits on the disk thread.
///
/// Of a pipe everything is kept while the decoder finds its header, which may be as long as ``headerBytes``, and then
/// the last ``windowBytes``: decoders look back over a few packets. A decoder that jumps far ahead to look for what
/// stands behind the sound is told that there is nothing, so that a live pipe plays at once.
///
/// - Thread: one at a time, that of the decoder.
final class ByteInput {
    /// The most a header may hold, cover pictures included.
    static let headerBytes = 64 << 20
    /// How far ahead a header is looked for.
    static let aheadBytes = 256 << 10
    /// What of a pipe can be read again.
    static let windowBytes: Int64 = 256 << 10

    let descriptor: Descriptor
    let stop: StopRequest
    /// Bytes of a regular file, `nil` for what passes once.
    let fileBytes: Int64?
    /// Whether a read may return less than was asked for, because the decoder asks again.
    var mayBeShort = false
    /// errno of a read that failed, 0 where none did.
    private(set) var failure: Int32 = 0
    /// Sees the bytes of an Ogg stream on their way.
    var oggWatch: OggWatch?
    /// What was read of a pipe and is kept, from `keptStart` on.
    private var kept: [UInt8]
    private var keptStart: Int64 = 0
    /// What a view leaves out of the file: so many bytes from that place on.
    private var gap: Range<Int64> = 0..<0
    private var isOpening = true
    private var isOver = false
    private let chunk: AlignedBytes

    /// - Parameter firstBytes: what was already read of a pipe.
    init(_ descriptor: Descriptor, firstBytes: [UInt8], stop: StopRequest) {
        self.descriptor = descriptor
        self.stop = stop
        kept = firstBytes
        // A file that somebody has read the beginning of goes on from there, as a pipe would.
        let isWhole = lseek(descriptor.number, 0, SEEK_CUR) == firstBytes.count
        fileBytes = isWhole ? descriptor.fileBytes.map { Int64(clamping: $0) } : nil
        if fileBytes != nil { kept = [] }
        chunk = AlignedBytes(count: fileBytes == nil ? 64 << 10 : 64)
    }

    /// A view of a file: its beginning, and one stretch of it behind that.
    init(_ whole: ByteInput, beginning: Int64, stretch: Range<Int64>) {
        descriptor = whole.descriptor
        stop = whole.stop
        fileBytes = beginning + Int64(stretch.count)
        gap = beginning..<max(beginning, stretch.lowerBound)
        kept = []
        chunk = AlignedBytes(count: 64)
    }

    /// The decoder has found its header.
    func settle() { isOpening = false }

    /// Where the input is known to end, for decoders that must have a number.
    var length: Int64 { fileBytes ?? 1 << 46 }

    func read(at position: Int64, into target: UnsafeMutableRawPointer, count: Int) -> Int {
        let taken: Int
        if let fileBytes {
            let count = Int(clamping: min(Int64(count), max(0, fileBytes - position)))
            taken = unsafe readFile(at: position, into: target, count: count)
        } else {
            taken = unsafe readPipe(at: position, into: target, count: count)
        }
        unsafe oggWatch?.see(UnsafeRawBufferPointer(start: target, count: taken), at: position)
        return taken
    }

    /// Bytes of a regular file that are no business of the decoder's.
    func peek(at position: Int64, into target: UnsafeMutableRawPointer, count: Int) -> Int {
        unsafe fileBytes == nil ? 0 : readFile(at: position, into: target, count: count)
    }

    private func readFile(at position: Int64, into target: UnsafeMutableRawPointer, count: Int) -> Int {
        var done = 0
        while done < count, !stop.isRequested {
            let place = position + Int64(done)
            // Up to the gap, and from behind it on.
            let limit = place < gap.lowerBound ? min(count - done, Int(gap.lowerBound - place)) : count - done
            let skipped = place < gap.lowerBound ? 0 : Int64(gap.count)
            let taken = unsafe pread(descriptor.number, target + done, limit, off_t(place + skipped))
            if taken == 0 { break }
            if taken < 0 {
                if errno == EINTR { continue }
                failure = errno
                break
            }
            done += taken
        }
        return done
    }

    private var end: Int64 { keptStart + Int64(kept.count) }

    private func readPipe(at position: Int64, into target: UnsafeMutableRawPointer, count: Int) -> Int {
        guard position >= keptStart else { return 0 }
        if isOpening, position > end + Int64(Self.aheadBytes) { return 0 }
        let wanted = position + Int64(count)
        while end < wanted, !isOver {
            if mayBeShort, !isOpening, end > position { break }
            pull(Int(clamping: max(wanted - end, 4096)))
            if isOpening, kept.count > Self.headerBytes { isOver = true }
        }
        let first = Int(position - keptStart)
        let available = min(kept.count - first, count)
        guard available > 0 else { return 0 }
        unsafe kept.withUnsafeBytes { unsafe target.copyMemory(from: $0.baseAddress! + first, byteCount: available) }
        // In steps of a window, so that the rest is moved once a window and not with every read.
        if !isOpening, Int64(kept.count) > 2 * Self.windowBytes {
            let dropped = min(Int64(kept.count) - Self.windowBytes, position - keptStart)
            kept.removeFirst(Int(dropped))
            keptStart += dropped
        }
        return available
    }

    private func pull(_ count: Int) {
        let space = unsafe UnsafeMutableRawBufferPointer(rebasing: chunk.bytes[..<min(count, chunk.bytes.count)])
        do throws(SystemError) {
            let taken = try unsafe descriptor.read(into: space, stop: stop) ?? 0
            unsafe kept.append(contentsOf: space[..<taken])
            if taken == 0 { isOver = true }
        } catch {
            failure = error.code
            isOver = true
        }
    }
}
