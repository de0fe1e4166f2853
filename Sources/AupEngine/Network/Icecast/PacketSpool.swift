import AupSound

/// Packets that a server has not acknowledged, so that they can be sent once more; bounded in time and in bytes.
///
/// ```
///   transport ─▶ append │ waiting, oldest first …          │ given to the connection, not acknowledged │ ─▶ release
///                         └ past the bound these are lost     └ rewind: the connection broke
/// ```
///
/// Every frame that was appended is acknowledged, waiting or lost: the three counts add up at any moment.
///
/// - Thread: any.
final class PacketSpool: Sendable {
    struct Counts: Sendable, Equatable {
        var acknowledgedFrames: Int64 = 0
        var waitingFrames: Int64 = 0
        var lostFrames: Int64 = 0
        /// Of those that wait.
        var nanoseconds: Int64 = 0
        var bytes = 0
    }

    private struct Content {
        var packets: [CodedPacket?] = []
        /// How many at the front have gone, and the number of the first that has not.
        var gone = 0
        var firstNumber: Int64 = 0
        /// The number of the next that the connection is given.
        var nextNumber: Int64 = 0
        var counts = Counts()
        /// The last packets before the first one, and whose they were.
        var history: [LeadPacket] = []
        var historyEncoder = 0
        var isOver = false
        /// Nobody takes packets any more.
        var isGivenUp = false

        var endNumber: Int64 { firstNumber + Int64(packets.count - gone) }
        func packet(_ number: Int64) -> CodedPacket? { packets[gone + Int(number - firstNumber)] }
    }

    private let content = Guarded(Content())
    private let nanosecondsLimit: Int64
    private let bytesLimit: Int

    init(nanoseconds: Int64, bytes: Int) {
        (nanosecondsLimit, bytesLimit) = (nanoseconds, bytes)
    }

    var counts: Counts { content.read { $0.counts } }
    /// No more packets come.
    var isOver: Bool { content.read { $0.isOver } }
    var isEmpty: Bool { content.read { $0.endNumber == $0.firstNumber } }

    /// - Returns: frames that were lost for it.
    @discardableResult
    func append(_ packet: CodedPacket) -> Int64 {
        var lost: Int64 = 0
        content.write { content in
            guard !content.isGivenUp else {
                lost = Int64(packet.frames)
                content.counts.lostFrames += lost
                return
            }
            content.packets.append(packet)
            content.counts.waitingFrames += Int64(packet.frames)
            content.counts.nanoseconds += packet.nanoseconds
            content.counts.bytes += packet.bytes.count
            // The newest always stays, and what the connection has cannot be taken back.
            while content.counts.nanoseconds > nanosecondsLimit || content.counts.bytes > bytesLimit,
                content.endNumber - content.nextNumber > 1
            {
                lost += Self.lose(&content)
            }
        }
        return lost
    }

    /// What would not stay in it is not even made.
    func lose(frames: Int64) { content.write { $0.counts.lostFrames += frames } }

    func end() { content.write { $0.isOver = true } }

    /// Loses the oldest packet that the connection was not given.
    private static func lose(_ content: inout Content) -> Int64 {
        let index = content.gone + Int(content.nextNumber - content.firstNumber)
        guard let packet = content.packets[index], var next = content.packets[index + 1] else { return 0 }
        forget(packet, &content)
        content.counts.lostFrames += Int64(packet.frames)
        if packet.heading.encoder == next.heading.encoder {
            let before = packet.lead ?? lead(before: content.nextNumber, content)
            next.lead = trimmed(before + [LeadPacket(bytes: packet.bytes, length: packet.length)], packet.heading)
        } else {
            next.lead = []
        }
        content.packets[index + 1] = next
        if content.nextNumber == content.firstNumber {
            takeFirst(&content)
            // Its lead says what came before it.
            content.history = []
        } else {
            content.packets.remove(at: index)
        }
        return Int64(packet.frames)
    }

    private static func forget(_ packet: CodedPacket, _ content: inout Content) {
        content.counts.waitingFrames -= Int64(packet.frames)
        content.counts.nanoseconds -= packet.nanoseconds
        content.counts.bytes -= packet.bytes.count
    }

    private static func takeFirst(_ content: inout Content) {
        content.packets[content.gone] = nil
        content.gone += 1
        content.firstNumber += 1
        content.nextNumber = max(content.nextNumber, content.firstNumber)
        // Moved once in a while and not for each.
        if content.gone > 256, content.gone > content.packets.count / 2 {
            content.packets.removeFirst(content.gone)
            content.gone = 0
        }
    }

    // MARK: - aup.icecast

    /// The next packet for the connection, and its number.
    func next() -> (packet: CodedPacket, number: Int64)? {
        var found: (CodedPacket, Int64)?
        content.write { content in
            guard content.nextNumber < content.endNumber, let packet = content.packet(content.nextNumber) else {
                return
            }
            found = (packet, content.nextNumber)
            content.nextNumber += 1
        }
        return found
    }

    /// Whose packets come next; `nil` while there are none.
    var nextHeading: CodedHeading? {
        content.read { $0.nextNumber < $0.endNumber ? $0.packet($0.nextNumber)?.heading : nil }
    }

    /// Packets before this number are the other end's.
    func release(before number: Int64) {
        content.write { content in
            while content.firstNumber < min(number, content.nextNumber),
                let packet = content.packet(content.firstNumber)
            {
                Self.forget(packet, &content)
                content.counts.acknowledgedFrames += Int64(packet.frames)
                if let lead = packet.lead {
                    content.history = lead
                } else if content.historyEncoder != packet.heading.encoder {
                    content.history = []
                }
                content.historyEncoder = packet.heading.encoder
                content.history = Self.trimmed(
                    content.history + [LeadPacket(bytes: packet.bytes, length: packet.length)], packet.heading)
                Self.takeFirst(&content)
            }
        }
    }

    /// The connection broke: what was not acknowledged is given again.
    ///
    /// - Returns: how many packets those are.
    @discardableResult
    func rewind() -> Int {
        var count = 0
        content.write { content in
            count = Int(content.nextNumber - content.firstNumber)
            content.nextNumber = content.firstNumber
        }
        return count
    }

    /// What a decoder should hear before the packet of a number, if a stream begins with it.
    func lead(before number: Int64) -> [LeadPacket] { content.read { Self.lead(before: number, $0) } }

    /// All that waits is lost, and all that comes.
    ///
    /// - Returns: its frames.
    func giveUp() -> Int64 {
        var frames: Int64 = 0
        content.write { content in
            frames = content.counts.waitingFrames
            content.isGivenUp = true
            content.counts.lostFrames += frames
            (content.counts.waitingFrames, content.counts.nanoseconds, content.counts.bytes) = (0, 0, 0)
            content.packets.removeAll()
            content.gone = 0
            content.firstNumber = max(content.firstNumber, content.nextNumber)
            content.nextNumber = content.firstNumber
        }
        return frames
    }

    private static func lead(before number: Int64, _ content: Content) -> [LeadPacket] {
        guard let packet = content.packet(number) else { return [] }
        if let lead = packet.lead { return lead }
        var found: [LeadPacket] = []
        var index = number
        while found.reduce(0, { $0 + $1.length }) < packet.heading.leadFrames {
            guard index > content.firstNumber, let before = content.packet(index - 1) else {
                if content.historyEncoder == packet.heading.encoder { found = content.history + found }
                break
            }
            guard before.heading.encoder == packet.heading.encoder else { break }
            index -= 1
            found.insert(LeadPacket(bytes: before.bytes, length: before.length), at: 0)
            if let lead = before.lead {
                found = lead + found
                break
            }
        }
        return trimmed(found, packet.heading)
    }

    /// The last of them that are enough.
    private static func trimmed(_ packets: [LeadPacket], _ heading: CodedHeading) -> [LeadPacket] {
        var length = packets.reduce(0) { $0 + $1.length }
        var first = 0
        while first < packets.count, length - packets[first].length >= heading.leadFrames {
            length -= packets[first].length
            first += 1
        }
        return Array(packets[first...])
    }
}
