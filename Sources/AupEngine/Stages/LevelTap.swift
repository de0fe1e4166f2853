import AupRealtime
import AupSound
import AupWire

/// Looks at the levels that pass and hands everything on untouched.
final class LevelTap: PacketSink {
    private let next: any PacketSink
    private var meter: PeakMeter?
    private var highest = 0.0
    private let peak = Guarded<Double?>(nil)

    init(next: any PacketSink) {
        self.next = next
    }

    /// The highest sample so far, in dBFS; `nil` before the first.
    var peakDecibels: Double? { peak.read { $0 } }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description):
            if let meter { highest = max(highest, Double(meter.peak)) }
            meter = description.pcm.map { PeakMeter($0.sampleFormat, channels: $0.channels) }
        case .audio(let audio):
            guard meter != nil, let base = unsafe audio.payload.baseAddress else { break }
            unsafe meter!.measure(base, frames: audio.frames)
            let level = decibels(amplitude: max(highest, Double(meter!.peak)))
            peak.write { $0 = level }
        default: break
        }
        try next.take(packet)
    }

    func flush() throws(SessionFailure) { try next.flush() }
}
