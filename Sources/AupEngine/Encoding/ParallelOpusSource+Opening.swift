import AupFiles
import AupOpus
import AupSound
import AupSystem
import AupWire

extension ParallelOpusSource {
    /// The source of a session that is to encode a file with several jobs; `nil` where there is one job, or the input can
    /// only be read in one go, which is told.
    static func open(
        _ configuration: SessionConfiguration, events: EventQueue
    ) throws(SessionFailure) -> ParallelOpusSource? {
        guard configuration.encodingJobs > 1, configuration.encoding != nil else { return nil }
        let wish = "--jobs \(configuration.encodingJobs)"
        try configuration.checkPieces()
        // What is not there is told by whoever opens it in the usual way.
        if case .file(let path) = configuration.input, Descriptor.Kind(path: path) == nil { return nil }
        guard case .file(let path) = configuration.input, let descriptor = try Self.descriptor(path),
            descriptor.fileBytes != nil
        else {
            let name = InputSniffer.place(configuration.input.name)
            events.post(.warning("\(wish): \(name) is no file that can be read at any place; one job encodes it"))
            return nil
        }
        let isStream = try isStream(descriptor, path)
        guard configuration.isInputRaw || !isStream else {
            events.post(.warning("\(wish): \(path) is a stream, which is read in one go; one job encodes it"))
            return nil
        }
        let first = try reader(path, configuration)
        guard first.totalFrames != nil else {
            events.post(.warning("\(wish): \(path) does not say how long it is; one job encodes it"))
            return nil
        }
        return try ParallelOpusSource(
            first, name: path, settings: configuration.recording.opus, jobs: configuration.encodingJobs,
            limitFrames: configuration.duration?.frames(rate: first.format.rate) ?? .max, events: events
        ) { () throws(SessionFailure) in try reader(path, configuration) }
    }

    private static func descriptor(_ path: String) throws(SessionFailure) -> Descriptor? {
        do throws(SystemError) {
            // A FIFO would be waited for.
            return Descriptor.Kind(path: path) == .file ? try Descriptor.reading(path) : nil
        } catch {
            throw .before(.failed("cannot open \(path): \(error.reason)"))
        }
    }

    private static func isStream(_ descriptor: Descriptor, _ path: String) throws(SessionFailure) -> Bool {
        var first = [UInt8](repeating: 0, count: 64)
        do throws(SystemError) {
            var chunk = ScratchBytes()
            let space = unsafe chunk.space(first.count)
            let count = try unsafe descriptor.read(into: space, stop: StopRequest()) ?? 0
            first = unsafe Array(space.prefix(count))
        } catch {
            throw .before(.failed("\(path): cannot read: \(error.reason)"))
        }
        return PacketDecoder.looksLikeStream(first)
    }

    private static func reader(
        _ path: String, _ configuration: SessionConfiguration
    ) throws(SessionFailure) -> SoundFileReader {
        guard configuration.isInputRaw else {
            do throws(FileError) {
                return try SoundFileReader(path: path, opus: .library)
            } catch {
                throw .before(.failed("\(path): \(error.message)"))
            }
        }
        guard let sampleFormat = configuration.sampleFormat, let rate = configuration.rate,
            let channels = configuration.channels,
            let format = PCMFormat(sampleFormat, rate: rate, channels: channels, layout: configuration.layout),
            let descriptor = try descriptor(path)
        else {
            throw .before(.usage("--raw needs all of -f, -r and -c, since headerless samples say nothing themselves"))
        }
        return SoundFileReader(headerless: descriptor, format: format, path: path)
    }
}
