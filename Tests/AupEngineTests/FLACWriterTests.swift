import AupFiles
import AupOpus
import AupSound
import AupWire
import Foundation
import TestSupport
import Testing

@testable import AupEngine

/// Frames of FLAC as they go to an Icecast server.
@Suite struct `FLAC without a file` {
    @Test(arguments: ["FL,FR,RL,RR,FC,LFE", nil])
    func `six loudspeakers stand in FLAC's order`(names: String?) throws {
        let layout = names.flatMap { ChannelLayout(list: $0) }
        let format = try #require(PCMFormat(.s16, rate: 48_000, channels: 6, layout: layout))
        let writer = try FLACWriter(format)
        // The metadata block of a file: the last one, of kind 0, and its length.
        var file: [UInt8] = Array("fLaC".utf8) + [0x80, 0, 0, 34] + writer.streamInfo
        let samples = (0..<5000).flatMap { frame in (0..<6).map { Int16(frame % 100 + $0 * 1000) } }
        let give = { (bytes: UnsafeRawBufferPointer, _: Int) in unsafe file.append(contentsOf: bytes) }
        try unsafe samples.withUnsafeBytes {
            unsafe try writer.take(AudioPacket(position: 0, captureTime: nil, frames: 5000, payload: $0), give)
        }
        try unsafe writer.finish(give)
        let scratch = try Scratch()
        let path = scratch.path("a.flac")
        try Data(file).write(to: URL(filePath: path))
        let reader = try SoundFileReader(path: path, opus: .library)
        #expect(reader.format.layout == ChannelLayout.usual(channels: 6))
        var frame = [Int16](repeating: 0, count: 6)
        let count = try unsafe frame.withUnsafeMutableBytes {
            unsafe try reader.read(into: $0.baseAddress!, frames: 1)
        }
        #expect(count == 1)
        #expect(frame == (names == nil ? [0, 1000, 2000, 3000, 4000, 5000] : [0, 1000, 4000, 5000, 2000, 3000]))
    }
}
