import AupOpus
import AupSound
import Foundation
import Testing

/// Ogg files of packets that other programs open, to the frame as long as the sound.
@Suite struct `Ogg Opus pages` {
    /// The file of some noise, and what the pages hold.
    private func file(
        frames: Int, channels: Int = 2, rate: Int = 48_000, frameSize: Int = 960, pageFrames: Int = 48_000,
        isCut: Bool = false
    ) throws -> [[UInt8]] {
        var settings = OpusSettings()
        settings.frameSize = frameSize
        let encoder = try OpusEncoder(settings, rate: rate, channels: channels)
        var headers = OpusHeaders(encoder.configuration, family: encoder.family, vendor: "aup tests")
        headers.tags = [try #require(OpusHeaders.Tag("TITLE", "ein Stück = eins"))]
        let writer = try OggOpusPages(headers, serial: 0xFEED_F00D, pageFrames: pageFrames)
        var pages: [[UInt8]] = []
        func keep(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) {
            pages.append(unsafe Array(head) + Array(body))
        }
        try unsafe writer.begin(keep)
        var generator = SystemRandomNumberGenerator()
        let noise = (0..<frames * channels).map { _ in Float.random(in: -0.2...0.2, using: &generator) }
        try unsafe noise.withUnsafeBufferPointer { samples in
            var place = 0
            while let packet = try unsafe encoder.take(samples, from: &place) {
                try unsafe writer.add(packet.bytes, frames: packet.frames, keep)
            }
        }
        if isCut { return pages }
        while let packet = try encoder.finish() { try unsafe writer.add(packet.bytes, frames: packet.frames, keep) }
        try unsafe writer.finish(keep)
        return pages
    }

    @Test func `a missing library is named as Debian has it`() {
        let words = [OpusError.Library.ogg, .opus].map { OpusError.missingLibrary($0, why: "cannot open").message }
        #expect(words[0].contains("libogg0") && !words[0].contains("libopus"))
        #expect(words[1].contains("libopus0") && !words[1].contains("libogg"))
    }

    /// A page's flags, position, number, and how many packets end in it (RFC 3533, section 6).
    private func look(_ page: [UInt8]) -> (flags: UInt8, granule: Int64, number: Int, packets: Int) {
        let granule = (0..<8).reduce(Int64(0)) { $0 | Int64(page[6 + $1]) << (8 * Int64($1)) }
        let number = (0..<4).reduce(0) { $0 | Int(page[18 + $1]) << (8 * $1) }
        let laces = page[27..<(27 + Int(page[26]))]
        return (page[5], granule, number, laces.filter { $0 < 255 }.count)
    }

    @Test(arguments: [0, 1, 647, 648, 649, 959, 960, 961, 96_000])
    func `say how long the sound is`(frames: Int) throws {
        let pages = try file(frames: frames).map(look)
        #expect(pages.map(\.number) == Array(0..<pages.count))
        // 312 frames of look-ahead at 48 kHz (libopus, audio).
        #expect(pages.last?.granule == Int64(frames + 312))
        #expect(pages.last?.flags == 4)
        #expect(pages.first?.flags == 2)
        #expect(pages.dropFirst().dropLast().allSatisfy { $0.flags == 0 })
        #expect(pages.prefix(2).allSatisfy { $0.granule == 0 && $0.packets == 1 })
    }

    @Test(arguments: [(960, 48_000, 50), (960, 9600, 10), (120, 48_000, 255), (2880, 2880, 1)])
    func `hold a second, or what was asked for`(frameSize: Int, pageFrames: Int, packets: Int) throws {
        let pages = try file(frames: 480_000, frameSize: frameSize, pageFrames: pageFrames).map(look).dropFirst(2)
        #expect(pages.dropLast(2).allSatisfy { $0.packets <= packets && $0.packets > packets / 2 })
        #expect(pages.allSatisfy { $0.packets <= packets })
    }

    @Test func `are a whole file as far as they got`() throws {
        let pages = try file(frames: 480_000, isCut: true).map(look)
        // Nine seconds at the least; what is missing is no page yet.
        #expect(try #require(pages.last).granule >= 9 * 48_000)
        #expect(pages.dropFirst(2).allSatisfy { $0.granule % 960 == 0 })
    }

    @Test func `refuse keys of tags that no reader would find`() {
        #expect(OpusHeaders.Tag("", "x") == nil)
        #expect(OpusHeaders.Tag("A=B", "x") == nil)
        #expect(OpusHeaders.Tag("TITRE É", "x") == nil)
        #expect(OpusHeaders.Tag("TITLE", "") != nil)
    }

    private static let hasPeers = ["/usr/bin/opusinfo", "/usr/bin/opusdec", "/usr/bin/ffmpeg"].allSatisfy {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private func run(_ command: String) -> String {
        let pipe = Pipe()
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", command]
        process.standardOutput = pipe
        process.standardError = pipe
        try? process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    @Test(
        .enabled(if: hasPeers, "opus-tools and ffmpeg are not installed"),
        arguments: [(0, 2), (1, 1), (959, 2), (960, 6), (961, 8), (48_000, 3), (200_000, 5)])
    func `open in other programs, at exactly that length`(frames: Int, channels: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "aup-opus-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for rate in [48_000, 16_000] {
            let path = folder.appending(path: "x\(rate).opus").path
            try Data(file(frames: frames, channels: channels, rate: rate).joined()).write(to: URL(filePath: path))
            let info = run("opusinfo '\(path)'")
            #expect(!info.contains("WARNING") && !info.contains("ERROR"), "\(info)")
            #expect(info.contains("ein Stück = eins"))
            let wanted = frames * 48_000 / rate
            _ = run("opusdec --quiet --rate 48000 --float '\(path)' '\(path).wav'")
            let decoded = (try? Data(contentsOf: URL(filePath: path + ".wav")).count) ?? 0
            // The header opusdec writes for floats is longer than 44 bytes where there are more than two channels.
            let head = decoded - wanted * channels * 4
            #expect((44...128).contains(head), "\(decoded) bytes for \(wanted) frames")
            let floats = run("ffmpeg -v error -i '\(path)' -f f32le - | wc -c").split(separator: "\n").last ?? ""
            #expect(Int(floats.trimmingCharacters(in: .whitespaces)) == wanted * channels * 4)
        }
    }
}
