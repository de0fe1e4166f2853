import AupFiles
import AupOpus
import AupSound
import AupWire

/// An Opus stream as an Ogg file that every player opens, also when it was killed in the middle.
///
///     format, tags ─▶ headers, with the first sound
///     Opus packets ─▶ pages of half a second, or as asked for ─▶ PageFile
///     another format ─▶ a stream of its own behind the first one: a chain (RFC 7845, section 3; RFC 3533, section 4)
///
/// The file is as long as the stream, to the frame. Silence and lost frames of the stream are packets of silence. A kill
/// costs a page and a packet at most; a full disk leaves whole pages and a last one that says so.
///
/// - Thread: transport.
final class OggOpusSink: PacketSink {
    private let path: String
    private let plan: RecordingPlan
    private let overwrite: Bool
    private var file: PageFile?
    private var pages: OggOpusPages?
    /// What the pages are to begin with, as long as there is no sound for them.
    private var configuration: OpusConfiguration?
    private var tags: TagList
    private var serials: Set<UInt32> = []
    private var sync: DiskSync
    /// Bytes of the first headers; `nil` before there was sound for them.
    private var headerBytes: Int64?
    private(set) var finishedPath: String?
    private(set) var failure: FileError?

    init(_ path: String, plan: RecordingPlan, overwrite: Bool) {
        self.path = path
        self.plan = plan
        self.overwrite = overwrite
        tags = TagList(plan)
        sync = DiskSync(plan.fsync)
    }

    /// With what is not on the disk yet.
    var byteCount: Int64 { (file?.byteCount ?? 0) + Int64(pages?.waitingBytes ?? 0) }

    func take(_ packet: Packet) throws(SessionFailure) {
        do {
            switch packet {
            case .format(let description): try accept(description)
            case .audio(let audio):
                try begin()
                try unsafe pages?.add(audio.payload, frames: audio.frames) { try unsafe append($0, $1) }
            case .silence(let silence): try addSilence(silence.frames)
            case .gap(let gap): try addSilence(gap.frames)
            case .event(let event): tags.add(event)
            case .end: try finish()
            }
        } catch {
            throw leave(error)
        }
    }

    func flush() throws(SessionFailure) {}

    private func accept(_ description: StreamDescription) throws {
        guard case .opus(let configuration) = description.coding else {
            throw FileError.unwritable(container: RecordingContainer.opus.name, what: description.summary)
        }
        // At once, so that a name that is taken is told before anything is recorded.
        if file == nil { file = try PageFile(path: path, overwrite: overwrite, fsync: plan.fsync) }
        try endStream()
        self.configuration = configuration
    }

    /// Begins the pages of the stream, now that there is sound for them.
    private func begin() throws {
        guard let configuration else { return }
        self.configuration = nil
        var serial = UInt32.random(in: 0 ... .max)
        while !serials.insert(serial).inserted { serial &+= 1 }
        let tags = tags.tags + [SoundTag("ENCODER", ProgramName.withVersion)!]
        var headers = OpusHeaders(configuration, tags: tags)
        headers.outputGain = plan.opus.outputGainDecibels
        let pages = try OggOpusPages(headers, serial: serial, pageFrames: plan.pageFrames)
        self.pages = pages
        try unsafe pages.begin { try unsafe append($0, $1) }
        headerBytes = headerBytes ?? file?.byteCount
    }

    private func addSilence(_ frames: Int64) throws {
        try begin()
        try unsafe pages?.addSilence(frames: frames) { try unsafe append($0, $1) }
    }

    private func endStream() throws {
        try unsafe pages?.finish { try unsafe append($0, $1) }
        pages = nil
    }

    private func finish() throws {
        guard let file else { return }
        // A stream without sound is a file of no length.
        if headerBytes == nil { try begin() }
        try endStream()
        self.file = nil
        try file.finish()
        finishedPath = path
    }

    private func append(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) throws {
        guard let file else { return }
        try unsafe file.append(head, body)
        if sync.isDue() { try file.sync() }
    }

    /// What is on the disk is whole pages, and gets its name if that is still possible.
    private func leave(_ error: any Error) -> SessionFailure {
        pages = nil
        failure = failure ?? error as? FileError
        if let file {
            self.file = nil
            if let headerBytes, file.byteCount > headerBytes {
                if (try? file.finish()) != nil { finishedPath = path }
            } else {
                file.discard()
            }
        }
        switch error {
        case let error as FileError: return .sink(.failed(error.message))
        case let error as OpusError: return .sink(.failed(error.message))
        default: preconditionFailure("a file and a codec have errors of these two kinds: \(error)")
        }
    }
}
