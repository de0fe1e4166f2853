internal import AupSound

/// One stream of a chain while it is read: packets out of its pages, and where each belongs.
///
/// Packets tell how long they are, and pages where they end. What the packets say is believed as long as no page is
/// missing; then the next page tells how much is gone.
///
/// - Thread: one at a time.
struct OggOpusStream {
    let head: OggOpusHead
    let serial: UInt64
    /// The granule of what comes next; `nil` before the first page.
    private(set) var position: Int64?
    /// Before this granule nothing is heard: the pre-skip.
    private(set) var firstHeard: Int64
    /// Nor from this one on: the sound's end, once it is known.
    private(set) var end = Int64.max
    /// Frames that are missing before the first of ``packets``.
    private(set) var hole: Int64 = 0
    private(set) var damagedPieces = 0
    /// The page that was looked for was there.
    private(set) var hasLanded = false
    private(set) var hasTags = false
    /// Its second packet is what it must be; ``TagReader`` reads it.
    private(set) var isTagged = false

    private var packets: [[UInt8]] = []
    private var nextPacket = 0
    private var assembly: OggPackets
    private var nextNumber: UInt64?
    private var landing: OggOpusMap.Landing?

    /// Longer holes are no damage but lies about time, and are not filled: ten minutes.
    static let longestHole: Int64 = 600 * 48_000
    /// Cover pictures included.
    private static let tagBytes = 64 << 20

    /// Behind its first page.
    init(_ head: OggOpusHead, serial: UInt64, number: UInt64) {
        self.head = head
        self.serial = serial
        firstHeard = head.preSkipFrames
        nextNumber = (number + 1) & 0xFFFF_FFFF
        assembly = OggPackets(limitBytes: Self.tagBytes)
    }

    /// Somewhere in it.
    init(_ link: OggOpusMap.Link, at landing: OggOpusMap.Landing) {
        head = link.head
        serial = link.serial
        firstHeard = link.start + link.head.preSkipFrames
        hasTags = true
        self.landing = landing
        assembly = OggPackets(limitBytes: head.mostPacketBytes)
    }

    /// Whether there is nothing to decode but on the next page.
    var isEmpty: Bool { hole == 0 && nextPacket == packets.count }

    /// The next packet; `nil` where a page is needed.
    mutating func next() -> [UInt8]? {
        guard nextPacket < packets.count else { return nil }
        defer { nextPacket += 1 }
        return packets[nextPacket]
    }

    /// So many frames were made.
    mutating func advance(_ frames: Int64) { position? += frames }

    mutating func fill(_ frames: Int64) {
        hole -= frames
        position? += frames
    }

    mutating func damageIsSeen() { damagedPieces = 0 }

    // MARK: - Pages

    /// Takes a page of this stream.
    mutating func take(_ page: OggStreamPage) {
        let isLost = page.isBehindDamage || nextNumber.map { $0 != page.number } ?? false
        nextNumber = (page.number + 1) & 0xFFFF_FFFF
        if isLost { assembly.lose() }
        if !hasTags {
            // The page of the tags may be what is lost.
            guard isLost, page.granule > 0 else { return takeTags(page) }
            beginSound()
        }
        var harvest = assembly.take(page)
        let broken = harvest.packets.count
        harvest.packets.removeAll { OpusPacketLength.frames($0) == nil }
        if harvest.hasBroken || harvest.packets.count < broken { damagedPieces += 1 }
        place(harvest, page, isLost: isLost)
    }

    private mutating func takeTags(_ page: OggStreamPage) {
        let harvest = assembly.take(page)
        // A packet too long to keep is passed over.
        guard let packet = harvest.packets.first else {
            if harvest.hasBroken { beginSound() }
            return
        }
        isTagged = packet.span.starts("OpusTags", at: 0)
        beginSound()
    }

    private mutating func beginSound() {
        hasTags = true
        assembly = OggPackets(limitBytes: head.mostPacketBytes)
    }

    /// Finds out where packets belong.
    private mutating func place(_ harvest: OggPackets.Harvest, _ page: OggStreamPage, isLost: Bool) {
        packets = harvest.packets
        nextPacket = 0
        let granule = page.granule
        let frames = packets.reduce(Int64(0)) { $0 + Int64(OpusPacketLength.frames($1) ?? 0) }
        if let landing, position == nil {
            // The page itself tells best: what comes before it may be damaged. But the last one says less than it holds.
            if granule >= 0, !page.isLast || landing.isLoose || page.place != landing.place {
                position = max(0, granule - frames)
            } else if page.place == landing.place, !landing.isLoose {
                position = landing.granule
            } else {
                packets = []
                return
            }
            hasLanded = page.place == landing.place
            self.landing = nil
        } else if let expected = position {
            if isLost { damagedPieces += 1 }
            if isLost, granule >= 0 {
                let missing = granule - frames - expected
                if missing > 0, missing <= Self.longestHole { hole = missing }
            }
        } else {
            // A first page on which no packet ends tells nothing.
            guard granule >= 0 || !packets.isEmpty else { return }
            let start =
                granule >= 0 ? OggOpusMap.start(granule: granule, frames: frames, isLast: page.isLast) : 0
            position = start
            firstHeard = start + head.preSkipFrames
        }
        if page.isLast, granule >= 0 { end = granule }
    }
}
