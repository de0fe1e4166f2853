import AupFiles
import Foundation
import TestSupport
import Testing

/// What tests of written tags look at.
enum TaggedFiles {
    static let tags = LoudnessTags(trackLoudness: -12.57, trackPeak: 0.987654, albumLoudness: -14, albumPeak: 1.01)

    static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

    static func save(_ bytes: [UInt8], _ path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }

    static func inode(_ path: String) throws -> UInt64 {
        let facts = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(facts[.systemFileNumber] as? NSNumber).uint64Value
    }

    /// Runs a tool that must succeed, and returns what it wrote.
    @discardableResult
    static func run(_ tool: String, _ arguments: [String]) throws -> String {
        let run = try ToolRun(tool, arguments)
        try #require(run.status == 0, Comment(rawValue: "\(tool): \(run.errors)"))
        return run.output
    }

    /// Three seconds of a sweep under noise, and a picture.
    static func sound(_ scratch: Scratch) throws -> (wav: String, picture: String) {
        let (wav, picture) = (scratch.path("source.wav"), scratch.path("cover.png"))
        try run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i",
                "aevalsrc=0.4*sin(2*PI*t*(200+300*t))+0.1*(random(1)-0.5)|0.3*sin(2*PI*t*500)+0.1*(random(2)-0.5)"
                    + ":s=48000:d=3", "-c:a", "pcm_s16le", wav,
            ])
        try run(
            "ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc=s=320x240", "-frames:v", "1", picture])
        return (wav, picture)
    }

    /// The tags that players are shown, with keys in capitals.
    static func probed(_ path: String) throws -> [String: String] {
        let words = ["-v", "error", "-show_entries", "format_tags:stream_tags", "-of", "json", path]
        let output = Data(try run("ffprobe", words).utf8)
        let found = try #require(try JSONSerialization.jsonObject(with: output) as? [String: Any])
        let streams = found["streams"] as? [[String: Any]] ?? []
        var tags: [String: String] = [:]
        for part in streams + [found["format"] as? [String: Any] ?? [:]] {
            for (key, value) in part["tags"] as? [String: String] ?? [:] { tags[key.uppercased()] = value }
        }
        return tags
    }

    /// Why tags were refused; `nil` where they were not.
    static func refusal(_ path: String, _ tags: LoudnessTags = tags) -> String? {
        do throws(FileError) {
            try LoudnessTagWriter.write(tags, into: path)
            return nil
        } catch {
            return error.message
        }
    }
}
