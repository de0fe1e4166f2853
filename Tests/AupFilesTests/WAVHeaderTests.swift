import AupFiles
import AupSound
import Testing

@Suite struct `Writing a WAV header` {
    @Test func `what is written is read back, in every format`() throws {
        for format in manyFormats {
            for destination in [WAVHeader.Destination.pipe, .file] {
                let header = WAVHeader(format, for: destination)
                let frames: UInt64 = 1001
                let dataBytes = frames * UInt64(header.format.frameBytes)
                let bytes = destination == .pipe ? header.endlessBytes : header.bytes(dataBytes: dataBytes)
                let read = try #require(try readWAV(bytes))
                #expect(bytes.count == header.byteCount)
                #expect(read.headerBytes == UInt64(bytes.count))
                #expect(read.format.sampleFormat == header.format.sampleFormat)
                #expect(read.format.rate == format.rate && read.format.channels == format.channels)
                #expect(read.dataBytes == (destination == .pipe ? nil : dataBytes))
                if format.channels > 2, format.layout != nil { #expect(read.format.layout == header.format.layout) }
            }
        }
    }

    @Test func `the length never changes and past four gibibytes the name does`() throws {
        for format in manyFormats {
            let header = WAVHeader(format, for: .file)
            let frame = UInt64(header.format.frameBytes)
            for wanted in [0, 1, 1 << 20, 0x7FFF_FFFF, 0xFFFE_0000, 0xFFFF_0000, 1 << 32, 1 << 45] as [UInt64] {
                let dataBytes = wanted / frame * frame
                let bytes = header.bytes(dataBytes: dataBytes)
                #expect(bytes.count == header.byteCount)
                let total = UInt64(bytes.count) + dataBytes + dataBytes % 2
                let read = try #require(try readWAV(bytes, totalBytes: total))
                #expect(read.dataBytes == dataBytes)
                #expect(read.container == (total - 8 < 0xFFFF_0000 ? .wav : .rf64))
            }
        }
    }

    @Test func `24 bits in four bytes are written packed`() {
        let format = PCMFormat(.s24, rate: 48_000, channels: 2)
        #expect(WAVHeader(format!, for: .file).format.sampleFormat == .s24Packed)
    }

    @Test func `only bits or loudspeakers that need words make an extensible header`() throws {
        func tag(_ sample: SampleFormat, _ layout: ChannelLayout?, channels: Int) throws -> UInt8 {
            let format = try #require(PCMFormat(sample, rate: 48_000, channels: channels, layout: layout))
            return WAVHeader(format, for: .pipe).endlessBytes[20]
        }
        let stereo = ChannelLayout([.frontLeft, .frontRight])
        #expect(try tag(.s16, nil, channels: 2) == 1)
        #expect(try tag(.s16, stereo, channels: 2) == 1)
        #expect(try tag(.s24Packed, nil, channels: 2) == 1)
        #expect(try tag(.s24Packed, stereo, channels: 2) == 0xFE)
        #expect(try tag(.s16, nil, channels: 3) == 0xFE)
        #expect(try tag(.s16, ChannelLayout([.sideLeft, .sideRight]), channels: 2) == 0xFE)
        #expect(try tag(.f32, nil, channels: 2) == 3)
        #expect(try tag(.mulaw, nil, channels: 1) == 7)
    }

    @Test func `channels are put into the order of the mask`() throws {
        let layout = try #require(ChannelLayout.standard(channels: 6))
        let format = try #require(PCMFormat(.s24Packed, rate: 48_000, channels: 6, layout: layout))
        let header = WAVHeader(format, for: .file)
        #expect(header.channelSources == [0, 1, 4, 5, 2, 3])
        #expect(
            header.format.layout
                == ChannelLayout([.frontLeft, .frontRight, .frontCenter, .lowFrequency, .rearLeft, .rearRight]))
        var frames: [UInt8] = (0..<2).flatMap { frame in
            (0..<6).flatMap { channel in [UInt8(frame), UInt8(channel), 9] }
        }
        unsafe frames.withUnsafeMutableBytes {
            unsafe reorderChannels($0, header.format, sources: header.channelSources)
        }
        #expect(stride(from: 1, to: 18, by: 3).map { frames[$0] } == [0, 1, 4, 5, 2, 3])
        #expect(stride(from: 19, to: 36, by: 3).map { frames[$0] } == [0, 1, 4, 5, 2, 3])
        #expect(frames[18] == 1 && frames[20] == 9)
    }

    @Test func `positions without a bit are written without a mask and in their order`() throws {
        let layout = try #require(ChannelLayout([.frontLeft, .frontRight, .frontLeftWide]))
        let header = WAVHeader(try #require(PCMFormat(.s16, rate: 48_000, channels: 3, layout: layout)), for: .file)
        #expect(header.channelSources == nil)
        #expect(try #require(try readWAV(header.bytes(dataBytes: 6))).format.layout == nil)
    }

    @Test func `an odd length has a pad byte that the RIFF size counts`() throws {
        let header = WAVHeader(try #require(PCMFormat(.u8, rate: 8_000, channels: 1)), for: .file)
        #expect(WAVHeader.padBytes(7) == 1 && WAVHeader.padBytes(8) == 0)
        let odd = header.bytes(dataBytes: 7)
        let even = header.bytes(dataBytes: 8)
        #expect(Array(odd[4..<8]) == Array(even[4..<8]))
    }
}
