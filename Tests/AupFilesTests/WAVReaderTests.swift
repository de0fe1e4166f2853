import AupSound
import Testing

@testable import AupFiles

@Suite struct `Reading a WAV header` {
    @Test func `the plainest header is read whatever the pieces`() throws {
        let bytes = Bytes.wav(Bytes.chunk("fmt ", Bytes.fmt()) + Bytes.data(4000)) + [1, 2, 3]
        for piece in [1, 2, 3, 5, 7, 11, 43, 44, 45, 100] {
            let header = try #require(try readWAV(bytes, piece: piece))
            #expect(header.format == PCMFormat(.s16, rate: 48_000, channels: 2))
            #expect(header.dataBytes == 4000)
            #expect(header.frames == 1000)
            #expect(header.headerBytes == 44)
            #expect(header.container == .wav)
            #expect(!header.isBigEndian)
        }
    }

    @Test func `the reader stops at the first sample`() throws {
        let bytes = Bytes.wav(Bytes.chunk("fmt ", Bytes.fmt()) + Bytes.data(4000)) + [1, 2, 3]
        var reader = WAVReader()
        #expect(try reader.feed(bytes.span) == 44)
        #expect(try reader.feed([9, 9].span) == 0)
    }

    @Test(arguments: [
        (1, 8, 1, SampleFormat.u8), (1, 16, 2, .s16), (1, 12, 2, .s16), (1, 24, 3, .s24Packed), (1, 20, 3, .s24Packed),
        (1, 24, 4, .s24), (1, 32, 4, .s32), (3, 32, 4, .f32), (3, 64, 8, .f64), (6, 8, 1, .alaw), (7, 8, 1, .mulaw),
    ])
    func `every sample format is known`(_ tag: UInt64, _ bits: UInt64, _ bytes: UInt64, _ format: SampleFormat) throws {
        let plain = Bytes.wav(
            Bytes.chunk("fmt ", Bytes.fmt(tag: tag, bits: bits, block: bytes * 2, more: [0, 0])) + Bytes.data(24))
        #expect(try #require(try readWAV(plain)).format.sampleFormat == format)
        let extensible = Bytes.fmt(
            tag: 0xFFFE, bits: bits, block: bytes * 2, more: Bytes.extensible(tag, mask: 3, valid: bits))
        let long = try #require(try readWAV(Bytes.wav(Bytes.chunk("fmt ", extensible) + Bytes.data(24))))
        #expect(long.format.sampleFormat == format)
        #expect(long.format.layout == ChannelLayout([.frontLeft, .frontRight]))
    }

    @Test func `the mask names the loudspeakers in its own order`() throws {
        func layout(_ channels: UInt64, _ mask: UInt64) throws -> [ChannelPosition]? {
            let fmt = Bytes.fmt(tag: 0xFFFE, channels: channels, more: Bytes.extensible(1, mask: mask, valid: 16))
            return try readWAV(Bytes.wav(Bytes.chunk("fmt ", fmt) + Bytes.data(24)))?.format.layout?.positions
        }
        #expect(
            try layout(6, 0x3F) == [.frontLeft, .frontRight, .frontCenter, .lowFrequency, .rearLeft, .rearRight])
        #expect(try layout(6, 0x60F)?.suffix(2) == [.sideLeft, .sideRight])
        #expect(try layout(1, 0x4) == [.mono])
        #expect(try layout(2, 0) == nil)
        #expect(try layout(3, 0x3) == [.frontLeft, .frontRight, .unknown])
        #expect(try layout(2, 0x3F) == [.frontLeft, .frontRight])
        #expect(try layout(2, 0xFFFC_0000) == nil)
        #expect(try layout(6, 0) == nil)
    }

    @Test(
        arguments: [
            (1, nil), (2, nil), (3, "FL,FR,FC"), (4, "FL,FR,RL,RR"), (6, "FL,FR,FC,LFE,RL,RR"),
            (8, "FL,FR,FC,LFE,RL,RR,SL,SR"), (9, nil), (64, nil),
        ] as [(UInt64, String?)])
    func `many channels without a mask stand in the mask's order`(channels: UInt64, order: String?) throws {
        let fmt = Bytes.fmt(tag: 1, channels: channels)
        let header = try #require(try readWAV(Bytes.wav(Bytes.chunk("fmt ", fmt) + Bytes.data(channels * 2))))
        #expect(header.format.layout == order.flatMap { ChannelLayout(list: $0) })
    }

    @Test(
        arguments: [
            0, 0x7FFF_F000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFFF - 36, 0xFFFF_F000, 0x7FFF_F000 - 2,
        ] as [UInt64])
    func `a placeholder length in a pipe means until the end`(_ size: UInt64) throws {
        let bytes = Bytes.wav(Bytes.chunk("fmt ", Bytes.fmt()) + Bytes.data(size))
        #expect(try #require(try readWAV(bytes)).dataBytes == nil)
    }

    @Test(arguments: [1, 4, 0x7FFF_0000, 0x8000_1000, 0xFFFF_0000] as [UInt64])
    func `an honest length is kept`(_ size: UInt64) throws {
        let bytes = Bytes.wav(Bytes.chunk("fmt ", Bytes.fmt()) + Bytes.data(size))
        #expect(try #require(try readWAV(bytes)).dataBytes == size)
    }

    @Test func `in a file a length that fits is believed and an empty file is empty`() throws {
        let start = Bytes.wav(Bytes.chunk("fmt ", Bytes.fmt()), size: 36)
        #expect(try readWAV(start + Bytes.data(0x7FFF_FFFC), totalBytes: 0x7FFF_FFFC + 44)?.dataBytes == 0x7FFF_FFFC)
        #expect(try readWAV(start + Bytes.data(0x7FFF_FFFC), totalBytes: 10_000)?.dataBytes == .some(nil))
        #expect(try readWAV(start + Bytes.data(0), totalBytes: 44)?.dataBytes == 0)
        let crashed = Bytes.wav(Bytes.chunk("fmt ", Bytes.fmt()), size: 0)
        #expect(try readWAV(crashed + Bytes.data(0), totalBytes: 10_000)?.dataBytes == .some(nil))
    }

    @Test func `RF64 takes its length from ds64`() throws {
        func rf64(_ data: UInt64, size: UInt64 = 0xFFFF_FFFF) -> [UInt8] {
            let ds64 =
                Bytes.little(data + 72, 8) + Bytes.little(data, 8) + Bytes.little(data / 4, 8) + Bytes.little(0, 4)
            return Bytes.wav(
                Bytes.chunk("ds64", ds64) + Bytes.chunk("fmt ", Bytes.fmt()) + Bytes.data(size), riff: "RF64",
                size: 0xFFFF_FFFF)
        }
        let long = try #require(try readWAV(rf64(20_000_000_000), piece: 7))
        #expect(long.dataBytes == 20_000_000_000)
        #expect(long.container == .rf64)
        #expect(long.headerBytes == 80)
        #expect(try #require(try readWAV(rf64(0))).dataBytes == nil)
        #expect(try #require(try readWAV(rf64(.max - 80))).dataBytes == nil)
        #expect(try #require(try readWAV(rf64(9, size: 4000))).dataBytes == 4000)
    }

    @Test func `other chunks are stepped over, odd ones with their pad byte`() throws {
        let cover = [UInt8](repeating: 7, count: 301)
        let bytes = Bytes.wav(
            Bytes.chunk("LIST", cover) + Bytes.chunk("fmt ", Bytes.fmt(more: [0, 0]) + cover)
                + Bytes.chunk("fact", [1, 2, 3, 4])
                + Bytes.chunk("odd ", [1]) + Bytes.data(8))
        for piece in [1, 13, 1000] {
            #expect(try #require(try readWAV(bytes, piece: piece)).headerBytes == UInt64(bytes.count))
        }
    }

    @Test func `absurd headers are refused with the byte`() throws {
        func message(_ bytes: [UInt8], totalBytes: UInt64? = nil) -> String {
            fileError { () throws(FileError) in _ = try readWAV(bytes, totalBytes: totalBytes) }?.message ?? "none"
        }
        func formatted(_ fmt: [UInt8]) -> [UInt8] { Bytes.wav(Bytes.chunk("fmt ", fmt) + Bytes.data(8)) }
        #expect(message(formatted(Bytes.fmt(channels: 0))).hasPrefix("WAV header at byte 22: 0 channels"))
        #expect(message(formatted(Bytes.fmt(channels: 65))).contains("65 channels"))
        #expect(
            message(formatted(Bytes.fmt(rate: 4_000_000_000))).hasPrefix("WAV header at byte 24: a rate of 4000000000"))
        #expect(message(formatted(Bytes.fmt(block: 0))).contains("frames of 0 bytes"))
        #expect(message(formatted(Bytes.fmt(bits: 17, block: 4))).contains("17 bits in samples of 2 bytes"))
        #expect(message(formatted(Bytes.fmt(tag: 2, bits: 4))).contains("Microsoft ADPCM"))
        #expect(message(formatted(Bytes.fmt(tag: 1, bits: 64))).contains("PCM with 64 bits"))
        #expect(message(formatted(Bytes.fmt(tag: 0xFFFE))).contains("extensible"))
        #expect(message(Bytes.wav(Bytes.data(8))).contains("data chunk comes before"))
        #expect(message(Bytes.wav(Bytes.chunk("fmt ", [1, 2]))).contains("2 bytes where 16"))
        #expect(message(Bytes.wav(Bytes.chunk("junk", [], size: 0x10_0001))).contains("limit is 1048576"))
        #expect(message(Bytes.wav(Bytes.chunk("junk", [], size: 900)), totalBytes: 100).contains("limit is 100"))
        let mute = Bytes.wav(Bytes.chunk("fmt ", Bytes.fmt()) + Bytes.data(0xFFFF_FFFF), riff: "RF64")
        #expect(message(mute).contains("RF64 without a ds64"))
        #expect(message(Array("RIFX....WAVE".utf8)).contains("RIFF"))
    }

    @Test func `endless small chunks come to an end`() throws {
        var reader = WAVReader()
        let chunk = Bytes.chunk("junk", [UInt8](repeating: 0, count: 1 << 20))
        _ = try reader.feed(Bytes.wav([]).span)
        var fed = 0
        let error = fileError { () throws(FileError) in
            while fed < 100 {
                _ = try reader.feed(chunk.span)
                fed += 1
            }
        }
        #expect(error?.message.contains("16777216 bytes of chunks") == true)
        #expect(fed < 17)
    }

    @Test func `a header cut off anywhere says where`() throws {
        let bytes = Bytes.wav(Bytes.chunk("LIST", [1, 2, 3]) + Bytes.chunk("fmt ", Bytes.fmt()) + Bytes.data(8))
        for length in 0..<bytes.count {
            let error = fileError { () throws(FileError) in _ = try readWAV(Array(bytes[..<length])) }
            #expect(error == .truncated(container: "WAV", byteOffset: UInt64(length)))
        }
    }

    @Test func `no byte changed in a header can trap`() throws {
        let fmt = Bytes.fmt(tag: 0xFFFE, channels: 6, more: Bytes.extensible(1, mask: 0x3F, valid: 16))
        let ds64 = Bytes.little(1 << 40, 8) + Bytes.little(1 << 40, 8) + Bytes.little(0, 12)
        let bytes = Bytes.wav(
            Bytes.chunk("ds64", ds64) + Bytes.chunk("fmt ", fmt) + Bytes.data(0xFFFF_FFFF), riff: "RF64")
        var accepted = 0
        for index in bytes.indices {
            for value in [0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF] as [UInt8] {
                var broken = bytes
                broken[index] = value
                let error = fileError { () throws(FileError) in _ = try readWAV(broken, piece: 16) }
                if error == nil { accepted += 1 }
                #expect(error?.message.contains("\n") != true)
            }
        }
        #expect(accepted > 100)
    }
}
