import Testing

@testable import AupEngine

@Suite struct `A click sequence` {
    private let sequence = ClickSequence()

    @Test func `has every state of its register once, so that it is like itself in one place only`() {
        #expect(sequence.values.count == 1023)
        // One more of the one than of the other, as theory has it.
        #expect(abs(sequence.values.reduce(0, +)) == 1)
        for shift in [1, 7, 100, 511, 1022] {
            let sum = (0..<1023).reduce(Float(0)) { $0 + sequence.values[$1] * sequence.values[($1 + shift) % 1023] }
            #expect(sum == -1)
        }
    }

    @Test(arguments: [Float(1), -0.01])
    func `is found in its place, turned round or weak, among noise`(factor: Float) {
        var state: UInt64 = 7
        var sound = (0..<6000).map { _ -> Float in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (Float(state >> 40) / Float(1 << 23) - 1) * abs(factor)
        }
        for (index, value) in sequence.values.enumerated() { sound[1234 + index] += value * factor }
        #expect(sequence.find(in: sound) == 1234)
    }

    @Test func `is not found where it is not`() {
        #expect(sequence.find(in: [Float](repeating: 0, count: 5000)) == nil)
        #expect(sequence.find(in: [Float](repeating: 0.5, count: 5000)) == nil)
        #expect(sequence.find(in: Array(sequence.values.prefix(1000))) == nil)
    }
}
