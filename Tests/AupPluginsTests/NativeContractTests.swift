import AupPlugins
import Foundation
import TestSupport
import Testing

/// A chain of the project's own plugins: `native(["eq", "gain1=3dB"], channels: 2)`.
func native(_ words: [String], channels: Int = 1, maxFrames: Int = 4096, rate: Int = 48000) throws -> PluginChain {
    try PluginChain(
        specs: ChainArguments.parse(words, limit: 64), library: Guests.library(), rate: rate, maxFrames: maxFrames,
        channels: channels)
}

/// What the contract of aup_plugin.h asks of every plugin, asked of all of ours.
@Suite struct NativeContractTests {
    /// Each with settings that make it work hard.
    static let plugins: [(name: String, settings: [String])] = [
        ("gain", ["gain=-7"]), ("invert", []),
        ("eq", ["gain1=6", "type2=highpass", "gain3=-12", "q3=5", "gain8=9"]),
        ("highpass", ["frequency=200Hz", "order=5"]), ("lowpass", ["frequency=3kHz", "order=8"]),
        ("compressor", ["threshold=-40", "ratio=8", "attack=1ms", "lookahead=3ms", "makeup=6"]),
        ("limiter", ["gain=12", "release=20ms"]),
        ("gate", ["threshold=-12", "hold=1ms", "release=5ms", "attack=0.3ms"]),
        ("delay", ["time=13ms", "feedback=60%", "mix=50%"]),
        ("reverb", ["time=0.4s", "predelay=3ms", "mix=50%"]), ("mix", ["1to1=0.3", "2to1=-0.7", "1to2=1.1"]),
    ]

    /// Loud and soft by turns, so that dynamics have something to do.
    private func sound(channels: Int, frames: Int) -> [[Float]] {
        (0..<channels).map { channel in
            noise(frames: frames, seed: UInt64(channel + 1)).enumerated().map { frame, sample in
                frame / 1500 % 3 == 1 ? sample * 0.9 : frame / 1500 % 3 == 2 ? 0 : sample * 0.01
            }
        }
    }

    @Test(arguments: plugins)
    func `sound is the same however it is cut`(name: String, settings: [String]) throws {
        let plugin = try NativePlugin(name, settings)
        let sound = sound(channels: 2, frames: 12000)
        let whole = try plugin.run(sound, blocks: [12000]).sound
        #expect(plugin.description.isBlockInvariant)
        for blocks in [[1], [7, 64, 1, 333, 2000], [4096]] {
            #expect(try Bool(plugin.run(sound, blocks: blocks).sound == whole), "in blocks of \(blocks)")
        }
    }

    @Test(arguments: plugins)
    func `a reset plugin is a fresh one`(name: String, settings: [String]) throws {
        let plugin = try NativePlugin(name, settings)
        let sound = sound(channels: 2, frames: 12000)
        let fresh = try plugin.run(sound).sound
        #expect(try Bool(plugin.run(sound, runs: 3).sound == fresh))
        #expect(try Bool(plugin.run(sound).sound == fresh))
    }

    @Test(arguments: plugins)
    func `in place is the same as beside it`(name: String, settings: [String]) throws {
        let sound = sound(channels: 2, frames: 6000)
        let words = [name] + settings
        let beside = try native(words, channels: 2).run(sound, block: 500).sound
        #expect(try Bool(native(words, channels: 2).run(sound, block: 500, inPlace: true).sound == beside))
        #expect(try Bool(NativePlugin(name, settings).run(sound).sound == beside))
    }

    @Test(arguments: plugins)
    func `a change of everything sounds the same however it is cut`(name: String, settings: [String]) throws {
        let sound = sound(channels: 2, frames: 6000)
        func changed(_ block: Int) throws -> [[Float]] {
            let chain = try native([name] + settings, channels: 2)
            let before = chain.run(sound.map { Array($0[..<3000]) }, block: block).sound
            for parameter in chain.plugins[0].parameters where !parameter.isStatic && !parameter.isOutput {
                let isWhole = [.integer, .choice, .toggle].contains(parameter.scale)
                let middle = parameter.range.lowerBound * 0.6 + parameter.range.upperBound * 0.4
                chain.setParameter(plugin: 0, parameter: parameter.index, to: isWhole ? middle.rounded() : middle)
            }
            let after = chain.run(sound.map { Array($0[3000...]) }, block: block).sound
            return zip(before, after).map { $0 + $1 }
        }
        let whole = try changed(3000)
        #expect(Bool(whole[0][3000...] != (try NativePlugin(name, settings).run(sound).sound)[0][3000...]))
        for block in [1, 37, 480, 500] {
            let cut = try changed(block)
            // gain and invert multiply their way along a ramp, which rounds by where it is cut.
            let slack = ["gain", "invert"].contains(name) ? 2e-6 : 0
            let worst = worstDifference(whole, cut)
            #expect(worst <= slack, "in blocks of \(block) it differs by \(worst)")
        }
    }

    @Test(arguments: plugins, [8000, 44100, 192_000])
    func `extreme values at any rate and width leave no NaN and nothing denormal`(
        plugin: (name: String, settings: [String]), rate: Int
    ) throws {
        for (channels, end) in [(1, 0), (3, 1), (16, 2)] {
            let parameters = try Guests.library().find(plugin.name).description.parameters
            let words = parameters.filter { !$0.isOutput }.map { parameter in
                let value = [parameter.range.lowerBound, parameter.range.upperBound, parameter.defaultValue][end]
                return "\(parameter.key)=\(parameter.scale == .toggle ? (value == 0 ? "off" : "on") : "\(value)")"
            }
            let chain = try native([plugin.name] + words, channels: channels, rate: rate)
            let burst = sound(channels: channels, frames: 4500).map { $0 + silence(12000) }
            let result = chain.run(burst, block: 1024)
            #expect(result.status == .running)
            #expect(chain.reports[0].nonFiniteSamples == 0)
            #expect(chain.reports[0].denormalSamples == 0)
        }
    }

    @Test(arguments: plugins)
    func `silence stays silence`(name: String, settings: [String]) throws {
        let sound = try NativePlugin(name, settings).run([silence(6000), silence(6000)]).sound
        #expect(Bool(sound.allSatisfy { $0.allSatisfy { $0 == 0 } }))
    }

    @Test(arguments: plugins)
    func `a sample that is no number is forgotten`(name: String, settings: [String]) throws {
        let plugin = try NativePlugin(name, settings)
        var sound = sound(channels: 2, frames: 6000)
        for frame in [700, 1700, 2100] { sound[0][frame] = 0 }
        let clean = try plugin.run(sound).sound
        sound[0][700] = .nan
        sound[0][1700] = .infinity
        sound[0][2100] = -.infinity
        let result = try plugin.run(sound).sound
        let others = zip(clean.joined(), result.joined()).filter { $0 != $1 }
        // Those that remember nothing may hand it on in its own frame, where the host takes it out.
        #expect(Bool(others.count <= 6 && others.allSatisfy { !$1.isFinite }))
    }

    @Test(arguments: plugins)
    func `after its tail it is a hundred decibels down`(name: String, settings: [String]) throws {
        let plugin = try NativePlugin(name, settings)
        let burst = noise(frames: 4800)
        let tail = try plugin.run([burst]).tailFrames
        let sound = try plugin.run([burst + silence(tail + 4800)]).sound[0]
        #expect(peak(sound[(4800 + tail)...]) <= 1e-5)
        #expect(Bool(tail == 0 || peak(sound[(4800 + tail / 4)..<(4800 + tail)]) > 0))
    }

    @Test(arguments: plugins.filter { !["compressor", "limiter", "gate", "reverb", "mix"].contains($0.name) })
    func `channels do not hear one another`(name: String, settings: [String]) throws {
        let sound = sound(channels: 5, frames: 3000)
        let plugin = try NativePlugin(name, settings)
        let together = try plugin.run(sound).sound
        for channel in 0..<5 { #expect(try Bool(plugin.run([sound[channel]]).sound[0] == together[channel])) }
    }

    @Test func `every parameter has a name, a range that can be typed and a unit that is known`() throws {
        for (name, _) in Self.plugins {
            let description = try Guests.library().find(name).description
            #expect(description.id == name)
            #expect(description.isRealtimeSafe)
            #expect(!description.vendor.isEmpty && !description.tags.isEmpty)
            for parameter in description.parameters where !parameter.isOutput {
                #expect(["", "dB", "Hz", "s", "ms", "%"].contains(parameter.unit))
                #expect(parameter.name.first!.isUppercase)
                let shown = parameter.format(parameter.defaultValue)
                #expect(try parameter.parse(shown, plugin: name) == .number(parameter.defaultValue), "\(name) \(shown)")
            }
        }
    }
}
