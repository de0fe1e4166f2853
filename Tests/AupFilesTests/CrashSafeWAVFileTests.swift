import AupFiles
import AupSound
import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct `A WAV file that survives` {
    private let format = PCMFormat(.s16, rate: 48_000, channels: 2)!

    private func append(_ file: CrashSafeWAVFile, _ bytes: [UInt8]) throws {
        try unsafe bytes.withUnsafeBytes { unsafe try file.append($0) }
    }

    private func readBack(_ path: String) throws -> SoundFileHeader {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        return try #require(try readWAV(bytes, totalBytes: UInt64(bytes.count)))
    }

    @Test func `a finished file has its name, its length and its sound`() throws {
        let scratch = try Scratch()
        let file = try CrashSafeWAVFile(path: scratch.path("a.wav"), format: format)
        let sound = (0..<4000).map { UInt8($0 & 0xFF) }
        try append(file, Array(sound[..<1001]))
        try append(file, Array(sound[1001...]))
        #expect(!FileManager.default.fileExists(atPath: file.path))
        try file.finish()
        #expect(!FileManager.default.fileExists(atPath: file.partPath))
        let header = try readBack(file.path)
        #expect(header.dataBytes == 4000)
        #expect(file.frames == 1000)
        #expect([UInt8](try Data(contentsOf: URL(filePath: file.path)).dropFirst(Int(header.headerBytes))) == sound)
    }

    @Test func `at every moment the part file opens with what the last refresh saw`() throws {
        let scratch = try Scratch()
        let file = try CrashSafeWAVFile(path: scratch.path("a.wav"), format: format)
        #expect(try readBack(file.partPath).dataBytes == 0)
        for round in 1...5 {
            try append(file, [UInt8](repeating: 1, count: 402))
            try file.refreshHeader()
            #expect(try readBack(file.partPath).dataBytes == UInt64(round * 402 / 4 * 4))
        }
    }

    @Test func `a name that is taken is left alone`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.wav")
        for taken in [path, path + ".part"] {
            try Data("mine".utf8).write(to: URL(filePath: taken))
            let error = fileError { () throws(FileError) in _ = try CrashSafeWAVFile(path: path, format: format) }
            #expect(error == .exists(path: taken))
            #expect(error?.message.contains("--overwrite") == true)
            #expect(try String(contentsOfFile: taken, encoding: .utf8) == "mine")
            try FileManager.default.removeItem(atPath: taken)
        }
    }

    @Test func `a name taken meanwhile is left alone and the part stays`() throws {
        let scratch = try Scratch()
        let file = try CrashSafeWAVFile(path: scratch.path("a.wav"), format: format)
        try append(file, [1, 2, 3, 4])
        try Data("mine".utf8).write(to: URL(filePath: file.path))
        #expect(fileError { () throws(FileError) in try file.finish() } == .exists(path: file.path))
        #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "mine")
        #expect(try readBack(file.partPath).dataBytes == 4)
    }

    @Test func `asked to overwrite it replaces both`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.wav")
        try Data("old".utf8).write(to: URL(filePath: path))
        try Data("old".utf8).write(to: URL(filePath: path + ".part"))
        let file = try CrashSafeWAVFile(path: path, format: format, overwrite: true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
        try append(file, [1, 2, 3, 4])
        try file.finish()
        #expect(try readBack(path).dataBytes == 4)
    }

    @Test func `a torn last frame is cut off and odd sound is padded`() throws {
        let scratch = try Scratch()
        let torn = try CrashSafeWAVFile(path: scratch.path("torn.wav"), format: format)
        try append(torn, [1, 2, 3, 4, 5, 6])
        try torn.finish()
        #expect(try readBack(torn.path).dataBytes == 4)
        #expect(try Data(contentsOf: URL(filePath: torn.path)).count == torn.header.byteCount + 4)
        let odd = try CrashSafeWAVFile(path: scratch.path("odd.wav"), format: PCMFormat(.u8, rate: 8_000, channels: 1)!)
        try append(odd, [1, 2, 3])
        try odd.finish()
        #expect(try readBack(odd.path).dataBytes == 3)
        #expect(try Data(contentsOf: URL(filePath: odd.path)).count == odd.header.byteCount + 4)
    }

    @Test func `a folder that is missing is named`() throws {
        let path = try Scratch().path("no/where/a.wav")
        let error = fileError { () throws(FileError) in _ = try CrashSafeWAVFile(path: path, format: format) }
        #expect(error == .missingFolder(path: path + ".part"))
    }

    /// The size limit of a process of its own stands for a full disk: both refuse the same call.
    @Test func `no room left is an error and what was written plays`() async throws {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 10_001, rlim_max: 10_001)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let scratch = try Scratch()
            let file = try CrashSafeWAVFile(
                path: scratch.path("a.wav"), format: PCMFormat(.s16, rate: 48_000, channels: 2)!)
            let bytes = [UInt8](repeating: 3, count: 999)
            var failure: FileError?
            do {
                for _ in 0..<100 { try unsafe bytes.withUnsafeBytes { unsafe try file.append($0) } }
            } catch let error as FileError {
                failure = error
            }
            let frames = UInt64(10_001 - file.header.byteCount) / 4
            #expect(failure == .full(path: file.partPath, frames: frames))
            let part = [UInt8](try Data(contentsOf: URL(filePath: file.partPath)))
            #expect(try readWAV(part, totalBytes: UInt64(part.count))?.frames == frames)
            try file.finish()
            let whole = [UInt8](try Data(contentsOf: URL(filePath: file.path)))
            #expect(try readWAV(whole, totalBytes: UInt64(whole.count))?.frames == frames)
        }
    }
}
