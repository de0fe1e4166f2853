import AupOpus

/// What one connection was given of the spool: pages on their way, and which packets each brings to its end.
///
/// - Thread: aup.icecast.
final class IcecastConnection {
    struct Page {
        let bytes: [UInt8]
        /// Packets before this number end in it or before it.
        fileprivate let covers: Int64
    }

    private let spool: PacketSpool
    private let pageNanoseconds: Int64
    private var stream: LiveOggStream?
    /// Packets of the logical stream that are in no page yet: where they end in it, and their numbers.
    private var open: [(granule: Int64, number: Int64)] = []
    private var pages: [Page] = []
    /// Pages that were given and not acknowledged: where they end in the body.
    private var outstanding: [(end: Int64, covers: Int64)] = []
    private var givenBytes: Int64 = 0
    private var acknowledgedBytes: Int64 = 0
    private var covered: Int64 = 0

    init(_ spool: PacketSpool, pageNanoseconds: Int64) {
        (self.spool, self.pageNanoseconds) = (spool, pageNanoseconds)
    }

    var heading: CodedHeading? { stream?.heading }
    var outstandingPages: Int { outstanding.count }
    /// Whether bytes are on their way that are not acknowledged.
    var isAwaiting: Bool { givenBytes > acknowledgedBytes }
    /// Whether there is anything to give, as far as is known without making it.
    var canGive: Bool { !pages.isEmpty || spool.nextHeading != nil || spool.isOver && stream != nil }
    /// Whether anything is still to be given or acknowledged.
    var hasMore: Bool { canGive || isAwaiting }

    /// The next page of the body; `nil` while there is none.
    func nextPage() throws(OpusError) -> Page? {
        while pages.isEmpty {
            guard let (packet, number) = spool.next() else {
                guard spool.isOver, stream != nil else { return nil }
                try finishStream()
                break
            }
            if stream == nil || stream?.heading !== packet.heading || packet.lead != nil {
                try finishStream()
                stream = try LiveOggStream(
                    packet.heading, lead: spool.lead(before: number), pageNanoseconds: pageNanoseconds)
            }
            let one = LeadPacket(bytes: packet.bytes, length: packet.length)
            try stream?.add(one, frames: packet.frames)
            open.append((stream?.decodedFrames ?? 0, number))
            collect(isLast: false)
        }
        guard !pages.isEmpty else { return nil }
        let page = pages.removeFirst()
        givenBytes += Int64(page.bytes.count)
        outstanding.append((givenBytes, page.covers))
        return page
    }

    private func finishStream() throws(OpusError) {
        guard let stream else { return }
        try stream.finish()
        collect(isLast: true)
        self.stream = nil
    }

    private func collect(isLast: Bool) {
        let made = stream?.takePages() ?? []
        for (index, page) in made.enumerated() {
            // The last page's granule is where the sound ends, which is before the packet's end.
            let isEnd = isLast && index == made.count - 1
            while let first = open.first, isEnd || first.granule <= page.granule {
                covered = first.number + 1
                open.removeFirst()
            }
            pages.append(Page(bytes: page.bytes, covers: covered))
        }
    }

    /// The other end has so many bytes of the body.
    ///
    /// - Returns: whether that is news.
    func acknowledge(_ bytes: Int64) -> Bool {
        guard bytes > acknowledgedBytes else { return false }
        acknowledgedBytes = min(bytes, givenBytes)
        var covers: Int64?
        while let first = outstanding.first, first.end <= acknowledgedBytes {
            covers = first.covers
            outstanding.removeFirst()
        }
        if let covers { spool.release(before: covers) }
        return true
    }
}
