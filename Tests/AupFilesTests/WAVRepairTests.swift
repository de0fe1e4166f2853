import AupFiles
import AupSound
import Testing

/// Files of other programs, and what is left of our own, with every wrong length.
@Suite struct `Mending WAV files` {
    private let sound = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    private func plan(_ file: [UInt8]) throws(FileError) -> WAVRepair {
        try WAVRepair(fileBytes: UInt64(file.count)) { offset, count in
            let start = min(Int(clamping: offset), file.count)
            return Array(file[start..<min(start + count, file.count)])
        }
    }

    private func apply(_ repair: WAVRepair, to file: [UInt8]) -> [UInt8] {
        guard repair.isNeeded else { return file }
        var result = file
        if let insertion = repair.insertion { result.insert(contentsOf: insertion.bytes, at: Int(insertion.offset)) }
        for patch in repair.patches {
            let end = Int(patch.offset) + patch.bytes.count
            if result.count < end { result += [UInt8](repeating: 0, count: end - result.count) }
            result.replaceSubrange(Int(patch.offset)..<end, with: patch.bytes)
        }
        return Array(result.prefix(Int(repair.fileBytes)))
    }

    private func wav(
        _ sound: [UInt8], states size: UInt64? = nil, riff: UInt64? = nil, before: [UInt8] = [], behind: [UInt8] = [],
        name: String = "RIFF", fmt: [UInt8] = Bytes.fmt()
    ) -> [UInt8] {
        let chunks = before + Bytes.chunk("fmt ", fmt) + Bytes.data(size ?? UInt64(sound.count)) + sound + behind
        return Bytes.wav(chunks, riff: name, size: riff)
    }

    /// Mends, and checks that the result is in order, holds the same sound, and reads as a header should.
    private func expect(_ file: [UInt8], holds wanted: ArraySlice<UInt8>, _ word: String) throws {
        let repair = try plan(file)
        #expect(repair.findings.contains { $0.contains(word) }, "\(repair.findings)")
        let mended = apply(repair, to: file)
        let findings = try plan(mended).findings
        #expect(findings.isEmpty)
        let header = try #require(try readWAV(mended, totalBytes: UInt64(mended.count)))
        #expect(header.dataBytes == UInt64(wanted.count))
        #expect(repair.frames == UInt64(wanted.count / header.format.frameBytes))
        #expect(Array(mended[Int(header.headerBytes)...].prefix(wanted.count)) == Array(wanted))
    }

    @Test(
        arguments: [
            0, 0x7FFF_F000, 0x7FFF_EFFC, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFDB, 0xFFFF_F000,
        ] as [UInt64])
    func `a length that was never filled in`(stated: UInt64) throws {
        try expect(wav(sound, states: stated, riff: stated), holds: sound[...], "never filled in")
    }

    @Test func `a file that was cut off, in the middle of a frame too`() throws {
        try expect(Array(wav(sound).dropLast(10_000)), holds: sound[..<30_000], "cut off")
        try expect(Array(wav(sound).dropLast(10_003)), holds: sound[..<29_996], "torn")
    }

    @Test func `a wrong RIFF length, with chunks behind the sound that stay`() throws {
        let list = Bytes.chunk("LIST", Array("INFO".utf8))
        let file = wav(sound, riff: 0, behind: list)
        try expect(file, holds: sound[...], "RIFF length")
        #expect(apply(try plan(file), to: file).suffix(list.count) == list[...])
    }

    @Test func `RF64 whose sizes were never filled in`() throws {
        let sizes = Bytes.chunk("ds64", [UInt8](repeating: 0, count: 28))
        try expect(
            wav(sound, states: 0xFFFF_FFFF, riff: 0xFFFF_FFFF, before: sizes, name: "RF64"), holds: sound[...],
            "never filled in")
    }

    @Test func `a recording of our own that was cut off after its last header`() throws {
        for broadcast in [nil, BroadcastExtension(start: RecordingStart(utcNanoseconds: 0))] {
            for longBytes in [WAVHeader.longBytes, 1000] {
                let header = WAVHeader(
                    PCMFormat(.s16, rate: 48_000, channels: 2)!, for: .file, broadcast: broadcast, longBytes: longBytes)
                try expect(header.bytes(dataBytes: 30_000) + sound, holds: sound[...], "last header")
                try expect(header.bytes(dataBytes: 0) + sound, holds: sound[...], "never filled in")
            }
        }
    }

    @Test func `the frames of a fact chunk follow`() throws {
        let fact = Bytes.chunk("fact", Bytes.little(0, 4))
        let file = wav(sound, states: 0, before: fact, fmt: Bytes.fmt(tag: 3, bits: 32, more: [0, 0]))
        // The fact chunk may stand anywhere before the sound.
        let mended = apply(try plan(file), to: file)
        #expect(Array(mended[20..<24]) == Bytes.little(5000, 4))
    }

    @Test func `odd sound gets its pad byte`() throws {
        let mono = Bytes.fmt(channels: 1, bits: 8)
        let file = wav(Array(sound[..<9999]), states: 0, fmt: mono)
        let mended = apply(try plan(file), to: file)
        #expect(mended.count == file.count + 1)
        #expect(try !plan(mended).isNeeded)
        #expect(try plan(file).frames == 9999)
    }

    /// A file that is only a header and a length: nobody reads its sound.
    private func sparse(_ head: [UInt8], _ fileBytes: UInt64) throws(FileError) -> WAVRepair {
        try WAVRepair(fileBytes: fileBytes) { offset, count in
            (0..<UInt64(count)).filter { offset + $0 < fileBytes }.map {
                offset + $0 < UInt64(head.count) ? head[Int(offset + $0)] : 0
            }
        }
    }

    @Test(arguments: [1, 3] as [UInt64])
    func `a length that wrapped at 4 GiB becomes RF64, with room made where there is none`(times: UInt64) throws {
        let head = wav([], states: 4000, riff: 4036)
        let bytes = times << 32 + 4000
        let repair = try sparse(head, UInt64(head.count) + bytes)
        #expect(repair.frames == bytes / 4)
        #expect(repair.insertion?.offset == 12)
        #expect(repair.fileBytes == UInt64(head.count) + bytes + 36)
        let mended = Array(apply(repair, to: head))
        let again = try sparse(mended, repair.fileBytes)
        #expect(!again.isNeeded && again.frames == repair.frames, "\(again.findings)")
    }

    @Test func `a length that wrapped finds the room that was left`() throws {
        let head = wav([], states: 4000, riff: 4036, before: Bytes.chunk("JUNK", [UInt8](repeating: 0, count: 28)))
        let repair = try sparse(head, UInt64(head.count) + 1 << 32 + 4000)
        #expect(repair.insertion == nil)
        let again = try sparse(apply(repair, to: head), repair.fileBytes)
        #expect(!again.isNeeded && again.frames == (1 << 32 + 4000) / 4)
    }

    @Test func `more than 2 GiB behind a length of 2 GiB`() throws {
        let head = wav([], states: 0x8000_0000, riff: 0x8000_0024)
        let repair = try sparse(head, UInt64(head.count) + 1 << 31 + 400_000)
        #expect(repair.frames == (1 << 31 + 400_000) / 4)
        #expect(repair.insertion == nil)
    }

    @Test func `a file in order is left alone`() throws {
        let list = Bytes.chunk("LIST", Array("INFO".utf8))
        let mono = Bytes.fmt(channels: 1, bits: 8)
        for file in [
            wav(sound), wav(sound, behind: list), wav([]), wav(Array(sound[..<9999]), fmt: mono),
            wav(Array(sound[..<9999]), behind: [0], fmt: mono),
        ] {
            let repair = try plan(file)
            #expect(!repair.isNeeded && repair.patches.isEmpty && repair.fileBytes == UInt64(file.count))
        }
    }

    @Test func `what is not understood is refused`() {
        let junk = [UInt8](repeating: 7, count: 100)
        for file in [
            wav(sound, behind: junk), Array(wav(sound).prefix(30)), Array("hello world, nothing here".utf8), [],
            Bytes.wav(Bytes.data(100) + junk), wav(sound, fmt: Bytes.fmt(tag: 0x55)),
        ] {
            #expect(fileError { () throws(FileError) in _ = try plan(file) } != nil)
        }
    }

    @Test func `no file of random bytes behind a header makes a plan that loses sound`() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var file = wav(sound.prefix(400).map { $0 }, before: Bytes.chunk("JUNK", [UInt8](repeating: 0, count: 28)))
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                file[Int.random(in: 0..<96, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let repair = try? plan(file), repair.isNeeded else { continue }
            let mended = apply(repair, to: file)
            // Cut is at most a torn frame, whose size the damaged header names: 64 channels of 8 bytes.
            #expect(mended.count + 512 > file.count)
        }
    }
}
