import AupOpus
import AupSound
import Foundation
import TestSupport
import Testing

@testable import AupFiles

/// What a sound says about itself, in every container that has a place for it.
@Suite struct `Tags of files` {
    private static let said = [
        ("TITLE", "Ein Stück = eins"), ("ARTIST", "Some One"), ("ALBUM", "Al"), ("DATE", "2024"), ("GENRE", "Noise"),
        ("COMMENT", "two words"), ("TRACKNUMBER", "3"), ("MOOD", "calm"),
    ]

    private func written(_ container: RecordingContainer, _ tags: [SoundTag], _ path: String) throws -> [SoundTag] {
        let format = PCMFormat(container == .ogg || container == .mp3 ? .f32 : .s16, rate: 48_000, channels: 2)!
        let file = try container.create(path: path, format: format, overwrite: false)
        try file.setTags(tags)
        let sound = [UInt8](repeating: 0, count: 4800 * file.format.frameBytes)
        try unsafe sound.withUnsafeBytes { unsafe try file.append($0) }
        try file.refreshHeader()
        try file.finish()
        let reader = try SoundFileReader(path: path, opus: .library)
        if container != .mp3 { #expect(reader.totalFrames == 4800) }
        return reader.tags
    }

    @Test(arguments: [
        (RecordingContainer.flac, 8), (.ogg, 8), (.wav, 7), (.caf, 7), (.aiff, 3), (.mp3, 5), (.w64, 0),
    ])
    func `come back from what was written`(container: RecordingContainer, kept: Int) throws {
        let scratch = try Scratch()
        let tags = try Self.said.map { try #require(SoundTag($0.0, $0.1)) }
        let found = try written(container, tags, scratch.path("a.\(container)"))
        let known = found.filter { tag in tags.contains { $0.hasKey(tag.key) && $0.value == tag.value } }
        #expect(known.count >= kept, "\(found)")
    }

    /// Three seconds, of which no two samples are alike.
    private static let sweep = (0..<288_000).map { Int16(truncatingIfNeeded: $0 &* $0 >> 3) }

    @Test(arguments: [false, true])
    func `of any kind are in a FLAC recording from its first sound on, and all of that is there`(isKilled: Bool) throws
    {
        let scratch = try Scratch()
        let path = scratch.path("a.flac")
        let picture: [UInt8] =
            [0, 0, 0, 3, 0, 0, 0, 3] + Array("a/b".utf8) + [0, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
            + [0, 1, 0, 0] + (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let said = [("TITLE", "T"), ("ARTIST", "one"), ("ARTIST", "two"), ("ISRC", "1"), ("X", "")]
        let tags =
            try said.map { try #require(SoundTag($0.0, $0.1)) }
            + [try #require(SoundTag("METADATA_BLOCK_PICTURE", TagReader.base64(picture)))]
        let format = PCMFormat(.s16, rate: 48_000, channels: 2)!
        let file = try RecordingContainer.flac.create(path: path, format: format, overwrite: false)
        try file.setTags(tags)
        let block = 4801 * format.frameBytes
        try unsafe Self.sweep.withUnsafeBytes { sound in
            for start in stride(from: 0, to: sound.count, by: block) {
                let piece = unsafe UnsafeRawBufferPointer(rebasing: sound[start..<min(start + block, sound.count)])
                try unsafe file.append(piece)
            }
        }
        if !isKilled { try file.finish() }
        let reader = try SoundFileReader(path: isKilled ? file.partPath : path, opus: .library)
        #expect(reader.tags == tags)
        if !isKilled { #expect(reader.totalFrames == 144_000) }
        let all = try reader.takeAll()
        let bytes = unsafe Self.sweep.withUnsafeBytes { unsafe Array($0) }
        let isSame = all == Array(bytes.prefix(all.count))
        #expect(isSame && (isKilled ? all.count > 480_000 : all.count == bytes.count), "\(all.count)")
    }

    @Test func `of pictures go into FLAC as pictures only where they are some`() {
        let block = [UInt8](repeating: 0, count: 32)
        #expect(FLACMetadata.picture(TagReader.base64(block)) == block)
        for wrong in ["", "AAAA", "A", "=AAA", "AA=A", "????", TagReader.base64(block + [0])] {
            #expect(FLACMetadata.picture(wrong) == nil, "\(wrong)")
        }
        #expect(FLACMetadata([]).header(Array("fLaC".utf8)) == nil)
    }

    @Test(arguments: [RecordingContainer.flac, .ogg, .wav, .caf, .aiff])
    func `are not invented`(container: RecordingContainer) throws {
        let scratch = try Scratch()
        let found = try written(container, [], scratch.path("a.\(container)"))
        #expect(found.allSatisfy { $0.isOfItsFile }, "\(found)")
    }

    private func comments(_ bytes: [UInt8]) -> FoundTags {
        var found = FoundTags()
        TagReader.comments(bytes[...], &found)
        return found
    }

    private func comment(_ text: String) -> [UInt8] { Bytes.little(UInt64(text.utf8.count), 4) + Array(text.utf8) }

    @Test func `are read up to where their lengths lie`() {
        let good = comment("vendor") + Bytes.little(3, 4) + comment("A=1") + comment("b=2") + comment("C=")
        #expect(comments(good).tags.map(\.text) == ["A=1", "b=2", "C="])
        for cut in 0..<good.count { #expect(comments(Array(good[..<cut])).tags.count <= 3) }
        let lying = comment("vendor") + Bytes.little(0xFFFF_FFFF, 4) + comment("A=1") + Bytes.little(0xFFFF_FFFF, 4)
        #expect(comments(lying).tags.map(\.text) == ["A=1"])
        #expect(comments(Bytes.little(0xFFFF_FFFF, 4) + good).tags.isEmpty)
    }

    @Test func `are looked for in anything, and nothing breaks`() {
        var generator = SystemRandomNumberGenerator()
        let good = comment("vendor") + Bytes.little(2, 4) + comment("A=1") + comment("B=2")
        for _ in 0..<2000 {
            var bytes = good
            for _ in 0..<3 {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            let found = comments(bytes)
            #expect(found.tags.count + found.leftOut <= 6)
            let list = Array("INFO".utf8) + Bytes.chunk("INAM", bytes, size: UInt64.random(in: 0...0xFFFF_FFFF))
            #expect(TagPlaces.info(list).count <= 1)
        }
    }

    @Test func `that are none, or too many, are counted`() {
        let odd = comment("") + Bytes.little(3, 4) + comment("no equals sign") + comment("=x") + comment("A=1")
        #expect(comments(odd).tags.map(\.text) == ["A=1"] && comments(odd).leftOut == 2)
        let many = comment("") + Bytes.little(1000, 4) + (0..<1000).flatMap { comment("K\($0)=v") }
        #expect(comments(many).tags.count == SoundTag.mostTags && comments(many).leftOut == 1000 - SoundTag.mostTags)
    }

    @Test func `of pictures are base64`() {
        for (text, expected) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            #expect(TagReader.base64(Array(text.utf8)) == expected)
        }
    }

    @Test(.enabled(if: ToolRun.find("metaflac") != nil && ToolRun.find("ffmpeg") != nil, "no metaflac or ffmpeg"))
    func `of a FLAC file with a picture are all there, also behind an ID3 tag and from a pipe`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.flac")
        let made = try ToolRun(
            "ffmpeg",
            ["-v", "error", "-f", "lavfi", "-i", "sine=d=1", "-metadata", "title=T", "-metadata", "MOOD=calm", path])
        #expect(made.status == 0, "\(made.errors)")
        let picture = scratch.path("p.png")
        let painted = try ToolRun(
            "ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "color=red:s=16x16", "-frames:v", "1", picture])
        #expect(painted.status == 0)
        #expect(try ToolRun("metaflac", ["--import-picture-from=\(picture)", path]).status == 0)
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        let tagged = scratch.path("b.flac")
        try Data(Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 10] + [UInt8](repeating: 0, count: 10) + bytes)
            .write(to: URL(filePath: tagged))
        for file in [path, tagged] {
            let tags = try SoundFileReader(path: file, opus: .library).tags
            #expect(tags.contains { $0.hasKey("title") && $0.value == "T" } && tags.contains { $0.text == "MOOD=calm" })
            let found = try #require(tags.first { $0.hasKey("METADATA_BLOCK_PICTURE") })
            let block = try #require(Data(base64Encoded: found.value))
            #expect(
                block.suffix(from: block.endIndex - 12) == (try Data(contentsOf: URL(filePath: picture))).suffix(12))
        }
    }

    @Test(.enabled(if: ToolRun.find("ffmpeg") != nil, "ffmpeg is not installed"), arguments: ["3", "4"])
    func `of MP3 are what its ID3 says, without the byte that names the encoding`(version: String) throws {
        let scratch = try Scratch()
        let path = scratch.path("a.mp3")
        let made = try ToolRun(
            "ffmpeg",
            ["-v", "error", "-f", "lavfi", "-i", "sine=d=1", "-metadata", "title=Ein Stück", "-metadata", "album=Al"]
                + ["-id3v2_version", version, path])
        #expect(made.status == 0, "\(made.errors)")
        let reader = try SoundFileReader(path: path, opus: .library)
        #expect(reader.title == "Ein Stück")
        #expect(reader.tags.contains { $0.text == "ALBUM=Al" })
    }
}
