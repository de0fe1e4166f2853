import AupSound
import AupWire

/// Lets a length of time through, to the frame, and then is satisfied.
final class DurationLimit: PacketSink {
    private let next: any PacketSink
    private let duration: TimeSpan
    private var remaining: Int64 = 0
    private(set) var isReached = false
    /// Frames that will still be let through; `nil` before the format is known.
    var framesWanted: Int64? { isStarted ? remaining : nil }
    private var frameBytes = 0
    private var isStarted = false

    init(_ duration: TimeSpan, next: any PacketSink) {
        self.duration = duration
        self.next = next
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description):
            if !isStarted { remaining = duration.frames(rate: description.rate) }
            isStarted = true
            frameBytes = description.pcm?.frameBytes ?? 0
            try next.take(packet)
            if remaining == 0 { isReached = true }
        case .audio(let audio):
            let frames = min(Int64(audio.frames), remaining)
            guard frames > 0 else { return }
            try next.take(
                frames == audio.frames ? packet : .audio(audio.prefix(frames: Int(frames), frameBytes: frameBytes)))
            count(frames)
        case .silence(let silence):
            let frames = min(silence.frames, remaining)
            guard frames > 0 else { return }
            try next.take(
                .silence(SilencePacket(position: silence.position, captureTime: silence.captureTime, frames: frames)))
            count(frames)
        case .gap(let gap):
            let frames = min(gap.frames, remaining)
            guard frames > 0 else { return }
            try next.take(
                .gap(
                    GapPacket(
                        position: gap.position, captureTime: gap.captureTime, frames: frames, cause: gap.cause,
                        seenBy: gap.seenBy)))
            count(frames)
        case .event, .end:
            try next.take(packet)
        }
    }

    func flush() throws(SessionFailure) { try next.flush() }

    private func count(_ frames: Int64) {
        remaining -= frames
        if remaining == 0 { isReached = true }
    }
}

extension AudioPacket {
    /// The first frames of a PCM packet.
    fileprivate func prefix(frames: Int, frameBytes: Int) -> AudioPacket {
        unsafe AudioPacket(
            position: position, captureTime: captureTime, frames: frames,
            payload: UnsafeRawBufferPointer(rebasing: payload[..<(frames * frameBytes)]))
    }
}
