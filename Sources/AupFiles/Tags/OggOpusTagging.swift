internal import AupSound

/// Puts tags into an Ogg Opus file of one stream.
///
/// ```
///   page 0      page 1 …  n                page n+1 …
///   OpusHead │  OpusTags [padding]      │  packets
///               as long: same pages        as they are
///               longer: other pages        numbered anew, each with its new checksum
/// ```
///
/// All pages are looked at, because a page that is damaged would be sealed as if it were not. Streams behind one another
/// (chained) or side by side (multiplexed) have comments each, so that no one loudness is true of them: they are refused.
///
/// Sources: RFC 7845, sections 3 and 5.2; RFC 3533, section 6.
///
/// - Thread: control; it waits for the disk.
enum OggOpusTagging {
    /// Cover pictures included; what the reader takes too.
    private static let mostBytes = 64 << 20
    private static let magic = Array("OpusTags".utf8)

    static func write(_ tags: [SoundTag], for keys: [String], into file: FileReplacement) throws(FileError) {
        let first = try identification(file)
        let comments = try Comments(file, behind: first)
        let old = comments.packet
        guard old.starts(with: magic), var list = CommentList(old[magic.count...]) else {
            throw damage(file, UInt64(comments.pages[0].place))
        }
        let before = list
        list.replace(keys, with: tags)
        guard list != before else { return }
        var new = magic + list.bytes
        // The lowest bit of what stands behind the comments says whether it is to stay (RFC 7845, 5.2).
        if let rest = list.rest.first, rest & 1 == 1 {
            new += list.rest
        } else {
            new += [UInt8](repeating: 0, count: max(0, old.count - new.count))
        }
        let pages = new.count == old.count ? comments.refilled(new) : comments.laidOut(new)
        try file.append(first.bytes)
        for page in pages { try file.append(page) }
        try copySound(file, serial: first.serial, from: comments.end, shift: pages.count - comments.pages.count)
        try file.finish()
    }

    /// The first page, which holds one packet and no more.
    private static func identification(_ file: FileReplacement) throws(FileError) -> OggStreamPage {
        let page = try Self.page(file, at: 0)
        let laces = page.bytes[27..<page.body]
        guard page.isFirst, page.bytes.span.starts("OpusHead", at: page.body), page.bytes.count >= page.body + 19,
            laces.firstIndex(where: { $0 < 255 }) == laces.indices.last
        else { throw damage(file, 0) }
        guard page.bytes[page.body + 8] < 16 else {
            throw file.refusal("this is Opus of a version that is not known yet", "tag it with what made it")
        }
        return page
    }

    /// The rest of the file, with its pages so many numbers further.
    private static func copySound(
        _ file: FileReplacement, serial: UInt64, from start: UInt64, shift: Int
    ) throws(FileError) {
        var place = start
        while place < file.fileBytes {
            // Of which a page is a sixteenth at most.
            var bytes = try file.read(at: place, count: FileReplacement.stepBytes)
            var used = 0
            while let length = OggPage.length(bytes, at: used), used + length <= bytes.count {
                let page = OggStreamPage(
                    bytes: Array(bytes[used..<used + length]), place: Int64(place) + Int64(used), isBehindDamage: false)
                guard page.bytes[4] == 0, OggPage.isIntact(page.bytes) else {
                    throw damage(file, UInt64(page.place))
                }
                try checkStream(file, page, serial)
                if shift != 0 {
                    let moved = renumbered(page, by: shift)
                    for index in 18..<26 { bytes[used + index] = moved[index] }
                }
                used += length
            }
            guard used > 0 else { throw damage(file, place) }
            if used < bytes.count { bytes.removeLast(bytes.count - used) }
            try file.append(bytes)
            place += UInt64(used)
        }
    }

    private static func renumbered(_ page: OggStreamPage, by shift: Int) -> [UInt8] {
        var bytes = page.bytes
        let number = UInt32(truncatingIfNeeded: Int(page.number) + shift)
        for index in 0..<4 { bytes[18 + index] = UInt8(truncatingIfNeeded: number >> (8 * UInt32(index))) }
        OggPage.seal(&bytes)
        return bytes
    }

    fileprivate static func page(_ file: FileReplacement, at place: UInt64) throws(FileError) -> OggStreamPage {
        let head = try file.read(at: place, count: 27 + 255)
        guard let length = OggPage.length(head, at: 0), head[4] == 0 else { throw damage(file, place) }
        let bytes = try file.read(at: place, count: length)
        guard bytes.count == length, OggPage.isIntact(bytes) else { throw damage(file, place) }
        return OggStreamPage(bytes: bytes, place: Int64(place), isBehindDamage: false)
    }

    fileprivate static func checkStream(
        _ file: FileReplacement, _ page: OggStreamPage, _ serial: UInt64
    ) throws(FileError) {
        guard page.isFirst || page.serial != serial else { return }
        let how = page.isFirst ? "another one begins" : "a page of another one is"
        throw file.refusal(
            "several streams are in one file, \(how) at byte \(page.place), and each has a loudness of its own",
            "split it into files of one stream first")
    }

    fileprivate static func damage(_ file: FileReplacement, _ place: UInt64) -> FileError {
        file.refusal(
            "the Ogg page at byte \(place) is damaged or cut off", "try aup capture --repair, or encode it anew")
    }

    /// The second packet and the pages that it is on.
    private struct Comments {
        var packet: [UInt8] = []
        var pages: [OggStreamPage] = []
        /// Behind those pages.
        private(set) var end: UInt64
        /// Where the packet ends on the last one: laces and bytes.
        private var usedLaces = 0
        private var usedBytes = 0

        init(_ file: FileReplacement, behind first: OggStreamPage) throws(FileError) {
            end = UInt64(first.bytes.count)
            var isWhole = false
            while !isWhole {
                let page = try OggOpusTagging.page(file, at: end)
                try checkStream(file, page, first.serial)
                guard page.isContinued == !pages.isEmpty, packet.count <= mostBytes else { throw damage(file, end) }
                pages.append(page)
                (usedLaces, usedBytes) = (0, 0)
                for lace in page.bytes[27..<page.body] where !isWhole {
                    usedLaces += 1
                    usedBytes += Int(lace)
                    isWhole = lace < 255
                }
                packet += page.bytes[page.body..<page.body + usedBytes]
                end += UInt64(page.bytes.count)
            }
        }

        /// The same pages with another packet of the same length in them.
        func refilled(_ packet: [UInt8]) -> [[UInt8]] {
            var rest = packet[...]
            return pages.map { page in
                var bytes = page.bytes
                let count = min(rest.count, bytes.count - page.body)
                bytes.replaceSubrange(page.body..<page.body + count, with: rest.prefix(count))
                rest = rest.dropFirst(count)
                OggPage.seal(&bytes)
                return bytes
            }
        }

        /// Pages as full as may be; what else was on the last one gets one of its own.
        func laidOut(_ packet: [UInt8]) -> [[UInt8]] {
            let laces = [UInt8](repeating: 255, count: packet.count / 255) + [UInt8(packet.count % 255)]
            let old = pages[pages.count - 1]
            let restLaces = Array(old.bytes[(27 + usedLaces)..<old.body])
            var made: [[UInt8]] = []
            for start in stride(from: 0, to: laces.count, by: 255) {
                let own = laces[start..<min(start + 255, laces.count)]
                let isEnd = own.endIndex == laces.count
                let body = packet[(start * 255)..<(isEnd ? packet.count : own.endIndex * 255)]
                // No packet ends on a page before the last one (RFC 3533, section 6).
                made.append(
                    page(
                        flags: (start > 0 ? 1 : 0) | (isEnd && restLaces.isEmpty ? old.bytes[5] & OggPage.endFlag : 0),
                        granule: isEnd ? (restLaces.isEmpty ? old.granule : 0) : -1, number: made.count,
                        laces: Array(own), body: body))
            }
            if !restLaces.isEmpty {
                made.append(
                    page(
                        flags: old.bytes[5] & OggPage.endFlag,
                        granule: restLaces.contains { $0 < 255 } ? old.granule : -1, number: made.count,
                        laces: restLaces, body: old.bytes[(old.body + usedBytes)...]))
            }
            return made
        }

        private func page(
            flags: UInt8, granule: Int64, number: Int, laces: [UInt8], body: ArraySlice<UInt8>
        ) -> [UInt8] {
            var bytes = Array("OggS".utf8) + [0, flags]
            bytes.appendLittle(UInt64(bitPattern: granule), 8)
            bytes.appendLittle(pages[0].serial, 4)
            bytes.appendLittle(pages[0].number + UInt64(number), 4)
            bytes += [0, 0, 0, 0, UInt8(laces.count)] + laces + body
            OggPage.seal(&bytes)
            return bytes
        }
    }
}
