import AupSound
import Foundation
import TestSupport
import Testing

@testable import AupFiles

/// Loudness in FLAC files, with every other byte as it was.
@Suite struct `Loudness tags in FLAC` {
    /// A FLAC file as its pages describe it, taken apart by itself.
    struct Parts: Equatable {
        var blocks: [(type: UInt8, body: [UInt8])] = []
        var frames: [UInt8] = []

        init(_ bytes: [UInt8], from start: Int = 0) throws {
            try #require(Array(bytes[start..<start + 4]) == Array("fLaC".utf8))
            var place = start + 4
            var isLast = false
            while !isLast {
                try #require(place + 4 <= bytes.count)
                isLast = bytes[place] & 0x80 != 0
                let length = bytes[(place + 1)..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
                try #require(place + 4 + length <= bytes.count)
                blocks.append((bytes[place] & 0x7F, Array(bytes[(place + 4)..<(place + 4 + length)])))
                place += 4 + length
            }
            frames = Array(bytes[place...])
        }

        static func == (one: Parts, other: Parts) -> Bool {
            one.frames == other.frames && one.blocks.elementsEqual(other.blocks) { $0 == $1 }
        }

        /// Without what may change.
        var kept: [[UInt8]] { blocks.filter { $0.type != 1 && $0.type != 4 }.map { [$0.type] + $0.body } }
        var paddings: [Int] { blocks.filter { $0.type == 1 }.map(\.body.count) }
        var comments: [String] {
            let list = blocks.first { $0.type == 4 }.flatMap { CommentList($0.body[...]) }
            return list?.comments.map { String(decoding: $0, as: UTF8.self) } ?? []
        }
    }

    private static let frames: [UInt8] = [0xFF, 0xF8] + (0..<999).map { UInt8(truncatingIfNeeded: $0 &* 37) }

    private static func file(_ blocks: [(UInt8, [UInt8])], frames: [UInt8] = frames) -> [UInt8] {
        let all = [(UInt8(0), [UInt8](repeating: 7, count: 34))] + blocks
        return Array("fLaC".utf8)
            + all.enumerated().flatMap { index, block in
                [block.0 | (index == all.count - 1 ? 0x80 : 0)] + Bytes.big(UInt64(block.1.count), 3) + block.1
            } + frames
    }

    private static func comments(_ texts: [String]) -> (UInt8, [UInt8]) {
        var list = CommentList(vendor: "tests")
        list.comments = texts.map { Array($0.utf8) }
        return (4, list.bytes)
    }

    private func tagged(_ bytes: [UInt8], _ tags: LoudnessTags = TaggedFiles.tags) throws -> [UInt8] {
        let scratch = try Scratch()
        let path = scratch.path("a.flac")
        try TaggedFiles.save(bytes, path)
        try LoudnessTagWriter.write(tags, into: path)
        let once = try TaggedFiles.bytes(path)
        let inode = try TaggedFiles.inode(path)
        try LoudnessTagWriter.write(tags, into: path)
        #expect(try TaggedFiles.bytes(path) == once && TaggedFiles.inode(path) == inode, "twice is not once")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path) == ["a.flac"])
        return once
    }

    private static let written = TaggedFiles.tags.replayGain.map(\.text)
    /// Length and text of each.
    private static let growth = written.reduce(0) { $0 + 4 + $1.utf8.count }

    @Test(
        .enabled(
            if: ["flac", "metaflac", "ffmpeg", "ffprobe"].allSatisfy { ToolRun.find($0) != nil },
            "flac or ffmpeg is not installed"), arguments: [0, 40, 8192])
    func `are read by metaflac and ffprobe, and flac finds the sound as it was`(padding: Int) throws {
        let scratch = try Scratch()
        let (wav, picture) = try TaggedFiles.sound(scratch)
        let path = scratch.path("a.flac")
        let long = String(repeating: "long ", count: 20_000)
        try TaggedFiles.run(
            "flac",
            ["-s", "-T", "TITLE=Ein Stück", "-T", "LONG=\(long)", "-T", "replaygain_track_gain=+9.99 dB"]
                + ["--picture", picture, padding == 0 ? "--no-padding" : "--padding=\(padding)", wav, "-o", path])
        let before = try TaggedFiles.bytes(path)
        let whole = try Parts(before)
        #expect(whole.paddings == (padding == 0 ? [] : [padding]) && whole.blocks.contains { $0.type == 6 })
        try LoudnessTagWriter.write(TaggedFiles.tags, into: path)
        let after = try TaggedFiles.bytes(path)
        let now = try Parts(after)
        #expect(now.frames == whole.frames && now.kept == whole.kept)
        #expect((after.count == before.count) == (padding == 8192))
        #expect(now.comments == ["TITLE=Ein Stück", "LONG=\(long)"] + Self.written)
        try TaggedFiles.run("flac", ["-s", "-t", path])
        #expect(try TaggedFiles.run("metaflac", ["--show-vendor-tag", path]).contains("reference libFLAC"))
        for tag in TaggedFiles.tags.replayGain {
            #expect(try TaggedFiles.run("metaflac", ["--show-tag=\(tag.key)", path]) == tag.text + "\n")
        }
        let listed = try TaggedFiles.run("metaflac", ["--list", "--block-type=PICTURE,VORBIS_COMMENT", path])
        #expect(listed.contains("image/png") && listed.contains("comments: \(2 + Self.written.count)"))
        let probed = try TaggedFiles.probed(path)
        #expect(probed["REPLAYGAIN_TRACK_GAIN"] == "-5.43 dB" && probed["REPLAYGAIN_ALBUM_PEAK"] == "1.010000")
        #expect(probed["TITLE"] == "Ein Stück" && probed["LONG"] == long)
        #expect(try tagged(after) == after)
    }

    @Test func `take their room from the padding, whatever its length, or else make the file longer`() throws {
        let title = Self.comments(["TITLE=x"])
        for length in Array(0...8) + Array(Self.growth - 6...Self.growth + 6) {
            let before = Self.file([title, (3, [1, 2, 3]), (1, [UInt8](repeating: 0, count: length)), (2, [5])])
            let after = try tagged(before)
            let parts = try Parts(after)
            #expect(parts.frames == Self.frames && parts.comments == ["TITLE=x"] + Self.written)
            #expect(parts.kept == (try Parts(before)).kept)
            let isTaken = length >= Self.growth || length == Self.growth - 4
            #expect(after.count == before.count + (isTaken ? 0 : Self.growth), "\(length)")
            let left = length == Self.growth - 4 ? [] : [length >= Self.growth ? length - Self.growth : length]
            #expect(parts.paddings == left, "\(length)")
        }
    }

    @Test func `replace what was said before, and an album only with an album`() throws {
        let before = Self.file([
            Self.comments([
                "replaygain_track_gain=1", "A=b", "REPLAYGAIN_TRACK_GAIN=2", "ReplayGain_Track_Peak=3",
                "REPLAYGAIN_ALBUM_GAIN=4", "REPLAYGAIN_REFERENCE_LOUDNESS=89.0 dB", "A=c", "R128_TRACK_GAIN=7",
            ])
        ])
        let kept = ["A=b", "A=c", "R128_TRACK_GAIN=7"]
        #expect(try Parts(try tagged(before)).comments == kept + Self.written)
        let track = LoudnessTags(trackLoudness: -18, trackPeak: 1)
        #expect(
            try Parts(try tagged(before, track)).comments
                == ["A=b", "REPLAYGAIN_ALBUM_GAIN=4"] + kept.dropFirst() + track.replayGain.map(\.text))
        let silent = LoudnessTags(trackLoudness: -.infinity, trackPeak: .nan)
        #expect(try Parts(try tagged(before, silent)).comments == ["A=b", "REPLAYGAIN_ALBUM_GAIN=4", "A=c", kept[2]])
    }

    @Test func `are put where there were no comments, behind an ID3 tag and before what follows the sound`() throws {
        let bare = try Parts(try tagged(Self.file([])))
        #expect(bare.comments == Self.written && bare.blocks.map(\.type) == [0, 4] && bare.frames == Self.frames)
        let padded = try Parts(try tagged(Self.file([(3, [1]), (1, [UInt8](repeating: 0, count: 500))])))
        #expect(padded.blocks.map(\.type) == [0, 3, 4, 1])
        let id3 = Array("ID3".utf8) + [4, 0, 0, 0, 0, 1, 2] + [UInt8](repeating: 9, count: 130)
        let behind = try tagged(id3 + Self.file([]))
        #expect(Array(behind[..<140]) == id3)
        #expect(try Parts(behind, from: 140) == bare)
        #expect(try Parts(try tagged(Self.file([], frames: []))).comments == Self.written)
        let silent = LoudnessTags(trackLoudness: -.infinity, trackPeak: .nan)
        #expect(try tagged(Self.file([]), silent) == Self.file([]))
    }

    @Test func `are refused where comments are as long as they may be`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.flac")
        let bytes = Self.file([Self.comments(["A=" + String(repeating: "x", count: 0xFF_FFFF - 60)])])
        try TaggedFiles.save(bytes, path)
        #expect(TaggedFiles.refusal(path)?.contains("16 MiB") == true)
        #expect(try TaggedFiles.bytes(path) == bytes)
    }

    @Test func `are refused by a file whose header is cut off or not true, which stays as it is`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.flac")
        let list = Self.comments(["TITLE=x"])
        let good = Self.file([list, (1, [0, 0, 0])])
        let header = good.count - Self.frames.count
        for cut in 4..<header {
            try TaggedFiles.save(Array(good[..<cut]), path)
            #expect(TaggedFiles.refusal(path)?.contains("damaged") == true, "\(cut)")
            #expect(try TaggedFiles.bytes(path).count == cut)
        }
        for bad in [
            Self.file([list, list]), Self.file([(0, [])]), Self.file([(0x7F, [1])]), Self.file([], frames: [1, 2, 3]),
            Self.file([(4, Array(list.1.dropLast()))]), Array("fLaC".utf8) + [0x84, 0, 0, 0] + Self.frames,
        ] {
            try TaggedFiles.save(bad, path)
            #expect(TaggedFiles.refusal(path)?.contains("damaged") == true)
            #expect(try TaggedFiles.bytes(path) == bad)
        }
    }

    @Test func `are written well or not at all, whatever byte is wrong`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.flac")
        let good = Self.file([(3, [1, 2]), Self.comments(["TITLE=x", "B=c"]), (1, [UInt8](repeating: 0, count: 40))])
        var generator = SystemRandomNumberGenerator()
        var written = 0
        for _ in 0..<300 {
            var bytes = good
            for _ in 0..<2 { bytes[.random(in: 4..<180, using: &generator)] = .random(in: 0...255, using: &generator) }
            try TaggedFiles.save(bytes, path)
            if TaggedFiles.refusal(path) == nil {
                written += 1
                let (before, after) = (try Parts(bytes), try Parts(try TaggedFiles.bytes(path)))
                #expect(after.frames == before.frames && after.kept == before.kept)
                #expect(Array(after.comments.suffix(Self.written.count)) == Self.written)
            } else {
                #expect(try TaggedFiles.bytes(path) == bytes)
            }
        }
        #expect(written > 0 && written < 300)
    }
}
