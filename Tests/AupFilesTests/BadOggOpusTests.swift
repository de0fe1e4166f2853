import AupFiles
import AupOpus
import AupSound
import Foundation
import TestSupport
import Testing

/// Headers that lie, pages that are lost, packets that are none.
@Suite struct `Ogg Opus that is not in order` {
    struct Lie: Sendable, CustomTestStringConvertible {
        let name: String
        let head: [UInt8]
        /// What the one line says.
        let said: String
        var testDescription: String { name }
    }

    private static let one = Array(0..<UInt8(9))

    static let lies = [
        Lie(name: "no channels", head: OggBytes.head(channels: 0), said: "no channels"),
        Lie(name: "3 of family 0", head: OggBytes.head(channels: 3), said: "family 0 has 2 at most"),
        Lie(name: "255 of family 0", head: OggBytes.head(channels: 255), said: "family 0 has 2 at most"),
        Lie(
            name: "9 of family 1", head: OggBytes.head(channels: 9, family: 1, table: [9, 0] + one),
            said: "family 1 has 8 at most"),
        Lie(
            name: "255 of family 255",
            head: OggBytes.head(channels: 255, family: 255, table: [255, 0] + Array(0..<255)), said: "more than 64"),
        Lie(name: "no table", head: OggBytes.head(family: 1), said: "no mapping"),
        Lie(name: "half a table", head: OggBytes.head(family: 1, table: [1, 1, 0]), said: "no mapping"),
        Lie(
            name: "beyond the streams", head: OggBytes.head(family: 1, table: [1, 1, 0, 2]),
            said: "channel 2 is decoded channel 2"),
        Lie(name: "no streams", head: OggBytes.head(family: 1, table: [0, 0, 255, 255]), said: "0 streams"),
        Lie(name: "more stereo than streams", head: OggBytes.head(family: 1, table: [1, 2, 0, 1]), said: "2 of them"),
        Lie(
            name: "256 streams", head: OggBytes.head(family: 255, table: [200, 100, 0, 1]), said: "200 streams"),
        Lie(name: "version 16", head: OggBytes.head(version: 16), said: "version 16"),
        Lie(name: "version 255", head: OggBytes.head(version: 255), said: "version 255"),
        Lie(name: "ambisonics", head: OggBytes.head(family: 3, table: [1, 1, 0, 1]), said: "family 3"),
        Lie(name: "cut off", head: Array(OggBytes.head().prefix(18)), said: "18 bytes"),
    ]

    @Test(arguments: lies) func `a header that lies is refused in one line that says where`(lie: Lie) throws {
        var file = OggBytes()
        file.begin(lie.head)
        file.sound(try CodedSound(4800))
        let scratch = try Scratch()
        let path = scratch.path("a.opus")
        try Data(file.bytes).write(to: URL(filePath: path))
        let error = fileError { () throws(FileError) in _ = try SoundFileReader(path: path, opus: .library) }
        let message = error?.message ?? "nothing"
        #expect(message.contains(lie.said) && message.contains("Ogg Opus header at byte"), "\(message)")
        #expect(!message.contains("\n"))
    }

    @Test func `a header that is strange but true is read`() throws {
        let coded = try CodedSound(4800)
        for version: UInt8 in [0, 2, 15] {
            var file = OggBytes()
            file.begin(OggBytes.head(version: version))
            file.sound(coded)
            #expect(try ReadSound(file.bytes).frames == 4800)
        }
        // A pre-skip beyond the sound leaves nothing of it.
        var file = OggBytes()
        file.begin(OggBytes.head(preSkip: 65_535))
        file.sound(coded)
        let read = try ReadSound(file.bytes)
        #expect(read.frames == 0 && read.totalFrames == 0)
    }

    @Test func `a stream without tags, without sound or without an end of its header is refused or empty`() throws {
        let coded = try CodedSound(4800)
        var file = OggBytes()
        file.page([OggBytes.head()], granule: 0, flags: 2)
        let headOnly = file.bytes
        file.page([Array("OpusTogs".utf8)], granule: 0)
        let error = fileError { () throws(FileError) in
            do { _ = try ReadSound(headOnly) } catch { throw error as? FileError ?? .denied(path: "") }
        }
        #expect(error?.message.contains("ends too early") == true)
        let wrong = fileError { () throws(FileError) in
            do { _ = try ReadSound(file.bytes) } catch { throw error as? FileError ?? .denied(path: "") }
        }
        #expect(wrong?.message.contains("no tags") == true)
        var empty = OggBytes()
        empty.begin()
        #expect(try ReadSound(empty.bytes).frames == 0)
        empty.sound(coded)
        #expect(try ReadSound(Array(empty.bytes.prefix(empty.pages[0].count + empty.pages[1].count + 100))).frames == 0)
    }

    @Test func `tags that lie about their lengths cost no sound`() throws {
        let coded = try CodedSound(4800)
        let comments = [
            OggBytes.tags(count: 0xFFFF_FFFF, ["TITLE=a"]), OggBytes.tags(count: 2, ["TITLE=a"]),
            Array(OggBytes.tags(["TITLE=a", "ARTIST=b"]).dropLast()),
            Array("OpusTags".utf8) + [0xFF, 0xFF, 0xFF, 0x7F], Array("OpusTags".utf8),
        ]
        for (index, tags) in comments.enumerated() {
            var file = OggBytes()
            file.begin(OggBytes.head(), tags)
            file.sound(coded)
            let scratch = try Scratch()
            let path = scratch.path("a.opus")
            try Data(file.bytes).write(to: URL(filePath: path))
            let reader = try SoundFileReader(path: path, opus: .library)
            #expect(try reader.takeAll().count == 4800 * 8)
            #expect(reader.title == (index < 3 ? "a" : nil) && reader.artist == nil)
        }
    }

    @Test(arguments: [false, true], [[5], [2], [3, 4, 5], [18], [19]])
    func `pages that are lost leave everything else in its place`(isPipe: Bool, lost: [Int]) throws {
        let coded = try CodedSound(90_000)
        let file = OggBytes.file(coded)
        let whole = try ReadSound(file.bytes)
        #expect(file.pages.count == 21)
        let bytes = file.pages.indices.filter { !lost.contains($0) }.flatMap { file.pages[$0] }
        let read = try ReadSound(bytes, isPipe: isPipe)
        // Five packets a page, two pages of headers.
        let first = (lost[0] - 2) * 4800 - coded.preSkip
        let next = first + lost.count * 4800
        if lost == [2] {
            // What is missing at the beginning cannot be told from a stream that begins later.
            #expect(read.frames == 90_000 - 4800)
            return
        }
        #expect(read.frames == 90_000 && read.damagedPieces == 1)
        // The last page says less than it holds, so what is missing right before it cannot be told so well.
        #expect(
            (lost == [19] ? 3900...4800 : Int64(lost.count * 4800)...Int64(lost.count * 4800)).contains(
                read.damagedFrames))
        let isSameBefore = read.agrees(whole, 0..<first)
        #expect(isSameBefore)
        // The codec takes a moment to be itself again.
        guard next + 38_400 < 80_000 else { return }
        let isSameBehind = read.agrees(whole, (next + 38_400)..<90_000, within: 1e-3)
        #expect(isSameBehind)
    }

    @Test func `a page of a wrong checksum is as good as lost`() throws {
        let coded = try CodedSound(90_000)
        let file = OggBytes.file(coded)
        let gone = try ReadSound(file.pages.indices.filter { $0 != 7 }.flatMap { file.pages[$0] })
        for place in [4, 6, 14, 18, 22, 26, 27, 100, 500] {
            var pages = file.pages
            pages[7][place] ^= 0x15
            for isPipe in [false, true] {
                let read = try ReadSound(pages.flatMap { $0 }, isPipe: isPipe)
                #expect(read.frames == 90_000 && read.damagedPieces == 1 && read.damagedFrames == 4800, "\(place)")
                let isSame1 = read.sound == gone.sound
                #expect(isSame1)
            }
        }
    }

    @Test func `a file that was cut off anywhere gives its whole pages`() throws {
        let coded = try CodedSound(30_000)
        let file = OggBytes.file(coded)
        var cut = file.pages[0].count + file.pages[1].count
        for page in file.pages.dropFirst(2) {
            let before = try ReadSound(Array(file.bytes.prefix(cut)))
            for extra in [1, 26, 27, 30, 300, page.count - 1] {
                let isSame2 = try ReadSound(Array(file.bytes.prefix(cut + extra))).sound == before.sound
                #expect(isSame2)
            }
            cut += page.count
        }
    }

    @Test func `junk between pages is passed over and told`() throws {
        let coded = try CodedSound(30_000)
        let file = OggBytes.file(coded)
        let junk = [[UInt8](repeating: 0x4F, count: 70_000), Array("OggS".utf8), Array("OggS\0\0".utf8) + Self.one]
        let whole = try ReadSound(file.bytes)
        for rubbish in junk {
            let bytes = file.pages[..<5].flatMap { $0 } + rubbish + file.pages[5...].flatMap { $0 }
            for isPipe in [false, true] {
                let read = try ReadSound(bytes, isPipe: isPipe)
                let isSame3 = read.sound == whole.sound && read.damagedPieces == 1 && read.damagedFrames == 0
                #expect(isSame3)
            }
        }
    }

    @Test func `positions that go back or far ahead do not move the sound`() throws {
        let coded = try CodedSound(30_000)
        let whole = try ReadSound(OggBytes.file(coded).bytes)
        for granule: Int64 in [0, 1, -1, -5, 1 << 62, .max, .min] {
            var file = OggBytes()
            file.begin()
            for (index, packet) in coded.packets.enumerated() {
                let isLast = index == coded.packets.count - 1
                let right = isLast ? Int64(coded.preSkip + coded.frames) : Int64((index + 1) * 960)
                file.page([packet], granule: index == 10 ? granule : right, flags: isLast ? 4 : 0)
            }
            let isSame4 = try ReadSound(file.bytes).sound == whole.sound
            #expect(isSame4, "\(granule)")
            // Nor where a page is missing before: no more silence is made than ten minutes.
            let holed = file.pages.indices.filter { $0 != 11 }.flatMap { file.pages[$0] }
            let read = try ReadSound(holed)
            #expect((30_000 - 960 * 2...30_000).contains(read.frames), "\(granule): \(read.frames)")
        }
    }

    @Test func `packets that are none are told, and those behind them are heard`() throws {
        let coded = try CodedSound(30_000)
        let whole = try ReadSound(OggBytes.file(coded).bytes)
        // Empty; no frames; 62 frames of 2.5 ms, which is too long; 3 frames of 60 ms; more than any packet has.
        let bad: [[UInt8]] = [
            [], [0xFF], [0xFF, 0], [0xE3, 62], [0x1B, 3], [0xFC] + [UInt8](repeating: 3, count: 61_440),
        ]
        for packet in bad {
            var file = OggBytes()
            file.begin()
            for (index, good) in coded.packets.enumerated() {
                let isLast = index == coded.packets.count - 1
                let granule = isLast ? Int64(coded.preSkip + coded.frames) : Int64((index + 1) * 960)
                if index == 10 { Self.add(packet, to: &file) }
                file.page([good], granule: granule, flags: isLast ? 4 : 0)
            }
            let read = try ReadSound(file.bytes)
            #expect(read.frames == 30_000 && read.damagedPieces == 1, "\(packet.prefix(2)): \(read.damagedPieces)")
            let isSame5 = read.sound == whole.sound
            #expect(isSame5)
        }
        // What begins like a packet of 20 ms and is none is guessed.
        var file = OggBytes()
        file.begin()
        var packets = coded.packets
        packets[10] = [packets[10][0] | 3, 0xFF, 1, 2, 3]
        for (index, packet) in packets.enumerated() where index != 10 {
            let isLast = index == packets.count - 1
            file.page(
                index == 11 ? [[packet[0] & 0xFC | 3, 0x41, 0xFF], packet] : [packet],
                granule: isLast ? Int64(coded.preSkip + coded.frames) : Int64((index + 1) * 960), flags: isLast ? 4 : 0)
        }
        let read = try ReadSound(file.bytes)
        #expect(read.frames == 30_000 && read.damagedPieces == 1 && read.damagedFrames == 960)
    }

    /// Padding makes a packet as long as one likes, and changes nothing (RFC 6716, 3.2.5).
    @Test func `a packet at the limit is heard, and one byte more is none`() throws {
        let coded = try CodedSound(30_000)
        let whole = try ReadSound(OggBytes.file(coded).bytes)
        let limit = 61_440
        for (length, isHeard) in [(limit, true), (limit + 1, false)] {
            let packet = coded.packets[10]
            // Each 255 stands for 254 bytes; the last one for as many as it says.
            let rest = length - 2 - (packet.count - 1)
            let counts = rest / 255
            let last = rest - 255 * counts - 1
            try #require(last >= 0)
            let long =
                [packet[0] | 3, 0x41] + [UInt8](repeating: 255, count: counts) + [UInt8(last)] + packet.dropFirst()
                + [UInt8](repeating: 0, count: 254 * counts + last)
            try #require(long.count == length && packet[0] & 3 == 0)
            var file = OggBytes()
            file.begin()
            for (index, good) in coded.packets.enumerated() {
                let isLast = index == coded.packets.count - 1
                let granule = isLast ? Int64(coded.preSkip + coded.frames) : Int64((index + 1) * 960)
                if index == 10 {
                    Self.add(long, to: &file)
                } else {
                    file.page([good], granule: granule, flags: isLast ? 4 : 0)
                }
            }
            let read = try ReadSound(file.bytes)
            // Nothing stands for the sound of what is no packet: 31 others and no more are heard.
            #expect(read.frames == (isHeard ? 30_000 : 31 * 960 - coded.preSkip))
            #expect(read.damagedPieces == (isHeard ? 0 : 1))
            let isSame = read.sound == whole.sound
            #expect(isSame == isHeard)
        }
    }

    /// A packet that is as long as it likes, over as many pages as it needs, none of which has a position.
    private static func add(_ packet: [UInt8], to file: inout OggBytes) {
        var rest = packet[...]
        var isFirst = true
        repeat {
            let piece = Array(rest.prefix(255 * 255))
            rest = rest.dropFirst(piece.count)
            let full = piece.count == 255 * 255
            let laces = full ? [UInt8](repeating: 255, count: 255) : nil
            file.page([piece], granule: -1, flags: isFirst ? 0 : 1, laces: laces)
            isFirst = false
            if full, rest.isEmpty { file.page([[]], granule: -1, flags: 1) }
        } while !rest.isEmpty
    }

    @Test func `a packet over two pages is whole, and without its first half is lost`() throws {
        let coded = try CodedSound(30_000)
        let whole = try ReadSound(OggBytes.file(coded).bytes)
        var file = OggBytes()
        file.begin()
        // Packet 10 made longer than a lace by padding, which changes nothing (RFC 6716, 3.2.5).
        let long =
            [coded.packets[10][0] | 3, 0x41, 255, 255, 1] + coded.packets[10].dropFirst()
            + [UInt8](repeating: 0, count: 509)
        for (index, packet) in coded.packets.enumerated() {
            let isLast = index == coded.packets.count - 1
            let granule = isLast ? Int64(coded.preSkip + coded.frames) : Int64((index + 1) * 960)
            guard index == 10 else {
                file.page([packet], granule: granule, flags: isLast ? 4 : 0)
                continue
            }
            file.page([Array(long.prefix(255))], granule: -1, laces: [255])
            file.page([Array(long.dropFirst(255))], granule: granule, flags: 1)
        }
        let isSame6 = try ReadSound(file.bytes).sound == whole.sound
        #expect(isSame6)
        for lost in [12, 13] {
            let read = try ReadSound(file.pages.indices.filter { $0 != lost }.flatMap { file.pages[$0] })
            #expect(read.frames == 30_000 && read.damagedFrames == 960 && read.damagedPieces >= 1)
        }
    }
}
