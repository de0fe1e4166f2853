import AupOpus
import AupSound
import AupSystem
import Foundation
import TestSupport
import Testing

@testable import AupFiles

/// Which files and streams end too early, and which of them only ended.
@Suite struct `Sound that was cut off` {
    private static let format = PCMFormat(.s16, rate: 48_000, channels: 2)!

    /// Two seconds in pages of a fifth or less.
    private func opus() throws -> [UInt8] { OggBytes.file(try CodedSound(96_000), perPage: 10).bytes }

    private func vorbis() throws -> [UInt8] {
        let scratch = try Scratch()
        try record(.ogg, scratch.path("a.ogg")).finish()
        return [UInt8](try Data(contentsOf: URL(filePath: scratch.path("a.ogg"))))
    }

    /// A recording of two seconds that is still running.
    private func record(_ container: RecordingContainer, _ path: String) throws -> any RecordingFile {
        let format = container == .ogg ? Self.format.with(.f32) : Self.format
        let file = try container.create(path: path, format: format, overwrite: false)
        var state: UInt32 = 1
        for _ in 0..<20 {
            let noise = (0..<9600).map { _ in
                state = state &* 1_664_525 &+ 1_013_904_223
                return Float(Int32(bitPattern: state)) / 2e10
            }
            let whole = noise.map { Int16($0 * 32_768) }
            if container == .ogg {
                try unsafe noise.withUnsafeBytes { unsafe try file.append($0) }
            } else {
                try unsafe whole.withUnsafeBytes { unsafe try file.append($0) }
            }
            try file.refreshHeader()
        }
        return file
    }

    private func pageEnds(_ bytes: [UInt8]) -> [Int] {
        var ends: [Int] = []
        while let length = OggPage.length(bytes, at: ends.last ?? 0) { ends.append((ends.last ?? 0) + length) }
        return ends
    }

    /// How reading ends, of a file or of a pipe.
    private func read(_ bytes: [UInt8], throughPipe: Bool) throws -> CutOff? {
        let scratch = try Scratch()
        let path = scratch.path("sound")
        guard throughPipe else {
            try Data(bytes).write(to: URL(filePath: path))
            return try ending(SoundFileReader(path: path, opus: .library))
        }
        unsafe mkfifo(path, 0o600)
        let writer = Thread { try? FileHandle(forWritingTo: URL(filePath: path)).write(contentsOf: bytes) }
        writer.start()
        return try ending(SoundFileReader(path: path, opus: .library))
    }

    private func ending(_ reader: SoundFileReader) throws -> CutOff? {
        #expect(try !reader.takeAll().isEmpty)
        return reader.cutOff
    }

    @Test(arguments: ["opus", "ogg"], [false, true])
    func `in Ogg ends in the midst of a page; what ends on one is a recording that was killed`(
        codec: String, throughPipe: Bool
    ) throws {
        let bytes = codec == "opus" ? try opus() : try vorbis()
        let ends = pageEnds(bytes)
        #expect(ends.count > 7 && ends.last == bytes.count)
        for end in ends.dropFirst(5).dropLast() {
            #expect(try read(Array(bytes[..<end]), throughPipe: throughPipe) == nil)
            for more in [1, 3, 26, 27, 40, 100] where !ends.contains(where: { (end + 1...end + more).contains($0) }) {
                #expect(try read(Array(bytes[..<(end + more)]), throughPipe: throughPipe) == .page, "\(end) + \(more)")
            }
        }
        #expect(try read(bytes, throughPipe: throughPipe) == nil)
        let tagged = bytes + Array("TAG".utf8) + [UInt8](repeating: 0, count: 125)
        #expect(try read(tagged, throughPipe: throughPipe) == nil)
    }

    @Test func `in the header of Ogg is no sound, and is called what it is`() throws {
        for bytes in [try opus(), try vorbis()] {
            let header = pageEnds(bytes)[1]
            for length in [4, 20, 27, 30, 36, 50, 70, header - 1] {
                let scratch = try Scratch()
                let path = scratch.path("a.ogg")
                try Data(bytes[..<length]).write(to: URL(filePath: path))
                let error = fileError { () throws(FileError) in _ = try SoundFileReader(path: path, opus: .library) }
                guard case .truncated(_, UInt64(length))? = error else {
                    Issue.record("\(length) bytes: \(String(describing: error))")
                    continue
                }
            }
        }
    }

    @Test(arguments: [false, true])
    func `in AIFF lacks what its header promises`(throughPipe: Bool) throws {
        let scratch = try Scratch()
        let path = scratch.path("a.aiff")
        try record(.aiff, path).finish()
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        #expect(try read(bytes, throughPipe: throughPipe) == nil)
        let cut = try read(Array(bytes[..<(bytes.count / 2)]), throughPipe: throughPipe)
        guard case .frames(let missing)? = cut else { return #expect(cut != nil) }
        #expect((48_000...48_100).contains(missing))
    }

    @Test(arguments: [RecordingContainer.wav, .aiff, .caf, .w64, .flac, .ogg])
    func `is no recording that was killed`(container: RecordingContainer) throws {
        let scratch = try Scratch()
        let file = try record(container, scratch.path("a.\(container)"))
        let reader = try SoundFileReader(path: file.partPath, opus: .library)
        #expect(try reader.takeAll().count > 48_000)
        #expect(reader.cutOff == nil)
    }

    /// As sox writes it into a pipe.
    @Test(arguments: [UInt64(0x7EFF_FFF8), 0x7F00_0008, 0xFFFF_FFFF, 0])
    func `is no AIFF whose writer could not know its length`(soundBytes: UInt64) throws {
        var bytes = Array("FORM".utf8) + [0x7F, 0, 0, 46] + Array("AIFF".utf8)
        bytes += Array("COMM".utf8) + [0, 0, 0, 18, 0, 2] + [0x1F, 0xC0, 0, 0] + [0, 16]
        bytes += [0x40, 0x0E, 0xBB, 0x80, 0, 0, 0, 0, 0, 0] + Array("SSND".utf8)
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: soundBytes >> UInt64(shift))) }
        bytes += [UInt8](repeating: 0, count: 8 + 4 * 4800)
        #expect(try read(bytes, throughPipe: false) == nil)
        #expect(try read(bytes, throughPipe: true) == nil)
    }
}
