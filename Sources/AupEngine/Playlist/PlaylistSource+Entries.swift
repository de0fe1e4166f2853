import AupFiles
import AupOpus
import AupSound
import AupSystem
import AupWire

/// Which entry is open, and which comes next.
///
/// - Thread: transport.
extension PlaylistSource {
    /// Seconds before its end at which a file's successor is opened: longer than what lies ahead in the disk thread's
    /// buffer, so that a slow opening is not heard.
    private static let aheadSeconds: Int64 = 4

    /// The entry whose turn it is; `nil` when the order is over.
    func openNext() -> PlayedEntry? {
        while !stopRequest.isRequested {
            if nextIndex >= entries.count {
                guard beginPass() else { return nil }
            }
            let index = nextIndex
            nextIndex += 1
            if let ready = upcoming, ready.index == index {
                upcoming = nil
                current = ready
                return ready
            }
            if let entry = open(index) {
                current = entry
                return entry
            }
        }
        return nil
    }

    func leave(_ entry: PlayedEntry) {
        if let damage = entry.damage { events.post(.warning(damage)) }
        if let problem = entry.problem { fail(entry.index, problem) }
        entry.close()
        current = nil
    }

    /// Opens the successor while there is still time.
    func prepareUpcoming(_ entry: PlayedEntry) {
        guard upcoming == nil, nextIndex < entries.count, skip == nil, let total = entry.totalFrames, entry.isSeekable,
            let rate = entryRate, entry.frame + Self.aheadSeconds * Int64(rate) >= total,
            case .path(let path) = entries[nextIndex].place, FileKind.isRegular(path), !failed.contains(nextIndex)
        else { return }
        let wanted = nextIndex
        upcoming = open(wanted)
        // Told already: its turn is over.
        if upcoming == nil { nextIndex = wanted + 1 }
    }

    private var entryRate: Int? { timeline.read { $0.place(unheard: 0)?.item.rate } }

    /// The order again from its beginning, where that was asked for and gives something.
    private func beginPass() -> Bool {
        guard passFrames > 0, playlist.passes.map({ pass < $0 }) ?? true else { return false }
        pass += 1
        passFrames = 0
        skip = playlist.start
        skippedNanoseconds = 0
        nextIndex = 0
        return true
    }

    // MARK: - Opening

    private func open(_ index: Int) -> PlayedEntry? {
        // Told in the first pass.
        if failed.contains(index) { return nil }
        let entry = entries[index]
        do throws(SessionFailure) {
            switch entry.place {
            case .refused(let why): throw .before(.failed(why))
            case .standardInput: return try nested(index, .standardStream)
            case .path(let path): return try file(index, path)
            }
        } catch {
            if case .before(let ending) = error, ending != .done { fail(index, ending) }
            return nil
        }
    }

    private func file(_ index: Int, _ path: String) throws(SessionFailure) -> PlayedEntry? {
        let descriptor: Descriptor
        do throws(SystemError) {
            descriptor = try Descriptor.reading(path)
        } catch {
            throw .before(.failed("cannot open \(path): \(error.reason)"))
        }
        guard let bytes = descriptor.fileBytes else {
            // It would wait for ever, or give the rest of what was played.
            guard pass == 1 else { return nil }
            return try nested(index, .file(path))
        }
        guard bytes > 0 else { throw .before(.upstreamFailed("\(path) is empty: there is no sound in it")) }
        let first = configuration.isInputRaw ? [] : try firstBytes(descriptor, path)
        if PacketDecoder.looksLikeStream(first) { return try nested(index, .file(path)) }
        return try readAhead(index, path, descriptor, first)
    }

    private func readAhead(
        _ index: Int, _ path: String, _ descriptor: Descriptor, _ first: [UInt8]
    ) throws(SessionFailure) -> PlayedEntry? {
        let disk = try diskThread()
        let rawFormat = configuration.isInputRaw ? try rawFormat() : nil
        do throws(FileError) {
            let reader: SoundFileReader
            if let rawFormat {
                reader = SoundFileReader(
                    headerless: descriptor, format: rawFormat, path: path, stop: disk.stopRequest)
            } else {
                reader = try SoundFileReader(
                    descriptor, firstBytes: first, path: path, opus: .library, stop: disk.stopRequest)
            }
            guard let start = try passOver(reader) else { return nil }
            return PlayedEntry(index, name: path, title: entries[index].title, reader: reader, start: start, disk: disk)
        } catch {
            throw .before(.failed("\(path): \(error.message)"))
        }
    }

    /// Leaves out what `--start` says: the frame to begin at; `nil` when nothing is left of the file.
    private func passOver(_ reader: SoundFileReader) throws(FileError) -> Int64? {
        guard let rest = skip else { return 0 }
        let rate = reader.format.rate
        let frames = rest.frames(rate: rate)
        if reader.totalFrames.map({ frames < $0 }) ?? true {
            try reader.seek(to: frames)
            if reader.position >= frames {
                // The disk thread keeps short files whole, from the first frame on.
                try reader.seek(to: 0)
                skip = nil
                return frames
            }
        }
        let length = reader.totalFrames ?? reader.position
        skippedNanoseconds += TimeSpan.frames(length).nanoseconds(rate: rate)
        switch rest {
        case .frames(let count): skip = .frames(max(0, count - length))
        case .nanoseconds(let count):
            skip = .nanoseconds(max(0, count - TimeSpan.frames(length).nanoseconds(rate: rate)))
        }
        return nil
    }

    private func nested(_ index: Int, _ input: Endpoint) throws(SessionFailure) -> PlayedEntry? {
        if input == .standardStream, pass > 1 { return nil }
        var configuration = configuration
        configuration.input = input
        let source = try InputSniffer(configuration: configuration, stop: stopRequest, events: events).open()
        return PlayedEntry(index, name: input.name, title: entries[index].title, source: source)
    }

    private func firstBytes(_ descriptor: Descriptor, _ path: String) throws(SessionFailure) -> [UInt8] {
        var scratch = ScratchBytes()
        let space = unsafe scratch.space(16)
        do throws(SystemError) {
            let count = try unsafe descriptor.read(into: space, stop: stopRequest) ?? 0
            return unsafe Array(space.prefix(count))
        } catch {
            throw .before(.failed("\(path): cannot read: \(error.reason)"))
        }
    }

    private func rawFormat() throws(SessionFailure) -> PCMFormat {
        guard let sampleFormat = configuration.sampleFormat, let rate = configuration.rate,
            let channels = configuration.channels,
            let format = PCMFormat(sampleFormat, rate: rate, channels: channels, layout: configuration.layout)
        else {
            throw .before(.usage("--raw needs all of -f, -r and -c, since headerless samples say nothing themselves"))
        }
        return format
    }

    private func diskThread() throws(SessionFailure) -> DiskThread {
        if let disk { return disk }
        do throws(SystemError) {
            let made = try DiskThread()
            disk = made
            return made
        } catch {
            throw .before(.failed(error.message))
        }
    }

    /// Counts an entry that could not be played, and says so where others go on.
    func fail(_ index: Int, _ problem: SessionEnding) {
        guard failed.insert(index).inserted else { return }
        firstProblem = firstProblem ?? problem
        guard entries.count > 1, let message = problem.message else { return }
        if case .failed = problem {
            events.post(.warning("\(message); skipped"))
        } else {
            events.post(.warning(message))
        }
    }
}
