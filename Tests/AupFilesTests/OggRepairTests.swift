import AupSound
import Foundation
import TestSupport
import Testing

@testable import AupFiles

/// What is wrong with Ogg files that were cut off, and what mends them.
@Suite struct `Ogg files that were cut off` {
    /// Ogg Vorbis of two seconds in pages of a tenth, whole.
    private func whole() throws -> [UInt8] {
        let scratch = try Scratch()
        let format = PCMFormat(.f32, rate: 48_000, channels: 1)!
        let file = try RecordingContainer.ogg.create(path: scratch.path("a.ogg"), format: format, overwrite: false)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            let noise = (0..<4800).map { _ in Float.random(in: -0.1...0.1, using: &generator) }
            try unsafe noise.withUnsafeBytes { unsafe try file.append($0) }
            try file.refreshHeader()
        }
        try file.finish()
        return [UInt8](try Data(contentsOf: URL(filePath: scratch.path("a.ogg"))))
    }

    private func look(_ bytes: [UInt8]) throws(FileError) -> OggRepair {
        try OggRepair(fileBytes: UInt64(bytes.count)) { offset, count in
            Array(bytes.dropFirst(Int(offset)).prefix(count))
        }
    }

    private func mended(_ bytes: [UInt8], _ repair: OggRepair) -> [UInt8] {
        var bytes = bytes
        for patch in repair.patches {
            bytes.replaceSubrange(Int(patch.offset)..<Int(patch.offset) + patch.bytes.count, with: patch.bytes)
        }
        return Array(bytes.prefix(Int(repair.fileBytes)))
    }

    private func pages(_ bytes: [UInt8]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        while let length = OggPage.length(bytes, at: found.last?.upperBound ?? 0) {
            let start = found.last?.upperBound ?? 0
            found.append(start..<start + length)
        }
        return found
    }

    @Test func `are in order when they are whole`() throws {
        let bytes = try whole()
        let repair = try look(bytes)
        #expect(!repair.isNeeded && repair.frames == 96_000 && repair.fileBytes == bytes.count)
    }

    @Test func `end with the last whole page, at whatever byte they were cut`() throws {
        let bytes = try whole()
        let pages = pages(bytes)
        #expect(pages.count > 15)
        for cut in stride(from: pages[6].upperBound, to: bytes.count, by: 101) {
            let torn = Array(bytes[..<cut])
            let repair = try look(torn)
            let end = try #require(pages.last { $0.upperBound <= cut })
            #expect(repair.isNeeded && repair.fileBytes == end.upperBound)
            #expect(repair.findings.contains("the last page is torn") == (end.upperBound < cut))
            let again = try look(mended(torn, repair))
            #expect(!again.isNeeded && again.frames == repair.frames && again.frames > 20_000)
        }
    }

    @Test func `are mended or left alone, whatever byte is wrong in them`() throws {
        let bytes = try whole()
        var state: UInt32 = 7
        func random(_ limit: Int) -> Int {
            state = state &* 1_664_525 &+ 1_013_904_223
            return Int(state >> 8) % limit
        }
        var taken = 0
        for _ in 0..<300 {
            var damaged = Array(bytes.prefix(random(bytes.count) + 1))
            // Where nothing is wrong but the end, there is something to mend.
            for _ in 0..<random(4) { damaged[random(min(damaged.count, 6000))] = UInt8(random(256)) }
            guard let repair = try? look(damaged), repair.isNeeded else { continue }
            taken += 1
            let again = try look(mended(damaged, repair))
            #expect(!again.isNeeded && again.frames == repair.frames)
        }
        #expect(taken > 0)
    }

    @Test func `are left alone when a page in the middle is damaged, or there is no sound`() throws {
        var bytes = try whole()
        let pages = pages(bytes)
        #expect(throws: FileError.truncated(container: "Ogg", byteOffset: UInt64(pages[0].upperBound))) {
            try look(Array(bytes[..<(pages[0].upperBound + 10)]))
        }
        bytes[pages[8].lowerBound + 60] ^= 1
        let error = fileError { () throws(FileError) in _ = try look(bytes) }
        guard case .malformed(_, let what, let offset)? = error else {
            Issue.record("it was taken")
            return
        }
        #expect(what.contains("middle") && offset == pages[8].lowerBound)
    }
}
