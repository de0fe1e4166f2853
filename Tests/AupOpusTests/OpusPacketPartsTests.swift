import AupSound
import Foundation
import Testing

@testable import AupOpus

/// What the first bytes of a packet say, and what is made of them.
@Suite struct `A packet of Opus` {
    /// Packets of a voice-like sound, three sines that come and go.
    private func packets(fec: Bool, channels: Int, frameSize: Int = 960) throws -> [[UInt8]] {
        var settings = OpusSettings()
        settings.application = .voip
        settings.bitsPerSecond = 24_000 * channels
        settings.hasErrorCorrection = fec
        settings.lossPercent = fec ? 30 : 0
        settings.frameSize = frameSize
        settings.signal = .voice
        let encoder = try OpusEncoder(settings, rate: 48_000, channels: channels)
        let samples = (0..<(48_000 * channels)).map { index -> Float in
            let time = Double(index / channels) / 48_000
            return Float(0.3 * sin(time * 2000) * (1 + sin(time * 30)) + 0.1 * sin(time * 5000))
        }
        var found: [[UInt8]] = []
        try unsafe samples.withUnsafeBufferPointer { samples in
            var place = 0
            while let packet = try unsafe encoder.take(samples, from: &place) {
                unsafe found.append(Array(packet.bytes))
            }
        }
        return found
    }

    @Test(arguments: [1, 2], [960, 1920, 2880])
    func `says whether it repeats the one before it`(channels: Int, frameSize: Int) throws {
        let with = try packets(fec: true, channels: channels, frameSize: frameSize)
        let without = try packets(fec: false, channels: channels, frameSize: frameSize)
        #expect(without.count { OpusPacketParts.repeatsPrevious($0) } == 0)
        // The first one cannot, and not every other must.
        #expect(with.count { OpusPacketParts.repeatsPrevious($0) } > with.count / 2)
    }

    @Test func `that was lost is heard out of the one behind it, better than guessed`() throws {
        let packets = try packets(fec: true, channels: 1)
        let configuration = try #require(OpusConfiguration(channels: 1, preSkipFrames: 0, frameSize: 960))
        /// What is heard where every tenth packet is made up; the error against what it was.
        func error(repairs: Bool) throws -> Double {
            let (whole, broken) = (try OpusDecoder(configuration), try OpusDecoder(configuration))
            var sum = 0.0
            for (index, packet) in packets.enumerated() where index + 1 < packets.count {
                let truth = try unsafe packet.withUnsafeBytes { unsafe Array(try whole.decode($0, frames: 960)) }
                let isLost = index % 10 == 5
                let behind = packets[index + 1]
                let heard: [Float]
                if !isLost {
                    heard = try unsafe packet.withUnsafeBytes { unsafe Array(try broken.decode($0, frames: 960)) }
                } else if repairs {
                    heard = unsafe behind.withUnsafeBytes { unsafe Array(broken.recover(before: $0, frames: 960)) }
                } else {
                    heard = unsafe Array(broken.conceal(frames: 960))
                }
                #expect(heard.count == 960)
                if isLost { sum += zip(truth, heard).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) } }
            }
            return sum
        }
        let (repaired, guessed) = (try error(repairs: true), try error(repairs: false))
        #expect(repaired < guessed)
    }

    @Test func `that is none says nothing and does not trap`() {
        #expect(!OpusPacketParts.repeatsPrevious([]))
        for head in 0..<256 {
            for second in stride(from: 0, to: 256, by: 5) {
                for count in 1..<6 {
                    let bytes = [UInt8(head), UInt8(second)] + [UInt8](repeating: 255, count: 4)
                    _ = OpusPacketParts.repeatsPrevious(Array(bytes[..<count]))
                }
            }
        }
    }
}
