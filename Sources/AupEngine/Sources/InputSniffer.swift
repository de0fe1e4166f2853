import AupFiles
import AupOpus
import AupSound
import AupSystem
import AupWire

/// Opens an input and finds out what it is from its first bytes, so that no format has to be told twice and junk is
/// refused instead of played.
///
/// - Thread: transport; waits for the first bytes.
struct InputSniffer {
    let configuration: SessionConfiguration
    let stop: StopRequest
    let events: EventQueue
    /// The input, where it is open already.
    var opened: Descriptor?

    /// A source for the configuration's input, which is no device.
    func open() throws(SessionFailure) -> any PacketSource {
        let descriptor = if let opened { opened } else { try openDescriptor() }
        let name = configuration.input.name
        if configuration.isInputRaw { return try raw(descriptor, name) }
        var first: [UInt8] = []
        var isComplete = false
        while true {
            if PacketDecoder.looksLikeStream(first) {
                let source = StreamSource(descriptor, name: name, firstBytes: first, stop: stop)
                return configuration.keepsOpus ? source : OpusDecodingSource(source, events: events)
            }
            switch ContainerSniffer.identify(first.span, isComplete: isComplete) {
            case .wav:
                return PCMSource(
                    descriptor, name: name, reader: .wav(WAVReader(totalBytes: descriptor.fileBytes)),
                    firstBytes: first, stop: stop)
            case .au:
                return PCMSource(
                    descriptor, name: name, reader: .au(AUReader(totalBytes: descriptor.fileBytes)), firstBytes: first,
                    stop: stop)
            case .coded:
                do throws(FileError) {
                    let reader = try SoundFileReader(
                        descriptor, firstBytes: first, path: name, opus: .library, stop: stop)
                    return SoundFileSource(reader, name: name, events: events, stop: stop)
                } catch {
                    throw .before(.failed("\(Self.place(name)): \(error.message)"))
                }
            case .needsMore: break
            case .refused(let error):
                if first.isEmpty, isComplete { throw .before(.upstreamFailed(emptyText(name))) }
                throw .before(.failed("\(Self.place(name)): \(error.message)"))
            }
            let count = try readMore(descriptor, &first)
            isComplete = count == 0
            if count == nil { throw .before(.done) }
        }
    }

    /// How an input is called in a message.
    static func place(_ name: String) -> String { name == "-" ? "standard input" : name }

    private func emptyText(_ name: String) -> String {
        name == "-"
            ? "standard input is empty: the command before this one ended without writing anything; look at its message"
            : "\(name) is empty: there is no sound in it"
    }

    private func openDescriptor() throws(SessionFailure) -> Descriptor {
        switch configuration.input {
        case .standardStream:
            let input = Descriptor.standardInput
            if input.kind == .terminal {
                throw .before(
                    .usage(
                        "standard input is a terminal, not a stream; put a source before the pipe (aup capture | aup \(configuration.command)) or give -i FILE"
                    ))
            }
            return input
        case .file(let path):
            do throws(SystemError) {
                return try Descriptor.reading(path)
            } catch {
                throw .before(.failed("cannot open \(path): \(error.reason)"))
            }
        case .device, .network: preconditionFailure("devices and sockets are opened elsewhere")
        }
    }

    private func raw(_ descriptor: Descriptor, _ name: String) throws(SessionFailure) -> any PacketSource {
        guard let sampleFormat = configuration.sampleFormat, let rate = configuration.rate,
            let channels = configuration.channels,
            let format = PCMFormat(sampleFormat, rate: rate, channels: channels, layout: configuration.layout)
        else {
            throw .before(.usage("--raw needs all of -f, -r and -c, since headerless samples say nothing themselves"))
        }
        return PCMSource(descriptor, name: name, reader: .raw(format), firstBytes: [], stop: stop)
    }

    /// Bytes added, 0 at the end of the input, `nil` when the session is to stop.
    private func readMore(_ descriptor: Descriptor, _ bytes: inout [UInt8]) throws(SessionFailure) -> Int? {
        var chunk = ScratchBytes()
        let space = unsafe chunk.space(4096)
        let count: Int?
        do throws(SystemError) {
            count = try unsafe descriptor.read(into: space, stop: stop)
        } catch {
            throw .before(.failed("\(Self.place(configuration.input.name)): cannot read: \(error.reason)"))
        }
        unsafe bytes += space.prefix(count ?? 0)
        return count
    }
}
