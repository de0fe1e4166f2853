import Foundation
import TestSupport
import Testing

/// Sound brought to a device that has another rate or other channels.
@Suite(.realTime, .enabled(if: VirtualCard.isAvailable), .serialized)
struct `Sound that the device cannot do as it is` {
    /// Plays what a simulation gives as a file, on a card of this kind, and returns the 16 bit samples that were heard.
    private func heard(
        _ simulation: String, _ options: [String: any CustomStringConvertible], play: String = ""
    ) throws -> (samples: [Int16], run: Pipeline) {
        let card = try VirtualCard()
        let path = card.file("sound.wav").path
        let made = try Pipeline.run(["aup capture -D '\(simulation)&pace=fast' -d 1s -o \(path)"])
        #expect(made.statuses == [0], "\(made.errors)")
        let common: [String: any CustomStringConvertible] = [
            "virtual": true, "pfile": card.file("played").path, "formats": "S16_LE",
        ]
        try card.addPCM("out", common.merging(options) { $1 })
        let run = try Pipeline.run(["aup play -D out -v \(play) \(path)"], environment: card.environment)
        let bytes = card.bytes("played")
        let samples = stride(from: 0, to: bytes.count - 1, by: 2).map {
            Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
        }
        return (samples, run)
    }

    private static let only48k: [String: Int] = ["rate_min": 48_000, "rate_max": 48_000]
    private static let onlyStereo: [String: Int] = ["channels_min": 2, "channels_max": 2]

    @Test(arguments: ["", "--quality quick", "--quality very-high"])
    func `a file of another rate is resampled, as long as it was and at its pitch`(_ quality: String) throws {
        let (samples, run) = try heard("sim:sine?rate=44100&channels=1&freq=1000", Self.only48k, play: quality)
        #expect(run.statuses == [0], "\(run.errors)")
        #expect(run.errors[0].contains("44100 Hz become 48000 Hz"))
        #expect(run.errors[0].contains(quality.isEmpty ? "quality high" : quality.dropFirst(2)))
        let sound = samples[..<48_000]
        let crossings = zip(sound, sound.dropFirst()).count { $0 < 0 && $1 >= 0 }
        #expect((999...1000).contains(crossings))
        // -20 dBFS to the end, and nothing after it.
        #expect(sound.suffix(24).map { abs(Int($0)) }.max() ?? 0 > 3000)
        #expect(samples.dropFirst(48_000).allSatisfy { $0 == 0 })
    }

    @Test func `a rate the device has is not touched`() throws {
        let (_, run) = try heard("sim:sine?rate=44100&channels=1", ["rate_min": 44_100, "rate_max": 48_000])
        #expect(run.statuses == [0])
        #expect(!run.errors[0].contains("become"))
    }

    @Test func `among other rates a whole multiple is chosen, with other channels too`() throws {
        let (samples, run) = try heard(
            "sim:sine?rate=22050&channels=1&freq=1000", ["rates": "32000 44100 48000", "channels_min": 2])
        #expect(run.statuses == [0], "\(run.errors)")
        #expect(run.errors[0].contains("22050 Hz become 44100 Hz"))
        #expect(samples.lastIndex { $0 != 0 }.map { abs($0 / 2 - 44_100) < 50 } ?? false)
    }

    @Test func `a rate that is asked for is that of the sound or refused`() throws {
        let run = try heard("sim:sine?rate=44100", ["rates": "48000"], play: "-r 44100").run
        #expect(run.statuses == [2])
        #expect(run.errors[0].contains("cannot run at 44100 Hz; it offers 48000 Hz"))
    }

    @Test func `six channels become two as BS.775 has it`() throws {
        // All channels alike: 1 + √½ + √½ of a tenth of full scale.
        let (samples, run) = try heard("sim:sine?channels=6&rate=48000", Self.onlyStereo)
        #expect(run.statuses == [0], "\(run.errors)")
        #expect(run.errors[0].contains("6 channels become 2, mix 'itu'; not heard: LFE"))
        let peak = samples.map { abs(Int($0)) }.max() ?? 0
        #expect(abs(Double(peak) - 3276.8 * (1 + 2 * 0.5.squareRoot())) < 3, "\(peak)")
    }

    @Test func `one channel is heard on both sides, as loud as it was`() throws {
        let (samples, run) = try heard("sim:sine?channels=1&rate=48000", Self.onlyStereo)
        #expect(run.statuses == [0], "\(run.errors)")
        #expect(samples.map { abs(Int($0)) }.max() == 3277)
        #expect(stride(from: 0, to: 96_000, by: 2).allSatisfy { samples[$0] == samples[$0 + 1] })
    }

    @Test func `a mix that is asked for is made`() throws {
        let (samples, run) = try heard("sim:sine?channels=6&rate=48000", Self.onlyStereo, play: "--mix copy")
        #expect(run.statuses == [0], "\(run.errors)")
        #expect(run.errors[0].contains("mix 'copy'"))
        #expect(samples.map { abs(Int($0)) }.max() == 3277)
    }

    @Test(arguments: ["--quality best", "--mix loud"])
    func `a name that does not exist is a mistake, with those that do`(_ words: String) throws {
        let run = try Pipeline.run(["aup play -D sim:null \(words) x.wav"])
        #expect(run.statuses == [64])
        #expect(run.errors[0].contains(words.contains("mix") ? "itu" : "very-high"))
    }
}
