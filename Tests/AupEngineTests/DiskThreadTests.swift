import AupFiles
import AupRealtime
import AupSound
import AupSystem
import Foundation
import TestSupport
import Testing

@testable import AupEngine

/// Files that are longer than what is read ahead, taken at any pace.
@Suite(.serialized) struct `The disk thread` {
    /// Headerless sound of 32 bits in which every frame is its own number.
    private func ramp(_ scratch: Scratch, frames: Int) throws -> String {
        let path = scratch.path("ramp")
        let numbers = (0..<Int32(frames)).map { $0 + 1 }
        try unsafe numbers.withUnsafeBytes { unsafe Data($0) }.write(to: URL(filePath: path))
        return path
    }

    /// Takes a file in blocks, which may be late by so many looks, and says how many frames came in their order.
    private func taken(_ path: String, rate: Int, blockFrames: Int, late: (Int) -> Bool) throws -> Int {
        let disk = try DiskThread()
        defer { disk.stop() }
        let format = try #require(PCMFormat(.s32, rate: rate, channels: 1))
        let reader = SoundFileReader(
            headerless: try Descriptor.reading(path), format: format, path: path, stop: disk.stopRequest)
        guard var file = disk.open(reader) else { return -3 }
        var block = [Int32](repeating: 0, count: blockFrames)
        let clock = Doorbell()
        var frame = 0
        for look in 0..<1_000_000 {
            if late(look) { clock.wait(milliseconds: 1) }
            let answer = unsafe block.withUnsafeMutableBytes {
                unsafe file.frames.frames(at: frame, into: $0.baseAddress!, count: blockFrames)
            }
            if file.frames.wantsDisk { disk.bell.ring() }
            switch answer {
            case .notYet: clock.wait(milliseconds: 1)
            case .end: return frame
            case .ready(let count):
                for index in 0..<count where block[index] != Int32(frame + index + 1) { return -1 }
                frame += count
            }
        }
        return -2
    }

    @Test(arguments: [8000, 44_100, 48_000, 96_000])
    func `a file comes whole, however its blocks fall into the buffer`(_ rate: Int) throws {
        let scratch = try Scratch()
        // Five buffers and a bit, and beyond what is kept whole.
        let frames = max(10 * rate, 300_000) + 123
        let path = try ramp(scratch, frames: frames)
        for blockFrames in [4096, 4800, 1000] {
            #expect(try taken(path, rate: rate, blockFrames: blockFrames) { _ in false } == frames)
            // The buffer is full to its last frame before the first one is taken, and again later.
            #expect(try taken(path, rate: rate, blockFrames: blockFrames) { $0 % 50 < 20 } == frames)
        }
    }
}
