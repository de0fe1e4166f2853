import AupFiles
import AupSound
import Testing

@Suite struct `AU headers` {
    private func header(
        offset: UInt64 = 24, size: UInt64 = 0xFFFF_FFFF, encoding: UInt64 = 3, rate: UInt64 = 48_000,
        channels: UInt64 = 2
    ) -> [UInt8] {
        Array(".snd".utf8) + Bytes.big(offset, 4) + Bytes.big(size, 4) + Bytes.big(encoding, 4) + Bytes.big(rate, 4)
            + Bytes.big(channels, 4)
    }

    @Test func `what is written is read back, in every format`() throws {
        for format in manyFormats {
            let written = AUHeader(format)
            for piece in [1, 5, 100] {
                let read = try #require(try readAU(written.bytes(dataBytes: 4000), piece: piece))
                #expect(read.format.sampleFormat == written.format.sampleFormat)
                #expect(read.format.rate == format.rate && read.format.channels == format.channels)
                #expect(read.storage == written.storage)
                #expect(read.dataBytes == 4000)
                #expect(read.headerBytes == 32)
            }
            #expect(try #require(try readAU(written.endlessBytes)).dataBytes == nil)
            #expect(try #require(try readAU(written.bytes(dataBytes: 1 << 33))).dataBytes == nil)
        }
    }

    @Test func `samples are turned and turned back`() {
        for format in SampleFormat.allCases {
            let original = (0..<(format.bytesPerSample * 5 + 1)).map { UInt8($0 * 7 & 0xFF) }
            let storage = AUHeader(PCMFormat(format, rate: 8_000, channels: 1)!).storage
            var bytes = original
            unsafe bytes.withUnsafeMutableBytes { unsafe storage.convert($0, format) }
            if storage == .bigEndian {
                let width = format.bytesPerSample
                #expect(Array(bytes[width..<2 * width]) == original[width..<2 * width].reversed())
                #expect(bytes.last == original.last)
            }
            if storage == .signedByte { #expect(bytes == original.map { $0 ^ 0x80 }) }
            unsafe bytes.withUnsafeMutableBytes { unsafe storage.convert($0, format) }
            #expect(bytes == original)
        }
    }

    @Test func `an annotation is stepped over`() throws {
        var reader = AUReader()
        let bytes = header(offset: 40) + [UInt8](repeating: 65, count: 16) + [1, 2]
        #expect(try reader.feed(bytes.span) == 40)
        #expect(reader.header?.headerBytes == 40)
        #expect(reader.header?.isBigEndian == true)
    }

    @Test func `absurd headers are refused with the byte`() {
        func message(_ bytes: [UInt8]) -> String {
            fileError { () throws(FileError) in _ = try readAU(bytes) }?.message ?? "none"
        }
        #expect(message(header(offset: 23)).hasPrefix("AU header at byte 4: sound at byte 23"))
        #expect(message(header(offset: 1 << 30)).contains("sound at byte 1073741824"))
        #expect(message(header(encoding: 23)).contains("encoding 23"))
        #expect(message(header(rate: 7)).hasPrefix("AU header at byte 16: a rate of 7 Hz"))
        #expect(message(header(channels: 65)).contains("65 channels"))
        #expect(message(header(channels: 0)).contains("0 channels"))
        #expect(message(Array("snd.".utf8) + [UInt8](repeating: 0, count: 20)).contains("begin with .snd"))
    }

    @Test func `a header cut off anywhere says where`() {
        let bytes = header(offset: 30) + [1, 2, 3, 4, 5, 6]
        for length in 0..<30 {
            let error = fileError { () throws(FileError) in _ = try readAU(Array(bytes[..<length])) }
            #expect(error == .truncated(container: "AU", byteOffset: UInt64(length)))
        }
    }
}
