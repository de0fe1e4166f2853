import Foundation
import TestSupport
import Testing

/// What a sound says about itself on its way through commands and files.
@Suite(.enabled(if: ToolRun.find("ffmpeg") != nil && ToolRun.find("opusinfo") != nil, "no ffmpeg or opus-tools"))
struct `Tags on their way` {
    private static let words = ["title=Ein Stück = eins", "artist=Some One", "album=Al", "date=2024", "MOOD=calm"]

    private func tagged(_ path: String) throws {
        let words = (Self.words + ["REPLAYGAIN_TRACK_GAIN=-3 dB"]).flatMap { ["-metadata", $0] }
        let made = try ToolRun("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "sine=d=1"] + words + [path])
        #expect(made.status == 0, "\(made.errors)")
    }

    /// What opusinfo and ffprobe know; keys in lower case.
    private func found(_ path: String) throws -> Set<String> {
        let probe = try ToolRun(
            "ffprobe", ["-v", "error", "-show_entries", "format_tags:stream_tags", "-of", "default=nw=1", path])
        let lines = probe.output.split(separator: "\n").map { $0.hasPrefix("TAG:") ? $0.dropFirst(4) : $0 }
        return Set(
            lines.compactMap { line in
                line.firstIndex(of: "=").map { line[..<$0].lowercased() + line[$0...] }
            })
    }

    @Test func `arrive through a pipeline in an Ogg Opus file, but for how loud another file was`() throws {
        let scratch = try Scratch()
        try tagged(scratch.path("in.flac"))
        let path = scratch.path("a.opus")
        let run = try Pipeline.run(["aup process -i \(scratch.path("in.flac"))", "aup process -o \(path)"])
        #expect(run.statuses == [0, 0], "\(run.errors)")
        let info = try ToolRun("opusinfo", [path]).output
        for word in Self.words { #expect(info.contains("\t\(word)\n"), "\(info)") }
        #expect(info.contains("\tENCODER=aup") && !info.contains("REPLAYGAIN"))
    }

    @Test(arguments: ["flac", "wav", "ogg", "mp3", "caf"])
    func `go into other containers, and from there into Opus`(container: String) throws {
        let scratch = try Scratch()
        try tagged(scratch.path("in.flac"))
        let (path, back) = (scratch.path("a.\(container)"), scratch.path("b.opus"))
        let run = try Pipeline.run([
            "bash -c 'aup process -i \(scratch.path("in.flac")) -o \(path) && aup process -i \(path) -o \(back)'"
        ])
        #expect(run.statuses == [0], "\(run.errors)")
        for file in [path, back] {
            let tags = try found(file)
            for word in ["title=Ein Stück = eins", "artist=Some One", "album=Al"] {
                #expect(tags.contains(word), "\(file): \(tags)")
            }
        }
    }

    @Test(.enabled(if: ToolRun.find("metaflac") != nil, "no metaflac"))
    func `stay all, and the cover too, where FLAC is made of FLAC, and the sound is right`() throws {
        let scratch = try Scratch()
        let (path, cover) = (scratch.path("in.flac"), scratch.path("cover.png"))
        try tagged(path)
        let painted = try ToolRun(
            "ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc=s=64x64", "-frames:v", "1", cover])
        #expect(painted.status == 0)
        let words = ["ALBUMARTIST=AA", "ARTIST=Some Two", "ISRC=1", "MUSICBRAINZ_TRACKID=x=y"]
        let set = try ToolRun("metaflac", words.map { "--set-tag=\($0)" } + ["--import-picture-from=\(cover)", path])
        #expect(set.status == 0, "\(set.errors)")
        func comments(_ path: String) throws -> Set<String> {
            let run = try ToolRun("metaflac", ["--export-tags-to=-", path])
            #expect(run.status == 0, "\(run.errors)")
            let lines = run.output.split(separator: "\n").map(String.init)
            return Set(lines.filter { !$0.hasPrefix("REPLAYGAIN") && !$0.lowercased().hasPrefix("encoder=") })
        }
        let (louder, again) = (scratch.path("louder.flac"), scratch.path("again.flac"))
        for (made, command) in [
            (louder, "aup meter --normalize -20 -o \(louder) \(path)"), (again, "aup encode -i \(path) -o \(again)"),
        ] {
            let run = try Pipeline.run([command])
            #expect(run.statuses == [0], "\(run.errors)")
            #expect(try comments(made) == comments(path))
            let picture = try ToolRun("metaflac", ["--export-picture-to=\(scratch.path("back.png"))", made])
            #expect(picture.status == 0, "\(picture.errors)")
            let (one, other) = (URL(filePath: cover), URL(filePath: scratch.path("back.png")))
            #expect(try Data(contentsOf: one) == Data(contentsOf: other))
            #expect(try ToolRun("metaflac", ["--show-total-samples", made]).output == "44100\n")
            // It also compares the sound with its checksum.
            let decoded = try ToolRun("ffmpeg", ["-v", "error", "-i", made, "-f", "null", "-"])
            #expect(decoded.status == 0 && decoded.errors.isEmpty, "\(decoded.errors)")
        }
    }

    @Test func `are replaced, added and left out by --tag, and all left behind by --no-tags`() throws {
        let scratch = try Scratch()
        try tagged(scratch.path("in.flac"))
        let (path, bare) = (scratch.path("a.opus"), scratch.path("b.opus"))
        let run = try Pipeline.run([
            "bash -c 'aup process -i \(scratch.path("in.flac")) --tag TITLE=Dawn --tag mood= --tag X=y=z -o \(path) && "
                + "aup process -i \(scratch.path("in.flac")) --no-tags --tag X=y -o \(bare)'"
        ])
        #expect(run.statuses == [0], "\(run.errors)")
        let tags = try found(path)
        #expect(tags.isSuperset(of: ["title=Dawn", "x=y=z", "artist=Some One"]))
        #expect(!tags.contains { $0.hasPrefix("mood=") || $0 == "title=Ein Stück = eins" })
        #expect(try found(bare).filter { !$0.hasPrefix("encoder=") } == ["x=y"])
        for words in ["--tag nothing", "--tag =x", "--page 5ms", "--page 2s"] {
            let refused = try Pipeline.run(["aup capture -D sim:sine -d 1s \(words) -o \(scratch.path("c.opus"))"])
            #expect(refused.statuses == [64], "\(words)")
        }
    }

    @Test func `take their room in a WAV file of a recording that is split by size`() throws {
        let scratch = try Scratch()
        let run = try Pipeline.run([
            "aup capture -D 'sim:noise?pace=fast' -d 30000f -f s16 --split 10KB --tag TITLE=Dawn --bext "
                + "-o '\(scratch.path("a.wav"))'"
        ])
        #expect(run.statuses == [0], "\(run.errors)")
        let files = try RecordedFiles(in: scratch.folder.path).files
        #expect(files.count > 10 && files.allSatisfy { $0["bytes"] ?? .max <= 10_000 })
        #expect(files.reduce(0) { $0 + ($1["frames"] ?? 0) } == 30_000)
        #expect(try found(files[1].path).contains("title=Dawn"))
    }
}
