import AupOpus
import AupSound
import Foundation
import TestSupport
import Testing

@testable import AupFiles

/// Loudness in Ogg Opus files, with every packet as it was.
@Suite struct `Loudness tags in Ogg Opus` {
    private static let coded = try? CodedSound(48_000)
    private static let written = TaggedFiles.tags.r128.map(\.text)
    private static let growth = written.reduce(0) { $0 + 4 + $1.utf8.count }

    /// A file taken apart by itself, each page checked against its checksum and the number it must have.
    struct Parts {
        var packets: [[UInt8]] = []
        /// Of the pages behind the comments.
        var granules: [Int64] = []
        var flags: [UInt8] = []
        var pages = 0

        init(_ bytes: [UInt8]) throws {
            var (place, open) = (0, [UInt8]())
            while place < bytes.count {
                let length = try #require(OggPage.length(bytes, at: place))
                let page = Array(bytes[place..<place + length])
                #expect(OggPage.isIntact(page) && page.little(18, 4) == pages)
                #expect((page[5] & 1 != 0) == !open.isEmpty)
                var start = 27 + Int(page[26])
                for lace in page[27..<start] {
                    open += page[start..<start + Int(lace)]
                    start += Int(lace)
                    if lace < 255 {
                        packets.append(open)
                        open = []
                    }
                }
                if packets.count > 2 {
                    granules.append(Int64(bitPattern: page.little(6, 8)))
                    flags.append(page[5])
                } else {
                    // Pages on which no packet ends have no position.
                    #expect(Int64(bitPattern: page.little(6, 8)) == (open.isEmpty ? 0 : -1))
                }
                pages += 1
                place += length
            }
            #expect(open.isEmpty)
        }

        var list: CommentList? { CommentList(packets[1][8...]) }
        var comments: [String] { list?.comments.map { String(decoding: $0, as: UTF8.self) } ?? [] }

        func hasSound(of other: Parts) -> Bool {
            packets[0] == other.packets[0] && packets.dropFirst(2) == other.packets.dropFirst(2)
                && granules == other.granules && flags == other.flags
        }
    }

    private func tagged(_ bytes: [UInt8], _ tags: LoudnessTags = TaggedFiles.tags) throws -> [UInt8] {
        let scratch = try Scratch()
        let path = scratch.path("a.opus")
        try TaggedFiles.save(bytes, path)
        try LoudnessTagWriter.write(tags, into: path)
        let once = try TaggedFiles.bytes(path)
        let inode = try TaggedFiles.inode(path)
        try LoudnessTagWriter.write(tags, into: path)
        #expect(try TaggedFiles.bytes(path) == once && TaggedFiles.inode(path) == inode, "twice is not once")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path) == ["a.opus"])
        return once
    }

    /// A file with this packet for its comments, on pages as full as may be.
    private func file(_ comments: [UInt8], perPage: Int = 5) throws -> OggBytes {
        let coded = try #require(Self.coded)
        var file = OggBytes()
        file.page([OggBytes.head(preSkip: UInt64(coded.preSkip))], granule: 0, flags: 2)
        let laces = [UInt8](repeating: 255, count: comments.count / 255) + [UInt8(comments.count % 255)]
        for start in stride(from: 0, to: laces.count, by: 255) {
            let own = Array(laces[start..<min(start + 255, laces.count)])
            let isEnd = start + own.count == laces.count
            let body = comments[(start * 255)..<(isEnd ? comments.count : (start + 255) * 255)]
            file.page([Array(body)], granule: isEnd ? 0 : -1, flags: start > 0 ? 1 : 0, laces: own)
        }
        file.sound(coded, perPage: perPage)
        return file
    }

    @Test(
        .enabled(
            if: ["opusenc", "opusdec", "opusinfo", "ffmpeg", "ffprobe"].allSatisfy { ToolRun.find($0) != nil },
            "opus-tools or ffmpeg is not installed"), arguments: [false, true])
    func `are read by opusinfo and ffprobe, and opusdec gives the sound as it was`(isPadded: Bool) throws {
        let scratch = try Scratch()
        let (wav, picture) = try TaggedFiles.sound(scratch)
        let path = scratch.path("a.opus")
        let long = String(repeating: "long ", count: 20_000)
        try TaggedFiles.run(
            "opusenc",
            ["--quiet", "--title", "Ein Stück", "--comment", "LONG=\(long)", "--comment", "replaygain_track_gain=1"]
                + ["--comment", "r128_track_gain=77", "--picture", picture, "--padding", isPadded ? "512" : "0"]
                + [wav, path])
        let before = try TaggedFiles.bytes(path)
        try TaggedFiles.run("opusdec", ["--quiet", path, scratch.path("before.wav")])
        try LoudnessTagWriter.write(TaggedFiles.tags, into: path)
        let after = try TaggedFiles.bytes(path)
        let (old, new) = (try Parts(before), try Parts(after))
        #expect(new.hasSound(of: old) && new.list?.vendor == old.list?.vendor)
        let kept = old.comments.filter { !$0.hasPrefix("r128") && !$0.hasPrefix("replaygain") }
        #expect(new.comments == kept + Self.written && kept.count == old.comments.count - 2)
        #expect(!isPadded || after.count == before.count)
        try TaggedFiles.run("opusdec", ["--quiet", path, scratch.path("after.wav")])
        #expect(
            try TaggedFiles.bytes(scratch.path("before.wav")) == TaggedFiles.bytes(scratch.path("after.wav")))
        let said = try ToolRun("opusinfo", [path])
        #expect(said.status == 0 && !(said.output + said.errors).contains("WARNING"))
        #expect(said.output.contains("R128_TRACK_GAIN=-2670") && said.output.contains("R128_ALBUM_GAIN=-2304"))
        let probed = try TaggedFiles.probed(path)
        #expect(probed["R128_TRACK_GAIN"] == "-2670" && probed["TITLE"] == "Ein Stück" && probed["LONG"] == long)
        #expect(probed["REPLAYGAIN_TRACK_GAIN"] == nil)
        #expect(try tagged(after) == after)
        // The reader that the rest of aup has.
        let reader = try SoundFileReader(path: path, opus: .library)
        #expect(reader.tags.contains { $0.text == "R128_TRACK_GAIN=-2670" } && reader.damagedPieces == 0)
    }

    @Test func `number the pages behind them anew, at every length around the end of a page`() throws {
        // 255 laces of 255 bytes fill a page.
        let full = 255 * 255
        for first in [0, full, 2 * full] {
            for growth in first == 0
                ? [0] : first == full ? [-Self.growth - 1, -Self.growth, -1, 0] : [-Self.growth, -1]
            {
                let base = OggBytes.tags([""]).count + 2
                let packet = OggBytes.tags(["A=" + String(repeating: "x", count: max(0, first + growth - base))])
                let before = try file(packet).bytes
                let after = try tagged(before)
                let (old, new) = (try Parts(before), try Parts(after))
                #expect(new.hasSound(of: old), "\(first) \(growth)")
                #expect(new.comments == old.comments + Self.written && new.list?.rest == [])
                #expect(new.packets[1].count == packet.count + Self.growth)
                #expect(new.pages == old.pages - old.packets[1].count / full + new.packets[1].count / full)
            }
        }
    }

    @Test func `take their room from the padding, and then only their own pages change`() throws {
        let tags = OggBytes.tags(["TITLE=x"])
        for length in [Self.growth, Self.growth + 1, 600, 70_000] {
            let before = try file(tags + [UInt8](repeating: 0, count: length)).bytes
            let after = try tagged(before)
            #expect(after.count == before.count)
            let new = try Parts(after)
            #expect(new.comments == ["TITLE=x"] + Self.written)
            #expect(new.list?.rest == [UInt8](repeating: 0, count: length - Self.growth))
            let sound = try file([]).pages.dropFirst(2).reduce(0) { $0 + $1.count }
            #expect(after.suffix(sound) == before.suffix(sound))
        }
        let little = try Parts(try tagged(try file(tags + [0, 0, 0]).bytes))
        #expect(little.packets[1].count == tags.count + Self.growth)
        // Shorter than before: what is left is padding.
        let long = OggBytes.tags(["REPLAYGAIN_TRACK_GAIN=" + String(repeating: "1", count: 500)])
        #expect(try Parts(try tagged(try file(long).bytes)).packets[1].count == long.count)
    }

    @Test func `leave alone what stands behind the comments and says that it is to stay`() throws {
        for rest: [UInt8] in [[1], [0xFF, 0, 3], [UInt8](repeating: 5, count: 1000)] {
            let before = try file(OggBytes.tags(["REPLAYGAIN_TRACK_GAIN=12345678901234567890123456789"]) + rest).bytes
            let new = try Parts(try tagged(before))
            #expect(new.list?.rest == rest && new.comments == Self.written)
            #expect(new.hasSound(of: try Parts(before)))
        }
    }

    @Test func `keep sound that begins on the page where the comments end`() throws {
        let coded = try #require(Self.coded)
        var file = OggBytes()
        file.page([OggBytes.head()], granule: 0, flags: 2)
        file.page([OggBytes.tags(["A=b"])] + coded.packets.prefix(3), granule: 2880)
        file.page(Array(coded.packets.dropFirst(3)), granule: 48_312, flags: 4)
        let after = try tagged(file.bytes)
        let new = try Parts(after)
        #expect(Array(new.packets.dropFirst(2)) == coded.packets && new.granules == [2880, 48_312])
        #expect(new.pages == 4 && new.flags == [0, 4] && new.comments == ["A=b"] + Self.written)
    }

    @Test func `are refused by streams in a chain or side by side, each of which has a loudness`() throws {
        let coded = try #require(Self.coded)
        let scratch = try Scratch()
        let path = scratch.path("a.opus")
        let one = OggBytes.file(coded, serial: 1).pages
        let two = OggBytes.file(coded, serial: 2).pages
        let files: [[[UInt8]]] = [
            one + two, one + one, [one[0], two[0]] + one.dropFirst(),
            Array(one.prefix(5)) + [two[3]] + one.dropFirst(5),
            [one[0], two[1]] + one.dropFirst(),
        ]
        for bytes in files {
            try TaggedFiles.save(bytes.flatMap { $0 }, path)
            let said = try #require(TaggedFiles.refusal(path))
            #expect(said.contains("several streams") && said.contains("split it") && said.contains("left as it was"))
            #expect(try TaggedFiles.bytes(path) == bytes.flatMap { $0 })
            #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path) == ["a.opus"])
        }
    }

    @Test func `are refused by a damaged file, whatever byte is wrong, and it stays as it is`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.opus")
        let good = try file(OggBytes.tags(["TITLE=x"])).bytes
        var generator = SystemRandomNumberGenerator()
        // Every byte of the first two pages, and some of the others.
        for place in Array(4..<120) + (0..<60).map({ _ in .random(in: 120..<good.count, using: &generator) }) {
            var bad = good
            bad[place] ^= UInt8.random(in: 1...255, using: &generator)
            try TaggedFiles.save(bad, path)
            #expect(TaggedFiles.refusal(path) != nil, "\(place)")
            #expect(try TaggedFiles.bytes(path) == bad)
        }
        for cut in [30, 47, 60, 100, good.count / 2, good.count - 1] {
            try TaggedFiles.save(Array(good[..<cut]), path)
            #expect(TaggedFiles.refusal(path) != nil, "\(cut)")
            #expect(try TaggedFiles.bytes(path).count == cut)
        }
        // Checksums that are right say nothing of what is in a packet.
        let packets: [[UInt8]] = [
            [], Array("OpusTags".utf8), OggBytes.tags(count: 9, ["A=b"]), Array(OggBytes.tags().dropLast()),
            Array("OpusTagz".utf8) + OggBytes.tags().dropFirst(8),
        ]
        for packet in packets {
            let bad = try file(packet).bytes
            try TaggedFiles.save(bad, path)
            #expect(TaggedFiles.refusal(path)?.contains("damaged") == true)
            #expect(try TaggedFiles.bytes(path) == bad)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path) == ["a.opus"])
    }
}
