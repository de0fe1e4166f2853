internal import AupSound
internal import AupSystem

/// What streams an Ogg Opus file holds, one after the other, how long each is, and where reading can begin in it.
///
/// Made of the pages' headers alone, of which a file has one for a second: ten hours are looked through in the time of a
/// few thousand short reads.
///
/// - Thread: any; a plain value.
struct OggOpusMap {
    /// A place to begin at.
    struct Landing: Equatable {
        let place: Int64
        /// Where the page's first packet begins.
        let granule: Int64
        /// That packet began on a page before, or a page is missing: the page itself has to tell.
        let isLoose: Bool
    }

    /// One stream of a chain (RFC 3533, section 4).
    struct Link {
        let head: OggOpusHead
        let serial: UInt64
        /// Frames of all streams before it.
        var base: Int64 = 0
        /// The granule at which its first packet begins, and the one at which its last one ends.
        var start: Int64 = 0
        var end: Int64 = 0
        var landings: [Landing] = []

        /// What is heard of it.
        var frames: Int64 { max(0, end - start - head.preSkipFrames) }
    }

    private(set) var links: [Link] = []

    var frames: Int64 { links.last.map { $0.base + $0.frames } ?? 0 }

    /// Where the first packet of a stream begins. A stream that was cut out of another begins anywhere; one of a single
    /// page begins at 0 and says at its end how much of it is sound (RFC 7845, section 4.4).
    static func start(granule: Int64, frames: Int64, isLast: Bool) -> Int64 {
        isLast && granule < frames ? 0 : max(0, granule - frames)
    }

    /// The stream that a frame is in, and which of its landings to begin at so as to come by it.
    func landing(for frame: Int64) -> (link: Link, index: Int)? {
        guard let link = links.last(where: { $0.base <= frame && !$0.landings.isEmpty }) ?? links.first,
            !link.landings.isEmpty
        else { return nil }
        let granule = link.start + link.head.preSkipFrames + (frame - link.base)
        var (low, high) = (0, link.landings.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if link.landings[middle].granule <= granule { low = middle } else { high = middle }
        }
        return (link, low)
    }

    mutating func add(_ link: Link) {
        var link = link
        link.base = frames
        links.append(link)
    }
}

/// Makes a map of a file.
struct OggOpusSurvey {
    /// Frames between two landings at least.
    private static let stepFrames: Int64 = 48_000
    /// 255 packets of 120 ms.
    private static let longestPage: Int64 = 255 * 5760
    /// What is read where no page begins.
    private static let lostBytes = 64 << 10

    private let input: ByteInput
    private let total: Int64
    private var map = OggOpusMap()
    private var link: OggOpusMap.Link?
    private var packets = OggPackets(limitBytes: .max)
    private var hasBegun = false
    private var hasTags = false
    private var hasStart = false
    private var isBehindDamage = false
    private var nextNumber: UInt64 = 0
    private var lastGranule: Int64 = 0
    /// The last pages that have a granule: places and lengths.
    private var ends: [(place: Int64, length: Int, granule: Int64)] = []

    private init(_ input: ByteInput, _ total: Int64) {
        self.input = input
        self.total = total
    }

    /// `nil` for what is no file.
    static func map(_ input: ByteInput) -> OggOpusMap? {
        guard let total = input.fileBytes else { return nil }
        var survey = OggOpusSurvey(input, total)
        survey.look()
        return survey.map
    }

    private mutating func look() {
        var place: Int64 = 0
        while place + 27 <= total, !input.stop.isRequested {
            // A header and the longest lacing.
            let head = bytes(at: place, count: 27 + 255)
            guard let length = OggPage.length(head, at: 0), head[4] == 0, place + Int64(length) <= total else {
                isBehindDamage = true
                place = nextCapture(behind: place)
                continue
            }
            take(OggStreamPage(bytes: head, place: place, isBehindDamage: isBehindDamage), length)
            place += Int64(length)
        }
        finish()
    }

    private func bytes(at place: Int64, count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { space, filled in
            filled = unsafe max(0, input.peek(at: place, into: space.baseAddress!, count: count))
        }
    }

    private func nextCapture(behind place: Int64) -> Int64 {
        var place = place + 1
        while place + 27 <= total, !input.stop.isRequested {
            let found = bytes(at: place, count: Self.lostBytes)
            guard found.count >= 4 else { return total }
            for index in 0...(found.count - 4) where found.span.starts("OggS", at: index) {
                return place + Int64(index)
            }
            place += Int64(found.count - 3)
        }
        return total
    }

    /// - Parameter page: its header only.
    private mutating func take(_ page: OggStreamPage, _ length: Int) {
        if page.isFirst, link == nil || hasBegun {
            return begin(page, length)
        }
        guard let serial = link?.serial, page.serial == serial else { return }
        hasBegun = true
        let isLoose = isBehindDamage || page.number != nextNumber || page.isContinued
        nextNumber = (page.number + 1) & 0xFFFF_FFFF
        isBehindDamage = false
        if !hasTags, !(isLoose && page.granule > 0) {
            hasTags = page.bytes[27..<page.body].contains { $0 < 255 }
            return
        }
        hasTags = true
        if !hasStart { findStart(page, length) }
        guard hasStart else { return }
        if link!.landings.last.map({ lastGranule - $0.granule >= Self.stepFrames }) ?? true {
            link!.landings.append(.init(place: page.place, granule: lastGranule, isLoose: isLoose))
        }
        guard page.granule >= 0 else { return }
        // A step that no page can make is looked at closely.
        if !(0...Self.longestPage).contains(page.granule - lastGranule), whole(page, length) == nil {
            isBehindDamage = true
            return
        }
        lastGranule = max(lastGranule, page.granule)
        ends.append((page.place, length, page.granule))
        if ends.count > 8 { ends.removeFirst(4) }
    }

    private func whole(_ page: OggStreamPage, _ length: Int) -> OggStreamPage? {
        let all = bytes(at: page.place, count: length)
        guard all.count == length, OggPage.isIntact(all) else { return nil }
        return OggStreamPage(bytes: all, place: page.place, isBehindDamage: false)
    }

    private mutating func begin(_ page: OggStreamPage, _ length: Int) {
        guard let page = whole(page, length), page.bytes.span.starts("OpusHead", at: page.body) else { return }
        finish()
        // What cannot be read is passed over.
        guard let head = try? OggOpusHead(Array(page.bytes[page.body...]), at: 0) else { return }
        link = .init(head: head, serial: page.serial)
        packets = OggPackets(limitBytes: head.mostPacketBytes)
        (hasBegun, hasTags, hasStart) = (false, false, false)
        isBehindDamage = false
        nextNumber = (page.number + 1) & 0xFFFF_FFFF
        ends = []
    }

    private mutating func findStart(_ page: OggStreamPage, _ length: Int) {
        guard let page = whole(page, length) else { return }
        let harvest = packets.take(page)
        if link!.landings.isEmpty {
            link!.landings.append(.init(place: page.place, granule: 0, isLoose: page.isContinued))
        }
        guard page.granule >= 0 else { return }
        let frames = harvest.packets.reduce(Int64(0)) { $0 + Int64(OpusPacketLength.frames($1) ?? 0) }
        let start = OggOpusMap.start(granule: page.granule, frames: frames, isLast: page.isLast)
        let first = link!.landings[0]
        link!.start = start
        link!.landings[0] = .init(place: first.place, granule: start, isLoose: first.isLoose)
        lastGranule = start
        hasStart = true
    }

    /// The last page that is as it was written says how long the stream is.
    private mutating func finish() {
        guard var link else { return }
        link.end = link.start
        let last = ends.last { end in
            let all = bytes(at: end.place, count: end.length)
            return all.count == end.length && OggPage.isIntact(all)
        }
        if let last, hasStart { link.end = max(link.start, last.granule) }
        map.add(link)
        self.link = nil
    }
}
