import AupFiles
import AupSound
import AupSystem
import AupWire

/// A WAV file that plays at every instant: header refreshed once a second of sound, named when it is whole.
///
/// Gaps and silence are written as silence, so that a place in the file is a time of the recording.
///
/// - Thread: transport.
final class WAVFileSink: PacketSink {
    private let path: String
    private let overwrite: Bool
    private var file: CrashSafeWAVFile?
    private var converter = SampleConverterSlot()
    private var scratch = ScratchBytes()
    private var sourceFormat: PCMFormat?
    private var framesSinceRefresh: Int64 = 0
    private(set) var finishedPath: String?

    init(_ path: String, overwrite: Bool) {
        self.path = path
        self.overwrite = overwrite
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        do throws(FileError) {
            switch packet {
            case .format(let description):
                guard let format = description.pcm else {
                    throw .unwritable(container: "WAV", what: description.summary)
                }
                try accept(format)
            case .audio(let audio): try append(audio)
            case .silence(let silence): try appendSilence(silence.frames)
            case .gap(let gap): try appendSilence(gap.frames)
            case .event: break
            case .end: try finish()
            }
        } catch {
            // What is on the disk is whole frames, and gets its name if that is still possible.
            try? finish()
            throw .sink(.failed(error.message))
        }
    }

    func flush() throws(SessionFailure) {}

    private func finish() throws(FileError) {
        try file?.finish()
        if file != nil { finishedPath = path }
        file = nil
    }

    private func accept(_ format: PCMFormat) throws(FileError) {
        if let file {
            guard file.header.format.rate == format.rate, file.header.format.channels == format.channels else {
                throw .unwritable(container: "WAV", what: "a change of format to \(format.summary) in mid-stream")
            }
        } else {
            file = try CrashSafeWAVFile(path: path, format: format, overwrite: overwrite)
        }
        sourceFormat = format
        converter.plan(from: format.sampleFormat, to: file!.header.format.sampleFormat)
    }

    private func append(_ audio: AudioPacket) throws(FileError) {
        guard let file, let source = sourceFormat else { return }
        let samples = audio.frames * source.channels
        let space = unsafe scratch.space(samples * file.header.format.sampleFormat.bytesPerSample)
        unsafe converter.convert(audio.payload, into: space, samples: samples)
        unsafe file.header.reorder(space)
        try unsafe file.append(UnsafeRawBufferPointer(space))
        try refreshIfDue(Int64(audio.frames))
    }

    private func appendSilence(_ frames: Int64) throws(FileError) {
        guard let file else { return }
        let format = file.header.format
        var rest = frames
        while rest > 0 {
            let count = Int(min(rest, 4096))
            let space = unsafe scratch.space(count * format.frameBytes)
            unsafe space.initializeMemory(as: UInt8.self, repeating: format.sampleFormat.silenceByte)
            try unsafe file.append(UnsafeRawBufferPointer(space))
            rest -= Int64(count)
        }
        try refreshIfDue(frames)
    }

    private func refreshIfDue(_ frames: Int64) throws(FileError) {
        guard let file else { return }
        framesSinceRefresh += frames
        guard framesSinceRefresh >= Int64(file.header.format.rate) else { return }
        framesSinceRefresh = 0
        try file.refreshHeader()
    }
}
