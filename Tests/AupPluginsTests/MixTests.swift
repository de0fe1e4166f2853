import AupPlugins
import Foundation
import Testing

@Suite struct MixTests {
    @Test(arguments: [1, 2, 8, 11])
    func `as it begins it changes nothing`(channels: Int) throws {
        let sound = ramp(channels: channels, frames: 3000)
        #expect(try Bool(NativePlugin("mix").run(sound).sound == sound))
    }

    @Test func `every output is the sum its column says`() throws {
        let sound = (0..<8).map { noise(frames: 2000, seed: UInt64($0 + 1)) }
        var gains = [[Double]](repeating: [Double](repeating: 0, count: 8), count: 8)
        var settings: [String] = []
        for input in 0..<8 {
            for output in 0..<8 {
                // Thirteenths, some of them negative, some 0.
                let gain = Double((input * 5 + output * 3) % 11 - 5) / 13
                gains[input][output] = Double(Float(gain))
                settings.append("\(input + 1)to\(output + 1)=\(gain)")
            }
        }
        let mixed = try NativePlugin("mix", settings).run(sound).sound
        for output in 0..<8 {
            let expected: [Float] = (0..<2000).map { frame in
                var sum = 0.0
                for input in 0..<8 { sum += gains[input][output] * Double(sound[input][frame]) }
                return Float(sum)
            }
            #expect(Bool(mixed[output] == expected))
        }
    }

    @Test func `middle and side, and back`() throws {
        let sound = ramp(channels: 2, frames: 2000)
        let words = ["mix", "1to1=50%", "2to1=50%", "1to2=50%", "2to2=-50%"]
        let middle = try native(words, channels: 2).run(sound, block: 128).sound
        let sum: [Float] = zip(sound[0], sound[1]).map { ($0 + $1) / 2 }
        let difference: [Float] = zip(sound[0], sound[1]).map { ($0 - $1) / 2 }
        #expect(Bool(middle == [sum, difference]))
        let back = words + ["mix", "1to1=1", "2to1=1", "1to2=1", "2to2=-1"]
        let again = try native(back, channels: 2).run(sound, block: 128).sound
        #expect(worstDifference(sound, again) < 1.2e-7)
    }

    @Test(arguments: [(2, 1), (1, 2), (6, 2), (8, 7), (3, 8)])
    func `other numbers of outputs are on offer`(inputs: Int, outputs: Int) throws {
        let plugin = try NativePlugin("mix", (1...inputs).map { "\($0)to1=0.25" })
        #expect(plugin.description.layouts.contains { $0.inputs == inputs && $0.outputs == outputs })
        let sound = ramp(channels: inputs, frames: 500)
        let mixed = try plugin.run(sound, outputs: outputs).sound
        #expect(mixed.count == outputs)
        let sum: [Float] = (0..<500).map { frame in
            Float(sound.reduce(0.0) { $0 + 0.25 * Double($1[frame]) })
        }
        #expect(Bool(mixed[0] == sum))
        for output in stride(from: 1, to: outputs, by: 1) {
            #expect(Bool(mixed[output] == (output < inputs ? sound[output] : silence(500))))
        }
    }

    @Test func `every pair of unequal counts stands once`() throws {
        let layouts = try NativePlugin("mix").description.layouts
        #expect(layouts.first.map { $0.inputs == 0 && $0.outputs == 0 } == true)
        let pairs = Set(layouts.map { $0.inputs * 10 + $0.outputs })
        #expect(layouts.count == 57 && pairs.count == 57)
        #expect(Bool(layouts.dropFirst().allSatisfy { $0.inputs != $0.outputs && (1...8).contains($0.inputs) }))
    }

    @Test func `a change glides in a straight line`() throws {
        let chain = try native(["mix"], channels: 1)
        _ = chain.run([constant(0, frames: 480)], block: 480)
        try chain.set(plugin: 0, key: "1to1", to: "-1")
        let glide = chain.run([constant(0, frames: 960)], block: 96).sound[0]
        for frame in 0..<480 {
            let expected = 1 - 2 * Double(frame) / 480
            #expect(abs(Double(glide[frame]) - expected) < 1e-6)
        }
        #expect(Bool(glide[480...].allSatisfy { $0 == -1 }))
    }
}
