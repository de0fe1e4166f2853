import AupSound
import AupWire
import Foundation
import Testing

@testable import AupEngine

/// What `meter` makes of the packets of a stream; the measures themselves have their tests where they are made.
@Suite struct `A stream under the meter` {
    private func analysis() -> SoundAnalysis { SoundAnalysis(SoundAnalysis.Wishes(MeteringConfiguration())) }

    private func measure(
        _ analysis: SoundAnalysis, seconds: Double, decibels: Double, rate: Int, channels: Int = 2
    ) throws {
        try analysis.begin(try #require(PCMFormat(.f32, rate: rate, channels: channels)), source: "")
        let samples = (0..<Int(seconds * Double(rate))).flatMap { frame in
            let value = Float(
                AupSound.amplitude(decibels: decibels) * sin(2 * Double.pi * 1000 * Double(frame) / Double(rate)))
            return Array(repeating: value, count: channels)
        }
        unsafe samples.withUnsafeBytes { unsafe analysis.measure($0.baseAddress!, frames: samples.count / channels) }
    }

    @Test func `that changes its format is measured as one sound`() throws {
        let analysis = analysis()
        try measure(analysis, seconds: 10, decibels: -23, rate: 48_000)
        try measure(analysis, seconds: 10, decibels: -23, rate: 44_100)
        analysis.finish()
        let reading = try #require(analysis.read())
        #expect(reading.formatChanges == 1)
        #expect(reading.seconds == 20)
        #expect(reading.frames == 921_000)
        #expect(abs((reading.integrated ?? 0) + 23) < 0.05)
        #expect(abs((reading.total.rms ?? 0) + 26.01) < 0.01)
        #expect(abs((reading.total.samplePeak ?? 0) + 23) < 0.01)
    }

    @Test func `that becomes louder with another format has the peak of the louder part`() throws {
        let analysis = analysis()
        try measure(analysis, seconds: 4, decibels: -3, rate: 48_000)
        try measure(analysis, seconds: 4, decibels: -30, rate: 96_000)
        let reading = try #require(analysis.read())
        #expect(abs((reading.total.truePeak ?? 0) + 3) < 0.1)
        // The quiet part lies below the relative gate.
        #expect(abs((reading.integrated ?? 0) + 3) < 0.1)
        #expect(abs((reading.channels.first?.total.samplePeak ?? 0) + 3) < 0.01)
        #expect(abs((reading.channels.first?.now.samplePeak ?? 0) + 30) < 0.01)
    }

    @Test func `that loses channels keeps their peaks and clips in the whole`() throws {
        let analysis = analysis()
        try measure(analysis, seconds: 2, decibels: 0, rate: 48_000, channels: 2)
        let before = try #require(analysis.read())
        #expect(before.total.clippedSamples > 0)
        try measure(analysis, seconds: 2, decibels: -30, rate: 48_000, channels: 1)
        let reading = try #require(analysis.read())
        #expect(reading.channels.map(\.name) == ["MONO"])
        #expect(reading.total.samplePeak == before.total.samplePeak)
        #expect(abs((reading.total.truePeak ?? -99) - (before.total.truePeak ?? 0)) < 0.1)
        #expect(reading.total.clippedSamples == before.total.clippedSamples)
        #expect(reading.total.longestClip == before.total.longestClip)
        #expect(abs((reading.channels.first?.total.samplePeak ?? 0) + 30) < 0.01)
        // And back: the channels have what they had.
        try measure(analysis, seconds: 1, decibels: -30, rate: 48_000, channels: 2)
        let after = try #require(analysis.read())
        #expect(after.channels.first?.total.clippedSamples == before.channels.first?.total.clippedSamples)
        #expect(after.total.clippedSamples == before.total.clippedSamples)
    }

    @Test(arguments: SampleFormat.allCases) func `whose silence is in packets is silent`(format: SampleFormat) throws {
        let analysis = analysis()
        try analysis.begin(try #require(PCMFormat(format, rate: 48_000, channels: 1)), source: "")
        analysis.measureSilence(frames: 480_000)
        let reading = try #require(analysis.read())
        #expect(reading.frames == 480_000)
        #expect(reading.silentSeconds == 10)
        #expect(reading.integrated == nil)
        #expect(reading.total.samplePeak ?? -100 < -60)
    }

    @Test func `begins anew when it is asked to`() throws {
        let analysis = analysis()
        try measure(analysis, seconds: 4, decibels: -3, rate: 48_000)
        analysis.note(GapPacket(position: 0, captureTime: nil, frames: 7, cause: .xrun, seenBy: ""))
        analysis.reset()
        let reading = try #require(analysis.read())
        #expect(reading.frames == 0)
        #expect(reading.lostFrames == 0)
        #expect(reading.total.truePeak == nil)
    }

    @Test func `of a rate without a loudness is refused`() throws {
        let format = try #require(PCMFormat(.f32, rate: 4000, channels: 1))
        #expect(throws: SessionFailure.self) { try analysis().begin(format, source: "") }
    }

    @Test func `is told to Prometheus line by line`() throws {
        let analysis = analysis()
        try measure(analysis, seconds: 1, decibels: -20, rate: 48_000)
        let lines = try #require(analysis.read()).prometheus.split(separator: "\n")
        let samples = lines.filter { !$0.hasPrefix("#") }
        #expect(samples.contains("aup_meter_frames_total 48000"))
        #expect(samples.contains("aup_meter_peak_dbfs{channel=\"FL\"} -20"))
        let form = /aup_meter_[a-z_]+(\{channel="[A-Z]+"\})? -?[0-9.]+/
        #expect(samples.allSatisfy { $0.wholeMatch(of: form) != nil })
        // Each sample's family has been introduced before it.
        var known: Set<Substring> = []
        for line in lines {
            if line.hasPrefix("# TYPE ") { known.insert(line.split(separator: " ")[2]) }
            guard !line.hasPrefix("#") else { continue }
            #expect(known.contains(line.prefix { $0 != "{" && $0 != " " }))
        }
    }
}
