import AupFiles
import AupSound
import AupWire

/// An Ogg Opus file of a recording, with an encoder of its own: whatever sound comes, the file is exactly as long.
///
///     PCM ─▶ fill ─▶ 48 kHz ─▶ encoder ─▶ OggOpusSink
///     Opus packets ──────────────────────▶ OggOpusSink, as they are
///
/// Where the format changes in mid-stream, the file goes on as a chain.
///
/// - Thread: transport.
final class OggOpusSegment: RecordingSegment {
    private let path: String
    private let plan: RecordingPlan
    private let fillsGaps: Bool
    /// Whether it is news that a gap is filled: what a device lost has been told already.
    private let tellsGaps: Bool
    private let sink: OggOpusSink
    private let encoder: OpusTail
    /// The PCM that is being encoded; `nil` for packets that come as they are.
    private var format: PCMFormat?

    init(
        _ path: String, plan: RecordingPlan, gaps: LivenessConfiguration.GapStorage, overwrite: Bool,
        tellsGaps: Bool = false, events: EventQueue
    ) {
        self.path = path
        self.plan = plan
        fillsGaps = gaps == .fill
        self.tellsGaps = tellsGaps
        sink = OggOpusSink(path, plan: plan, overwrite: overwrite)
        encoder = OpusTail(plan.opus, events: events, sink: sink)
    }

    private var head: any PacketSink { format == nil ? sink : encoder }

    /// - Thread: any.
    var status: EncodingStatus { encoder.status }
    var finishedPath: String? { sink.finishedPath }
    var byteCount: Int64 { sink.byteCount }
    var failure: FileError? { sink.failure }

    /// Ogg Opus has no place for it that readers agree on.
    func noteStart(_ moment: Int64) {}

    /// A page at twice the rate that is usual or was asked for, since the codec follows the sound, and packets on their way.
    func reserveBytes(for format: PCMFormat) -> Int64 {
        let bits = plan.opus.bitsPerSecond ?? OpusSettings.usualBits(streams: format.channels, coupled: 0)
        return 2 * Int64(Double(bits) / 8 * Double(plan.pageNanoseconds) / 1e9) + 2048
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        do throws(SessionFailure) {
            switch packet {
            case .format(let description): try accept(description)
            case .gap where !fillsGaps: break
            case .gap(let gap) where !tellsGaps:
                try head.take(
                    .silence(
                        SilencePacket(position: gap.position, captureTime: gap.captureTime, frames: gap.frames)))
            default: try head.take(packet)
            }
        } catch {
            throw leave(error)
        }
    }

    func flush() throws(SessionFailure) { try head.flush() }

    private func accept(_ description: StreamDescription) throws(SessionFailure) {
        guard let format = description.pcm else {
            if let before = self.format {
                throw .before(.failed("\(path): \(before.summary) cannot go on as \(description.summary) in one file"))
            }
            return try sink.take(.format(description))
        }
        // The same sound from another source goes on in the same stream.
        guard format != self.format else { return }
        self.format = format
        try encoder.take(.format(description))
    }

    /// A codec that cannot go on is this file's failure, and ends nobody else's.
    private func leave(_ error: SessionFailure) -> SessionFailure {
        guard case .before(let ending) = error else { return error }
        try? sink.take(.end(EndPacket(totalFrames: 0, lostFrames: 0, reason: .error)))
        return .sink(ending)
    }
}
