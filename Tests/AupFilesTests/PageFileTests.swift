import Foundation
import TestSupport
import Testing

@testable import AupFiles

/// Whole pages on the disk, and a last one that says so where the disk was full.
@Suite struct `A file of pages` {
    /// A page of one packet, as RFC 3533 (section 6) has it; without its checksum.
    private func page(_ number: UInt8, bytes: Int, flags: UInt8 = 0) -> (head: [UInt8], body: [UInt8]) {
        var head = Array("OggS".utf8) + [0, flags] + [number, 0, 0, 0, 0, 0, 0, 0] + [1, 2, 3, 4]
        let laces = [UInt8](repeating: 255, count: bytes / 255) + [UInt8(bytes % 255)]
        head += [number, 0, 0, 0, 0, 0, 0, 0, UInt8(laces.count)] + laces
        return (head, [UInt8](repeating: number, count: bytes))
    }

    private func append(_ file: PageFile, _ page: (head: [UInt8], body: [UInt8])) throws {
        try unsafe page.head.withUnsafeBytes { head in
            try unsafe page.body.withUnsafeBytes { body in try unsafe file.append(head, body) }
        }
    }

    @Test func `has every page in its order, and its name at the end`() throws {
        let scratch = try Scratch()
        let file = try PageFile(path: scratch.path("a.ogg"))
        var expected: [UInt8] = []
        for number in 1...3 {
            let one = page(UInt8(number), bytes: 100 * number)
            try append(file, one)
            expected += one.head + one.body
            #expect(file.byteCount == expected.count)
        }
        #expect(!FileManager.default.fileExists(atPath: file.path))
        try file.finish()
        #expect([UInt8](try Data(contentsOf: URL(filePath: file.path))) == expected)
        #expect(!FileManager.default.fileExists(atPath: file.partPath))
    }

    @Test func `leaves a name alone that is taken, and nothing behind when it is given up`() throws {
        let scratch = try Scratch()
        try Data("mine".utf8).write(to: URL(filePath: scratch.path("a.ogg")))
        let error = fileError { () throws(FileError) in _ = try PageFile(path: scratch.path("a.ogg")) }
        #expect(error == .exists(path: scratch.path("a.ogg")))
        let file = try PageFile(path: scratch.path("b.ogg"))
        file.discard()
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path) == ["a.ogg"])
    }

    @Test(.enabled(if: SmallDisk.isAvailable))
    func `ends with its last whole page when the disk is full, and that page says so`() throws {
        let disk = try SmallDisk(megabytes: 1)
        let file = try PageFile(path: "\(disk.path)/a.ogg")
        var whole: Int64 = 0
        var refusal: FileError?
        while refusal == nil, whole < 4 << 20 {
            do {
                try append(file, page(7, bytes: 50_001))
                whole = file.byteCount
            } catch {
                refusal = error as? FileError
            }
        }
        #expect(refusal == .full(path: file.partPath, frames: nil))
        #expect(file.isCut && file.byteCount == whole && whole > 500_000)
        try file.finish()
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: file.path)))
        #expect(bytes.count == whole)
        let length = try #require(OggPage.length(bytes, at: 0))
        let last = Array(bytes[(bytes.count - length)...])
        #expect(last[5] == 4 && OggPage.isIntact(last))
        // The one before was not touched.
        #expect(bytes[bytes.count - 2 * length + 5] == 0)
    }
}
