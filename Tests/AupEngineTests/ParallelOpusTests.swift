import AupFiles
import AupSound
import AupSystem
import AupWire
import Foundation
import TestSupport
import Testing

@testable import AupEngine

/// One file that several threads encode is one stream: as long as it, in order, and without a seam.
@Suite struct `Encoding one file with several jobs` {
    private let events = EventQueue(bell: Doorbell())

    /// Plucked tones over a hiss, in 16 bits.
    private func plucks(_ scratch: Scratch, seconds: Double, rate: Int = 48_000, channels: Int = 2) throws -> Sound {
        var noise: UInt64 = 88_172_645_463_325_252
        var samples: [Int16] = []
        let frames = Int(seconds * Double(rate))
        samples.reserveCapacity(frames * channels)
        var (tone, turn, level) = (Float(0), Float(0), Float(0))
        for frame in 0..<frames {
            if frame % (rate / 5) == 0 {
                noise = noise &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                tone = 110 * exp2(Float(noise >> 59) / 12)
                level = 0.4
            }
            turn += tone / Float(rate)
            if turn >= 1 { turn -= 1 }
            level *= 0.9999
            for channel in 0..<channels {
                noise = noise &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let hiss = Float(Int32(truncatingIfNeeded: noise >> 32)) / 0x1p31 * 0.002
                // A saw is a tone with all its harmonics.
                samples.append(Int16((level * (turn - 0.5) * (channel == 0 ? 1 : 0.7) + hiss) * 32_000))
            }
        }
        return try sound(scratch, samples, rate: rate, channels: channels)
    }

    private struct Sound {
        let path: String
        let format: PCMFormat
        func open() throws(SessionFailure) -> SoundFileReader {
            do {
                return SoundFileReader(headerless: try Descriptor.reading(path), format: format, path: path)
            } catch {
                throw .before(.failed("\(error)"))
            }
        }
    }

    private func sound(_ scratch: Scratch, _ samples: [Int16], rate: Int, channels: Int) throws -> Sound {
        let path = scratch.path("sound.\(samples.count).\(rate)")
        try unsafe samples.withUnsafeBytes { unsafe Data($0) }.write(to: URL(filePath: path))
        return Sound(path: path, format: try #require(PCMFormat(.s16, rate: rate, channels: channels)))
    }

    private func source(
        _ sound: Sound, jobs: Int, limitFrames: Int64 = .max, seconds: Double = 2,
        _ change: (inout OpusSettings) -> Void = { _ in }
    ) throws -> ParallelOpusSource {
        var settings = OpusSettings()
        settings.complexity = 5
        change(&settings)
        return try ParallelOpusSource(
            try sound.open(), name: sound.path, settings: settings, jobs: jobs, limitFrames: limitFrames,
            leastSeconds: seconds, events: events
        ) { () throws(SessionFailure) in try sound.open() }
    }

    private struct Heard {
        var packets: [[UInt8]] = []
        var frames: Int64 = 0
        var samples: [Float] = []
        var end: EndPacket?
        /// Frame numbers at which segments were joined, and whether both encoders agreed there.
        var seams: [(frame: Int, agreed: Bool)] = []
        var ending = SessionEnding.done
    }

    /// All of a source, each packet where the one before it ended.
    private func packets(_ source: ParallelOpusSource, stopAfter limit: Int = .max) -> Heard {
        var heard = Heard()
        while heard.end == nil {
            guard let packet = source.next() else {
                source.wait()
                continue
            }
            switch packet {
            case .audio(let audio):
                if audio.position != heard.frames { Issue.record("a packet at \(audio.position)") }
                heard.packets.append(unsafe Array(audio.payload))
                heard.frames += Int64(audio.frames)
                if heard.packets.count == limit { source.stop() }
            case .end(let end): heard.end = end
            default: break
            }
        }
        source.close()
        heard.ending = source.ending
        return heard
    }

    private func decoded(_ source: ParallelOpusSource, frameSize: Int = 960) -> Heard {
        let decoder = OpusDecodingSource(source, events: events)
        var heard = Heard()
        while heard.end == nil {
            guard let packet = decoder.next() else {
                decoder.wait()
                continue
            }
            switch packet {
            case .audio(let audio):
                heard.samples += unsafe Array(audio.payload.assumingMemoryBound(to: Float.self))
                heard.frames += Int64(audio.frames)
            case .end(let end): heard.end = end
            default: break
            }
        }
        decoder.close()
        heard.seams = source.seams.map { (Int($0.packet) * frameSize, $0.agreed) }
        return heard
    }

    /// The loudest difference in dBFS around joins: from half a second before to half a second behind.
    private func difference(_ one: Heard, _ several: Heard, channels: Int) -> Double {
        var worst = -200.0
        for seam in several.seams {
            let first = max(0, (seam.frame - 24_000) * channels)
            let end = min((seam.frame + 24_000) * channels, one.samples.count, several.samples.count)
            var power = 0.0
            for index in first..<end {
                let difference = Double(one.samples[index] - several.samples[index])
                power += difference * difference
            }
            worst = max(worst, 10 * log10(power / Double(end - first) + 1e-20))
        }
        return worst
    }

    @Test func `gives the packets that one encoder gives where there is one job`() throws {
        let scratch = try Scratch()
        let sound = try plucks(scratch, seconds: 3, rate: 44_100)
        let heard = packets(try source(sound, jobs: 1))
        let taker = PacketTaker()
        var settings = OpusSettings()
        settings.complexity = 5
        let tail = OpusTail(settings, events: events, sink: taker)
        let reader = SoundFileSource(
            try sound.open(), name: sound.path, events: events, stop: StopRequest())
        while taker.end == nil {
            guard let packet = reader.next() else { continue }
            try tail.take(packet)
        }
        let isSame = taker.packets == heard.packets
        #expect(isSame)
        #expect(taker.frames == heard.frames)
    }

    @Test(arguments: [(48_000, 2, 960), (44_100, 2, 960), (44_100, 1, 480), (48_000, 6, 960), (96_000, 1, 2880)])
    func `leaves no difference around a join`(rate: Int, channels: Int, frameSize: Int) throws {
        let scratch = try Scratch()
        let sound = try plucks(scratch, seconds: 24, rate: rate, channels: channels)
        let one = decoded(try source(sound, jobs: 1) { $0.frameSize = frameSize }, frameSize: frameSize)
        let several = decoded(
            try source(sound, jobs: 2, seconds: 12) { $0.frameSize = frameSize }, frameSize: frameSize)
        #expect(several.frames == 24 * 48_000)
        #expect(one.frames == several.frames)
        #expect(several.seams.count == 1)
        let decibels = difference(one, several, channels: channels)
        #expect(decibels < -80, "\(several.seams)")
    }

    @Test(arguments: [OpusSettings.RateControl.constant, .constrained])
    func `joins at other rate controls where it is heard least`(_ control: OpusSettings.RateControl) throws {
        let scratch = try Scratch()
        let sound = try plucks(scratch, seconds: 24)
        let one = decoded(try source(sound, jobs: 1) { $0.rateControl = control })
        let several = decoded(try source(sound, jobs: 2, seconds: 12) { $0.rateControl = control })
        #expect(several.frames == one.frames)
        #expect(several.seams.count == 1)
        // Below what the codec itself leaves of such a sound, which is some 45 dB.
        #expect(difference(one, several, channels: 2) < -50)
    }

    @Test(arguments: [(8000, 44_100), (12_000, 96_000), (16_000, 48_000), (24_000, 48_000), (24_000, 16_000)])
    func `is as long as the file at a narrower rate, and comes back as long`(codingRate: Int, rate: Int) throws {
        let scratch = try Scratch()
        for frames in [1, 4 * rate + 311] {
            let sound = try self.sound(
                scratch, (0..<frames).map { Int16(truncatingIfNeeded: $0 * 37 % 500) }, rate: rate, channels: 1)
            let change = { (settings: inout OpusSettings) in
                settings.codingRate = codingRate
                settings.complexity = 0
            }
            let several = packets(try source(sound, jobs: 3, change))
            #expect(several.frames == Int64((Double(frames) * 48_000 / Double(rate)).rounded()), "\(frames) frames")
            let recorder = PacketRecorder()
            let stage = RateStage(to: .original, next: recorder)
            let decoder = OpusDecodingSource(try source(sound, jobs: 3, change), events: events)
            while true {
                guard let packet = decoder.next() else {
                    decoder.wait()
                    continue
                }
                try stage.take(packet)
                if case .end = packet { break }
            }
            decoder.close()
            #expect(recorder.totalFrames == Int64(frames), "\(frames) frames")
            #expect(recorder.formats.last?.rate == rate)
        }
    }

    @Test(arguments: [120, 960, 2880], [44_100, 48_000])
    func `is as long as the file to the frame`(frameSize: Int, rate: Int) throws {
        let scratch = try Scratch()
        for frames in [0, 1, 959, 960, 961, 4 * rate, 4 * rate + 1, 5 * rate - 1, 8 * rate + 311, 8 * rate + 313] {
            let silence = try self.sound(
                scratch, (0..<frames).map { Int16(truncatingIfNeeded: $0 * 37 % 500) }, rate: rate, channels: 1)
            let change = { (settings: inout OpusSettings) in
                settings.frameSize = frameSize
                settings.complexity = 0
            }
            let one = packets(try source(silence, jobs: 1, change))
            let several = packets(try source(silence, jobs: 3, change))
            #expect(one.frames == Int64((Double(frames) * 48_000 / Double(rate)).rounded()))
            #expect(several.frames == one.frames, "\(frames) frames")
            #expect(several.packets.count == one.packets.count, "\(frames) frames")
            #expect(several.end?.totalFrames == one.frames)
        }
    }

    @Test func `ends where it was asked to, in the middle of the file`() throws {
        let scratch = try Scratch()
        let sound = try plucks(scratch, seconds: 10, channels: 1)
        #expect(packets(try source(sound, jobs: 2, limitFrames: 300_001)).frames == 300_001)
    }

    @Test func `stops at once with what was given so far`() throws {
        let scratch = try Scratch()
        let sound = try plucks(scratch, seconds: 10, channels: 1)
        let heard = packets(try source(sound, jobs: 2), stopAfter: 100)
        #expect(heard.end?.reason == .stopped)
        #expect(heard.packets.count == 100)
        #expect(heard.end?.totalFrames == heard.frames)
    }

    @Test func `keeps what was before a place where the file cannot be read`() throws {
        let scratch = try Scratch()
        let sound = try plucks(scratch, seconds: 10, channels: 1)
        var opened = 0
        var settings = OpusSettings()
        settings.complexity = 0
        let short = try self.sound(scratch, [Int16](repeating: 1, count: 100_000), rate: 48_000, channels: 1)
        // The second job finds a file that has become shorter than its segment begins.
        let source = try ParallelOpusSource(
            try sound.open(), name: "f.wav", settings: settings, jobs: 2, leastSeconds: 4, events: events
        ) { () throws(SessionFailure) in
            opened += 1
            return try short.open()
        }
        let heard = packets(source)
        #expect(opened == 1)
        #expect(heard.end?.reason == .error)
        #expect(heard.frames >= 240_000)
        #expect(heard.ending.message?.contains("f.wav") ?? false)
    }
}

/// The packets that a tail gives.
private final class PacketTaker: PacketSink {
    private(set) var packets: [[UInt8]] = []
    private(set) var frames: Int64 = 0
    private(set) var end: EndPacket?

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .audio(let audio):
            packets.append(unsafe Array(audio.payload))
            frames += Int64(audio.frames)
        case .end(let end): self.end = end
        default: break
        }
    }

    func flush() throws(SessionFailure) {}
}
