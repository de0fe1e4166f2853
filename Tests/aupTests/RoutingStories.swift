import Foundation
import TestSupport
import Testing

/// `channels=`, `side=` and `out=` on the command line.
@Suite struct `A plugin that is given some of the channels` {
    private let plugins = Repository.root.appending(path: "plugins").path

    private func run(_ channels: Int, _ words: String) throws -> Pipeline {
        try Pipeline.run(
            [
                "aup capture -D 'sim:noise?pace=fast' -c \(channels) -f f32 -d 4800f",
                "aup process --tail off \(words) --json",
                "aup process --as raw",
            ], environment: ["AUP_PLUGIN_PATH": plugins])
    }

    @Test(arguments: [
        (3, "compressor side=3 threshold=-40dB", 2), (3, "compressor channels=1-2 side=3", 3),
        (1, "mix out=2 1to2=1", 2), (2, "mix out=1 1to1=50% 2to1=50%", 1),
        (6, "mix out=2 3to1=0.7 3to2=0.7 5to1=0.7 6to2=0.7", 2),
        (3, "compressor channels=1-2 side=3 lookahead=5ms mix out=2 3to1=1 3to2=1", 2),
    ])
    func `the stream behind it has as many as are left`(channels: Int, words: String, left: Int) throws {
        let run = try run(channels, words)
        #expect(run.statuses == [0, 0, 0], "\(run.errors)")
        #expect(run.output.count == 4800 * left * 4)
        let plugin = try #require((try run.events("end", stage: 1).first?["plugins"] as? [[String: Any]])?.first)
        #expect(plugin["in_channels"] as? Int == (words.hasPrefix("mix") ? channels : 2))
    }

    @Test func `both sides of mono are the same, and the mean of both is mono`() throws {
        func floats(_ run: Pipeline) -> [Float] {
            unsafe run.output.withUnsafeBytes { unsafe Array($0.bindMemory(to: Float.self)) }
        }
        let mono = try floats(run(1, "gain"))
        let stereo = try floats(run(1, "mix out=2 1to2=1"))
        #expect(mono.contains { $0 != 0 })
        #expect(Bool(stereo == mono.flatMap { [$0, $0] }))
        let pair = try floats(run(2, "gain"))
        let mean = try floats(run(2, "mix out=1 1to1=50% 2to1=50%"))
        #expect(Bool(mean == (0..<4800).map { Float(Double(pair[2 * $0]) * 0.5 + Double(pair[2 * $0 + 1]) * 0.5) }))
    }

    @Test(arguments: [
        (3, "compressor side=3 threshold=-40dB lookahead=5ms"), (3, "gate channels=3,1 side=2,1 threshold=-30dB"),
        (4, "mix channels=3,2 out=1 2to1=0.5"), (2, "mix channels=2 out=3 1to3=-1 gain channels=4 gain=-6"),
    ])
    func `it is the same in a process of its own`(channels: Int, words: String) throws {
        let here = try run(channels, words)
        let there = try run(channels, "--isolate \(words)")
        #expect(there.statuses == [0, 0, 0], "\(there.errors)")
        #expect(here.output.count > 4800)
        #expect(Bool(here.output == there.output))
    }

    @Test(arguments: [
        ("gain side=1", "plugin 'gain' has no side chain"), ("compressor side=9", "there are channels 1 to 2"),
        ("mix out=9", "it takes any number, or 1-8 to 1-8 (out=N)"), ("mix channels=x", "no list of channels"),
    ])
    func `a mistake is told`(words: String, why: String) throws {
        let run = try run(2, words)
        #expect(run.statuses[1] == 1)
        #expect(run.errors[1].contains(why), "\(run.errors[1])")
    }

    @Test func `what a plugin has no matter what comes in is told before the first frame`() throws {
        let run = try Pipeline.run(["aup process -i sim:sine -o sim:null gain side=1"])
        #expect(run.statuses == [1])
        #expect(run.errors == ["aup process: plugin 'gain' has no side chain\n"])
    }

    @Test func `info shows which channels there may be`() throws {
        func info(_ words: String) throws -> String {
            let run = try Pipeline.run(["aup process --info \(words)"], environment: ["AUP_PLUGIN_PATH": plugins])
            #expect(run.statuses == [0])
            return String(decoding: run.output, as: UTF8.self)
        }
        #expect(try info("mix").contains("  channels  any number, or 1-8 to 1-8 (out=N)\n"))
        #expect(try info("compressor").contains("  channels  any number, side chain of 1 or 2 (side=LIST)\n"))
        #expect(try info("gain").contains("  channels  any number\n"))
        #expect(try info("gate --json").contains(#""layouts":[{"in":0,"out":0,"side":0},{"in":0,"out":0,"side":1},"#))
    }

    @Test(arguments: ["compressor side=1", "gate side=1,2", "mix out=1", "limiter"])
    func `a check examines the layout that is asked for`(words: String) throws {
        let run = try Pipeline.run(["aup process --check \(words)"], environment: ["AUP_PLUGIN_PATH": plugins])
        let lines = String(decoding: run.output, as: UTF8.self)
        #expect(run.statuses == [0], "\(lines)")
        #expect(lines.contains(words.contains("out=1") ? "2 to 1 channels" : "2 to 2 channels"), "\(lines)")
    }
}
