internal import AupSound

/// What it takes to mend an Ogg file whose writer was killed: worked out from the bytes, nothing is written.
///
/// Such a file plays up to its last whole page, but programs warn that no page says it is the last one, or that the last one
/// is torn. Both are mended: the torn page goes, and the last whole one is marked. A page that is damaged in the middle is
/// nothing that could be mended.
///
///     page  "OggS" version flags granule(8) serial(4) number(4) checksum(4) segments laces … packets …
///
/// Source: RFC 3533, section 6; RFC 7845, section 4, for what granules of Opus count.
///
/// - Thread: any.
public struct OggRepair: FileRepair {
    public private(set) var findings: [String] = []
    public private(set) var patches: [WAVRepair.Patch] = []
    public var insertion: WAVRepair.Patch? { nil }
    public private(set) var fileBytes: UInt64
    public private(set) var frames: UInt64 = 0

    /// The stream that is being looked at.
    private struct Link {
        var serial: UInt64
        var skipFrames: UInt64
        var granule: UInt64 = 0
        var hasEnded = false
    }

    private static let container = "Ogg"

    public static func isOgg(_ firstBytes: [UInt8]) -> Bool { firstBytes.span.starts("OggS", at: 0) }

    /// - Parameters:
    ///   - fileBytes: the length of the file.
    ///   - read: bytes of the file from a place on; fewer than asked at its end.
    public init(fileBytes: UInt64, read: (_ offset: UInt64, _ count: Int) -> [UInt8]) throws(FileError) {
        self.fileBytes = fileBytes
        var link: Link?
        var place: UInt64 = 0
        /// The last page behind which a file may end, as it is on the disk, and what was there by then.
        var last: (place: UInt64, page: [UInt8], hasEnded: Bool, frames: UInt64)?
        var framesBefore: UInt64 = 0
        while place < fileBytes, let page = Self.page(at: place, read) {
            let start = place
            place += UInt64(page.count)
            if page[5] & 2 != 0 {
                if let link { framesBefore += Self.frames(link) }
                link = Link(serial: page.little(14, 4), skipFrames: Self.skipFrames(page))
            }
            guard var open = link, open.serial == page.little(14, 4), !open.hasEnded else {
                throw .unsupported(container: Self.container, what: "several streams side by side", byteOffset: start)
            }
            open.hasEnded = page[5] & OggPage.endFlag != 0
            let granule = page.little(6, 8)
            if granule != .max { open.granule = granule }
            link = open
            // A page whose last packet goes on in the next one is no end.
            let laces = Int(page[26])
            if laces > 0, page[26 + laces] < 255, granule != 0, granule != .max {
                last = (start, page, open.hasEnded, framesBefore + Self.frames(open))
            }
        }
        guard let last else { throw .truncated(container: Self.container, byteOffset: place) }
        if place < fileBytes { try Self.checkRest(from: place, to: fileBytes, read) }
        let end = last.place + UInt64(last.page.count)
        if end < fileBytes {
            findings.append("the last page is torn")
            self.fileBytes = end
        }
        frames = last.frames
        guard !last.hasEnded else { return }
        findings.append("no page says that it is the last one")
        var marked = last.page
        OggPage.markEnd(&marked)
        patches = [
            .init(offset: last.place + 5, bytes: [marked[5]]),
            .init(offset: last.place + 22, bytes: Array(marked[22..<26])),
        ]
    }

    private static func page(at place: UInt64, _ read: (UInt64, Int) -> [UInt8]) -> [UInt8]? {
        let head = read(place, 27 + 255)
        guard let length = OggPage.length(head, at: 0) else { return nil }
        let page = length <= head.count ? Array(head.prefix(length)) : read(place, length)
        return page.count == length && OggPage.isIntact(page) ? page : nil
    }

    /// Behind a damaged page there may be whole ones: then it is no end.
    private static func checkRest(
        from place: UInt64, to end: UInt64, _ read: (UInt64, Int) -> [UInt8]
    ) throws(FileError) {
        // Two pages of the largest size: the damaged one, and one behind it.
        let rest = read(place, Int(min(end - place, 2 * UInt64(OggPage.mostBytes))))
        for start in rest.indices.dropFirst() where rest.span.starts("OggS", at: start) {
            guard page(at: place + UInt64(start), read) == nil else {
                throw .malformed(
                    container: container, what: "a page in the middle is damaged, and players pass over it",
                    byteOffset: place)
            }
        }
    }

    private static func frames(_ link: Link) -> UInt64 { link.granule - min(link.granule, link.skipFrames) }

    /// What an Opus stream's first page says about its beginning (RFC 7845, 5.1).
    private static func skipFrames(_ page: [UInt8]) -> UInt64 {
        let start = 27 + Int(page[26])
        guard page.span.starts("OpusHead", at: start), page.count >= start + 12 else { return 0 }
        return page.little(start + 10, 2)
    }
}

/// What it takes to mend a file.
///
/// - Thread: any.
public protocol FileRepair {
    /// What was wrong, for people; empty when the file is in order, and then nothing else is set.
    var findings: [String] { get }
    /// Applied to the file as it is, in this order.
    var patches: [WAVRepair.Patch] { get }
    /// Bytes that must first be put in, moving all behind them.
    var insertion: WAVRepair.Patch? { get }
    /// The length of the file afterwards, counted with the insertion.
    var fileBytes: UInt64 { get }
    /// The sound afterwards.
    var frames: UInt64 { get }
}

extension FileRepair {
    public var isNeeded: Bool { !findings.isEmpty }
}
