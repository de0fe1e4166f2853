import AupOpus
import AupSound
import Foundation
import Testing

/// What goes in comes out, in length to the frame and in sound as far as the codec keeps it.
@Suite struct `Opus packets` {
    private struct Coded {
        var configuration: OpusConfiguration
        var packets: [(bytes: [UInt8], frames: Int)] = []
        var lengths: Int { packets.map(\.frames).reduce(0, +) }
    }

    private func sine(_ frames: Int, rate: Int, channels: Int) -> [Float] {
        (0..<frames * channels).map { index in
            let (frame, channel) = (index / channels, index % channels)
            return 0.4 * Float(sin(2 * Double.pi * Double(200 + 110 * channel) * Double(frame) / Double(rate)))
        }
    }

    private func encode(
        _ sound: [Float], rate: Int = 48_000, channels: Int = 2, layout: ChannelLayout? = nil, block: Int = 777,
        _ change: (inout OpusSettings) -> Void = { _ in }
    ) throws -> Coded {
        var settings = OpusSettings()
        change(&settings)
        let encoder = try OpusEncoder(settings, rate: rate, channels: channels, layout: layout)
        var coded = Coded(configuration: encoder.configuration)
        var at = 0
        while at < sound.count {
            let count = min(block * channels, sound.count - at)
            try unsafe sound.withUnsafeBufferPointer { samples in
                let part = unsafe UnsafeBufferPointer(rebasing: samples[at..<(at + count)])
                var place = 0
                while let packet = try unsafe encoder.take(part, from: &place) {
                    coded.packets.append((unsafe Array(packet.bytes), packet.frames))
                }
            }
            at += count
        }
        while let packet = try encoder.finish() { coded.packets.append((unsafe Array(packet.bytes), packet.frames)) }
        #expect(encoder.madeFrames == encoder.takenFrames)
        return coded
    }

    private func decode(_ coded: Coded, without lost: Set<Int> = []) throws -> [Float] {
        let decoder = try OpusDecoder(coded.configuration)
        var sound: [Float] = []
        for (number, packet) in coded.packets.enumerated() {
            if lost.contains(number) {
                sound += unsafe Array(decoder.conceal(frames: packet.frames))
                continue
            }
            sound += try unsafe packet.bytes.withUnsafeBytes { bytes in
                try unsafe Array(decoder.decode(bytes, frames: packet.frames))
            }
        }
        return sound
    }

    /// Decibels of the difference against the sound.
    private func difference(_ first: [Float], _ second: [Float]) -> Double {
        let power = first.reduce(0.0) { $0 + Double($1 * $1) }
        let error = zip(first, second).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        return 10 * log10(error / power)
    }

    @Test(arguments: [0, 1, 959, 960, 961, 48_000], OpusSettings.frameSizes)
    func `stand for exactly the frames that went in`(frames: Int, frameSize: Int) throws {
        for (rate, channels) in [(48_000, 2), (16_000, 1), (8000, 2), (48_000, 6)] {
            let sound = sine(frames, rate: rate, channels: channels)
            for looksAhead in [false, true] {
                let coded = try encode(sound, rate: rate, channels: channels) {
                    ($0.frameSize, $0.looksAhead) = (frameSize, looksAhead)
                }
                let scale = 48_000 / rate
                #expect(coded.lengths == frames * scale)
                #expect(try decode(coded).count == frames * scale * channels)
                // No more packets than the frames and the look-ahead need.
                let needed = (frames * scale + coded.configuration.preSkipFrames + frameSize - 1) / frameSize
                #expect(coded.packets.count == needed)
            }
        }
    }

    @Test(arguments: [false, true]) func `do not depend on how the sound is cut`(looksAhead: Bool) throws {
        let sound = sine(200_000, rate: 48_000, channels: 2)
        let first = try encode(sound, block: 97) { $0.looksAhead = looksAhead }
        for block in [960, 4096, 200_000] {
            let other = try encode(sound, block: block) { $0.looksAhead = looksAhead }
            let isSame = other.packets.map(\.bytes) == first.packets.map(\.bytes)
            #expect(isSame)
        }
    }

    @Test(arguments: 1...8) func `give every channel back where it was, and in time`(channels: Int) throws {
        let sound = sine(48_000, rate: 48_000, channels: channels)
        let coded = try encode(sound, channels: channels) { $0.bitsPerSecond = 128_000 * channels }
        let heard = try decode(coded)
        #expect(heard.count == sound.count)
        for channel in 0..<channels {
            let place = { (samples: [Float]) in
                stride(from: channel, to: samples.count, by: channels).map { samples[$0] }
            }
            // What is above 120 Hz is no bass.
            if channels >= 6, channel == 3 { continue }
            // A tone at 128 kbit/s; another channel in its place would be 3 dB, and a frame too late -20 dB.
            let decibels = difference(place(sound), place(heard))
            #expect(decibels < -25, "channel \(channel)")
        }
    }

    @Test func `carry surround in the order of the sound, with a bass channel of its own`() throws {
        let layout = try #require(ChannelLayout(list: "FL,FR,FC,LFE,RL,RR"))
        let coded = try encode(sine(9600, rate: 48_000, channels: 6), channels: 6, layout: layout)
        #expect(coded.configuration.streams == 4)
        #expect(coded.configuration.coupledStreams == 2)
        // Front left and right share the first stream, the rear ones the second; then the centre, then the bass.
        #expect(coded.configuration.mapping == [0, 1, 4, 5, 2, 3])
        #expect(coded.configuration.layout == layout)
    }

    @Test func `lost ones are guessed, and the length stays`() throws {
        let sound = sine(48_000, rate: 48_000, channels: 2)
        let coded = try encode(sound)
        let heard = try decode(coded, without: [0, 10, 20, 21, 49])
        #expect(heard.count == sound.count)
        // A tone goes on through one lost packet.
        let (from, to) = (10 * 960 * 2, 10 * 960 * 2 + 200)
        let isHeard = heard[from..<to].contains { abs($0) > 0.05 }
        #expect(isHeard)
    }

    @Test func `that are damaged are an error and no trap`() throws {
        let coded = try encode(sine(48_000, rate: 48_000, channels: 2))
        let decoder = try OpusDecoder(coded.configuration)
        var generator = SystemRandomNumberGenerator()
        var refused = 0
        for round in 0..<2000 {
            var bytes = coded.packets[round % coded.packets.count].bytes
            switch round % 3 {
            case 0: bytes = (0..<Int.random(in: 0...400)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            case 1: bytes.removeLast(Int.random(in: 1...bytes.count))
            default: bytes[0] = UInt8.random(in: 0...255, using: &generator)
            }
            let samples = unsafe bytes.withUnsafeBytes { bytes in
                try? unsafe decoder.decode(bytes, frames: 960).count
            }
            #expect(samples ?? 0 <= 1920)
            if samples == nil { refused += 1 }
        }
        #expect(refused > 0)
        #expect(unsafe OpusDecoder.frames(UnsafeRawBufferPointer(start: nil, count: 0)) == nil)
    }

    /// Of every packet the bandwidth that its first byte says (RFC 6716, 3.1), in the order of the codec's bands.
    @Test(arguments: zip(OpusSettings.bandwidths, 0...4)) func `keep no more than the band that was asked for`(
        hertz: Int, most: Int
    ) throws {
        var generator = SystemRandomNumberGenerator()
        let noise = (0..<48_000).map { _ in Float.random(in: -0.3...0.3, using: &generator) }
        for application in OpusSettings.Application.allCases {
            let coded = try encode(noise, channels: 1) {
                ($0.application, $0.bandwidth, $0.bitsPerSecond) = (application, hertz, 64_000)
            }
            for packet in coded.packets {
                let mode = Int(packet.bytes[0] >> 3)
                // Bands for speech, for both, for music; that has no band of 6 kHz.
                let band = mode < 12 ? mode / 4 : mode < 16 ? 3 + (mode - 12) / 2 : [0, 2, 3, 4][(mode - 16) / 4]
                #expect(band <= most || most == 1 && mode >= 16 && band == 2, "\(mode)")
            }
        }
    }

    @Test func `keep to the rate that was asked for`() throws {
        var generator = SystemRandomNumberGenerator()
        let noise = (0..<96_000 * 2).map { _ in Float.random(in: -0.3...0.3, using: &generator) }
        for bits in [24_000, 96_000, 256_000] {
            let constant = try encode(noise) {
                $0.bitsPerSecond = bits
                $0.rateControl = .constant
            }
            #expect(Set(constant.packets.map(\.bytes.count)) == [bits / 8 / 50])
            let variable = try encode(noise) { $0.bitsPerSecond = bits }
            let mean = variable.packets.map(\.bytes.count).reduce(0, +) * 8 / 2
            #expect((bits / 2...bits * 2).contains(mean))
        }
    }
}
