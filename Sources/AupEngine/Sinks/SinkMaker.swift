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
        guard configuration.outputs.count == 1, let output = configuration.outputs.first else {
            throw .before(
                .usage("one output is written; tee(1) makes copies of a stream: aup … | tee copy.aup | aup …"))
        }
        if configuration.recording.container != nil || configuration.recording.hasBroadcast, !output.isFile {
            throw .before(.usage("--container and --bext are for files: give -o FILE, or --as for a stream"))
        }
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
        return sink(for: standardOutput, name: "standard output")
    }

    private func sink(for descriptor: Descriptor, name: String) -> any PacketSink {
        guard let container = configuration.outputContainer else {
            return StreamSink(descriptor, name: name, stop: stop)
        }
        return ForeignStreamSink(descriptor, container: container, name: name, stop: stop)
    }

    private func file(_ path: String) throws(SessionFailure) -> any PacketSink {
        let kind = Descriptor.Kind(path: path)
        if kind == nil || kind == .file {
            let named = configuration.recording.container ?? RecordingContainer(fileName: path)
            switch (configuration.outputContainer, named) {
            case (.wav?, _): return recording(path, .wav)
            case (nil, let container?): return recording(path, container)
            case (.au?, _), (.raw?, _): break
            case (nil, nil): try checkStreamName(path)
            }
        }
        do throws(SystemError) {
            let descriptor = try Descriptor.writing(path, overwrite: configuration.overwrite)
            return sink(for: descriptor, name: path)
        } catch {
            let remedy = error.isTaken ? "; choose another name, remove it or give --overwrite" : ""
            throw .before(.failed("cannot write \(path): \(error.reason)\(remedy)"))
        }
    }

    private func recording(_ path: String, _ container: RecordingContainer) -> RecordingSink {
        RecordingSink(
            path, container: container, plan: configuration.recording, gaps: configuration.liveness.gaps,
            overwrite: configuration.overwrite)
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
