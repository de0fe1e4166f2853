import AupFiles
import AupSound
import Foundation
import TestSupport
import Testing

/// Sound files for the reader, made once by ffmpeg from noise under a sweep: no two places of it are alike.
enum ReaderFiles {
    static let seconds = 20
    static let rate = 48_000

    /// What is read, and how ffmpeg is to write it.
    struct Kind: Sendable, CustomTestStringConvertible {
        let name: String
        let file: String
        let arguments: [String]
        let isLossless: Bool
        var testDescription: String { name }
    }

    static let kinds: [Kind] = [
        Kind(name: "WAV", file: "a.wav", arguments: ["-c:a", "pcm_s16le"], isLossless: true),
        Kind(name: "WAV in 24 bits", file: "b.wav", arguments: ["-c:a", "pcm_s24le"], isLossless: true),
        Kind(name: "FLAC", file: "a.flac", arguments: [], isLossless: true),
        Kind(
            name: "FLAC through a pipe", file: "b.flac", arguments: ["-f", "flac", "-flags", "bitexact"],
            isLossless: true),
        Kind(name: "Ogg Vorbis", file: "a.ogg", arguments: ["-c:a", "libvorbis", "-q:a", "4"], isLossless: false),
        Kind(
            name: "Ogg Vorbis, mono and low", file: "b.ogg",
            arguments: ["-ac", "1", "-ar", "22050", "-c:a", "libvorbis", "-q:a", "0"], isLossless: false),
        Kind(name: "Ogg Opus", file: "a.opus", arguments: ["-c:a", "libopus", "-b:a", "96k"], isLossless: false),
        Kind(
            name: "Ogg Opus, voice", file: "b.opus",
            arguments: ["-ac", "1", "-c:a", "libopus", "-b:a", "14k", "-application", "voip", "-frame_duration", "60"],
            isLossless: false),
        Kind(name: "MP3", file: "a.mp3", arguments: ["-b:a", "128k"], isLossless: false),
        Kind(
            name: "MP3, variable and without a header", file: "b.mp3",
            arguments: ["-q:a", "3", "-write_xing", "0", "-id3v2_version", "0"], isLossless: false),
        Kind(
            name: "MP3, mono and low", file: "c.mp3", arguments: ["-ac", "1", "-ar", "22050", "-b:a", "24k"],
            isLossless: false),
        Kind(name: "AIFF", file: "a.aiff", arguments: [], isLossless: true),
        Kind(name: "CAF", file: "a.caf", arguments: ["-c:a", "pcm_s24be"], isLossless: true),
        Kind(name: "W64", file: "a.w64", arguments: ["-c:a", "pcm_f32le"], isLossless: true),
        Kind(name: "AU", file: "a.au", arguments: [], isLossless: true),
    ]

    private static let scratch = try? Scratch()

    /// The samples that all files are made of.
    static let samples: [Int16] = {
        var state: UInt32 = 1
        var low = 0.0
        return (0..<seconds * rate * 2).map { index in
            state = state &* 1_664_525 &+ 1_013_904_223
            low += 0.1 * (Double(Int32(bitPattern: state)) / 2_147_483_648 - low)
            let time = Double(index / 2) / Double(rate)
            let sweep = sin(time * (600 + 90 * time) * (index % 2 == 0 ? 1 : 1.37))
            return Int16((low * 0.5 + sweep * 0.4) * 30_000)
        }
    }()

    private static let source: String? = {
        guard let scratch, ToolRun.find("ffmpeg") != nil else { return nil }
        let path = scratch.path("source.raw")
        let bytes = unsafe samples.withUnsafeBytes { unsafe Data($0) }
        try? bytes.write(to: URL(filePath: path))
        return path
    }()

    /// The path of a file of that kind.
    static func path(_ kind: Kind) throws -> String {
        let scratch = try #require(scratch)
        let path = scratch.path(kind.file)
        if FileManager.default.fileExists(atPath: path) { return path }
        let unfinished = scratch.path(UUID().uuidString + kind.file)
        let run = try ToolRun(
            "ffmpeg",
            ["-v", "error", "-f", "s16le", "-ar", "\(rate)", "-ac", "2", "-i", try #require(source)] + kind.arguments
                + [unfinished])
        try #require(run.status == 0, Comment(rawValue: run.errors))
        unsafe rename(unfinished, path)
        return path
    }

    static func path(named file: String) throws -> String {
        try path(try #require(kinds.first { $0.file == file }))
    }
}

extension SoundFileReader {
    /// The next frames as bytes, fewer at the end.
    func take(_ frames: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: frames * format.frameBytes)
        let count = try unsafe bytes.withUnsafeMutableBytes { unsafe try read(into: $0.baseAddress!, frames: frames) }
        return Array(bytes[..<(count * format.frameBytes)])
    }

    func takeAll() throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let block = try take(10_000)
            if block.isEmpty { return all }
            all += block
        }
    }
}

/// How many steps of 16 bits two blocks of floats lie apart; infinite when they differ in length.
func steps16(_ one: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Float {
    guard one.count == other.count else { return .infinity }
    return unsafe one.withUnsafeBytes { one in
        unsafe other.withUnsafeBytes { other in
            (0..<one.count / 4).reduce(Float(0)) { worst, index in
                let left = unsafe one.loadUnaligned(fromByteOffset: index * 4, as: Float.self)
                let right = unsafe other.loadUnaligned(fromByteOffset: index * 4, as: Float.self)
                return max(worst, abs(left - right) * 32_768)
            }
        }
    }
}
