import AupSound
import AupWire

@testable import AupEngine

/// A sink that remembers what it was given.
final class PacketRecorder: PacketSink {
    private(set) var formats: [PCMFormat] = []
    private(set) var bytes: [UInt8] = []
    /// Every packet in a word: `audio 480`, `gap 12`, ….
    private(set) var story: [String] = []
    /// Where each packet of sound, silence or gap stands.
    private(set) var positions: [Int64] = []
    /// Where each frame of sound stands.
    private(set) var audioPositions: [Int64] = []
    /// Frames of all of them.
    private(set) var totalFrames: Int64 = 0
    /// `key=value@position`.
    private(set) var events: [String] = []
    private(set) var gaps: [GapPacket] = []

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description):
            if let format = description.pcm { formats.append(format) }
            story.append("format")
        case .audio(let audio):
            unsafe bytes.append(contentsOf: audio.payload)
            story.append("audio \(audio.frames)")
            audioPositions += (0..<Int64(audio.frames)).map { audio.position + $0 }
            count(audio.position, Int64(audio.frames))
        case .silence(let silence):
            story.append("silence \(silence.frames)")
            count(silence.position, silence.frames)
        case .gap(let gap):
            story.append("gap \(gap.frames)")
            gaps.append(gap)
            count(gap.position, gap.frames)
        case .event(let event):
            story.append("event \(event.key)")
            events.append("\(event.key)=\(event.value)@\(event.position)")
        case .end(let end): story.append("end \(end.reason)")
        }
    }

    func flush() throws(SessionFailure) {}

    private func count(_ position: Int64, _ frames: Int64) {
        positions.append(position)
        totalFrames += frames
    }
}

extension PacketSink {
    /// Gives a sink audio made from bytes.
    func take(audio bytes: [UInt8], frames: Int, position: Int64 = 0) throws(SessionFailure) {
        let copy = bytes
        let payload = UnsafeMutableRawBufferPointer.allocate(byteCount: max(copy.count, 1), alignment: 16)
        defer { unsafe payload.deallocate() }
        unsafe payload.copyBytes(from: copy)
        try take(
            .audio(
                unsafe AudioPacket(
                    position: position, captureTime: nil, frames: frames,
                    payload: UnsafeRawBufferPointer(rebasing: payload[..<copy.count]))))
    }
}
