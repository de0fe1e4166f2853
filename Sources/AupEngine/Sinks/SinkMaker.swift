import AupFiles
import AupNetwork
import AupSound
import AupSystem
import Glibc

/// Makes the sink that an output endpoint names, or says why there is none.
struct SinkMaker {
    let configuration: SessionConfiguration
    let standardOutput: Descriptor
    let stop: StopRequest
    let scheduling: Scheduling
    let events: EventQueue

    func make() throws(SessionFailure) -> any PacketSink {
        try configuration.checkOutputs()
        if configuration.outputs.isEmpty { return NothingSink() }
        if configuration.outputs.count == 1 { return try make(configuration.outputs[0]) }
        var branches: [(name: String, sink: any PacketSink)] = []
        var failure: SessionFailure?
        var ending: SessionEnding?
        for output in configuration.outputs {
            do throws(SessionFailure) {
                branches.append((output.name, try make(output)))
            } catch {
                // A disk that is not there must not keep the other from recording; a mistake is told at once.
                guard case .before(.failed(let message)) = error else {
                    for branch in branches { LineOutputs(branch.sink).close() }
                    throw error
                }
                events.post(.warning("one output failed, the others go on: \(message)"))
                failure = failure ?? error
                ending = ending ?? .failed(message)
            }
        }
        if branches.isEmpty, let failure { throw failure }
        return TeeSink(branches, failure: ending, events: events)
    }

    private func make(_ output: Endpoint) throws(SessionFailure) -> any PacketSink {
        switch output {
        case .standardStream: return try standardStream()
        case .device(let name):
            var plan = configuration.playback
            plan.mayBeMissing = configuration.isDuplex && configuration.measuresLevels
            return DeviceSink(
                configuration.deviceRequest(name, .playback), plan: plan, leadIn: configuration.leadIn, stop: stop,
                scheduling: scheduling, events: events)
        case .file(let path): return try file(path)
        case .network(let word) where NetworkConfiguration.isRTP(word): return try rtp(word)
        case .network(let word) where word == configuration.network.sendingWord:
            return opus(
                try SendSink(
                    try configuration.network.sending(to: word), patience: configuration.network.retryNanoseconds,
                    livenessNanoseconds: configuration.network.livenessNanoseconds, stop: stop, events: events))
        case .network(let word) where IcecastAddress.isMeant(by: word): return try icecast(word)
        case .network(let word):
            var plan = try configuration.network.publishing(at: word)
            plan.latencyNanoseconds = configuration.latency?.nanoseconds(rate: configuration.rate ?? 48_000)
            return opus(try PublishSink(plan, stop: stop, events: events))
        }
    }

    private func rtp(_ word: String) throws(SessionFailure) -> any PacketSink {
        let (place, plan) = try configuration.network.rtp(word)
        guard case .host(let host, let port) = place else {
            throw .before(
                .usage("\(word): a description says where to listen; give rtp:HOST:PORT, and --sdp to write one"))
        }
        let sink = try RTPSink(
            host: host, port: port, plan, overwrite: configuration.overwrite, stop: stop, events: events)
        let isOpus =
            try configuration.encoding?.isOpus(.network(word), configuration) ?? (plan.payload?.coding == .opus)
        guard isOpus else { return sink }
        var settings = configuration.recording.opus
        if let time = plan.packetNanoseconds {
            let frames = Int(time * 48 / 1_000_000)
            guard OpusSettings.frameSizes.contains(frames) else {
                throw .before(.usage("--ptime: packets of Opus hold 2.5, 5, 10, 20, 40 or 60 ms"))
            }
            settings.frameSize = frames
        }
        sink.leavesSilenceOut = settings.hasDiscontinuousTransmission
        return RTPTail(settings, events: events, sink: sink)
    }

    private func icecast(_ word: String) throws(SessionFailure) -> any PacketSink {
        let asked = configuration.encoding?.codec.flatMap { IcecastConfiguration.Codec(rawValue: $0.rawValue) }
        let recording = configuration.recording
        let plan = try configuration.network.icecastPlan(
            word, codec: asked, pageNanoseconds: recording.pageNanoseconds)
        let sink = try IcecastSink(plan, plan: recording, stop: stop, events: events)
        return plan.codec == .opus ? OpusTail(recording.opus, events: events, sink: sink) : sink
    }

    private func standardStream() throws(SessionFailure) -> any PacketSink {
        if standardOutput.kind == .terminal {
            throw .before(
                .usage(
                    "standard output is a terminal, which is no place for sound; pipe it on (aup \(configuration.command) | aup play) or give -o FILE.wav"
                ))
        }
        return sink(for: standardOutput, name: "standard output", configuration.outputContainer)
    }

    private func sink(
        for descriptor: Descriptor, name: String, _ container: StreamContainer?, file: StreamFile? = nil
    ) -> any PacketSink {
        let output = StreamOutput(
            descriptor, name: name, stop: stop, hasNeighbours: configuration.outputs.count > 1, file: file)
        guard let container else {
            return opus(StreamSink(output))
        }
        return ForeignStreamSink(output, container: container)
    }

    /// A stream of packets of the codec where `encode` makes one.
    private func opus(_ sink: any PacketSink) -> any PacketSink {
        guard let encoding = configuration.encoding, encoding.codec ?? .opus == .opus else { return sink }
        return OpusTail(configuration.recording.opus, events: events, sink: sink)
    }

    private func file(_ path: String) throws(SessionFailure) -> any PacketSink {
        switch try FileOutput(path, configuration) {
        case .file(let container): return segment(path, container)
        case .recording(let template, let container):
            guard let recorder = configuration.recorder else { return segment(path, container) }
            let clipped = Guarded<Int64>(0)
            return RecorderSink(
                template, container, configuration, recorder, clipped: clipped, stop: stop, events: events
            ) {
                segment($0, container, clipped)
            }
        case .stream(let container): return try stream(path, container)
        }
    }

    private func segment(
        _ path: String, _ container: RecordingContainer, _ clipped: Guarded<Int64> = Guarded(0)
    ) -> any RecordingSegment {
        let (plan, gaps) = (configuration.recording, configuration.liveness.gaps)
        guard container == .opus else {
            return RecordingSink(
                path, container: container, plan: plan, gaps: gaps, overwrite: configuration.overwrite,
                clipped: clipped)
        }
        return OggOpusSegment(
            path, plan: plan, gaps: gaps, overwrite: configuration.overwrite, tellsGaps: configuration.encoding != nil,
            events: events)
    }

    private func stream(_ path: String, _ container: StreamContainer?) throws(SessionFailure) -> any PacketSink {
        do throws(SystemError) {
            let kind = Descriptor.Kind(path: path)
            let descriptor = try Descriptor.writing(path, overwrite: configuration.overwrite)
            let isFile = descriptor.kind == .file
            return sink(
                for: descriptor, name: path, container,
                file: isFile ? StreamFile(path, descriptor, isNew: kind == nil) : nil)
        } catch {
            // A pipe that nobody reads yet: told to end, it is waited for no more.
            if error.code == EINTR, stop.isRequested { throw .downstreamClosed }
            let remedy = error.isTaken ? "; choose another name, remove it or give --overwrite" : ""
            throw .before(.failed("cannot write \(path): \(error.reason)\(remedy)"))
        }
    }
}
