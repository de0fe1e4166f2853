import Foundation
import TestSupport
import Testing

/// Six loudspeakers from file to file, as a user moves them.
@Suite struct `Surround sound from file to file` {
    private static let frames = 24_000
    private static let files = ["wav", "w64", "caf", "aiff", "au", "flac", "ogg", "opus"]
    private static let places = ["FL", "FR", "FC", "LFE", "RL", "RR"]

    /// Samples in which each channel is twice as loud as the one before it: far enough for libvorbis, whose LFE is 2 dB
    /// louder than it was.
    private static let sound: Data = {
        var sound = Data()
        for frame in 0..<frames {
            for channel in 0..<6 {
                let value = Int16(sin(Double(frame) * 2 * .pi * 80 / 48_000) * Double(500 << channel))
                sound += [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
            }
        }
        return sound
    }()

    private static let raw = "--raw -f s16 -r 48000 -c 6"

    /// Each channel's level in the steps that ``sound`` goes in, by its middle: codecs overshoot at the ends.
    private static func steps(_ data: Data) -> [Int] {
        let bytes = [UInt8](data)
        let first = frames / 4
        guard bytes.count >= frames * 12 else { return [] }
        return (0..<6).map { channel in
            let energy = (first..<2 * first).reduce(0.0) { sum, frame in
                let place = frame * 12 + channel * 2
                let sample = Double(Int16(truncatingIfNeeded: Int(bytes[place]) | Int(bytes[place + 1]) << 8))
                return sum + sample * sample
            }
            let amplitude = (energy / Double(first)).squareRoot() * 2.0.squareRoot()
            return amplitude < 1 ? -1 : Int(log2(amplitude / 500).rounded())
        }
    }

    private static func make(_ scratch: Scratch, _ words: String, _ file: String) throws -> String {
        let path = scratch.path(file)
        // AU is written into pipes only.
        let output = file.hasSuffix(".au") ? "--as au > '\(path)'" : "-o '\(path)'"
        let run = try Pipeline.run(["aup encode -q \(words) \(file.hasSuffix(".au") ? "--codec pcm " : "")\(output)"])
        #expect(run.statuses == [0], "\(words) into \(file): \(run.errors)")
        return path
    }

    private static func original(_ scratch: Scratch) throws -> String {
        let raw = scratch.path("six.raw")
        try sound.write(to: URL(filePath: raw))
        // As ALSA's devices have them, so that every container has something to move.
        let rawALSA = scratch.path("alsa.raw")
        var moved = Data()
        for start in stride(from: 0, to: sound.count, by: 12) {
            for channel in [0, 1, 4, 5, 2, 3] { moved += sound[(start + channel * 2)..<(start + channel * 2 + 2)] }
        }
        try moved.write(to: URL(filePath: rawALSA))
        return "\(Self.raw) --channel-map FL,FR,RL,RR,FC,LFE -i '\(rawALSA)'"
    }

    private static func facts(_ path: String) throws -> (names: [String], integrated: Double?) {
        let run = try Pipeline.run(["aup meter --json '\(path)'"])
        let line = try #require(run.output.split(separator: UInt8(ascii: "\n")).first)
        let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
        let names = (object["channels"] as? [[String: Any]])?.compactMap { $0["name"] as? String } ?? []
        return (names, object["integrated_lufs"] as? Double)
    }

    @Test(arguments: files) func `every channel keeps its loudspeaker`(container: String) throws {
        let scratch = try Scratch()
        let path = try Self.make(scratch, try Self.original(scratch), "six.\(container)")
        // Vorbis is read in the order it has.
        let order = container == "ogg" ? ["FL", "FC", "FR", "RL", "RR", "LFE"] : Self.places
        #expect(try Self.facts(path).names == order)
        for next in ["flac", "wav"] {
            let again = try Self.make(scratch, "-i '\(path)'", "next.\(next)")
            #expect(try Self.facts(again).names == Self.places, "\(next)")
            let back = try Pipeline.run(["aup process -q -i '\(again)' --as raw -f s16"])
            #expect(Self.steps(back.output) == [0, 1, 2, 3, 4, 5], "\(next)")
        }
        guard ToolRun.find("ffmpeg") != nil else { return }
        // ffmpeg makes one order of all of them, which is WAV's.
        let other = try Pipeline.run(["ffmpeg -v error -i '\(path)' -f s16le -"])
        #expect(Self.steps(other.output) == [0, 1, 2, 3, 4, 5])
    }

    @Test func `is as loud in every file`() throws {
        let scratch = try Scratch()
        let words = try Self.original(scratch)
        let wav = try #require(try Self.facts(try Self.make(scratch, words, "six.wav")).integrated)
        for container in ["w64", "caf", "aiff", "au", "flac"] {
            let other = try Self.facts(try Self.make(scratch, words, "six.\(container)")).integrated
            #expect(other == wav, "\(container)")
        }
    }

    @Test(arguments: files)
    func `keeps the order of samples that nobody named`(container: String) throws {
        let scratch = try Scratch()
        _ = try Self.original(scratch)
        let path = try Self.make(scratch, "\(Self.raw) -i '\(scratch.path("six.raw"))'", "six.\(container)")
        // A WAV file without loudspeakers, on its way into FLAC, too.
        for next in ["flac", "ogg", "caf"] where container == "wav" || next == "flac" {
            let again = try Self.make(scratch, "-i '\(path)'", "next.\(next)")
            let back = try Pipeline.run([
                "aup encode -q --codec pcm -i '\(again)' -o '\(scratch.path("back.\(next).wav"))'"
            ])
            #expect(back.statuses == [0])
            let samples = try Pipeline.run(["aup process -q -i '\(scratch.path("back.\(next).wav"))' --as raw -f s16"])
            #expect(Self.steps(samples.output) == [0, 1, 2, 3, 4, 5], "\(next)")
        }
    }
}
