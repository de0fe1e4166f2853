import AupFiles
import AupOpus
import AupSound
import Foundation
import TestSupport
import Testing

@Suite struct `Reading Ogg Opus` {
    private func write(_ bytes: [UInt8], _ scratch: Scratch) throws -> String {
        let path = scratch.path("\(UUID().uuidString).opus")
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    @Test(arguments: [0, 1, 959, 960, 961, 100_000], [120, 960, 2880])
    func `gives as many frames as went in`(frames: Int, packetFrames: Int) throws {
        let coded = try CodedSound(frames, packetFrames: packetFrames)
        let file = OggBytes.file(coded).bytes
        for isPipe in [false, true] {
            let read = try ReadSound(file, isPipe: isPipe)
            #expect(read.frames == frames && read.damagedPieces == 0)
            #expect(read.totalFrames == (isPipe ? nil : Int64(frames)))
        }
    }

    @Test func `is at 48 kHz whatever the header says of the rate before`() throws {
        let coded = try CodedSound(4800)
        for rate: UInt64 in [0, 1, 8000, 44_100, 96_000, 0xFFFF_FFFF] {
            var file = OggBytes()
            file.begin(OggBytes.head(rate: rate))
            file.sound(coded)
            let scratch = try Scratch()
            let reader = try SoundFileReader(path: try write(file.bytes, scratch), opus: .library)
            #expect(reader.format.rate == 48_000 && reader.totalFrames == 4800)
        }
    }

    @Test func `applies the gain of the header and no tag's`() throws {
        let coded = try CodedSound(9600)
        let plain = try ReadSound(OggBytes.file(coded).bytes)
        for (gain, decibels) in [(Int16(-1536), -6.0), (256 * 3 + 64, 3.25), (.min, -128)] {
            var file = OggBytes()
            file.begin(OggBytes.head(gain: gain), OggBytes.tags(["R128_TRACK_GAIN=-2560", "R128_ALBUM_GAIN=900"]))
            file.sound(coded)
            let read = try ReadSound(file.bytes)
            let factor = Float(pow(10, decibels / 20))
            let isLouder = read.sound.indices.allSatisfy {
                abs(read.sound[$0] - plain.sound[$0] * factor) <= 1e-6
            }
            #expect(isLouder, "\(decibels) dB")
        }
    }

    @Test func `reads a chain as one sound`() throws {
        let parts = try [(10_000, 1.0), (0, 1), (961, 2), (60_000, 1.5)].map { try CodedSound($0, pitch: $1) }
        let files = parts.enumerated().map { OggBytes.file($1, serial: UInt32($0 / 2)).bytes }
        let whole = try ReadSound(files.flatMap { $0 })
        #expect(whole.totalFrames == 70_961 && whole.frames == 70_961 && whole.damagedPieces == 0)
        let alone = try files.flatMap { try ReadSound($0).sound }
        let isSame1 = whole.sound == alone
        #expect(isSame1)
        let isSame2 = try ReadSound(files.flatMap { $0 }, isPipe: true).sound == alone
        #expect(isSame2)
    }

    @Test func `mixes the links of a chain to the channels of the first`() throws {
        let (mono, stereo) = (try CodedSound(4800, channels: 1), try CodedSound(4800))
        let (first, second) = (OggBytes.file(mono), OggBytes.file(stereo, serial: 8))
        let (one, two) = (try ReadSound(first.bytes), try ReadSound(second.bytes))
        let narrow = try ReadSound(first.bytes + second.bytes)
        #expect(narrow.channels == 1 && narrow.frames == 9600)
        let isMean = (0..<4800).allSatisfy { (frame: Int) -> Bool in
            let mean: Float = (two.sound[2 * frame] + two.sound[2 * frame + 1]) / 2
            return abs(narrow.sound[4800 + frame] - mean) < 1e-6
        }
        #expect(isMean)
        let wide = try ReadSound(second.bytes + first.bytes)
        #expect(wide.channels == 2 && wide.frames == 9600)
        let isBoth = (0..<4800).allSatisfy { (frame: Int) -> Bool in
            let place = 9600 + 2 * frame
            return wide.sound[place] == one.sound[frame] && wide.sound[place + 1] == one.sound[frame]
        }
        #expect(isBoth)
    }

    @Test func `gives after a seek what reading on gives, in a chain too`() throws {
        let parts = try [(200_000, 1.0), (3000, 3), (250_000, 2)].map { try CodedSound($0, pitch: $1) }
        let bytes = parts.enumerated().flatMap { OggBytes.file($1, perPage: 20, serial: UInt32($0)).bytes }
        let whole = try ReadSound(bytes)
        let scratch = try Scratch()
        let reader = try SoundFileReader(path: try write(bytes, scratch), opus: .library)
        #expect(reader.totalFrames == 453_000)
        for frame in [452_999, 0, 1, 199_999, 200_000, 200_001, 202_999, 203_000, 350_000, 100_000, 440_000, 311] {
            try reader.seek(to: Int64(frame))
            let block = try reader.take(2000)
            let isSame = unsafe block.withUnsafeBytes { bytes in
                let found = unsafe bytes.bindMemory(to: Float.self)
                // Less than half a step of 16 bits, behind two seconds of run-up.
                return found.indices.allSatisfy { unsafe abs(found[$0] - whole.sound[frame * 2 + $0]) < 1.5e-5 }
            }
            #expect(isSame, "frame \(frame)")
            #expect(block.count == min(2000, 453_000 - frame) * 8)
        }
    }

    @Test func `begins anywhere in a stream that was cut out of another`() throws {
        let coded = try CodedSound(20_000)
        var file = OggBytes()
        file.begin()
        file.sound(coded, first: 1 << 40)
        let read = try ReadSound(file.bytes)
        #expect(read.frames == 20_000 && read.totalFrames == 20_000)
        let isSame3 = read.sound == (try ReadSound(OggBytes.file(coded).bytes)).sound
        #expect(isSame3)
    }

    @Test func `passes over other streams between the pages`() throws {
        let coded = try CodedSound(20_000)
        let own = OggBytes.file(coded)
        var other = OggBytes(serial: 99)
        other.page([Array("fishead\0".utf8)], granule: 0, flags: 2)
        for index in 0..<10 { other.page([[1, 2, 3]], granule: Int64(index)) }
        var bytes = own.pages[0] + other.pages[0]
        for (index, page) in own.pages.dropFirst().enumerated() {
            bytes += page + (index < 4 ? other.pages[1 + index] : [])
        }
        let read = try ReadSound(bytes)
        #expect(read.totalFrames == 20_000 && read.damagedPieces == 0)
        let isSame4 = read.sound == (try ReadSound(own.bytes)).sound
        #expect(isSame4)
    }

    @Test func `reads channels without an order as they are, and silent ones`() throws {
        let coded = try CodedSound(9600)
        let plain = try ReadSound(OggBytes.file(coded).bytes)
        for family: UInt8 in [2, 255] {
            var file = OggBytes()
            file.begin(OggBytes.head(channels: 4, family: family, table: [1, 1, 1, 255, 0, 1]))
            file.sound(coded)
            let read = try ReadSound(file.bytes)
            #expect(read.channels == 4 && read.frames == 9600)
            let isMapped = (0..<9600).allSatisfy { frame in
                let (left, right) = (plain.sound[2 * frame], plain.sound[2 * frame + 1])
                return Array(read.sound[(4 * frame)..<(4 * frame + 4)]) == [right, 0, left, right]
            }
            #expect(isMapped)
        }
    }

    @Test func `puts surround into the order of WAV`() throws {
        let coded = try CodedSound(960, channels: 1)
        // One stream, that is heard in the channel of Vorbis order that is named.
        for (channels, order) in [(6, [0, 2, 1, 5, 3, 4]), (8, [0, 2, 1, 7, 5, 6, 3, 4])] {
            for channel in 0..<channels {
                var table = [UInt8](repeating: 255, count: channels)
                table[channel] = 0
                var file = OggBytes()
                file.begin(OggBytes.head(channels: UInt8(channels), family: 1, table: [1, 0] + table))
                file.sound(coded)
                let read = try ReadSound(file.bytes)
                let heard = (0..<channels).filter { place in
                    (0..<960).contains { read.sound[$0 * channels + place] != 0 }
                }
                #expect(heard == [order.firstIndex(of: channel)])
            }
        }
    }
}
