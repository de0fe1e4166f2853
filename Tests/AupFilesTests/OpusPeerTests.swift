import AupFiles
import AupOpus
import AupSound
import Foundation
import TestSupport
import Testing

/// What opusdec, which is the format's own, makes of files that are not ours.
@Suite(
    .enabled(
        if: ["opusenc", "opusdec", "ffmpeg"].allSatisfy { ToolRun.find($0) != nil },
        "opus-tools or ffmpeg is not installed"))
struct `Ogg Opus beside opusdec` {
    struct File: Sendable, CustomTestStringConvertible {
        let rate: Int
        let channels: Int
        let tool: String
        let arguments: [String]
        var testDescription: String { "\(tool) \(channels)x\(rate) \(arguments.joined(separator: " "))" }
    }

    static let files = [
        File(rate: 48_000, channels: 2, tool: "opusenc", arguments: []),
        File(
            rate: 8000, channels: 1, tool: "opusenc", arguments: ["--bitrate", "10", "--speech", "--framesize", "60"]),
        File(rate: 16_000, channels: 2, tool: "opusenc", arguments: ["--bitrate", "32", "--framesize", "40"]),
        File(rate: 24_000, channels: 1, tool: "opusenc", arguments: ["--hard-cbr", "--bitrate", "24"]),
        File(rate: 44_100, channels: 2, tool: "opusenc", arguments: ["--framesize", "2.5"]),
        File(rate: 48_000, channels: 6, tool: "opusenc", arguments: ["--framesize", "5", "--max-delay", "0"]),
        File(rate: 48_000, channels: 8, tool: "opusenc", arguments: ["--bitrate", "510"]),
        File(rate: 48_000, channels: 2, tool: "ffmpeg", arguments: ["-b:a", "96k"]),
        File(
            rate: 16_000, channels: 1, tool: "ffmpeg",
            arguments: ["-b:a", "14k", "-application", "voip", "-frame_duration", "60"]),
        File(rate: 48_000, channels: 6, tool: "ffmpeg", arguments: ["-b:a", "500k"]),
        File(rate: 48_000, channels: 8, tool: "ffmpeg", arguments: ["-b:a", "300k", "-vbr", "off"]),
    ]

    private func made(_ file: File, _ scratch: Scratch) throws -> String {
        let (source, target) = (scratch.path("a.wav"), scratch.path("a.opus"))
        let tones = (0..<file.channels).map {
            "0.3*sin(2*PI*t*(\(200 + 90 * $0)+\(60 + 7 * $0)*t))+0.02*(random(\($0))-0.5)"
        }
        let sound = "aevalsrc=\(tones.joined(separator: "|")):s=\(file.rate):d=3.21"
        let run = try ToolRun("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", sound, "-c:a", "pcm_s16le", source])
        try #require(run.status == 0, Comment(rawValue: run.errors))
        let words =
            file.tool == "ffmpeg"
            ? ["-v", "error", "-i", source, "-c:a", "libopus"] + file.arguments + [target]
            : ["--quiet"] + file.arguments + [source, target]
        let encoding = try ToolRun(file.tool, words)
        try #require(encoding.status == 0, Comment(rawValue: encoding.errors))
        return target
    }

    private func floats(_ path: String) throws -> (samples: [Float], format: PCMFormat) {
        let reader = try SoundFileReader(path: path, opus: .library)
        let bytes = try reader.takeAll()
        return (unsafe bytes.withUnsafeBytes { unsafe Array($0.bindMemory(to: Float.self)) }, reader.format)
    }

    /// The same library decodes in both, so what differs is what a gain rounds: 1e-6, a thirtieth of a step of 16 bits.
    private func compare(_ path: String, _ scratch: Scratch, _ name: String) throws {
        let decoded = scratch.path("opusdec.wav")
        let run = try ToolRun("opusdec", ["--quiet", "--float", "--no-dither", "--rate", "48000", path, decoded])
        try #require(run.status == 0, Comment(rawValue: run.errors))
        let (own, other) = (try floats(path), try floats(decoded))
        #expect(own.format.channels == other.format.channels && own.format.rate == 48_000)
        #expect(own.samples.count == other.samples.count, "\(name)")
        guard own.samples.count == other.samples.count else { return }
        let worst = zip(own.samples, other.samples).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
        #expect(worst <= 1e-6, "\(name): \(worst)")
        #expect(other.samples.contains { abs($0) > 0.1 })
    }

    @Test(arguments: files) func `every sample is opusdec's`(file: File) throws {
        let scratch = try Scratch()
        try compare(try made(file, scratch), scratch, file.testDescription)
    }

    @Test(arguments: [0, 3, 4, 7]) func `behind a seek the samples are opusdec's too`(number: Int) throws {
        let scratch = try Scratch()
        let path = try made(Self.files[number], scratch)
        let decoded = scratch.path("opusdec.wav")
        let run = try ToolRun("opusdec", ["--quiet", "--float", "--no-dither", "--rate", "48000", path, decoded])
        try #require(run.status == 0, Comment(rawValue: run.errors))
        let other = try floats(decoded)
        let reader = try SoundFileReader(path: path, opus: .library)
        let (channels, frames) = (other.format.channels, other.samples.count / other.format.channels)
        for frame in [frames - 1, 0, 1, 959, 48_000, 96_001, 30_000, frames / 2] {
            try reader.seek(to: Int64(frame))
            let block = try reader.take(2000)
            let own = unsafe block.withUnsafeBytes { unsafe Array($0.bindMemory(to: Float.self)) }
            #expect(own.count == min(2000, frames - frame) * channels, "frame \(frame)")
            let worst = own.indices.reduce(Float(0)) { max($0, abs(own[$1] - other.samples[frame * channels + $1])) }
            // Half a step of 16 bits: what is left of the decoder's memory.
            #expect(worst < 1.5e-5, "frame \(frame): \(worst)")
        }
    }

    @Test func `a chain of two encoders' files is opusdec's, and so is one with a gain`() throws {
        let (first, second, third) = (try Scratch(), try Scratch(), try Scratch())
        let one = try Data(contentsOf: URL(filePath: try made(Self.files[0], first)))
        let two = try Data(contentsOf: URL(filePath: try made(Self.files[7], second)))
        let path = third.path("chain.opus")
        try (one + two).write(to: URL(filePath: path))
        try compare(path, third, "chain")
        // The gain of the header: bytes 16 and 17 of the first packet, in steps of 1/256 dB.
        let length = 28 + 19
        var page = [UInt8](one.prefix(length))
        page[28 + 16] = 0x40
        page[28 + 17] = 0xFB
        let louder = third.path("gain.opus")
        try (Data(OggBytes.mended(page)) + one.dropFirst(length)).write(to: URL(filePath: louder))
        try compare(louder, third, "-4.75 dB")
    }
}
