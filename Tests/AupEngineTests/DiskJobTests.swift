import AupFiles
import AupRealtime
import AupSound
import AupSystem
import Foundation
import TestSupport
import Testing

@testable import AupEngine

/// Files that are longer than what is read ahead, read by the disk thread's steps and taken in between, at any pace.
@Suite struct `What the disk thread does with a file` {
    /// Headerless sound of 32 bits in which every frame is its own number.
    private func ramp(_ scratch: Scratch, frames: Int) throws -> String {
        let path = scratch.path("ramp")
        let numbers = (0..<Int32(frames)).map { $0 + 1 }
        try unsafe numbers.withUnsafeBytes { unsafe Data($0) }.write(to: URL(filePath: path))
        return path
    }

    /// Takes a file in blocks, with so many steps of the disk thread before each; how many frames came in their order
    /// before the end.
    private func taken(_ path: String, capacity: Int, blockFrames: Int, steps: (Int) -> Int) throws -> Int {
        let format = try #require(PCMFormat(.s32, rate: 48_000, channels: 1))
        let reader = SoundFileReader(
            headerless: try Descriptor.reading(path), format: format, path: path, stop: StopRequest())
        let buffer = makeReadAhead(frameBytes: 4, capacityFrames: capacity)
        var frames = buffer.reader
        let job = DiskJob(DiskFile(reader), reader, buffer.filler, isWhole: false)
        var block = [Int32](repeating: 0, count: blockFrames)
        var frame = 0
        for turn in 0..<1_000_000 {
            for _ in 0..<steps(turn) { _ = job.step() }
            let answer = unsafe block.withUnsafeMutableBytes {
                unsafe frames.frames(at: frame, into: $0.baseAddress!, count: blockFrames)
            }
            switch answer {
            case .notYet: continue
            case .end: return frame
            case .ready(let count):
                for index in 0..<count where block[index] != Int32(frame + index + 1) { return -1 }
                frame += count
            }
        }
        return -2
    }

    @Test(arguments: [1024, 16_000, 88_200, 96_000])
    func `comes whole, however its blocks fall into the buffer`(_ capacity: Int) throws {
        let scratch = try Scratch()
        let frames = 3 * capacity + 123
        let path = try ramp(scratch, frames: frames)
        for blockFrames in [4096, 4800, 1000] {
            for first in [0, 1, 2, 5, 30] {
                // Full to its last frame after a first block was taken; then a step for each.
                let steps = { (turn: Int) in turn == 0 ? first : turn == 1 ? 40 : 1 }
                let count = try taken(path, capacity: capacity, blockFrames: blockFrames, steps: steps)
                #expect(count == frames, "\(blockFrames) frames at once, \(first) steps before the first")
            }
            #expect(try taken(path, capacity: capacity, blockFrames: blockFrames) { $0 * 7 % 5 } == frames)
        }
    }
}
