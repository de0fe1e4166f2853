import AupFLAC
import AupFiles
import AupSound
import AupWire

/// Samples of any format as frames of FLAC.
///
/// - Thread: transport.
final class FLACWriter {
    private let encoder: FLACEncoder
    private let source: PCMFormat
    private let target: SampleFormat
    private let channelSources: [Int]?
    private var slot = SampleConverterSlot()
    private var scratch = ScratchBytes()
    private var samples: [Int32] = []

    /// Frames of silence that are encoded at once.
    private static let silentFrames: Int64 = 4096

    init(_ format: PCMFormat) throws(FLACError) {
        encoder = try FLACEncoder(format)
        source = format
        target = encoder.bits == 16 ? .s16 : .s24
        channelSources = RecordingContainer.flac.channelSources(for: format)
        slot.plan(from: format.sampleFormat, to: target)
    }

    var streamInfo: [UInt8] { encoder.streamInfo }

    func take(_ audio: AudioPacket, _ give: FLACEncoder.Taker) throws {
        let count = audio.frames * source.channels
        let space = unsafe scratch.space(count * target.bytesPerSample)
        unsafe slot.convert(audio.payload, into: space, samples: count)
        unsafe reorderChannels(space, source.with(target), sources: channelSources)
        samples.removeAll(keepingCapacity: true)
        if target == .s16 {
            for index in 0..<count {
                unsafe samples.append(Int32(space.loadUnaligned(fromByteOffset: index * 2, as: Int16.self)))
            }
        } else {
            for index in 0..<count {
                // The upper eight bits mean nothing.
                let sample = unsafe space.loadUnaligned(fromByteOffset: index * 4, as: Int32.self)
                samples.append((sample << 8) >> 8)
            }
        }
        try unsafe encoder.take(samples, frames: audio.frames, give)
    }

    func addSilence(_ frames: Int64, _ give: FLACEncoder.Taker) throws {
        var rest = frames
        while rest > 0 {
            let count = Int(min(rest, Self.silentFrames))
            samples = Array(repeating: 0, count: count * source.channels)
            try unsafe encoder.take(samples, frames: count, give)
            rest -= Int64(count)
        }
    }

    func finish(_ give: FLACEncoder.Taker) throws { try unsafe encoder.finish(give) }
}
