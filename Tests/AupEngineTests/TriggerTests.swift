import AupSound
import AupSystem
import AupWire
import Testing

@testable import AupEngine

@Suite struct `A trigger` {
    private let stereo = PCMFormat(.s16, rate: 1000, channels: 2)!

    /// Takes mono levels in blocks, as the right channel of a stream whose left one counts frames.
    private func run(_ levels: [Int16], block: Int, preRoll: Int64 = 3, hang: Int64 = 4) throws -> PacketRecorder {
        let recorder = PacketRecorder()
        let stage = TriggerStage(
            TriggerConfiguration(threshold: 0.5, release: 0.25, preRoll: .frames(preRoll), hang: .frames(hang)),
            events: EventQueue(bell: Doorbell()), next: recorder)
        try stage.take(.format(StreamDescription(stereo)))
        for first in stride(from: 0, to: levels.count, by: block) {
            let part = levels[first..<min(first + block, levels.count)]
            let bytes = part.enumerated().flatMap { index, level -> [UInt8] in
                let number = first + index
                return [
                    UInt8(number & 255), 0, UInt8(truncatingIfNeeded: level), UInt8(truncatingIfNeeded: level >> 8),
                ]
            }
            try stage.take(audio: bytes, frames: part.count, position: Int64(first))
        }
        try stage.take(.end(EndPacket(totalFrames: 0, lostFrames: 0, reason: .normal)))
        return recorder
    }

    private func frames(_ recorder: PacketRecorder) -> [Int] {
        stride(from: 0, to: recorder.bytes.count, by: 4).map { Int(recorder.bytes[$0]) }
    }

    /// The story with neighbours of one kind added up.
    private func summary(_ recorder: PacketRecorder) -> [String] {
        var result: [(String, Int)] = []
        for words in recorder.story.map({ $0.split(separator: " ").map(String.init) }) {
            if words.count == 2, let count = Int(words[1]) {
                if result.last?.0 == words[0] {
                    result[result.count - 1].1 += count
                } else {
                    result.append((words[0], count))
                }
            } else {
                result.append((words.joined(separator: " "), 0))
            }
        }
        return result.map { $0.1 == 0 ? $0.0 : "\($0.0) \($0.1)" }
    }

    private func levels(_ loud: [Int: Int16], count: Int = 40) -> [Int16] { (0..<count).map { loud[$0] ?? 0 } }

    @Test(arguments: [1, 2, 3, 7, 40, 64])
    func `a recording is the pre-roll, the sound and the hang time, to the frame`(block: Int) throws {
        let recorder = try run(levels([10: 16_384, 12: -20_000]), block: block)
        #expect(frames(recorder) == Array(7...16))
        #expect(
            summary(recorder)
                == ["format", "silence 7", "event trigger", "audio 10", "event trigger", "silence 23", "end normal"])
        #expect(recorder.events == ["trigger=on@7", "trigger=off@17"])
    }

    @Test(arguments: [1, 5, 40])
    func `what lies between the two thresholds keeps a recording open and begins none`(block: Int) throws {
        #expect(frames(try run(levels([10: 16_383]), block: block)).isEmpty)
        let held = levels([10: 16_384, 14: 8192, 18: 8192])
        #expect(frames(try run(held, block: block)) == Array(7...22))
        let dropped = levels([10: 16_384, 14: 8191])
        #expect(frames(try run(dropped, block: block)) == Array(7...14))
    }

    @Test(arguments: [1, 4, 40])
    func `sound that is loud at once has the pre-roll that there is`(block: Int) throws {
        #expect(frames(try run(levels([1: 20_000]), block: block)) == Array(0...5))
    }

    @Test(arguments: [1, 4, 40])
    func `nothing is recorded twice when one recording follows upon another`(block: Int) throws {
        // The first ends with frame 14; the second's pre-roll may begin with 15 at the earliest.
        let recorder = try run(levels([10: 20_000, 16: 20_000]), block: block)
        #expect(frames(recorder) == Array(7...20))
        #expect(recorder.events.count == 4)
    }

    @Test func `every frame of the input has its place in the output`() throws {
        var seed: UInt32 = 1
        for block in [1, 3, 16, 50] {
            let sound = (0..<250).map { _ -> Int16 in
                seed = seed &* 1_664_525 &+ 1_013_904_223
                return seed >> 28 == 0 ? 20_000 : 0
            }
            let recorder = try run(sound, block: block)
            #expect(recorder.totalFrames == 250)
            #expect(frames(recorder).map { Int64($0) } == recorder.audioPositions)
        }
    }

    @Test func `no pre-roll and no hang time leave what is loud`() throws {
        #expect(frames(try run(levels([10: 20_000, 11: 20_000]), block: 8, preRoll: 0, hang: 0)) == [10, 11])
    }

    @Test func `a pre-roll that no memory holds is refused`() {
        #expect(throws: SessionFailure.self) { try run([0], block: 1, preRoll: .max) }
    }

    @Test func `a gap ends a recording when it is as long as the hang time`() throws {
        var gate = SoundGate(threshold: 0.5, release: 0.25, hangFrames: 4)
        let isLoud = gate.step(0.6)
        #expect(isLoud)
        gate.pass(frames: 4)
        #expect(gate.isOpen)
        gate.pass(frames: 1)
        #expect(!gate.isOpen)
    }
}
