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

        init(
            bytes: [UInt8], firstSequence: UInt32, position: Int64, packets: Int, frames: Int64, lostFrames: Int64
        ) {
            self.bytes = bytes
            self.firstSequence = firstSequence
            self.position = position
            self.packets = packets
            self.frames = frames
            self.lostFrames = lostFrames
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
        var isOver = false
    }

    private let content = Guarded(Content())
    private let bytesLimit: Int
    private let nanosecondsLimit: Int64

    init(bytes: Int, nanoseconds: Int64) {
        bytesLimit = bytes
        nanosecondsLimit = nanoseconds
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
            case .format(let description): content.lastFormat = description
            case .chunk(let chunk):
                content.bytes += chunk.bytes.count
                content.frames += chunk.frames
            // Whoever joins now waits for the next stream's.
            case .end: content.lastFormat = nil
            }
            trim(&content)
        }
    }

    /// Where a late joiner begins: with what comes next.
    func joiningPlace() -> Place {
        content.read { content in
            Place(
                number: content.firstNumber + Int64(content.pieces.count - content.gone),
                position: content.lastPosition, sequence: content.lastSequence)
        }
    }

    func next(_ place: inout Place) -> Answer {
        content.read { content in
            if place.number < content.firstNumber {
                guard let format = content.firstFormat else {
                    place = Place(
                        number: content.firstNumber, position: content.firstPosition, sequence: content.firstSequence)
                    return .nothing
                }
                let frames = max(0, content.firstPosition - place.position)
                place = Place(
                    number: content.firstNumber, position: content.firstPosition, sequence: content.firstSequence)
                return .lost(frames: frames, format)
            }
            let index = content.gone + Int(place.number - content.firstNumber)
            guard index < content.pieces.count, let piece = content.pieces[index] else { return .nothing }
            place.number += 1
            if case .chunk(let chunk) = piece {
                place.position = chunk.position + chunk.frames
                place.sequence = chunk.firstSequence &+ UInt32(truncatingIfNeeded: chunk.packets)
            }
            return .piece(piece)
        }
    }

    private func trim(_ content: inout Content) {
        let rate = Int64(content.lastFormat?.rate ?? 48_000)
        let framesLimit = TimeSpan.nanoseconds(nanosecondsLimit).frames(rate: Int(rate))
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
