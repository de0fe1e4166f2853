import AupSound
import AupWire
import Testing

@testable import AupEngine

@Suite struct `A window of time` {
    private let mono = PCMFormat(.s16, rate: 48_000, channels: 1)!

    /// Ten packets of 480 frames from monotonic second 100 on, each sample its own number, under a clock that is 1000
    /// seconds ahead; in which a third may be a gap.
    private func run(start: Int64?, end: Int64?, gap: Int? = nil) throws -> (PacketRecorder, WindowStage) {
        let recorder = PacketRecorder()
        let stage = WindowStage(.init(start: start, end: end), next: recorder) { 1000 * 1_000_000_000 }
        try stage.take(.format(StreamDescription(mono)))
        for packet in 0..<10 {
            let position = Int64(packet * 480)
            if packet == gap {
                try stage.take(
                    .gap(GapPacket(position: position, captureTime: nil, frames: 480, cause: .xrun, seenBy: "")))
                continue
            }
            let samples = (0..<480).map { Int16(packet * 480 + $0) }
            try unsafe samples.withUnsafeBytes { bytes in
                try unsafe stage.take(
                    .audio(
                        AudioPacket(
                            position: position, captureTime: 100 * 1_000_000_000 + position * 1_000_000_000 / 48_000,
                            frames: 480, payload: bytes)))
            }
        }
        return (recorder, stage)
    }

    private func samples(_ recorder: PacketRecorder) -> [Int] {
        stride(from: 0, to: recorder.bytes.count, by: 2).map {
            Int(recorder.bytes[$0]) | Int(recorder.bytes[$0 + 1]) << 8
        }
    }

    private func moment(frame: Int64) -> Int64 { 1100 * 1_000_000_000 + frame * 1_000_000_000 / 48_000 }

    @Test func `the first sample is the one of its moment, and places count from it`() throws {
        for frame in [Int64(0), 1, 479, 480, 1000, 4799] {
            let (recorder, stage) = try run(start: moment(frame: frame), end: nil)
            let first = Int(frame)
            #expect(samples(recorder) == Array(first..<4800), "from \(frame)")
            #expect(recorder.story.first == "format")
            #expect(recorder.positions.first == 0)
            #expect(!stage.isOver)
        }
    }

    @Test func `the last sample is the one before its moment`() throws {
        for frame in [Int64(1), 479, 480, 481, 4000] {
            let (recorder, stage) = try run(start: nil, end: moment(frame: frame))
            #expect(samples(recorder).count == Int(frame) || samples(recorder).count == Int(frame) + 1)
            #expect(stage.isOver)
        }
    }

    @Test func `a window within one packet is that part of it`() throws {
        let (recorder, stage) = try run(start: moment(frame: 960) + 1, end: moment(frame: 1100) + 1)
        #expect(samples(recorder) == Array(961..<1101))
        #expect(stage.isOver)
        try stage.take(.end(EndPacket(totalFrames: 0, lostFrames: 0, reason: .stopped)))
        #expect(recorder.story.last == "end stopped")
    }

    @Test func `nothing is begun before its time`() throws {
        let (recorder, stage) = try run(start: moment(frame: 48_000), end: moment(frame: 96_000))
        #expect(recorder.story.isEmpty)
        #expect(!stage.isOver)
        #expect((91_200...91_201).contains(stage.framesWanted ?? 0))
    }

    @Test func `a gap is cut like sound`() throws {
        let (recorder, _) = try run(start: moment(frame: 1000) + 1, end: nil, gap: 2)
        #expect(recorder.story[1] == "gap 439")
        #expect(samples(recorder).first == 1440)
    }
}
