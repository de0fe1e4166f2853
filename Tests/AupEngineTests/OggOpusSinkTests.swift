import AupFiles
import AupOpus
import AupSound
import AupSystem
import AupWire
import Foundation
import TestSupport
import Testing

@testable import AupEngine

/// Streams of Opus packets as files, as long as the stream to the frame, whatever is in it.
@Suite struct `Ogg Opus files` {
    private static let events = EventQueue(bell: Doorbell())

    /// Keeps the packets of an encoder.
    private final class Shelf: PacketSink {
        var configuration: OpusConfiguration?
        var packets: [(bytes: [UInt8], frames: Int)] = []
        func take(_ packet: Packet) throws(SessionFailure) {
            switch packet {
            case .format(let description):
                if case .opus(let configuration) = description.coding { self.configuration = configuration }
            case .audio(let audio): packets.append((unsafe Array(audio.payload), audio.frames))
            default: break
            }
        }
        func flush() throws(SessionFailure) {}
    }

    private func sine(_ frames: Int, _ format: PCMFormat) -> [UInt8] {
        let samples = (0..<frames).flatMap { frame in
            [Float](repeating: 0.3 * Float(sin(Double(frame) * 0.13)), count: format.channels)
        }
        return unsafe samples.withUnsafeBytes { unsafe Array($0) }
    }

    private func packets(frames: Int, channels: Int) throws -> Shelf {
        let shelf = Shelf()
        let tail = OpusTail(OpusSettings(), events: Self.events, sink: shelf)
        let format = PCMFormat(.f32, rate: 48_000, channels: channels)!
        try tail.take(.format(StreamDescription(format)))
        try tail.take(audio: sine(frames, format), frames: frames)
        try tail.take(.end(EndPacket(totalFrames: 0, lostFrames: 0, reason: .normal)))
        return shelf
    }

    private func put(_ packets: [(bytes: [UInt8], frames: Int)], _ sink: any PacketSink) throws {
        for packet in packets { try sink.take(audio: packet.bytes, frames: packet.frames) }
    }

    private func end(_ sink: any PacketSink) throws {
        try sink.take(.end(EndPacket(totalFrames: 0, lostFrames: 0, reason: .normal)))
    }

    /// Frames that opusdec gives, and what opusinfo says.
    private func look(_ path: String, channels: Int = 2) throws -> (sound: [Int16], info: String) {
        let info = try ToolRun("opusinfo", [path])
        let raw = path + ".raw"
        let run = try ToolRun("opusdec", ["--quiet", "--force-wav", "--rate", "48000", "--no-dither", path, raw])
        #expect(run.status == 0, "\(run.errors)")
        let data = try Data(contentsOf: URL(filePath: raw))
        try FileManager.default.removeItem(atPath: raw)
        let header = data.range(of: Data("data".utf8))!.upperBound + 4
        let sound = unsafe data[header...].withUnsafeBytes { unsafe Array($0.bindMemory(to: Int16.self)) }
        return (sound, info.output + info.errors)
    }

    private static let hasTools = ToolRun.find("opusdec") != nil && ToolRun.find("opusinfo") != nil
    private static let missing: Comment = "opus-tools are not installed"

    @Test(
        .enabled(if: hasTools, missing), arguments: [0, 1, 647, 648, 649, 959, 960, 961, 48_000, 100_001])
    func `are as long as the stream`(frames: Int) throws {
        let scratch = try Scratch()
        let sink = OggOpusSink(scratch.path("a.opus"), plan: RecordingPlan(), overwrite: false)
        let shelf = try packets(frames: frames, channels: 2)
        try sink.take(.format(StreamDescription(coding: .opus(try #require(shelf.configuration)))))
        try put(shelf.packets, sink)
        #expect(sink.finishedPath == nil)
        try end(sink)
        #expect(sink.finishedPath == scratch.path("a.opus"))
        let (sound, info) = try look(scratch.path("a.opus"))
        #expect(sound.count == 2 * frames)
        #expect(!info.lowercased().contains("warning"), "\(info)")
    }

    @Test(.enabled(if: hasTools, missing), arguments: [1, 2, 6], [120, 960, 48_000, 12_345, 119, 1])
    func `have silence where a stream that is copied has a gap, and lose no frame of it`(channels: Int, gap: Int) throws
    {
        let scratch = try Scratch()
        let path = scratch.path("a.opus")
        let sink = OggOpusSink(path, plan: RecordingPlan(), overwrite: false)
        let shelf = try packets(frames: 96_000, channels: channels)
        try sink.take(.format(StreamDescription(coding: .opus(try #require(shelf.configuration)))))
        try put(Array(shelf.packets[..<50]), sink)
        let before = shelf.packets[..<50].reduce(0) { $0 + $1.frames }
        try sink.take(
            .gap(GapPacket(position: 0, captureTime: nil, frames: Int64(gap), cause: .network, seenBy: "")))
        try put(Array(shelf.packets[50...]), sink)
        try sink.take(.silence(SilencePacket(position: 0, captureTime: nil, frames: Int64(gap))))
        try end(sink)
        let (sound, info) = try look(path, channels: channels)
        #expect(sound.count == (96_000 + 2 * gap) * channels)
        #expect(!info.lowercased().contains("warning"), "\(info)")
        #expect(try SoundFileReader(path: path, opus: .library).totalFrames == Int64(96_000 + 2 * gap))
        if ToolRun.find("ffmpeg") != nil {
            let run = try ToolRun("ffmpeg", ["-v", "error", "-i", path, "-f", "s16le", path + ".raw"])
            #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
            let bytes = try Data(contentsOf: URL(filePath: path + ".raw")).count
            #expect(bytes == (96_000 + 2 * gap) * channels * 2)
        }
        // Behind what the codec's blocks overlap and the deemphasis of the last sound there is nothing.
        guard gap >= 12_345 else { return }
        let middle = sound[((before + 4800) * channels)..<((before + gap - 960) * channels)]
        #expect(middle.allSatisfy { abs($0) <= 1 })
        #expect(sound[..<(before * channels)].contains { abs($0) > 5000 })
    }

    @Test(.enabled(if: hasTools, missing))
    func `go on as a chain where the format changes, each part of its length`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.opus")
        let segment = OggOpusSegment(
            path, plan: RecordingPlan(), gaps: .fill, overwrite: false, events: Self.events)
        for (rate, channels, frames) in [(44_100, 2, 44_100), (44_100, 2, 44_100), (48_000, 2, 12_345), (8000, 1, 801)]
        {
            let format = PCMFormat(.f32, rate: rate, channels: channels)!
            try segment.take(.format(StreamDescription(format)))
            try segment.take(audio: sine(frames, format), frames: frames)
        }
        try end(segment)
        let info = try ToolRun("opusinfo", [path])
        let text = info.output + info.errors
        #expect(text.components(separatedBy: "New logical stream").count == 4)
        #expect(!text.lowercased().contains("warning"), "\(text)")
        let lengths = text.split(separator: "\n").filter { $0.contains("Playback length") }
        // The first two are one: the format was the same.
        #expect(lengths.map { $0.suffix(10) } == ["0m:02.000s", "0m:00.257s", "0m:00.100s"])
    }

    @Test func `have the tags that came before the first sound, and no others`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.opus")
        var plan = RecordingPlan()
        plan.tags = [try #require(SoundTag("Title", "asked")), try #require(SoundTag("MOOD", ""))]
        let segment = OggOpusSegment(path, plan: plan, gaps: .fill, overwrite: false, events: Self.events)
        let format = PCMFormat(.f32, rate: 48_000, channels: 1)!
        try segment.take(.format(StreamDescription(format)))
        for text in [
            "TITLE=streamed", "MOOD=calm", "ARTIST=a", "ARTIST=b", "REPLAYGAIN_TRACK_GAIN=-3 dB", "R128_TRACK_GAIN=5",
        ] {
            try segment.take(.event(EventPacket(position: 0, captureTime: nil, key: "tag", value: text)))
        }
        try segment.take(audio: sine(960, format), frames: 960)
        try segment.take(audio: sine(960, format), frames: 960)
        try segment.take(.event(EventPacket(position: 0, captureTime: nil, key: "tag", value: "LATE=x")))
        try end(segment)
        let tags = try SoundFileReader(path: path, opus: .library).tags.map(\.text)
        #expect(tags == ["ARTIST=a", "ARTIST=b", "Title=asked", "ENCODER=\(ProgramName.withVersion)"])
    }

    @Test func `leave gaps out where they are only to be marked`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.opus")
        let segment = OggOpusSegment(path, plan: RecordingPlan(), gaps: .mark, overwrite: false, events: Self.events)
        let format = PCMFormat(.f32, rate: 48_000, channels: 1)!
        try segment.take(.format(StreamDescription(format)))
        try segment.take(audio: sine(960, format), frames: 960)
        try segment.take(.gap(GapPacket(position: 0, captureTime: nil, frames: 5000, cause: .xrun, seenBy: "")))
        try segment.take(.silence(SilencePacket(position: 0, captureTime: nil, frames: 40)))
        try end(segment)
        #expect(try SoundFileReader(path: path, opus: .library).totalFrames == 1000)
    }

    @Test func `are not begun for sound that the codec does not take, and say so`() throws {
        let scratch = try Scratch()
        let segment = OggOpusSegment(
            scratch.path("a.opus"), plan: RecordingPlan(), gaps: .fill, overwrite: false, events: Self.events)
        let description = StreamDescription(
            coding: .opus(OpusConfiguration(channels: 2, preSkipFrames: 312, frameSize: 960)!))
        try segment.take(.format(StreamDescription(PCMFormat(.f32, rate: 48_000, channels: 1)!)))
        var failure: SessionFailure?
        do throws(SessionFailure) { try segment.take(.format(description)) } catch { failure = error }
        guard case .sink(.failed(let message))? = failure else {
            Issue.record("PCM went on as Opus")
            return
        }
        #expect(message.contains("in one file"))
    }
}
