import AupFiles
import AupSound
import Foundation
import TestSupport
import Testing

/// What other programs make of our headers, and we of theirs.
@Suite struct `Files among peers` {
    private func write(_ format: PCMFormat, frames: Int, to path: String) throws -> CrashSafeWAVFile {
        let file = try CrashSafeWAVFile(path: path, format: format)
        let bytes = [UInt8](
            repeating: file.header.format.sampleFormat.silenceByte, count: frames * file.header.format.frameBytes)
        try unsafe bytes.withUnsafeBytes { unsafe try file.append($0) }
        try file.finish()
        return file
    }

    private func probe(_ path: String, _ field: String) throws -> String {
        let run = try ToolRun(
            "ffprobe", ["-v", "error", "-show_entries", "stream=\(field)", "-of", "default=nw=1:nk=1", path])
        return run.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test(.enabled(if: ToolRun.find("soxi") != nil, "sox is not installed"))
    func `sox counts our frames in every format`() throws {
        let scratch = try Scratch()
        for (index, format) in manyFormats.enumerated() where format.rate == 44_100 {
            let file = try write(format, frames: 1001, to: scratch.path("\(index).wav"))
            let run = try ToolRun("soxi", ["-s", file.path])
            #expect(run.output.trimmingCharacters(in: .whitespacesAndNewlines) == "1001", "\(format) \(run.errors)")
            // Sox 14.4.2 warns about every extensible header of floating point, its own included.
            #expect(run.errors.isEmpty || file.header.format.sampleFormat.isFloatingPoint, "\(format) \(run.errors)")
            let channels = try ToolRun("soxi", ["-c", file.path]).output
            #expect(channels.trimmingCharacters(in: .whitespacesAndNewlines) == "\(format.channels)")
        }
    }

    @Test(.enabled(if: ToolRun.find("ffprobe") != nil, "ffmpeg is not installed"))
    func `ffprobe counts our frames and knows our loudspeakers`() throws {
        let scratch = try Scratch()
        for (index, format) in manyFormats.enumerated() where format.rate == 44_100 && format.layout != nil {
            let file = try write(format, frames: 1001, to: scratch.path("\(index).wav"))
            #expect(try probe(file.path, "duration_ts") == "1001", "\(format)")
            if format.channels == 6 { #expect(try probe(file.path, "channel_layout") == "5.1") }
        }
    }

    @Test(.enabled(if: ToolRun.find("ffprobe") != nil, "ffmpeg is not installed"))
    func `past four gibibytes ffprobe reads the length from ds64`() throws {
        let scratch = try Scratch()
        for sample in [SampleFormat.s16, .f32, .s24Packed] {
            let format = try #require(PCMFormat(sample, rate: 48_000, channels: 2))
            let header = WAVHeader(format, for: .file)
            let frames: UInt64 = 2_000_000_000
            let dataBytes = frames * UInt64(format.frameBytes)
            let path = scratch.path("\(sample.name).wav")
            try Data(header.bytes(dataBytes: dataBytes)).write(to: URL(filePath: path))
            // A hole: the length is real, the disk holds one block.
            let handle = try FileHandle(forWritingTo: URL(filePath: path))
            try handle.truncate(atOffset: UInt64(header.byteCount) + dataBytes)
            try handle.close()
            #expect(try probe(path, "duration_ts") == "\(frames)")
        }
    }

    @Test(.enabled(if: ToolRun.find("sox") != nil, "sox is not installed"))
    func `sox writes to a pipe and the header is endless`() throws {
        let scratch = try Scratch()
        for (arguments, sample) in [
            (["-b", "16"], SampleFormat.s16), (["-b", "24"], .s24Packed), (["-b", "8"], .u8), (["-b", "32"], .s32),
            (["-e", "float", "-b", "32"], .f32), (["-e", "mu-law"], .mulaw), (["-e", "a-law"], .alaw),
        ] {
            for (container, channels) in [("wav", 2), ("wav", 3), ("au", 2)] where sample != .u8 || container == "wav" {
                let path = scratch.path("x")
                let make = ["-q", "-n", "-r", "44100", "-c", "\(channels)"] + arguments + ["-t", container, "-"]
                let script = (["sox"] + make + ["trim", "0", "0.01", "|", "cat", ">", path]).joined(separator: " ")
                #expect(try ToolRun("sh", ["-c", script]).status == 0)
                let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
                let header = try #require(container == "wav" ? try readWAV(bytes) : try readAU(bytes))
                #expect(header.format.sampleFormat == sample && header.format.channels == channels)
                #expect(header.dataBytes == nil, "\(container) \(arguments) \(channels)")
                let rest = UInt64(bytes.count) - header.headerBytes
                let frames = rest / UInt64(header.format.frameBytes)
                #expect(frames == 441)
            }
        }
    }

    @Test(.enabled(if: ToolRun.find("ffmpeg") != nil, "ffmpeg is not installed"))
    func `ffmpeg's WAV, RF64 and AU are read`() throws {
        let scratch = try Scratch()
        for (name, codec, sample, more) in [
            ("a.wav", "pcm_s16le", SampleFormat.s16, []), ("b.wav", "pcm_f64le", .f64, []),
            ("c.wav", "pcm_s24le", .s24Packed, ["-rf64", "always"]), ("d.au", "pcm_s16be", .s16, []),
            ("e.au", "pcm_f32be", .f32, []), ("f.wav", "pcm_mulaw", .mulaw, []),
        ] {
            let path = scratch.path(name)
            let source = ["-v", "error", "-f", "lavfi", "-i", "anullsrc=r=48000:cl=5.1", "-t", "0.1", "-c:a", codec]
            #expect(try ToolRun("ffmpeg", source + more + [path]).status == 0)
            let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
            let total = UInt64(bytes.count)
            let header = try #require(
                name.hasSuffix("wav") ? try readWAV(bytes, totalBytes: total) : try readAU(bytes, totalBytes: total))
            #expect(header.format.sampleFormat == sample && header.format.channels == 6 && header.frames == 4800)
            if !more.isEmpty { #expect(header.container == .rf64) }
        }
    }

    @Test(.enabled(if: ToolRun.find("sox") != nil, "sox is not installed"))
    func `sox reads our pipe header and our AU to the end`() throws {
        for format in manyFormats where format.rate == 44_100 && format.layout == nil {
            let wav = WAVHeader(format, for: .pipe)
            let au = AUHeader(format)
            for (name, head, stored) in [("wav", wav.endlessBytes, wav.format), ("au", au.endlessBytes, au.format)] {
                let sound = [UInt8](repeating: 0, count: 1001 * stored.frameBytes)
                let run = try ToolRun(
                    "sox", ["-t", name, "-", "-t", "raw", "-e", "signed", "-b", "16", "-"], input: Data(head + sound))
                #expect(run.status == 0, "\(name) \(format) \(run.errors)")
                let count = try ToolRun(
                    "sh", ["-c", "sox -t \(name) - -t raw -e signed -b 16 - | wc -c"], input: Data(head + sound))
                #expect(count.output.trimmingCharacters(in: .whitespacesAndNewlines) == "\(1001 * format.channels * 2)")
            }
        }
    }
}
