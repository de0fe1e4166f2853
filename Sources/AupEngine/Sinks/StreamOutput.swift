import AupSound
import AupSystem
import AupWire
import Glibc

/// Where a sink's bytes go: a descriptor, its name in messages, and how long its reader may hold up the line.
///
/// - Thread: transport.
struct StreamOutput {
    /// How long a reader may take nothing while other outputs of a live stream wait for it: less than the ring behind the
    /// device holds, so that the others lose no frame.
    static let patienceMilliseconds: Int32 = 3000

    let descriptor: Descriptor
    let name: String
    let stop: StopRequest
    /// Whether the same stream goes to other outputs too.
    let hasNeighbours: Bool
    /// A live stream cannot wait; any other can, and waits as long as its reader likes.
    var isLive = false
    /// The file that it is, if it is one.
    private let file: StreamFile?

    init(
        _ descriptor: Descriptor, name: String, stop: StopRequest, hasNeighbours: Bool, file: StreamFile? = nil
    ) {
        self.descriptor = descriptor
        self.file = file
        self.name = name
        self.stop = stop
        self.hasNeighbours = hasNeighbours
    }

    /// Writes all bytes, or says in the session's terms why not.
    func put(_ bytes: UnsafeRawBufferPointer) throws(SessionFailure) {
        file?.begin()
        let written: Int
        do throws(SystemError) {
            written = try unsafe descriptor.write(
                bytes, stop: stop, patienceMilliseconds: hasNeighbours && isLive ? Self.patienceMilliseconds : nil)
        } catch {
            if error.isReaderGone { throw .downstreamClosed }
            throw .sink(.failed("\(name): cannot write: \(error.reason)"))
        }
        guard written < bytes.count else { return }
        if stop.isAbandoned { throw .abandoned }
        throw .sink(
            .failed(
                "\(name): its reader takes nothing for \(Self.patienceMilliseconds / 1000) s, and a device cannot wait")
        )
    }
}

/// A file that a stream goes into, as long as nothing is in it: where nothing comes, because there is no input, a new one goes
/// again and an old one stays as it was.
///
/// - Thread: transport.
final class StreamFile {
    private let path: String
    private let descriptor: Descriptor
    private let isNew: Bool
    private var isBegun = false

    /// - Parameter isNew: it was made just now.
    init(_ path: String, _ descriptor: Descriptor, isNew: Bool) {
        self.path = path
        self.descriptor = descriptor
        self.isNew = isNew
    }

    deinit {
        if isNew, !isBegun { _ = unsafe unlink(FileName.bytes(path)) }
    }

    /// What was there goes, because something takes its place.
    func begin() {
        guard !isBegun else { return }
        isBegun = true
        if !isNew { descriptor.empty() }
    }
}
