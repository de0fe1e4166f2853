import Synchronization

/// The outputs of a line, one or several, as they stand at its end.
///
/// - Thread: transport makes and closes them; the numbers are for any.
struct LineOutputs {
    /// As the line gives to them: the codec before what it gives to.
    let tails: [any PacketSink]

    init(_ tail: any PacketSink) { tails = (tail as? TeeSink)?.sinks ?? [tail] }

    /// What is behind a codec, else the output itself.
    var ends: [any PacketSink] {
        tails.map { (($0 as? OpusTail)?.sink ?? ($0 as? RTPTail)?.sink) ?? $0 }
    }

    var publications: [PublishSink] { ends.compactMap { $0 as? PublishSink } }
    var broadcasts: [IcecastSink] { ends.compactMap { $0 as? IcecastSink } }
    var transmissions: [RTPSink] { ends.compactMap { $0 as? RTPSink } }
    var deliveries: [SendSink] { ends.compactMap { $0 as? SendSink } }

    /// Ends what runs beside the line for them, once or more often. An output whose line never began needs it too: its socket
    /// has a name and its thread runs.
    func close() {
        for sink in broadcasts { sink.close() }
        for sink in publications { sink.close() }
    }

    /// Adds what they know: of several of a kind the sum, of what cannot be added the first, and the longest latency.
    func complete(_ status: inout SessionStatus) {
        for tail in tails {
            let encoding =
                (tail as? OpusTail)?.status ?? (tail as? RTPTail)?.status ?? (tail as? OggOpusSegment)?.status
            status.encoding = status.encoding ?? encoding
        }
        for case let device as DeviceSink in ends { device.complete(&status) }
        for case let file as RecordingSink in ends { status.clippedSamples += file.clipped.read { $0 } }
        for case let stream as StreamSink in ends {
            status.latencyNanoseconds = [status.latencyNanoseconds, stream.latencyNanoseconds].compactMap(\.self).max()
        }
        for sink in publications {
            status.publishing = status.publishing?.adding(sink.publisher.status) ?? sink.publisher.status
        }
        for sink in transmissions { status.rtp = status.rtp?.adding(sink.status) ?? sink.status }
        for sink in broadcasts {
            status.icecast = status.icecast?.adding(sink.status) ?? sink.status
            status.reconnects += sink.status.reconnects
        }
        for sink in deliveries {
            status.sending = status.sending?.adding(sink.status) ?? sink.status
            status.reconnects += sink.status.reconnects
        }
    }
}

extension DeviceSink {
    fileprivate func complete(_ status: inout SessionStatus) {
        status.add(counters)
        let shared = self.status
        status.clippedSamples += shared.clippedSamples
        status.latencyNanoseconds = [status.latencyNanoseconds, shared.latencyNanoseconds].compactMap(\.self).max()
        status.deviceFrames += Int64(counters.deviceFrames.load(ordering: .relaxed))
        status.drift = status.drift ?? shared.drift
        status.playedFrames += Int64(counters.frames.load(ordering: .relaxed))
    }
}
