import AupFiles
import AupOpus
import AupSound
import Foundation
import TestSupport
import Testing

/// Channels written to every container that has more than two, and read again.
@Suite struct `Channels in files` {
    private static let lossless: [RecordingContainer] = [.wav, .w64, .caf, .aiff, .flac]

    /// Frames in which each loudspeaker has a signal of its own, whatever its place.
    private static func sound(_ layout: ChannelLayout, frames: Int) -> [Int16] {
        (0..<frames).flatMap { frame in layout.positions.map { Int16(frame % 100 + Int($0.rawValue) * 1000) } }
    }

    private static func bytes(_ samples: [Int16]) -> [UInt8] {
        samples.flatMap { Bytes.little(UInt64(UInt16(bitPattern: $0)), 2) }
    }

    private static func format(_ layout: ChannelLayout?, channels: Int) throws -> PCMFormat {
        try #require(PCMFormat(.s16, rate: 48_000, channels: channels, layout: layout))
    }

    private func write(_ path: String, _ container: RecordingContainer, _ format: PCMFormat, _ sound: [UInt8]) throws {
        let file = try container.create(path: path, format: format, overwrite: false)
        var bytes = sound
        unsafe bytes.withUnsafeMutableBytes { unsafe reorderChannels($0, format, sources: file.channelSources) }
        try unsafe bytes.withUnsafeBytes { unsafe try file.append($0) }
        try file.finish()
    }

    /// What a file holds, and where; channels that it cannot tell apart are called by the usual name.
    private func read(_ path: String) throws -> (layout: ChannelLayout?, sound: [UInt8]) {
        let reader = try SoundFileReader(path: path, opus: .library)
        return (reader.format.layout, try reader.takeAll())
    }

    @Test(arguments: lossless, [3, 4, 5, 6, 7, 8])
    func `each loudspeaker is found again, however they stood`(container: RecordingContainer, channels: Int) throws {
        let scratch = try Scratch()
        let usual = try #require(ChannelLayout.usual(channels: channels))
        for (index, positions) in [usual.positions, usual.positions.reversed(), usual.positions.sorted(by: <)]
            .enumerated()
        {
            let layout = try #require(ChannelLayout(positions))
            let path = scratch.path("\(index).x")
            try write(
                path, container, try Self.format(layout, channels: channels),
                Self.bytes(Self.sound(layout, frames: 5000)))
            let back = try read(path)
            #expect(back.layout == usual)
            let isSame = back.sound == Self.bytes(Self.sound(usual, frames: 5000))
            #expect(isSame, "\(layout.list)")
        }
    }

    @Test(arguments: lossless, [3, 4, 5, 6, 7, 8])
    func `sound that nobody named keeps its order`(container: RecordingContainer, channels: Int) throws {
        let scratch = try Scratch()
        let usual = try #require(ChannelLayout.usual(channels: channels))
        let sound = Self.bytes(Self.sound(usual, frames: 5000))
        let unknown = ChannelLayout(Array(repeating: .unknown, count: channels))
        for (name, layout) in [("a.x", nil), ("b.x", unknown)] {
            let path = scratch.path(name)
            try write(path, container, try Self.format(layout, channels: channels), sound)
            let back = try read(path)
            // WAV has words for that; the others are read as everybody reads them.
            #expect(back.layout == (container == .wav ? nil : usual))
            let isSame = back.sound == sound
            #expect(isSame)
        }
    }

    @Test(arguments: [RecordingContainer.caf, .aiff], ["FL,FR,LFE", "FL,FR,FC,LFE,RL,RR", "FL,FR,FC,LFE,SL,SR"])
    func `CAF and AIFF say where channels sound, as far as they have words`(
        container: RecordingContainer, names: String
    ) throws {
        let scratch = try Scratch()
        let layout = try #require(ChannelLayout(list: names))
        let path = scratch.path("a.\(container)")
        let count = layout.positions.count
        try write(
            path, container, try Self.format(layout, channels: count), Self.bytes(Self.sound(layout, frames: 500)))
        // Apple has one name for what is at the sides and what is in the rear.
        let back = names.replacingOccurrences(of: "SL,SR", with: "RL,RR")
        #expect(try read(path).layout == ChannelLayout(list: back))
        guard ToolRun.find("ffprobe") != nil else { return }
        let probe = try ToolRun(
            "ffprobe", ["-v", "error", "-show_entries", "stream=channel_layout", "-of", "csv=p=0", path])
        #expect(
            probe.output.trimmingCharacters(in: .whitespacesAndNewlines) == (names == "FL,FR,LFE" ? "2.1" : "5.1(side)")
        )
    }

    @Test(arguments: lossless)
    func `sides instead of a rear have its place`(container: RecordingContainer) throws {
        let scratch = try Scratch()
        for (index, (given, stored)) in [
            ("FL,FR,SL,SR,FC,LFE", "FL,FR,FC,LFE,SL,SR"), ("FL,FR,SL,SR,FC", "FL,FR,FC,SL,SR"),
            ("FL,FR,RL,RR,FC,RC,LFE", "FL,FR,FC,LFE,RC,RL,RR"),
        ].enumerated() {
            // WAV's mask has an order of its own, and says so.
            guard container != .wav || index < 2 else { continue }
            let layout = try #require(ChannelLayout(list: given))
            let order = try #require(ChannelLayout(list: stored))
            let path = scratch.path("\(index).x")
            try write(
                path, container, try Self.format(layout, channels: layout.positions.count),
                Self.bytes(Self.sound(layout, frames: 500)))
            let isSame = try read(path).sound == Self.bytes(Self.sound(order, frames: 500))
            #expect(isSame, "\(given)")
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9])
    func `AU has WAV's order`(channels: Int) throws {
        let usual = try #require(ChannelLayout.usual(channels: channels))
        let isNamed = (3...8).contains(channels)
        let layout = isNamed ? ChannelLayout(usual.positions.reversed()) : nil
        let written = AUHeader(try Self.format(layout, channels: channels))
        let read = try #require(try readAU(written.endlessBytes))
        #expect(read.format.layout == (isNamed ? usual : nil))
        #expect(written.format.layout == read.format.layout)
        // Reversed: the file's first channel is the stream's last.
        #expect(written.channelSources == (isNamed ? Array((0..<channels).reversed()) : nil))
        #expect(AUHeader(try Self.format(nil, channels: channels)).channelSources == nil)
    }

    @Test func `WAV's order is that of its mask's bits`() throws {
        for channels in 3...8 {
            let usual = try #require(ChannelLayout.usual(channels: channels))
            let header = WAVHeader(try Self.format(usual, channels: channels), for: .file)
            #expect(header.channelSources == nil)
            #expect(try readWAV(header.bytes(dataBytes: 0))?.format.layout == usual)
        }
    }
}

private func < (one: ChannelPosition, other: ChannelPosition) -> Bool { one.rawValue < other.rawValue }
