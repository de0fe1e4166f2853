import AupFiles
import AupNetwork
import AupSound
import AupSystem

/// What `encode` makes of the sound.
public struct EncodingConfiguration: Sendable {
    public enum Codec: String, Sendable, CaseIterable {
        case opus, pcm, flac
    }

    /// `nil` leaves it to the names of the outputs: a stream gets Opus.
    public var codec: Codec?
    /// Whether something was said that only Opus has.
    public var hasOpusWishes = false

    public init() {}

    /// The container of a file whose name or codec says it.
    func container(named: RecordingContainer?) -> RecordingContainer? {
        switch (codec, named) {
        // Both are Ogg, and .ogg is older than the codec.
        case (.opus, nil), (.opus, .ogg): .opus
        case (.flac, nil): .flac
        default: named
        }
    }

    /// Whether an output gets packets of Opus.
    func isOpus(_ output: Endpoint, _ configuration: SessionConfiguration) throws(SessionFailure) -> Bool {
        switch output {
        case .device: return false
        case .network(let word) where IcecastAddress.isMeant(by: word):
            return codec.map { $0 == .opus } ?? !configuration.network.wantsSamples(output)
        case .network: return codec ?? .opus == .opus
        case .standardStream: return codec ?? .opus == .opus && configuration.outputContainer == nil
        case .file(let path):
            switch try FileOutput(path, configuration) {
            case .file(let container), .recording(_, let container): return container == .opus
            case .stream(let container): return codec ?? .opus == .opus && container == nil
            }
        }
    }

    /// Says what makes no sense about codec and outputs.
    func check(_ configuration: SessionConfiguration) throws(SessionFailure) {
        var hasOpus = false
        for output in configuration.outputs {
            hasOpus = try isOpus(output, configuration) || hasOpus
            guard let codec, let what = try holder(output, configuration), !what.codecs.contains(codec) else {
                continue
            }
            throw .before(
                .usage(
                    "--codec \(codec.rawValue): \(output.name) is \(what.name), which holds \(what.codecs.first?.rawValue ?? "none of them"); leave --codec out or give another name"
                ))
        }
        if hasOpusWishes, !hasOpus {
            throw .before(
                .usage("no output is Opus, and what was asked for is its own; give -o FILE.opus, or leave that out"))
        }
        if hasOpus, let rate = configuration.rate, !configuration.isInputRaw, !OpusSettings.rates.contains(rate) {
            throw .before(
                .usage(
                    "-r \(rate): Opus is encoded at 48000, 24000, 16000, 12000 or 8000 Hz; without -r any sound is brought to 48000"
                ))
        }
    }

    /// What an output is, and the codecs it can hold; `nil` for a device.
    private func holder(
        _ output: Endpoint, _ configuration: SessionConfiguration
    ) throws(SessionFailure) -> (name: String, codecs: [Codec])? {
        func stream(_ container: StreamContainer?) -> (String, [Codec]) {
            container.map { ("a \($0.rawValue) stream", [.pcm]) } ?? ("an aup stream", [.opus, .pcm])
        }
        switch output {
        case .device: return nil
        case .network(let word) where IcecastAddress.isMeant(by: word): return ("Ogg", [.opus, .flac])
        case .network: return stream(nil)
        case .standardStream: return stream(configuration.outputContainer)
        case .file(let path):
            switch try FileOutput(path, configuration) {
            case .stream(let container): return stream(container)
            case .file(let container), .recording(_, let container):
                switch container {
                case .opus: return (container.name, [.opus])
                case .flac: return (container.name, [.flac])
                case .wav, .w64, .caf, .aiff: return (container.name, [.pcm])
                case .ogg, .mp3: return (container.name, [])
                }
            }
        }
    }
}

extension SessionConfiguration {
    /// The same, but an encoder looks ahead only where the input is a file that lies there: what comes through a pipe may be
    /// live, whatever it says, and would be late by as much.
    var seeingAheadInFiles: SessionConfiguration {
        let kind: Descriptor.Kind? =
            switch input {
            case .standardStream: Descriptor.standardInput.kind
            case .file(let path): Descriptor.Kind(path: path)
            case .device, .network: nil
            }
        var changed = self
        changed.recording.opus.looksAhead = recording.opus.looksAhead && kind == .file
        return changed
    }
}
