import AupFiles
import AupSound
import AupSystem
import AupWire

/// A recording that opens at every instant: refreshed twice a second of sound, named when it is whole.
///
/// Gaps and silence are written as silence, so that a place in the file is a time of the recording, unless gaps are only
/// to be marked. Samples become what
/// the container holds, dithered where it holds less.
///
/// - Thread: transport.
final class RecordingSink: PacketSink {
    private let path: String
    private let container: RecordingContainer
    private let plan: RecordingPlan
    private let gaps: LivenessConfiguration.GapStorage
    private let overwrite: Bool
    private var file: (any RecordingFile)?
    private var converter = SampleConverterSlot()
    private var scratch = ScratchBytes()
    private var description: StreamDescription?
    private var sourceFormat: PCMFormat?
    private var framesSinceRefresh: Int64 = 0
    private var isStartKnown = false
    private var sync: DiskSync
    private var tags: TagList
    private var hasSaidTags = false
    private(set) var finishedPath: String?
    private(set) var failure: FileError?
    /// Samples that the container's format had no room for, of all files of an output.
    let clipped: Guarded<Int64>

    init(
        _ path: String, container: RecordingContainer, plan: RecordingPlan, gaps: LivenessConfiguration.GapStorage,
        overwrite: Bool, clipped: Guarded<Int64> = Guarded(0)
    ) {
        self.path = path
        self.container = container
        self.plan = plan
        self.gaps = gaps
        self.overwrite = overwrite
        self.clipped = clipped
        sync = DiskSync(plan.fsync)
        tags = TagList(plan)
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        do throws(FileError) {
            switch packet {
            case .format(let description):
                guard let format = description.pcm else {
                    throw .unwritable(container: container.name, what: description.summary)
                }
                self.description = description
                try accept(format)
            case .audio(let audio): try append(audio)
            case .silence(let silence):
                noteStart(silence.captureTime)
                try appendSilence(silence.frames)
            case .gap(let gap):
                guard gaps == .fill else { break }
                noteStart(gap.captureTime)
                try appendSilence(gap.frames)
            case .event(let event): tags.add(event)
            case .end: try finish()
            }
        } catch {
            // What is on the disk is whole frames, and gets its name if that is still possible.
            failure = error
            try? finish()
            throw .sink(.failed(error.message))
        }
    }

    func flush() throws(SessionFailure) {}

    private func finish() throws(FileError) {
        try sayTags()
        guard let file else { return }
        self.file = nil
        try file.finish()
        finishedPath = path
    }

    private func accept(_ format: PCMFormat) throws(FileError) {
        if let file {
            guard file.format.rate == format.rate, file.format.channels == format.channels else {
                throw .unwritable(
                    container: container.name, what: "a change of format to \(format.summary) in mid-stream")
            }
        } else {
            let start = RecordingStart(utcNanoseconds: WallClock.nanoseconds())
            file = try container.create(
                path: path, format: format, overwrite: overwrite, fsync: plan.fsync,
                broadcast: plan.hasBroadcast ? BroadcastExtension(description: plan.description, start: start) : nil,
                longBytes: plan.longBytes)
        }
        sourceFormat = format
        converter.plan(from: format.sampleFormat, to: file!.format.sampleFormat)
    }

    private func append(_ audio: AudioPacket) throws(FileError) {
        guard let file, let source = sourceFormat else { return }
        noteStart(audio.captureTime)
        try sayTags()
        if converter.isCopy, file.channelSources == nil {
            try unsafe file.append(audio.payload)
        } else {
            let samples = audio.frames * source.channels
            let space = unsafe scratch.space(samples * file.format.sampleFormat.bytesPerSample)
            let before = converter.clippedSamples
            unsafe converter.convert(audio.payload, into: space, samples: samples)
            let more = converter.clippedSamples - before
            if more > 0 { clipped.write { $0 += more } }
            unsafe reorderChannels(space, file.format, sources: file.channelSources)
            try unsafe file.append(UnsafeRawBufferPointer(space))
        }
        try refreshIfDue(Int64(audio.frames))
    }

    private func appendSilence(_ frames: Int64) throws(FileError) {
        guard let file else { return }
        try sayTags()
        let format = file.format
        var rest = frames
        while rest > 0 {
            let count = Int(min(rest, 4096))
            let space = unsafe scratch.space(count * format.frameBytes)
            unsafe space.initializeMemory(as: UInt8.self, repeating: format.sampleFormat.silenceByte)
            try unsafe file.append(UnsafeRawBufferPointer(space))
            rest -= Int64(count)
            try refreshIfDue(Int64(count))
        }
    }

    /// Before the first sound, when the stream has said what it says.
    private func sayTags() throws(FileError) {
        guard !hasSaidTags, let file else { return }
        hasSaidTags = true
        let tags = tags.tags
        if !tags.isEmpty { try file.setTags(tags) }
    }

    private func refreshIfDue(_ frames: Int64) throws(FileError) {
        guard let file else { return }
        framesSinceRefresh += frames
        // Twice a second, so that with what waits in queues a kill costs less than a whole one.
        guard framesSinceRefresh >= Int64(file.format.rate / 2) else { return }
        framesSinceRefresh = 0
        try file.refreshHeader()
        if sync.isDue() { try file.sync() }
    }

    // MARK: - When it began

    /// Tells the file when its first frame was captured, as exactly as the stream knows.
    private func noteStart(_ captureTime: Int64?) {
        guard !isStartKnown, plan.hasBroadcast, let captureTime, let clock = description?.clock else { return }
        switch clock.kind {
        case .none: return
        case .utc: noteStart(captureTime)
        case .monotonic:
            // Times of another boot say nothing about the date; then it stays the time at which the file was made.
            guard clock == .monotonicOfThisBoot else { return }
            noteStart(captureTime + WallClock.offsetToMonotonic())
        }
    }

    func noteStart(_ moment: Int64) {
        isStartKnown = true
        file?.setStart(RecordingStart(utcNanoseconds: moment))
    }

    var byteCount: Int64 { file?.byteCount ?? 0 }
}
