import AupFiles
import AupSound
import AupSystem
import AupWire

/// A sound file as a source: every frame comes, however long the disk takes; real time is somebody else's matter.
///
/// - Thread: transport.
final class SoundFileSource: PacketSource {
    /// Bytes decoded at once from a file; from a pipe, frames, so that a live one is not held back.
    static let blockBytes = 64 << 10
    static let pipeFrames = 1024

    private let reader: SoundFileReader
    private let name: String
    private let events: EventQueue?
    private let stopRequest: StopRequest
    private let blockFrames: Int
    private var block = ScratchBytes()
    /// Frames that ``wait()`` has decoded.
    private var pendingFrames = 0
    private var isInputOver = false
    private var hasSentFormat = false
    /// What the file says about itself, right behind the format: whoever writes a file wants it before the first sound.
    private var waitingTags: [EventPacket] = []
    private var position: Int64 = 0
    private var isStopping = false
    private var hasEnded = false
    private(set) var ending = SessionEnding.done
    let expectedFrames: Int64?

    /// - Parameter reader: stands where the source is to begin.
    init(_ reader: SoundFileReader, name: String, events: EventQueue?, stop: StopRequest) {
        self.reader = reader
        self.name = name
        self.events = events
        stopRequest = stop
        expectedFrames = reader.totalFrames
        blockFrames = reader.isSeekable ? max(1, Self.blockBytes / reader.format.frameBytes) : Self.pipeFrames
    }

    func next() -> Packet? {
        if hasEnded { return nil }
        if !hasSentFormat {
            hasSentFormat = true
            waitingTags = TagList.events(reader.tags).reversed()
            tellLeftOut()
            var description = StreamDescription(reader.format, source: name == "-" ? "" : name)
            description.original = reader.originalRate.map { .init(rate: $0, sampleFormat: nil) }
            return .format(description)
        }
        if let tag = waitingTags.popLast() { return .event(tag) }
        if isStopping { return end(.stopped) }
        // A file has no moment in which it is worth while to flush; a pipe is waited for in wait().
        if reader.isSeekable, pendingFrames == 0, !isInputOver { decode() }
        if pendingFrames > 0 { return audio() }
        return isInputOver ? inputOver() : nil
    }

    func wait() {
        if stopRequest.isRequested { isStopping = true }
        if pendingFrames == 0, !isInputOver, !isStopping { decode() }
    }

    func stop() { isStopping = true }

    func close() {}

    private func decode() {
        let space = unsafe block.space(blockFrames * reader.format.frameBytes)
        do throws(FileError) {
            pendingFrames = try unsafe reader.read(into: space.baseAddress!, frames: blockFrames)
            isInputOver = pendingFrames == 0
        } catch {
            ending = .failed("\(InputSniffer.place(name)): \(error.message)")
            isInputOver = true
        }
        if isInputOver, stopRequest.isRequested { isStopping = true }
    }

    private func audio() -> Packet {
        let space = unsafe block.space(pendingFrames * reader.format.frameBytes)
        let packet = unsafe AudioPacket(
            position: position, captureTime: nil, frames: pendingFrames, payload: UnsafeRawBufferPointer(space))
        position += Int64(pendingFrames)
        pendingFrames = 0
        return .audio(packet)
    }

    private func inputOver() -> Packet {
        tellDamage()
        if ending == .done, !isStopping, let cutOff = reader.cutOff {
            ending = .upstreamFailed(
                "\(InputSniffer.place(name)) was cut off: \(cutOff.text); what arrived was kept")
        }
        return end(ending != .done ? .error : isStopping ? .stopped : .normal)
    }

    private func tellLeftOut() {
        guard reader.tagsLeftOut > 0 else { return }
        let what = reader.tagsLeftOut == 1 ? "1 tag or picture is" : "\(reader.tagsLeftOut) tags or pictures are"
        events?.post(
            .note("\(InputSniffer.place(name)): \(what) not copied: more than \(SoundTag.longestValue >> 20) MiB"))
    }

    private func tellDamage() {
        guard reader.damagedPieces > 0 else { return }
        let pieces = reader.damagedPieces == 1 ? "1 damaged piece" : "\(reader.damagedPieces) damaged pieces"
        let filled =
            reader.damagedFrames > 0
            ? ", \(reader.damagedFrames) frames of silence in \(reader.damagedPieces == 1 ? "its" : "their") place" : ""
        events?.post(.warning("\(InputSniffer.place(name)): \(pieces)\(filled); take the file from its source again"))
    }

    private func end(_ reason: EndReason) -> Packet {
        hasEnded = true
        return .end(EndPacket(totalFrames: position, lostFrames: 0, reason: reason, message: ending.message ?? ""))
    }
}
