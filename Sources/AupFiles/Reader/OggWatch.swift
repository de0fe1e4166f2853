/// Looks at the pages of an Ogg stream as they pass and finds out where some are missing or damaged: decoders leave
/// them out without a word, and everything behind them sounds too early.
///
///     page:  "OggS" version type granule(8) serial(4) number(4) checksum(4) segments(1) lacing … packets …
///
/// Source: RFC 3533, section 6.
///
/// - Thread: one at a time.
struct OggWatch {
    /// Where pages are missing: behind this granule, and somewhere before that one.
    struct Hole: Equatable {
        var lastGranule: Int64
        /// Where the next good page ends.
        var nextGranule: Int64
    }

    /// The oldest hole that nobody has looked at.
    private(set) var hole: Hole?
    /// Where the first good page begins behind a place that the decoder has jumped to: it takes that page for the one it
    /// looked for, which may have been another.
    private(set) var firstPage: Int64?

    private var pending: [UInt8] = []
    /// Where the byte after `pending` lies in the file.
    private var place: Int64 = -1
    /// The granule of the last good page; `nil` before the first one and after a seek.
    private var lastGranule: Int64?
    private var isLost = false
    private var hasJumped = false

    /// A seek: what comes next has nothing to do with what was.
    mutating func forget() {
        pending = []
        place = -1
        lastGranule = nil
        isLost = false
        hasJumped = false
        hole = nil
        firstPage = nil
    }

    /// What came last is the beginning of a page.
    var isTorn: Bool { !isLost && OggPage.begins(pending[...]) }

    mutating func holeIsSeen() { hole = nil }
    mutating func firstPageIsSeen() { firstPage = nil }

    mutating func see(_ bytes: UnsafeRawBufferPointer, at position: Int64) {
        guard unsafe !bytes.isEmpty else { return }
        if position != place {
            pending.removeAll(keepingCapacity: true)
            lastGranule = nil
            isLost = false
            hasJumped = true
            firstPage = nil
        }
        place = position + Int64(bytes.count)
        unsafe pending.append(contentsOf: bytes)
        var used = 0
        while let length = takePage(at: used) { used += length }
        if used > 0 { pending.removeFirst(used) }
    }

    /// Bytes of `pending` that are done with; `nil` when more are needed.
    private mutating func takePage(at start: Int) -> Int? {
        let rest = pending.count - start
        guard rest >= 27 else { return nil }
        guard isCapture(start) else { return skipToCapture(start) }
        let segments = Int(pending[start + 26])
        guard rest >= 27 + segments else { return nil }
        let body = pending[(start + 27)..<(start + 27 + segments)].reduce(0) { $0 + Int($1) }
        let length = 27 + segments + body
        guard rest >= length else { return nil }
        let page = Array(pending[start..<start + length])
        guard OggPage.isIntact(page) else {
            isLost = isLost || lastGranule != nil
            return skipToCapture(start)
        }
        take(page, end: place - Int64(rest - length))
        return length
    }

    private func isCapture(_ start: Int) -> Bool {
        pending[start] == 0x4F && pending[start + 1] == 0x67 && pending[start + 2] == 0x67
            && pending[start + 3] == 0x53
    }

    /// Goes on to the next place where a page may begin.
    private mutating func skipToCapture(_ start: Int) -> Int? {
        isLost = isLost || lastGranule != nil
        var index = start + 1
        while index + 4 <= pending.count {
            if isCapture(index) { return index - start }
            index += 1
        }
        return index - start
    }

    private mutating func take(_ page: [UInt8], end: Int64) {
        let granule = Int64(bitPattern: page.little(6, 8))
        if hasJumped { firstPage = end - Int64(page.count) }
        hasJumped = false
        // A page on which no packet ends has no granule.
        guard granule >= 0 else { return }
        if isLost, let lastGranule, hole == nil {
            hole = Hole(lastGranule: lastGranule, nextGranule: granule)
        }
        isLost = false
        lastGranule = granule
    }
}
