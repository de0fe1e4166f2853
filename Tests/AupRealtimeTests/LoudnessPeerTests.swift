import AupSound
import Foundation
import TestSupport
import Testing

@testable import AupRealtime

/// What others say of the same sound: libebur128 (through Tests/Bench/bare_ebur128.c) and ffmpeg's filter.
///
/// A minute of each, an hour with AUP_SOAK (`make soak`).
@Suite(.serialized) struct LoudnessPeerTests {
    private static let seconds = ProcessInfo.processInfo.environment["AUP_SOAK"] == nil ? 60 : 3600
    private static let hasLibrary =
        ToolRun.find("cc") != nil && FileManager.default.fileExists(atPath: "/usr/include/ebur128.h")

    private struct Verdict {
        var loudness: Double
        var range: Double
        /// The range of short-term loudness looked at once a second, as libebur128 does.
        var rangeOfSeconds: Double
        var truePeak: Double
        var samplePeak: Double
    }

    /// A piece of ten seconds, at another level each time it comes: noise in bursts, and a tone that sweeps. It is a bit longer
    /// than that, so that looking once a second finds other moments of it each time.
    ///
    /// The noise is softened at the top, as sound from a microphone is: near half the rate libebur128's interpolator,
    /// of twelve taps, reads less than there is.
    private func sound(rate: Int, channels: Int) -> [Int16] {
        let frames = rate * 103 / 10
        let noise = variedSound(frames: frames, channels: channels, rate: rate, seed: UInt64(rate))
        var phase = 0.0
        var piece = [Int16](repeating: 0, count: frames * channels)
        for frame in 0..<frames {
            let place = Double(frame) / Double(frames)
            phase += 2 * .pi * (50 + 7_000 * place * place) / Double(rate)
            let tone = 0.25 * sin(phase) * (frame / rate % 3 == 0 ? 1 : 0.1)
            for channel in 0..<channels {
                var soft = 0.0
                for back in 0..<4 where frame >= back { soft += Double(noise[(frame - back) * channels + channel]) / 4 }
                let value = soft * 0.8 + tone
                piece[frame * channels + channel] = Int16(max(-1, min(1, value)) * 32_767)
            }
        }
        var samples: [Int16] = []
        for turn in 0..<Self.seconds / 10 {
            let gain = amplitude(decibels: -Double(turn * 7 % 24))
            samples += piece.map { Int16(Double($0) * gain) }
        }
        return samples
    }

    private func ours(_ samples: [Int16], rate: Int, layout: ChannelLayout) -> Verdict {
        var meter = SoundMeter(MeterConfiguration(format: .s16, rate: rate, layout: layout))
        var seconds: [Double] = []
        let frames = samples.count / layout.positions.count
        unsafe samples.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: frames, by: rate) {
                unsafe meter.measure(
                    bytes.baseAddress! + start * 2 * layout.positions.count, frames: min(rate, frames - start))
                if start >= 2 * rate, frames - start >= rate { seconds.append(meter.loudness.shortTerm) }
            }
        }
        meter.finish()
        let level = meter.total.all
        return Verdict(
            loudness: meter.loudness.integrated, range: meter.loudness.range, rangeOfSeconds: range(of: seconds),
            truePeak: decibels(amplitude: Double(level.truePeak)),
            samplePeak: decibels(amplitude: Double(level.samplePeak)))
    }

    /// EBU Tech 3342 over values kept one by one.
    private func range(of shortTerms: [Double]) -> Double {
        let heard = shortTerms.filter { $0 >= -70 }
        let mean = heard.reduce(0) { $0 + pow(10, $1 / 10) } / Double(heard.count)
        let gated = heard.filter { $0 >= 10 * log10(mean) - 20 }.sorted()
        let last = Double(gated.count - 1)
        return gated[Int(last * 0.95 + 0.5)] - gated[Int(last * 0.1 + 0.5)]
    }

    private func layout(_ channels: Int) -> ChannelLayout {
        channels == 6
            ? ChannelLayout([.frontLeft, .frontRight, .frontCenter, .lowFrequency, .sideLeft, .sideRight])!
            : .standard(channels: channels)!
    }

    @Test(
        .enabled(if: hasLibrary, "needs cc and libebur128-dev"),
        arguments: [
            (44_100, 2), (48_000, 1), (48_000, 2), (48_000, 6), (96_000, 2),
        ])
    func `libebur128 agrees`(_ rate: Int, _ channels: Int) throws {
        let scratch = try Scratch()
        let program = scratch.path("bare_ebur128")
        let source = Repository.root.appending(path: "Tests/Bench/bare_ebur128.c").path
        let built = try ToolRun("cc", ["-O2", "-o", program, source, "-lebur128"])
        try #require(built.status == 0, "\(built.errors)")
        let samples = sound(rate: rate, channels: channels)
        let path = scratch.path("sound.raw")
        unsafe try samples.withUnsafeBytes { unsafe try Data($0).write(to: URL(filePath: path)) }
        let run = try ToolRun("env", [program, path, "\(rate)", "\(channels)"])
        let words = run.output.split(separator: " ").compactMap { Double($0.trimmingCharacters(in: .newlines)) }
        try #require(run.status == 0 && words.count == 5, "\(run.errors)")
        let own = ours(samples, rate: rate, layout: layout(channels))
        #expect(abs(own.loudness - words[0]) < 0.1, "\(own) \(words)")
        // Its short-term loudness moves by a second at a time, ours by a tenth; over an hour it makes no difference.
        #expect(abs(own.rangeOfSeconds - words[1]) < 0.1, "\(own) \(words)")
        #expect(Self.seconds < 3600 || abs(own.range - words[1]) < 0.1, "\(own) \(words)")
        let peak = decibels(amplitude: words[2])
        #expect(abs(own.truePeak - peak) < 0.1, "\(own) \(peak)")
        #expect(abs(own.samplePeak - decibels(amplitude: words[3])) < 0.001)
    }

    @Test(.enabled(if: ToolRun.find("ffmpeg") != nil, "needs ffmpeg"), arguments: [44_100, 48_000, 96_000])
    func `ffmpeg agrees`(_ rate: Int) throws {
        let scratch = try Scratch()
        let samples = sound(rate: rate, channels: 2)
        let path = scratch.path("sound.raw")
        unsafe try samples.withUnsafeBytes { unsafe try Data($0).write(to: URL(filePath: path)) }
        let run = try ToolRun(
            "ffmpeg",
            [
                "-nostats", "-nostdin", "-f", "s16le", "-ar", "\(rate)", "-ac", "2", "-i", path, "-filter_complex",
                "ebur128=peak=true+sample:framelog=verbose", "-f", "null", "-",
            ])
        // The summary alone: `I:         -23.0 LUFS`, rounded to a tenth.
        let summary = run.errors.components(separatedBy: "Summary:").last ?? ""
        func value(_ name: String, after title: String) -> Double? {
            guard let section = summary.components(separatedBy: title).dropFirst().first,
                let line = section.components(separatedBy: name).dropFirst().first
            else { return nil }
            return line.split(separator: " ").first.flatMap { Double($0) }
        }
        let own = ours(samples, rate: rate, layout: layout(2))
        let loudness = try #require(value("I:", after: "Integrated loudness:"), "\(run.errors.suffix(500))")
        #expect(abs(own.loudness - loudness) <= 0.15)
        #expect(abs(own.range - (try #require(value("LRA:", after: "Loudness range:")))) <= 0.15)
        let peak = try #require(value("Peak:", after: "True peak:"))
        #expect(abs(own.truePeak - peak) <= 0.15, "\(own) \(peak)")
    }
}
