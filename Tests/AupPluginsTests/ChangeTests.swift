import AupPlugins
import Foundation
import Testing

@Suite struct `Changes at exact frames` {
    private func chain(_ specs: [PluginSpec], channels: Int = 1, maxFrames: Int = 4096) throws -> PluginChain {
        try PluginChain(specs: specs, library: Guests.library(), rate: 48000, maxFrames: maxFrames, channels: channels)
    }

    private func rude(_ way: String) -> PluginSpec { PluginSpec(Guests.rude(way)) }

    private func ones(_ frames: Int) -> [[Float]] { [[Float](repeating: 1, count: frames)] }

    @Test(arguments: [1, 2, 3, 31, 64, 100, 479, 1000, 4096, 9999])
    func `changes sound the same to the bit whatever the blocks`(block: Int) throws {
        let sound = ramp(channels: 2, frames: 9999)
        func run(_ block: Int) throws -> [[Float]] {
            let chain = try chain(
                [PluginSpec("gain"), rude("DELAY"), PluginSpec("invert"), PluginSpec("gain")], channels: 2)
            var changes: [ChainChange] = []
            for step in 0..<300 {
                let frame = Int64(step * step * 9973 % 9999)
                changes.append(
                    ChainChange(
                        frame: frame, plugin: [0, 2, 3][step % 3], parameter: 0,
                        value: step % 3 == 1 ? Double(step % 2) : Double(step % 20) - 14.3,
                        rampFrames: [-1, 0, 1, 777][step % 4]))
            }
            #expect(chain.schedule(changes))
            return chain.run(sound, block: block).sound
        }
        let isSame = try run(block) == run(4096)
        #expect(isSame)
    }

    @Test(arguments: [1, 63, 64, 100, 128, 1000])
    func `a change is there with its frame`(frame: Int) throws {
        for block in [1, 64, 1000] {
            let chain = try chain([PluginSpec("gain")])
            chain.schedule([ChainChange(frame: Int64(frame), plugin: 0, parameter: 0, value: -20, rampFrames: 0)])
            let heard = chain.run(ones(2000), block: block).sound[0]
            #expect(heard.firstIndex { $0 != 1 } == frame)
            #expect(heard[frame...].allSatisfy { $0 == 0.1 })
            #expect(try chain.value(plugin: 0, key: "gain") == -20)
            #expect(chain.waitingChanges == 0)
        }
    }

    @Test func `a ramp begins at its frame and takes as long as it was told`() throws {
        let chain = try chain([PluginSpec("gain")])
        chain.schedule([ChainChange(frame: 300, plugin: 0, parameter: 0, value: -20, rampFrames: 1000)])
        let heard = chain.run(ones(2000), block: 256).sound[0]
        for frame in 0..<1000 {
            let expected = Float(pow(10, -20 * Double(frame) / 1000 / 20))
            #expect(abs(heard[300 + frame] - expected) < 1e-6)
        }
        #expect(heard[1300...].allSatisfy { $0 == 0.1 })
    }

    @Test func `a change is heard with its frame of the input, behind whatever latency`() throws {
        let chain = try chain([rude("DELAY"), rude("DELAY"), PluginSpec("gain"), rude("DELAY")])
        chain.schedule([ChainChange(frame: 100, plugin: 2, parameter: 0, value: -20, rampFrames: 0)])
        let heard = chain.run(ones(400), block: 30).sound[0]
        #expect(heard.dropFirst(chain.latencyFrames).firstIndex { $0 != 1 } == 100 + chain.latencyFrames)
    }

    @Test func `a guest that wants events is told the frame of each`() throws {
        for block in [1, 50, 500] {
            let chain = try chain([rude("EVENTS")])
            let level = try #require(chain.plugins[0].parameter("level")).index
            chain.schedule(
                [30, 70, 71, 333].enumerated().map { index, frame in
                    ChainChange(frame: Int64(frame), plugin: 0, parameter: level, value: Double(-index - 1))
                })
            #expect(chain.run(ones(500), block: block).status == .running)
            #expect(try chain.value(plugin: 0, key: "last_event") == 333)
            #expect(try chain.value(plugin: 0, key: "level") == -4)
        }
    }

    @Test func `more events than fit into one block lose none`() throws {
        let chain = try chain([rude("EVENTS")])
        let level = try #require(chain.plugins[0].parameter("level")).index
        chain.schedule(
            (0..<1000).map { ChainChange(frame: Int64($0), plugin: 0, parameter: level, value: Double($0) / 10 - 90) })
        #expect(chain.run(ones(1000), block: 1000).status == .running)
        let calls = try chain.value(plugin: 0, key: "calls")
        #expect(Int(calls) / 1000 == 1000)
        #expect(try chain.value(plugin: 0, key: "last_event") == 999)
    }

    @Test func `a parameter that cannot ramp is led in small steps when a way is asked for`() throws {
        let chain = try chain([rude("POLITE")])
        let cutoff = try #require(chain.plugins[0].parameter("cutoff")).index
        chain.schedule([ChainChange(frame: 10, plugin: 0, parameter: cutoff, value: 2000, rampFrames: 640)])
        _ = chain.run(ones(9), block: 9)
        #expect(try chain.value(plugin: 0, key: "calls") == 1)
        _ = chain.run(ones(1000), block: 1000)
        // One call up to the change, ten steps, one for the rest.
        #expect(try chain.value(plugin: 0, key: "calls") == 1 + 12)
    }

    @Test func `what was scheduled for before is set without a ramp when the clock jumps`() throws {
        let chain = try chain([PluginSpec("gain")])
        chain.schedule([
            ChainChange(frame: 100, plugin: 0, parameter: 0, value: -6),
            ChainChange(frame: 200, plugin: 0, parameter: 0, value: -20),
            ChainChange(frame: 1100, plugin: 0, parameter: 0, value: 0, rampFrames: 0),
        ])
        chain.seek(to: 1000)
        let heard = chain.run(ones(200), block: 64).sound[0]
        #expect(heard[..<100].allSatisfy { $0 == 0.1 })
        #expect(heard[100...].allSatisfy { $0 == 1 })
    }

    @Test func `the last of several changes at one frame counts, also against the control side`() throws {
        let chain = try chain([PluginSpec("gain")])
        try chain.set(plugin: 0, key: "gain", to: "6", rampFrames: 0)
        chain.schedule([-3, -6, -20].map { ChainChange(frame: 50, plugin: 0, parameter: 0, value: $0, rampFrames: 0) })
        let heard = chain.run(ones(100), block: 100).sound[0]
        #expect(heard[..<50].allSatisfy { $0 == Float(pow(10, 6.0 / 20)) })
        #expect(heard[50...].allSatisfy { $0 == 0.1 })
        try chain.set(plugin: 0, key: "gain", to: "0", rampFrames: 10)
        let back = chain.run(ones(100), block: 100).sound[0]
        #expect(back[0] == 0.1 && back[9] < 1 && back[10...].allSatisfy { $0 == 1 })
    }

    @Test func `a chain takes so many changes and no more`() throws {
        let chain = try chain([PluginSpec("gain")])
        let many = [ChainChange](
            repeating: ChainChange(frame: 5, plugin: 0, parameter: 0, value: 0), count: PluginChain.changeLimit)
        #expect(chain.schedule(many))
        #expect(!chain.schedule([many[0]]))
        #expect(chain.waitingChanges == PluginChain.changeLimit)
    }

    // MARK: - Bypass

    @Test(arguments: [1, 64, 5000]) func `sound goes by a plugin and comes back without a jump`(block: Int) throws {
        let chain = try chain([rude("DELAY"), PluginSpec("gain", [.init(key: "gain", value: "-20")]), rude("DELAY")])
        _ = chain.run(ones(100), block: block)
        try chain.setBypass(plugin: 1, true)
        #expect(chain.reports[1].isBypassed)
        let out = chain.run(ones(5000), block: block).sound[0]
        #expect(out[481...].allSatisfy { $0 == 1 })
        try chain.setBypass(plugin: 1, false)
        let back = chain.run(ones(5000), block: block).sound[0]
        #expect(back[482...].allSatisfy { $0 == 0.1 })
        for (before, after) in zip(out + back, (out + back).dropFirst()) { #expect(abs(after - before) < 0.003) }
    }

    @Test func `what goes by is as late as the plugin is`() throws {
        let chain = try chain([rude("DELAY"), PluginSpec("gain")])
        let sound = ramp(channels: 1, frames: 3000)
        let plain = chain.run(sound, block: 100).sound
        chain.reset()
        try chain.setBypass(plugin: 0, true)
        let isSame = chain.run(sound, block: 100).sound == plain
        #expect(isSame)
    }

    @Test func `nothing goes by a plugin that changes the channels`() throws {
        let chain = try chain([rude("STEREO")])
        #expect(throws: PluginError.self) { try chain.setBypass(plugin: 0, true) }
    }

    // MARK: - Channels and settings

    @Test func `a plugin for a pair runs for each pair, and one channel goes to both sides`() throws {
        let sound = ramp(channels: 4, frames: 500)
        let pairs = try chain([rude("STEREO")], channels: 4)
        #expect(pairs.reports[0].copies == 2)
        #expect(pairs.run(sound, block: 100).sound == sound)
        let one = try chain([rude("STEREO"), PluginSpec("gain")])
        #expect(one.outputChannels == 2)
        #expect(one.run([sound[0]], block: 100).sound == [sound[0], sound[0]])
    }

    @Test func `a new chain begins with the values and bypasses of the old one`() throws {
        let specs = [rude("POLITE"), PluginSpec("gain", [.init(key: "gain", value: "-20")])]
        let old = try chain(specs)
        try old.set(plugin: 0, key: "order", to: "5")
        try old.set(plugin: 1, key: "gain", to: "-6")
        try old.setBypass(plugin: 0, true)
        let new = try PluginChain(
            specs: specs, library: Guests.library(), rate: 48000, maxFrames: 64, channels: 1, settings: old.settings)
        #expect(new.settings == old.settings)
        #expect(try new.value(plugin: 0, key: "order") == 5)
        let heard = new.run(ones(10), block: 10).sound[0]
        // The first frame is what the plugin that is gone by says it holds.
        #expect(heard.dropFirst().allSatisfy { $0 == Float(pow(10, -6.0 / 20)) })
    }
}
