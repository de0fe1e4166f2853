/// A stretch of an Ogg file in which no page is missing or damaged.
///
/// A damaged file is a row of them. Behind the file's header each is a whole stream of its own, which decoders read
/// and find their way in as in any other.
struct OggRun: Equatable {
    /// Where its pages lie in the file.
    var bytes: Range<Int64>
    /// The granule at which its last packet ends.
    var endGranule: Int64

    /// All of them, and the length of the header before the first; `nil` when the header itself is damaged.
    ///
    /// Pages of other streams in the same file do not count, but their damage does.
    static func all(in input: ByteInput) -> (headerBytes: Int64, runs: [OggRun])? {
        guard let total = input.fileBytes else { return nil }
        var scan = OggScan()
        var bytes = [UInt8](repeating: 0, count: chunkBytes)
        var kept = 0
        var place: Int64 = 0
        while place < total {
            let count = unsafe bytes.withUnsafeMutableBytes {
                unsafe input.peek(at: place + Int64(kept), into: $0.baseAddress! + kept, count: $0.count - kept)
            }
            let filled = kept + count
            let used = scan.take(
                Array(bytes[..<filled]), at: place, isLast: place + Int64(filled) >= total || count == 0)
            guard used > 0 else { break }
            bytes.replaceSubrange(0..<filled - used, with: Array(bytes[used..<filled]))
            kept = filled - used
            place += Int64(used)
        }
        return scan.result
    }

    /// Many pages at once.
    private static let chunkBytes = 1 << 20
}

/// Finds the stretches of good pages in bytes that come in order.
private struct OggScan {
    private var headerBytes: Int64?
    private var runs: [OggRun] = []
    private var current: OggRun?
    private var serial: UInt64?
    private var nextNumber: UInt64 = 0

    var result: (headerBytes: Int64, runs: [OggRun])? {
        guard let headerBytes else { return nil }
        return (headerBytes, runs + (current.map { [$0] } ?? []).filter { $0.endGranule >= 0 })
    }

    /// Takes what it can of some bytes of the file, and says how many that were.
    mutating func take(_ bytes: [UInt8], at place: Int64, isLast: Bool) -> Int {
        var index = 0
        while index < bytes.count {
            if let length = OggPage.length(bytes, at: index), index + length <= bytes.count,
                case let page = Array(bytes[index..<index + length]), OggPage.isIntact(page)
            {
                add(page, at: place + Int64(index))
                index += length
            } else if isLast || index + Int(OggPage.mostBytes) <= bytes.count {
                end()
                index += 1
                while index < bytes.count, bytes[index] != 0x4F { index += 1 }
            } else {
                break
            }
        }
        return index
    }

    private mutating func add(_ page: [UInt8], at place: Int64) {
        let own = page.little(14, 4)
        if serial == nil { serial = own }
        guard own == serial else {
            if let start = current?.bytes.lowerBound { current?.bytes = start..<place + Int64(page.count) }
            return
        }
        let number = page.little(18, 4)
        if number != nextNumber { end() }
        nextNumber = (number + 1) & 0xFFFF_FFFF
        let granule = Int64(bitPattern: page.little(6, 8))
        // Header pages end at granule 0, those of sound do not.
        if headerBytes == nil {
            guard granule != 0 else { return }
            headerBytes = place
        }
        var run = current ?? OggRun(bytes: place..<place, endGranule: -1)
        run.bytes = run.bytes.lowerBound..<place + Int64(page.count)
        if granule >= 0 { run.endGranule = granule }
        current = run
    }

    private mutating func end() {
        if let current, current.endGranule >= 0 { runs.append(current) }
        current = nil
    }
}
