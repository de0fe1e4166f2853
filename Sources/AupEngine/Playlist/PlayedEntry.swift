import AupFiles
import AupRealtime
import AupSound
import AupSystem
import AupWire

/// An entry of the playing order while it is open.
///
/// Files that can be sought in are read ahead by the disk thread; whatever passes once (standard input, a FIFO) and aup's
/// own streams come from a source of their own.
///
/// - Thread: transport.
final class PlayedEntry {
    enum Answer {
        case packet(Packet)
        /// Wait and ask again.
        case notYet
        case end
    }

    let index: Int
    let name: String
    let title: String?
    let totalFrames: Int64?
    var isSeekable: Bool { !isNested }
    /// The frame that is given next.
    private(set) var frame: Int64 = 0
    /// What was wrong with it, once it is at its end.
    private(set) var problem: SessionEnding?

    private let isNested: Bool
    private let source: (any PacketSource)?
    private var file: OpenDiskFile?
    private let disk: DiskThread?
    private var block = ScratchBytes()
    private var hasSentFormat = false
    private let clock = Doorbell()

    /// Frames asked for at once at most, and how many of them a second has at least: a level is shown for each.
    static let blockFrames = 4096
    private static let blocksPerSecond = 10
    /// How long to wait for the disk between two looks.
    private static let patienceMilliseconds: Int32 = 5

    init(_ index: Int, name: String, title: String?, source: any PacketSource) {
        self.index = index
        self.name = name
        self.title = title
        self.source = source
        totalFrames = nil
        isNested = true
        disk = nil
    }

    /// - Parameters:
    ///   - reader: stands at its first frame.
    ///   - start: the frame where playing begins.
    init?(_ index: Int, name: String, title: String?, reader: SoundFileReader, start: Int64, disk: DiskThread) {
        totalFrames = reader.totalFrames
        self.title = title ?? Self.title(reader)
        guard let opened = disk.open(reader, start: start) else { return nil }
        self.index = index
        self.name = name
        self.disk = disk
        frame = start
        file = consume opened
        isNested = false
        source = nil
    }

    private static func title(_ reader: SoundFileReader) -> String? {
        guard let title = reader.title, !title.isEmpty else { return nil }
        guard let artist = reader.artist, !artist.isEmpty else { return title }
        return "\(artist) - \(title)"
    }

    /// The next packet: a format first, positions as the file or stream has them. An end never comes as a packet.
    func next() -> Answer {
        if let source {
            guard let packet = source.next() else { return .notYet }
            if case .end = packet {
                if source.ending != .done { problem = source.ending }
                return .end
            }
            if let span = packet.span { frame = span.position + span.frames }
            return .packet(packet)
        }
        guard let format = file?.file.format else { return .end }
        if !hasSentFormat {
            hasSentFormat = true
            return .packet(.format(StreamDescription(format, source: name)))
        }
        let wanted = min(Self.blockFrames, max(1, format.rate / Self.blocksPerSecond))
        let space = unsafe block.space(wanted * format.frameBytes)
        let answer = unsafe file!.frames.frames(at: Int(frame), into: space.baseAddress!, count: wanted)
        if file!.frames.wantsDisk { disk?.bell.ring() }
        switch answer {
        case .ready(let count):
            let packet = unsafe AudioPacket(
                position: frame, captureTime: nil, frames: count,
                payload: UnsafeRawBufferPointer(rebasing: space[..<(count * format.frameBytes)]))
            frame += Int64(count)
            return .packet(.audio(packet))
        case .notYet: return .notYet
        case .end:
            problem = verdict()
            return .end
        }
    }

    /// Goes to a frame of a file that can be sought in.
    func seek(to target: Int64) {
        frame = max(0, target)
        file?.frames.prepare(at: Int(frame))
        disk?.bell.ring()
    }

    func wait() {
        if let source { return source.wait() }
        clock.wait(milliseconds: Self.patienceMilliseconds)
    }

    func stop() { source?.stop() }

    func close() {
        source?.close()
        if let file = file?.file { disk?.close(file) }
        file = nil
    }

    /// Pieces that were silence because they could not be decoded; told once, at the end.
    var damage: String? {
        guard let counts = file?.file.status, counts.damagedPieces > 0 else { return nil }
        let pieces = counts.damagedPieces == 1 ? "1 damaged piece" : "\(counts.damagedPieces) damaged pieces"
        return
            "\(name): \(pieces), \(counts.damagedFrames) frames of silence instead; take the file from its source again"
    }

    private func verdict() -> SessionEnding? {
        guard let counts = file?.file.status else { return nil }
        if let failure = counts.failure { return .failed("\(name): \(failure.message)") }
        return counts.cutOff.map { .upstreamFailed("\(name) was cut off: \($0.text); what is there was played") }
    }
}
