import AupPlugins
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: ForeignGuests.hasLADSPA, "ladspa-sdk and swh-plugins are not installed"))
struct LADSPATests {
    private func chain(
        _ words: [String], channels: Int = 2, rate: Int = 48000, maxFrames: Int = 1024, exact: Bool = true
    ) throws -> PluginChain {
        try PluginChain(
            specs: ChainArguments.parse(words, limit: 64), library: ForeignGuests.library(), rate: rate,
            maxFrames: maxFrames, channels: channels, keepsDenormals: exact)
    }

    private func complaint(_ words: [String], channels: Int = 2) -> PluginError? {
        do {
            _ = try chain(words, channels: channels)
            return nil
        } catch {
            return error as? PluginError
        }
    }

    /// Values for every control input in order, as the chain has them.
    private func values(_ chain: PluginChain) throws -> [String] {
        try chain.plugins[0].parameters.filter { !$0.isOutput }.map { "\(try chain.value(plugin: 0, key: $0.key))" }
    }

    @Test(arguments: [
        ("amp", "amp_stereo", 2, ["gain=1.7"]), ("delay", "delay_5s", 1, ["delay=100ms"]), ("filter", "lpf", 1, []),
        ("filter", "hpf", 1, ["c0=500Hz"]), ("sc4_1882", "sc4", 2, ["threshold_level=-20dB", "c4=8"]),
        ("karaoke_1409", "karaoke", 2, ["c0=-40"]), ("plate_1423", "plate", 1, []),
        ("gverb_1216", "gverb", 1, []), ("dj_eq_1901", "dj_eq", 2, ["c0=-12"]), ("valve_1209", "valve", 1, ["c0=0.8"]),
        ("fast_lookahead_limiter_1913", "fastLookaheadLimiter", 2, ["input_gain=12"]),
        ("am_pitchshift_1433", "amPitchshift", 1, ["c0=1.2"]), ("comb_1190", "comb", 1, []),
        ("lowpass_iir_1891", "lowpass_iir", 1, []), ("satan_maximiser_1408", "satanMaximiser", 1, ["c1=-20"]),
        ("fad_delay_1192", "fadDelay", 1, ["c0=0.1"]), ("triple_para_1204", "triplePara", 1, ["low_shelving_gain=6"]),
    ])
    func `the sound is a plain host's, bit by bit`(file: String, label: String, channels: Int, settings: [String])
        throws
    {
        let chain = try chain(["ladspa:\(file):\(label)"] + settings, channels: channels)
        let sound = material(channels: channels, frames: 24000)
        let words = ["/usr/lib/ladspa/\(file).so", label, "48000", "1024", "24000"] + (try values(chain))
        let expected = try ForeignGuests.reference(
            ForeignGuests.ladspaHost, words, sound: sound, outputs: chain.outputChannels)
        let result = chain.run(sound, block: 1024)
        #expect(result.status == .running)
        #expect(!expected.isEmpty)
        let isEqual = result.sound == expected
        #expect(isEqual)
        let isHeard = result.sound.contains { $0.contains { abs($0) > 1e-3 } }
        #expect(isHeard)
    }

    @Test(arguments: [1, 7, 64, 1000])
    func `a gain is its factor however the sound is cut`(block: Int) throws {
        let sound = ramp(channels: 2, frames: 3000)
        let result = try chain(["ladspa:amp:amp_stereo", "gain=0.3"]).run(sound, block: block)
        let expected = sound.map { $0.map { $0 * Float(0.3) } }
        let isEqual = result.sound == expected
        #expect(isEqual)
    }

    @Test(arguments: [13, 480, 1024])
    func `a delay is exact to the sample and a mono plugin serves every channel`(block: Int) throws {
        let chain = try chain(["delay_5s", "delay=10ms", "dry_wet_balance=1"], channels: 3)
        let sound = ramp(channels: 3, frames: 2000)
        let expected = sound.map { [Float](repeating: 0, count: 480) + $0.dropLast(480) }
        let isEqual = chain.run(sound, block: block).sound == expected
        #expect(isEqual)
        #expect(chain.reports[0].copies == 3)
    }

    @Test func `a change takes effect with the next block`() throws {
        let chain = try chain(["ladspa:amp:amp_mono"], channels: 1)
        let ones = [[Float](repeating: 1, count: 100)]
        #expect(chain.run(ones, block: 100).sound == ones)
        try chain.set(plugin: 0, key: "c0", to: "2")
        #expect(chain.run(ones, block: 100).sound == [[Float](repeating: 2, count: 100)])
    }

    @Test func `the latency a plugin reads out is the chain's`() throws {
        let limiter = try chain(["fastLookaheadLimiter"])
        #expect(limiter.latencyFrames > 0)
        let impulse = [Float](repeating: 0, count: 999) + [0.5] + [Float](repeating: 0, count: 4000)
        let out = limiter.run([impulse, impulse], block: 512).sound[0]
        let peak = try #require(out.indices.max { abs(out[$0]) < abs(out[$1]) })
        #expect(peak == 999 + limiter.latencyFrames)
        #expect(try chain(["ladspa:sc4"]).latencyFrames == 0)
    }

    @Test func `readings are there`() throws {
        let chain = try chain(["ladspa:sc4_1882:sc4", "threshold_level=-30", "ratio_1_n=20", "rms_peak=1"])
        _ = chain.run([[Float]](repeating: [Float](repeating: 0.9, count: 48000), count: 2), block: 1024)
        #expect(try chain.value(plugin: 0, key: "gain_reduction") < -10)
        #expect(throws: PluginError.self) { try chain.set(plugin: 0, key: "gain_reduction", to: "0") }
    }

    @Test func `reset is a fresh start`() throws {
        for name in ["delay_5s", "ladspa:sc4", "ladspa:plate", "ladspa:amp:amp_mono"] {
            let chain = try chain([name], channels: name == "ladspa:sc4" ? 2 : 1)
            let sound = material(channels: chain.inputChannels, frames: 9600)
            let first = chain.run(sound, block: 512).sound
            chain.reset()
            let isEqual = chain.run(sound, block: 512).sound == first
            #expect(isEqual, "\(name)")
        }
    }

    @Test func `ranges that are fractions of the rate follow it`() throws {
        let found = try ForeignGuests.library().find("ladspa:lowpass_iir")
        let at48 = try #require(found.description.parameter("cutoff_frequency")).range
        let at96 = try #require(try found.description(rate: 96000).parameter("cutoff_frequency")).range
        #expect(at96.upperBound == 2 * at48.upperBound)
        #expect(complaint(["lowpass_iir", "cutoff_frequency=40000"])?.code == .value)
        #expect((try? chain(["lowpass_iir", "cutoff_frequency=40000"], rate: 96000)) != nil)
    }

    @Test func `one channel goes to every input, and that is said`() throws {
        let chain = try chain(["ladspa:amp:amp_stereo", "gain=2"], channels: 1)
        let sound = ramp(channels: 1, frames: 500)
        let doubled = sound[0].map { $0 * 2 }
        let isEqual = chain.run(sound, block: 100).sound == [doubled, doubled]
        #expect(isEqual)
        #expect(chain.channelNotes == ["plugin 'amp_stereo' takes 2 channels; all of them get the one there is"])
    }

    @Test func `four channels go through a stereo plugin in groups`() throws {
        let chain = try chain(["ladspa:amp:amp_stereo", "gain=2"], channels: 4)
        let sound = ramp(channels: 4, frames: 500)
        let expected = sound.map { $0.map { $0 * 2 } }
        let isEqual = chain.run(sound, block: 100).sound == expected
        #expect(isEqual)
        #expect(chain.channelNotes.count == 1)
    }

    @Test func `inputs beyond the channels hear silence`() throws {
        let chain = try chain(["ladspa:xfade", "c0=-1"])
        let sound = ramp(channels: 2, frames: 500)
        let isEqual = chain.run(sound, block: 100).sound == sound
        #expect(isEqual)
        #expect(chain.channelNotes == ["plugin 'xfade' takes 4 channels; those beyond the 2 there are hear silence"])
        let other = try self.chain(["ladspa:xfade", "c0=1"]).run(sound, block: 100).sound
        let isSilent = other.allSatisfy { $0.allSatisfy { $0 == 0 } }
        #expect(isSilent)
    }

    @Test func `a plugin that makes sound of its own does so on every channel`() throws {
        let chain = try chain(["ladspa:noise"], channels: 2)
        let out = chain.run(ramp(channels: 2, frames: 500), block: 100).sound
        #expect(out.count == 2)
        #expect(chain.channelNotes.count == 1)
    }

    @Test func `denormals are zero unless they are asked for`() throws {
        let tiny = [[Float](repeating: Float(bitPattern: 0x0020_0000), count: 64)]
        #expect(try chain(["ladspa:amp:amp_mono"], channels: 1).run(tiny, block: 64).sound == tiny)
        let plain = try chain(["ladspa:amp:amp_mono"], channels: 1, exact: false).run(tiny, block: 64).sound
        #expect(plain == [[Float](repeating: 0, count: 64)])
    }

    @Test func `names that mean nothing, or two things, are told`() {
        let unknown = complaint(["ladspa:delya_5s"])
        #expect(unknown?.code == .notFound)
        #expect(unknown?.message.contains("did you mean 'delay_5s'?") == true)
        #expect(complaint(["delya_5s"])?.message.contains("did you mean 'delay_5s'?") == true)
        #expect(complaint(["ladspa:/nowhere.so"])?.message == "plugin '/nowhere.so': there is no such file")
        #expect(complaint(["ladspa:filter"])?.message.contains("it has lpf, hpf") == true)
        #expect(complaint(["ladspa:nosuch:amp_mono"])?.message.contains("there is no 'nosuch'") == true)
        #expect(complaint(["ladspa:amp:amp_mno"])?.message.contains("did you mean 'amp_mono'?") == true)
        #expect(
            complaint(["ladspa:sc4", "threshold_levle=1"])?.message.contains("did you mean 'threshold_level'?") == true)
        #expect(complaint(["ladspa:sc4", "threshold_level=10ms"])?.code == .value)
        #expect(complaint(["ladspa:sc4", "c99=1"])?.code == .value)
        #expect(complaint(["ladspa:plate"])?.message == "plugin 'plate' cannot take 2 channels: it takes 1 to 2")
    }
}
