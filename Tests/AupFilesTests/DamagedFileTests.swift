import AupFiles
import AupOpus
import AupSound
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: ToolRun.find("ffmpeg") != nil, "ffmpeg is not installed"))
struct `Damaged and cut off sound files` {
    private static let rounds = ProcessInfo.processInfo.environment["AUP_SOAK"] == nil ? 4 : 40

    /// A copy of a file with bytes flipped in its middle half.
    private func damaged(_ file: String, pieces: Int, bytes count: Int, seed: UInt64, in scratch: Scratch) throws
        -> String
    {
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: try ReaderFiles.path(named: file))))
        var random = Wheel(seed: seed)
        for _ in 0..<pieces {
            let place = bytes.count / 4 + Int(random.next() % UInt64(bytes.count / 2))
            for offset in 0..<count { bytes[place + offset] ^= UInt8(1 + random.next() % 255) }
        }
        let path = scratch.path("\(seed)-\(file)")
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    @Test(arguments: ["a.flac", "a.ogg", "a.opus", "b.opus"], [1, 3])
    func `what is damaged is silent and counted, and all else is in its place`(file: String, pieces: Int) throws {
        let scratch = try Scratch()
        let reference = try SoundFileReader(path: try ReaderFiles.path(named: file), opus: .library).takeAll()
        for round in 0..<Self.rounds {
            let path = try damaged(file, pieces: pieces, bytes: 40, seed: UInt64(round * 10 + pieces), in: scratch)
            let reader = try SoundFileReader(path: path, opus: .library)
            let all = try reader.takeAll()
            #expect(all.count == reference.count, "\(file), round \(round)")
            #expect((1...pieces).contains(reader.damagedPieces))
            #expect(reader.damagedFrames > 0 && reader.cutOff == nil)
            guard all.count == reference.count else { continue }
            let frameBytes = reader.format.frameBytes
            // Sound before and behind is what it was; behind, a codec may take a moment.
            let different = stride(from: 0, to: all.count, by: 1000 * frameBytes).filter { place in
                let range = place..<min(place + 1000 * frameBytes, all.count)
                if file.hasSuffix("flac") { return all[range] != reference[range] }
                return steps16(all[range], reference[range]) >= 1
            }
            let silent = Int(reader.damagedFrames)
            let convergence = ["b.opus": 150_000, "a.opus": 30_000][file] ?? 12_000
            for frame in [0, 1, 2, 3].map({ $0 * all.count / frameBytes / 4 + 777 }) {
                try reader.seek(to: Int64(frame))
                let block = try reader.take(1000)
                let steps =
                    file.hasSuffix("flac")
                    ? (block[...] == all[(frame * frameBytes)..<((frame + 1000) * frameBytes)] ? 0 : 1)
                    : steps16(block[...], all[(frame * frameBytes)..<((frame + 1000) * frameBytes)])
                #expect(steps < 1, "\(file), round \(round): a seek to \(frame)")
            }
            #expect(different.count * 1000 <= silent + pieces * convergence, "\(file), round \(round)")
        }
    }

    @Test(arguments: ["a.flac", "a.ogg", "a.opus", "a.mp3", "b.mp3", "a.caf", "a.aiff"])
    func `whatever bytes are flipped, reading ends`(file: String) throws {
        let scratch = try Scratch()
        let frames = try SoundFileReader(path: try ReaderFiles.path(named: file), opus: .library).totalFrames ?? 0
        for round in 0..<Self.rounds {
            let path = try damaged(file, pieces: 200, bytes: 4, seed: UInt64(1000 + round), in: scratch)
            let reader = try SoundFileReader(path: path, opus: .library)
            let read = Int64(try reader.takeAll().count / reader.format.frameBytes)
            #expect(read > 0 && read <= frames + 8 * 1152, "\(file), round \(round): \(read) of \(frames)")
            try reader.seek(to: frames / 3)
            _ = try reader.take(1000)
        }
    }

    @Test(arguments: ReaderFiles.kinds)
    func `a file that was cut off is read to what is there`(kind: ReaderFiles.Kind) throws {
        let scratch = try Scratch()
        let path = try ReaderFiles.path(kind)
        let bytes = try Data(contentsOf: URL(filePath: path))
        let reference = try SoundFileReader(path: path, opus: .library).takeAll()
        let cut = scratch.path(kind.file)
        try bytes.prefix(bytes.count * 6 / 10).write(to: URL(filePath: cut))
        if kind.file == "a.caf" {
            // libsndfile does not take it.
            let error = fileError { () throws(FileError) in _ = try SoundFileReader(path: cut, opus: .library) }
            #expect(error?.message.contains("malformed") == true)
            return
        }
        let reader = try SoundFileReader(path: cut, opus: .library)
        let all = try reader.takeAll()
        #expect(all.count > reference.count * 4 / 10 && all.count < reference.count * 7 / 10)
        // libmpg123 believes no tag that tells of more than is there, and leaves the encoder's delay in.
        if kind.file.hasSuffix("mp3") { return }
        // The last block of a lossy codec lacks what would have come.
        let whole = kind.isLossless ? all.count : all.count - 100_000
        // Said as one truth: a message with all of the bytes takes minutes to print.
        let isSame = all[..<whole] == reference[..<whole]
        #expect(isSame)
        let missing = Int64((reference.count - all.count) / reader.format.frameBytes)
        switch kind.file {
        case let file where file.hasSuffix("ogg") || file.hasSuffix("opus"): #expect(reader.cutOff == .page)
        default: #expect(reader.cutOff == .frames(missing))
        }
    }

    @Test func `what only begins like sound is refused in one line`() throws {
        let scratch = try Scratch()
        for (name, head) in [
            ("x.flac", "fLaC"), ("x.mp3", "ID3\u{4}"), ("x.aiff", "FORM\u{1}\u{1}\u{1}\u{1}AIFF"),
            ("x.caf", "caff\u{0}\u{1}"),
        ] {
            let path = scratch.path(name)
            try Data(Array(head.utf8) + [UInt8](repeating: 0x5A, count: 5000)).write(to: URL(filePath: path))
            let error = fileError { () throws(FileError) in _ = try SoundFileReader(path: path, opus: .library) }
            guard case .undecodable? = error else {
                Issue.record("\(name): \(String(describing: error))")
                continue
            }
            #expect(error?.message.contains("\n") == false)
        }
    }
}
