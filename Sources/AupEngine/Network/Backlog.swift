import AupSound
import AupSystem
import AupWire
import Synchronization

/// The last moments of a published stream, from which every subscriber takes what it has not had yet.
///
/// ```
///   transport ─▶ append │ chunk │ chunk │ chunk │ ◀─ next(after:) each subscriber's own place
///                          └ what is older than the bounds goes: whoever has not had it has lost it
/// ```
///
/// A chunk is what was at hand when the transport flushed: whole packets, encoded once for all.
///
/// - Thread: any.
final class Backlog: Sendable {
    /// Whole packets of one format.
    final class Chunk: Sendable {
        let bytes: [UInt8]
        let firstSequence: UInt32
        let position: Int64
        let packets: Int
        let frames: Int64
        let lostFrames: Int64
        /// How long it sounds.
        let nanoseconds: Int64
        /// When its first frame was captured, on this machine's clock, and when it came here.
        let captureTime: Int64?
        let arrival: Int64

        init(
            bytes: [UInt8], firstSequence: UInt32, position: Int64, packets: Int, frames: Int64, lostFrames: Int64,
            nanoseconds: Int64 = 0, captureTime: Int64? = nil, arrival: Int64 = 0
        ) {
            self.bytes = bytes
            self.firstSequence = firstSequence
            self.position = position
            self.packets = packets
            self.frames = frames
            self.lostFrames = lostFrames
            self.nanoseconds = nanoseconds
            self.captureTime = captureTime
            self.arrival = arrival
        }

        /// Several in a row as one.
        fileprivate init(joining chunks: [Chunk]) {
            var all: [UInt8] = []
            all.reserveCapacity(chunks.reduce(0) { $0 + $1.bytes.count })
            for chunk in chunks { all += chunk.bytes }
            bytes = all
            firstSequence = chunks[0].firstSequence
            position = chunks[0].position
            packets = chunks.reduce(0) { $0 + $1.packets }
            frames = chunks.reduce(0) { $0 + $1.frames }
            lostFrames = chunks.reduce(0) { $0 + $1.lostFrames }
            // Each may be as long as a packet can say.
            nanoseconds = chunks.reduce(0) { min($0 + $1.nanoseconds, TimeSpan.mostNanoseconds) }
            captureTime = chunks[0].captureTime
            arrival = chunks[0].arrival
        }
    }

    enum Piece: Sendable {
        case format(StreamDescription)
        case chunk(Chunk)
        case end(EndPacket)
    }

    enum Answer {
        case nothing
        /// The next piece; the subscriber's place is behind it then.
        case piece(Piece)
        /// What was next is gone: so many frames, and what is there now has this format.
        case lost(frames: Int64, StreamDescription)
    }

    /// A subscriber's place.
    struct Place: Sendable {
        fileprivate var number: Int64
        /// Frames of the stream before it.
        fileprivate(set) var position: Int64
        fileprivate(set) var sequence: UInt32
    }

    private struct Content {
        var pieces: [Piece?] = []
        /// The number of the first of them, and how many at the front have gone.
        var firstNumber: Int64 = 0
        var gone = 0
        var bytes = 0
        var frames: Int64 = 0
        /// Frames of the stream, and packets, before the first piece and behind the last.
        var firstPosition: Int64 = 0
        var lastPosition: Int64 = 0
        var firstSequence: UInt32 = 0
        var lastSequence: UInt32 = 0
        /// In force before the first piece, and behind the last.
        var firstFormat: StreamDescription?
        var lastFormat: StreamDescription?
        /// What the stream last said of its sound, and where.
        var tags: [String] = []
        var tagPosition: Int64 = 0
        /// Of the sound that is there, and where it stands behind the last of it: an end changes neither.
        var rate = 48_000
        var soundPosition: Int64 = 0
        /// Pieces from this number on nobody has seen yet.
        var unseenNumber: Int64 = 0
        var nanosecondsLimit: Int64
    }

    /// Of tags that are kept, pictures are none.
    static let tagBytes = 64 << 10
    /// What is joined to one chunk at most, if nobody has taken any of it yet.
    static let (joinedBytes, joinedPackets) = (64 << 10, 64)

    private let content: Guarded<Content>
    private let bytesLimit: Int
    private let resumeNanoseconds: Int64?

    /// - Parameters:
    ///   - nanoseconds: of sound that is kept; may become another.
    ///   - resume: how near to the end somebody goes on who has lost something; `nil` for with the oldest there is.
    init(bytes: Int, nanoseconds: Int64, resume: Int64? = nil) {
        bytesLimit = bytes
        resumeNanoseconds = resume
        content = Guarded(Content(nanosecondsLimit: nanoseconds))
    }

    /// How much sound is kept from now on.
    func limit(nanoseconds: Int64) { content.write { $0.nanosecondsLimit = nanoseconds } }

    /// Where the stream stands, for who wants to know how far somebody is behind.
    struct Extent: Sendable {
        let position: Int64
        let frames: Int64
        let rate: Int
        let limitNanoseconds: Int64

        /// Frames that are there for somebody; of another stream than its own all there are.
        func behind(_ place: Place) -> Int64 {
            place.position <= position ? min(position - place.position, frames) : frames
        }
    }

    var extent: Extent {
        content.read { content in
            Extent(
                position: content.soundPosition, frames: content.frames, rate: content.rate,
                limitNanoseconds: content.nanosecondsLimit)
        }
    }

    /// The format in force at the end; `nil` before the first.
    var format: StreamDescription? { content.read { $0.lastFormat } }

    /// - Parameters:
    ///   - position: frames before what follows the piece.
    ///   - sequence: the number of the packet that follows.
    func append(_ piece: Piece, position: Int64, sequence: UInt32) {
        content.write { content in
            content.pieces.append(piece)
            content.lastPosition = position
            content.lastSequence = sequence
            switch piece {
            case .format(let description):
                content.lastFormat = description
                content.tags = []
                content.rate = description.rate
                content.soundPosition = position
            case .chunk(let chunk):
                content.bytes += chunk.bytes.count
                content.frames += chunk.frames
                content.soundPosition = position
            // Whoever joins now waits for the next stream's.
            case .end: (content.lastFormat, content.tags) = (nil, [])
            }
            trim(&content)
        }
    }

    /// Keeps a tag for late joiners. Those of a place take those of another away: a title that follows a title.
    func note(tag: String, position: Int64) {
        content.write { content in
            if content.tagPosition != position { content.tags = [] }
            content.tagPosition = position
            let bytes = content.tags.reduce(tag.utf8.count) { $0 + $1.utf8.count }
            if bytes <= Self.tagBytes { content.tags.append(tag) }
        }
    }

    /// Where a late joiner begins: with what comes next, in the format that is in force there, `nil` before the first, and with
    /// its tags.
    func join() -> (place: Place, format: StreamDescription?, tags: [String]) {
        content.change { content in
            let number = content.firstNumber + Int64(content.pieces.count - content.gone)
            content.unseenNumber = max(content.unseenNumber, number)
            let place = Place(number: number, position: content.lastPosition, sequence: content.lastSequence)
            return (place, content.lastFormat, content.tags)
        }
    }

    /// Frames that somebody has lost who is at a place, and has not been told of.
    func lostFrames(_ place: Place) -> Int64 {
        content.read { content in
            place.number < content.firstNumber && content.firstFormat != nil
                ? max(0, content.firstPosition - place.position) : 0
        }
    }

    func next(_ place: inout Place) -> Answer {
        content.change { content in
            if place.number < content.firstNumber {
                guard let format = content.firstFormat else {
                    place = Place(
                        number: content.firstNumber, position: content.firstPosition, sequence: content.firstSequence)
                    return .nothing
                }
                let before = place.position
                place = Place(
                    number: content.firstNumber, position: content.firstPosition, sequence: content.firstSequence)
                if let resumeNanoseconds { hurry(&place, content, resumeNanoseconds) }
                return .lost(frames: max(0, place.position - before), format)
            }
            let index = content.gone + Int(place.number - content.firstNumber)
            guard index < content.pieces.count else { return .nothing }
            if place.number >= content.unseenNumber { join(&content, index) }
            guard let piece = content.pieces[index] else { return .nothing }
            place.number += 1
            content.unseenNumber = max(content.unseenNumber, place.number)
            if case .chunk(let chunk) = piece {
                place.position = chunk.position + chunk.frames
                place.sequence = chunk.firstSequence &+ UInt32(truncatingIfNeeded: chunk.packets)
            }
            return .piece(piece)
        }
    }

    /// Makes one chunk of those that nobody has seen, so that each subscriber is written to once.
    private func join(_ content: inout Content, _ index: Int) {
        guard index + 1 < content.pieces.count else { return }
        var chunks: [Chunk] = []
        var (bytes, packets) = (0, 0)
        for piece in content.pieces[index...] {
            guard case .chunk(let chunk)? = piece else { break }
            bytes += chunk.bytes.count
            packets += chunk.packets
            guard chunks.isEmpty || (bytes <= Self.joinedBytes && packets <= Self.joinedPackets) else { break }
            chunks.append(chunk)
        }
        guard chunks.count > 1 else { return }
        content.pieces.replaceSubrange(index..<index + chunks.count, with: [.chunk(Chunk(joining: chunks))])
    }

    /// Leaves out what is older than so much, unless another format or stream begins in between.
    private func hurry(_ place: inout Place, _ content: Content, _ nanoseconds: Int64) {
        let position = content.soundPosition - TimeSpan.nanoseconds(nanoseconds).frames(rate: content.rate)
        var target = place
        for piece in content.pieces[content.gone...] {
            guard case .chunk(let chunk)? = piece else { return }
            if chunk.position + chunk.frames > position { break }
            target.number += 1
            target.position = chunk.position + chunk.frames
            target.sequence = chunk.firstSequence &+ UInt32(truncatingIfNeeded: chunk.packets)
        }
        place = target
    }

    private func trim(_ content: inout Content) {
        let framesLimit = TimeSpan.nanoseconds(content.nanosecondsLimit).frames(rate: content.rate)
        // The last piece always stays, however large it is.
        while content.pieces.count - content.gone > 1,
            content.bytes > bytesLimit || content.frames > framesLimit || content.pieces.count - content.gone > 65_536
        {
            drop(&content)
        }
        // Moved once in a while and not for each.
        if content.gone > 256, content.gone > content.pieces.count / 2 {
            content.pieces.removeFirst(content.gone)
            content.gone = 0
        }
    }

    private func drop(_ content: inout Content) {
        guard let piece = content.pieces[content.gone] else { return }
        content.pieces[content.gone] = nil
        content.gone += 1
        content.firstNumber += 1
        switch piece {
        case .format(let description): content.firstFormat = description
        case .chunk(let chunk):
            content.bytes -= chunk.bytes.count
            content.frames -= chunk.frames
            content.firstPosition = chunk.position + chunk.frames
            content.firstSequence = chunk.firstSequence &+ UInt32(truncatingIfNeeded: chunk.packets)
        case .end:
            content.firstPosition = 0
            content.firstSequence = 0
        }
    }
}
