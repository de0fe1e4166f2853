import AupRealtime
import AupSound
import AupWire

/// Writes the level of what goes to the device down beside the time at which it will be heard.
///
/// - Thread: transport.
final class PlayedLevelTap: PacketSink {
    var timeline: Guarded<PlaybackTimeline>?
    private let next: any PacketSink
    private var format: PCMFormat?

    init(next: any PacketSink) {
        self.next = next
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description): format = description.pcm
        case .audio(let audio):
            guard let format, let base = unsafe audio.payload.baseAddress else { break }
            var meter = PeakMeter(format.sampleFormat, channels: format.channels)
            unsafe meter.measure(base, frames: audio.frames)
            let peak = meter.peak
            timeline?.write { $0.note(peak: peak) }
        case .silence: timeline?.write { $0.note(peak: 0) }
        default: break
        }
        try next.take(packet)
    }

    func flush() throws(SessionFailure) { try next.flush() }
}
