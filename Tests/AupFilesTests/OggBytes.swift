import AupFiles
import AupOpus
import AupSound
import Foundation
import TestSupport
import Testing

/// An Ogg Opus file, page by page, as right or as wrong as a test wants it.
struct OggBytes {
    var serial: UInt32 = 7
    var number: UInt32 = 0
    /// Each page by itself, so that some can be left out or changed.
    var pages: [[UInt8]] = []

    var bytes: [UInt8] { pages.flatMap { $0 } }

    /// - Parameter laces: where they are not those of the packets.
    mutating func page(_ packets: [[UInt8]], granule: Int64, flags: UInt8 = 0, laces: [UInt8]? = nil) {
        let usual = packets.flatMap { [UInt8](repeating: 255, count: $0.count / 255) + [UInt8($0.count % 255)] }
        let lacing = laces ?? usual
        var page = Array("OggS".utf8) + [0, flags]
        page.appendNumber(UInt64(bitPattern: granule), 8)
        page.appendNumber(UInt64(serial), 4)
        page.appendNumber(UInt64(number), 4)
        page += [0, 0, 0, 0, UInt8(lacing.count)] + lacing + packets.flatMap { $0 }
        number += 1
        pages.append(Self.mended(page))
    }

    /// With the checksum that belongs to it: 0x04C11DB7 from zero, a bit at a time.
    static func mended(_ page: [UInt8]) -> [UInt8] {
        var page = page
        page.replaceSubrange(22..<26, with: [0, 0, 0, 0])
        let sum = page.reduce(UInt32(0)) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte) << 24) { sum, _ in
                sum & 0x8000_0000 != 0 ? sum << 1 ^ 0x04C1_1DB7 : sum << 1
            }
        }
        for index in 0..<4 { page[22 + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))) }
        return page
    }

    static func head(
        version: UInt8 = 1, channels: UInt8 = 2, preSkip: UInt64 = 312, rate: UInt64 = 48_000, gain: Int16 = 0,
        family: UInt8 = 0, table: [UInt8] = []
    ) -> [UInt8] {
        var bytes = Array("OpusHead".utf8) + [version, channels]
        bytes.appendNumber(preSkip, 2)
        bytes.appendNumber(rate, 4)
        bytes.appendNumber(UInt64(UInt16(bitPattern: gain)), 2)
        return bytes + [family] + table
    }

    static func tags(vendor: String = "tests", count: UInt64? = nil, _ comments: [String] = []) -> [UInt8] {
        var bytes = Array("OpusTags".utf8)
        bytes.appendNumber(UInt64(vendor.utf8.count), 4)
        bytes += Array(vendor.utf8)
        bytes.appendNumber(count ?? UInt64(comments.count), 4)
        for comment in comments {
            bytes.appendNumber(UInt64(comment.utf8.count), 4)
            bytes += Array(comment.utf8)
        }
        return bytes
    }

    mutating func begin(_ head: [UInt8] = Self.head(), _ tags: [UInt8] = Self.tags()) {
        page([head], granule: 0, flags: 2)
        page([tags], granule: 0)
    }

    /// Sound of so many packets a page, with the last page's granule as long as the sound.
    mutating func sound(_ coded: CodedSound, perPage: Int = 5, first: Int64 = 0) {
        let packets = coded.packets
        for start in stride(from: 0, to: packets.count, by: perPage) {
            let end = min(start + perPage, packets.count)
            let isLast = end == packets.count
            let all = first + Int64(end * coded.packetFrames)
            page(
                Array(packets[start..<end]),
                granule: isLast ? first + Int64(coded.preSkip + coded.frames) : all, flags: isLast ? 4 : 0)
        }
    }

    /// The whole of a sound.
    static func file(_ coded: CodedSound, perPage: Int = 5, serial: UInt32 = 7) -> OggBytes {
        var file = OggBytes(serial: serial)
        file.begin(Self.head(channels: UInt8(coded.channels), preSkip: UInt64(coded.preSkip)))
        file.sound(coded, perPage: perPage)
        return file
    }
}

/// Packets of a sound that is nowhere like elsewhere.
struct CodedSound {
    let frames: Int
    let channels: Int
    let packetFrames: Int
    let preSkip: Int
    let packets: [[UInt8]]

    init(_ frames: Int, channels: Int = 2, packetFrames: Int = 960, pitch: Double = 1) throws {
        var settings = OpusSettings()
        settings.frameSize = packetFrames
        let encoder = try OpusEncoder(settings, rate: 48_000, channels: channels)
        let sound = (0..<frames * channels).map { index in
            let time = Double(index / channels) / 48_000
            return Float(0.4 * sin(time * pitch * (900 + 400 * time) * (index % channels == 0 ? 1 : 1.37)))
        }
        var packets: [[UInt8]] = []
        try unsafe sound.withUnsafeBufferPointer { samples in
            var place = 0
            while let packet = try unsafe encoder.take(samples, from: &place) {
                packets.append(unsafe Array(packet.bytes))
            }
        }
        while let packet = try encoder.finish() { packets.append(unsafe Array(packet.bytes)) }
        self.frames = frames
        self.channels = channels
        self.packetFrames = packetFrames
        self.packets = packets
        preSkip = encoder.configuration.preSkipFrames
    }
}

extension [UInt8] {
    mutating func appendNumber(_ value: UInt64, _ width: Int) {
        for index in 0..<width { append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))) }
    }
}

/// What a reader made of bytes.
struct ReadSound {
    let sound: [Float]
    let channels: Int
    let damagedPieces: Int
    let damagedFrames: Int64
    let totalFrames: Int64?
    var frames: Int { sound.count / channels }

    /// From a file, or from a pipe that gives them as they are read.
    init(_ bytes: [UInt8], isPipe: Bool = false) throws {
        let scratch = try Scratch()
        let path = scratch.path("a.opus")
        var writer: Thread?
        if isPipe {
            _ = unsafe mkfifo(path, 0o600)
            let data = Data(bytes)
            writer = Thread { try? data.write(to: URL(filePath: path)) }
            writer?.start()
        } else {
            try Data(bytes).write(to: URL(filePath: path))
        }
        let reader = try SoundFileReader(path: path, opus: .library)
        let all = try reader.takeAll()
        sound = unsafe all.withUnsafeBytes { unsafe Array($0.bindMemory(to: Float.self)) }
        channels = reader.format.channels
        damagedPieces = reader.damagedPieces
        damagedFrames = reader.damagedFrames
        totalFrames = reader.totalFrames
    }

    /// Whether so many frames from a place are the same in another sound.
    func agrees(_ other: ReadSound, _ range: Range<Int>, within bound: Float = 0) -> Bool {
        guard range.upperBound <= frames, range.upperBound <= other.frames, channels == other.channels else {
            return false
        }
        return (range.lowerBound * channels..<range.upperBound * channels).allSatisfy {
            abs(sound[$0] - other.sound[$0]) <= bound
        }
    }
}
