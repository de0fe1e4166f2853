import AupFiles
import AupSound
import AupSystem

/// Makes the sink that an output endpoint names, or says why there is none.
struct SinkMaker {
    let configuration: SessionConfiguration
    let standardOutput: Descriptor
    let stop: StopRequest
    let scheduling: Scheduling
    let events: EventQueue

    func make() throws(SessionFailure) -> any PacketSink {
        try configuration.recorder?.check()
        let isFileSaid = configuration.recording.container != nil || configuration.recording.hasBroadcast
        if isFileSaid, !configuration.outputs.contains(where: \.isFile) {
            throw .before(.usage("--container and --bext are for files: give -o FILE, or --as for a stream"))
        }
        if configuration.outputs.count == 1 { return try checked([make(configuration.outputs[0])])[0] }
        var branches: [(name: String, sink: any PacketSink)] = []
        var failure: SessionFailure?
        var ending: SessionEnding?
        for output in configuration.outputs {
            guard !branches.contains(where: { $0.name == output.name }) else {
                throw .before(.usage("-o \(output.name) is given twice; an output is written once"))
            }
            do throws(SessionFailure) {
                branches.append((output.name, try make(output)))
            } catch {
                // A disk that is not there must not keep the other from recording; a mistake is told at once.
                guard case .before(.failed(let message)) = error else { throw error }
                events.post(.warning("one output failed, the others go on: \(message)"))
                failure = failure ?? error
                ending = ending ?? .failed(message)
            }
        }
        if branches.isEmpty, let failure { throw failure }
        _ = try checked(branches.map(\.sink))
        return TeeSink(branches, failure: ending, events: events)
    }

    /// Refuses what only files can give where none is recorded.
    private func checked(_ sinks: [any PacketSink]) throws(SessionFailure) -> [any PacketSink] {
        guard configuration.recorder?.wantsFiles ?? false, !sinks.contains(where: { $0 is RecorderSink }) else {
            return sinks
        }
        throw .before(
            .usage("--split, --align, --keep, --on-file and their like are for files; give one, such as -o '%F/%T.wav'")
        )
    }

    private func make(_ output: Endpoint) throws(SessionFailure) -> any PacketSink {
        switch output {
        case .standardStream: return try standardStream()
        case .device(let name):
            return DeviceSink(
                configuration.deviceRequest(name, .playback), leadIn: configuration.leadIn, stop: stop,
                scheduling: scheduling, events: events)
        case .file(let path): return try file(path)
        }
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
        for descriptor: Descriptor, name: String, _ container: StreamContainer?
    ) -> any PacketSink {
        guard let container else {
            return StreamSink(descriptor, name: name, stop: stop)
        }
        return ForeignStreamSink(descriptor, container: container, name: name, stop: stop)
    }

    /// Files of a recording, or a single one where nobody asks for more.
    private func recording(
        _ path: String, _ container: RecordingContainer
    ) throws(SessionFailure) -> any PacketSink {
        let overwrite = configuration.overwrite
        let makeSegment = { [configuration] (path: String) in
            RecordingSink(
                path, container: container, plan: configuration.recording, gaps: configuration.liveness.gaps,
                overwrite: overwrite)
        }
        guard let recorder = configuration.recorder else { return makeSegment(path) }
        let template: NameTemplate
        do throws(NameTemplate.Malformed) {
            template = try NameTemplate(path)
        } catch {
            throw .before(.usage(error.message))
        }
        if overwrite, recorder.makesMany(template) {
            throw .before(.usage("--overwrite is for one file; files of a recording never replace any, leave it out"))
        }
        return RecorderSink(
            template, container, configuration, recorder, stop: stop, events: events, makeSegment: makeSegment)
    }

    private func file(_ path: String) throws(SessionFailure) -> any PacketSink {
        let kind = Descriptor.Kind(path: path)
        var container = configuration.outputContainer
        if kind == nil || kind == .file {
            let named = configuration.recording.container ?? RecordingContainer(fileName: path)
            // Beside other outputs, --as is for the one whose name does not say what it is.
            if configuration.outputs.count > 1, named != nil || path.hasSuffix(".aup") { container = nil }
            switch (container, named) {
            case (.wav?, _): return try recording(path, .wav)
            case (nil, let named?): return try recording(path, named)
            case (.au?, _), (.raw?, _): break
            case (nil, nil): try checkStreamName(path)
            }
        }
        do throws(SystemError) {
            let descriptor = try Descriptor.writing(path, overwrite: configuration.overwrite)
            return sink(for: descriptor, name: path, container)
        } catch {
            let remedy = error.isTaken ? "; choose another name, remove it or give --overwrite" : ""
            throw .before(.failed("cannot write \(path): \(error.reason)\(remedy)"))
        }
    }

    /// A name without a container of its own is an aup stream's, or a mistake.
    private func checkStreamName(_ path: String) throws(SessionFailure) {
        let dot = path.lastIndex(of: ".").map { String(path[path.index(after: $0)...]).lowercased() } ?? ""
        switch dot {
        case "aup": return
        case "au", "snd", "raw", "pcm":
            throw .before(.usage("'\(path)': say it with --as \(dot == "au" || dot == "snd" ? "au" : "raw")"))
        default:
            throw .before(
                .usage(
                    "'\(path)': the name does not say which kind of file; give it an ending (.wav .flac .ogg .opus .w64 .caf .aiff .mp3 .aup), --container or --as"
                ))
        }
    }
}
