import AupPlugins
import Foundation
import Testing

@Suite struct GainTests {
    private func chain(_ words: [String], channels: Int = 2, maxFrames: Int = 256, rate: Int = 48000) throws
        -> PluginChain
    {
        try PluginChain(
            specs: ChainArguments.parse(words, limit: 64), library: Guests.library(), rate: rate, maxFrames: maxFrames,
            channels: channels)
    }

    @Test(arguments: [1, 2, 8], [false, true])
    func `zero decibels change no bit`(channels: Int, inPlace: Bool) throws {
        let sound = ramp(channels: channels, frames: 5000)
        let result = try chain(["gain"], channels: channels).run(sound, block: 333, inPlace: inPlace)
        #expect(result.sound == sound)
        #expect(result.status == .running)
    }

    @Test func `minus six decibels are the same factor for every sample`() throws {
        let sound = ramp(channels: 2, frames: 5000)
        let factor = Float(pow(10, -6.0 / 20))
        let result = try chain(["gain.so", "gain=-6dB"]).run(sound, block: 512)
        #expect(result.sound == sound.map { $0.map { $0 * factor } })
    }

    @Test func `a change glides over ten milliseconds and then stays`() throws {
        let chain = try chain(["gain"], channels: 1)
        let ones = [[Float](repeating: 1, count: 1000)]
        #expect(chain.run(ones, block: 100).sound == ones)
        try chain.set(plugin: 0, key: "gain", to: "-20")
        let glide = chain.run(ones, block: 1000).sound[0]
        #expect(chain.rampFrames == 480)
        #expect(glide[0] == 1)
        for frame in 0..<480 {
            let expected = pow(10, -20.0 * Double(frame) / 480 / 20)
            #expect(abs(Double(glide[frame]) - expected) < 1e-6)
        }
        #expect(glide[480...].allSatisfy { $0 == Float(pow(10, -1.0)) })
    }

    @Test(arguments: [1, 7, 64, 479, 481, 5000])
    func `a glide sounds the same however the sound is cut`(block: Int) throws {
        let sound = ramp(channels: 2, frames: 3000)
        func glide(_ block: Int) throws -> [[Float]] {
            let chain = try chain(["gain", "gain=3"], maxFrames: 4096)
            _ = chain.run(sound, block: block)
            try chain.set(plugin: 0, key: "gain", to: "-12")
            return chain.run(sound, block: block).sound
        }
        let whole = try glide(3000)
        let cut = try glide(block)
        for channel in 0..<2 {
            for frame in 0..<3000 { #expect(abs(whole[channel][frame] - cut[channel][frame]) <= 2.4e-7) }
            #expect(whole[channel][480...] == cut[channel][480...])
        }
    }

    @Test func `a block longer than the longest is cut and loses nothing`() throws {
        let sound = ramp(channels: 2, frames: 20_000)
        let result = try chain(["gain", "gain=0"], maxFrames: 100_000).run(sound, block: 20_000)
        #expect(result.sound == sound)
    }

    @Test func `polarity turns round and back`() throws {
        let sound = ramp(channels: 2, frames: 1000)
        let turned = try chain(["invert"]).run(sound, block: 128).sound
        #expect(turned == sound.map { $0.map { -$0 } })
        #expect(try chain(["invert", "invert"]).run(sound, block: 128, inPlace: true).sound == sound)
        #expect(try chain(["invert", "invert=off"]).run(sound, block: 128).sound == sound)
    }

    @Test func `switching polarity does not jump`() throws {
        let chain = try chain(["invert"], channels: 1)
        let ones = [[Float](repeating: 1, count: 960)]
        _ = chain.run(ones, block: 96)
        try chain.set(plugin: 0, key: "invert", to: "off")
        let glide = chain.run(ones, block: 96).sound[0]
        #expect(glide[0] == -1)
        #expect(glide[959] == 1)
        for frame in 1..<960 { #expect(abs(glide[frame] - glide[frame - 1]) < 0.005) }
    }

    @Test func `an empty chain passes sound through`() throws {
        let sound = ramp(channels: 3, frames: 700)
        let chain = try chain([], channels: 3)
        #expect(chain.run(sound, block: 64).sound == sound)
        #expect(chain.run(sound, block: 64, inPlace: true).sound == sound)
        #expect(chain.latencyFrames == 0)
    }

    @Test func `nothing asked is nothing done`() throws {
        let sound = Planar([[0.5], [0.5]])
        let chain = try chain(["gain", "gain=6"])
        #expect(unsafe chain.process(inPlace: sound.pointers, frames: 0) == .running)
        #expect(sound.sound == [[0.5], [0.5]])
    }
}
