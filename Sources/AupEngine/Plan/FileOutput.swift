import AupFiles
import AupSound
import AupSystem

/// What a path that is to be written stands for.
enum FileOutput {
    /// One sound file.
    case file(RecordingContainer)
    /// A recorder's files, one or many, whose names a template makes.
    case recording(NameTemplate, RecordingContainer)
    /// A stream; `nil` is aup's own.
    case stream(StreamContainer?)

    init(_ path: String, _ configuration: SessionConfiguration) throws(SessionFailure) {
        let kind = Descriptor.Kind(path: path)
        guard kind == nil || kind == .file else {
            self = .stream(try Self.container(ofNode: path, configuration))
            return
        }
        var named = configuration.recording.container ?? RecordingContainer(fileName: path)
        if let encoding = configuration.encoding, configuration.outputContainer == nil, !path.hasSuffix(".aup") {
            named = encoding.container(named: named)
        }
        // Beside other outputs, --as is for the one whose name does not say what it is.
        let isSaid = configuration.outputs.count > 1 && (named != nil || path.hasSuffix(".aup"))
        switch (isSaid ? nil : configuration.outputContainer, named) {
        case (.wav?, _): self = try Self.recording(path, .wav, configuration)
        case (nil, let named?): self = try Self.recording(path, named, configuration)
        case (let container?, _): self = .stream(container)
        case (nil, nil):
            try Self.checkStreamName(path)
            self = .stream(nil)
        }
    }

    private static func recording(
        _ path: String, _ container: RecordingContainer, _ configuration: SessionConfiguration
    ) throws(SessionFailure) -> FileOutput {
        guard let recorder = configuration.recorder else { return .file(container) }
        let template: NameTemplate
        do throws(NameTemplate.Malformed) {
            template = try NameTemplate(path)
        } catch {
            throw .before(.usage(error.message))
        }
        if configuration.overwrite, recorder.makesMany(template) {
            throw .before(.usage("--overwrite is for one file; files of a recording never replace any, leave it out"))
        }
        return .recording(template, container)
    }

    /// What goes into a pipe or device that has a name: a stream, whatever that name ends in. A sound file needs a place that
    /// can be gone back to, for its header.
    private static func container(
        ofNode path: String, _ configuration: SessionConfiguration
    ) throws(SessionFailure) -> StreamContainer? {
        if let container = configuration.outputContainer { return container }
        guard let file = configuration.recording.container ?? RecordingContainer(fileName: path) else { return nil }
        throw .before(
            .usage(
                "'\(path)' is a pipe or a device, where \(file.name) cannot go, which is written into files only; give --as (wav, au or raw), a name that ends in .aup, or the name of a file"
            ))
    }

    /// A name without a container of its own is an aup stream's, or a mistake.
    private static func checkStreamName(_ path: String) throws(SessionFailure) {
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

extension SessionConfiguration {
    /// Says what makes no sense about the outputs together, before any of them is opened.
    func checkOutputs() throws(SessionFailure) {
        try recorder?.check()
        try encoding?.check(self)
        if recording.container != nil || recording.hasBroadcast, !outputs.contains(where: \.isFile) {
            throw .before(.usage("--container and --bext are for files: give -o FILE, or --as for a stream"))
        }
        try checkBroadcast()
        var names: Set<String> = []
        for output in outputs where !names.insert(output.name).inserted {
            throw .before(.usage("-o \(output.name) is given twice; an output is written once"))
        }
        guard recorder?.wantsFiles ?? false else { return }
        for case .file(let path) in outputs {
            if case .recording = try FileOutput(path, self) { return }
        }
        throw .before(
            .usage("--split, --align, --keep, --on-file and their like are for files; give one, such as -o '%F/%T.wav'")
        )
    }

    /// Only WAV has a place for who recorded, and when.
    private func checkBroadcast() throws(SessionFailure) {
        guard recording.hasBroadcast else { return }
        var (hasPlace, stream) = (false, SessionFailure?.none)
        for case .file(let path) in outputs {
            switch try FileOutput(path, self) {
            case .file(.wav), .recording(_, .wav): hasPlace = true
            case .file(let container), .recording(_, let container): throw Self.noBroadcast(path, container.name)
            case .stream(let container):
                stream = Self.noBroadcast(path, container.map { "a \($0.rawValue) stream" } ?? "an aup stream")
            }
        }
        // A stream beside a file goes on without.
        if let stream, !hasPlace { throw stream }
    }

    private static func noBroadcast(_ path: String, _ what: String) -> SessionFailure {
        .before(
            .usage(
                "--bext: \(path) is \(what), and only a WAV file has a bext chunk; leave --bext and --description out or give another name"
            ))
    }
}
