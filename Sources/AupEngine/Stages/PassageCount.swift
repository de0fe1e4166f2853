import AupSound
import AupWire

/// Counts what passes: the frames, gaps and format that a session reports. Behind the duration's cut, so exact.
final class PassageCount: PacketSink {
    struct Counts: Sendable {
        var format: PCMFormat?
        var frames: Int64 = 0
        var gaps: Int64 = 0
        var lostFrames: Int64 = 0
    }

    private let next: any PacketSink
    private let shared = Guarded(Counts())

    init(next: any PacketSink) {
        self.next = next
    }

    var counts: Counts { shared.read { $0 } }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description): shared.write { $0.format = description.pcm }
        case .audio(let audio): shared.write { $0.frames += Int64(audio.frames) }
        case .silence(let silence): shared.write { $0.frames += silence.frames }
        case .gap(let gap):
            shared.write {
                $0.gaps += 1
                $0.lostFrames += gap.frames
            }
        case .event, .end: break
        }
        try next.take(packet)
    }

    /// What passed last was thrown away further on.
    func giveBack(nanoseconds: Int64) {
        shared.write {
            guard let rate = $0.format?.rate else { return }
            $0.frames = max(0, $0.frames - TimeSpan.nanoseconds(nanoseconds).frames(rate: rate))
        }
    }

    func flush() throws(SessionFailure) { try next.flush() }
}
