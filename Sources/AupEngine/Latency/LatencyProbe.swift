import AupRealtime
import AupSound
import AupSystem
import AupWire

/// What a loop from an output back to an input was seen to take.
public struct LatencyMeasurement: Sendable, Equatable {
    /// Of each click that came back: frames between going out and coming in, in the one stream they are both in.
    public internal(set) var roundTripFrames: [Int] = []
    /// Clicks that were sent and listened for.
    public internal(set) var clicks = 0

    /// The one in the middle; `nil` when none came back.
    public var medianFrames: Int? {
        roundTripFrames.isEmpty ? nil : roundTripFrames.sorted()[roundTripFrames.count / 2]
    }
}

/// Sends clicks through whatever lies between an output and an input, and finds them in what comes back.
///
///     in  ……………………………………………┃click┃………     position p + N
///     out ………┃click┃……………………………………………     position p:  the loop takes N frames
///
/// Both sides are one stream, so N is the whole round trip, as a musician would hear it: the device's converters and
/// buffers, the cable, and aup between its two ends. What comes in is not passed on, since a loop would ring.
///
/// - Thread: transport, but for ``measure()``, which is main's when the session is over: it computes for a while.
final class LatencyProbe: PacketSink {
    /// Clicks in all; the median of an odd number is one of them.
    static let clicks = 5
    /// What is listened for at most: a Bluetooth headset takes a third of a second.
    static let longestSeconds = 1.0
    /// Silence before the first one: clocks settle and buffers find their fill.
    static let settlingSeconds = 2.0

    private let next: any PacketSink
    private let amplitude: Float
    private let sequence = ClickSequence()
    private let heardSounds = Guarded<[[Float]]>([])
    private var format: PCMFormat?
    private var toFloat = SampleConverterSlot()
    private var fromFloat = SampleConverterSlot()
    private var scratch = ScratchBytes()
    private var out = ScratchBytes()
    /// What has come in since the click went out, the channels added up.
    private var heard: [Float] = []
    private var framesUntilClick: Int64 = 0
    private var isListening = false
    /// Frames of the click that have gone out.
    private var sentFrames = ClickSequence.frames
    private var clicks = 0
    private(set) var isOver = false

    init(amplitude: Float, next: any PacketSink) {
        self.amplitude = amplitude
        self.next = next
    }

    func measure() -> LatencyMeasurement {
        var measurement = LatencyMeasurement()
        let sounds = heardSounds.read { $0 }
        measurement.clicks = sounds.count
        measurement.roundTripFrames = sounds.compactMap { sequence.find(in: $0) }
        return measurement
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description):
            guard let format = description.pcm else {
                throw .before(.failed("latency is measured with PCM, not with \(description.summary)"))
            }
            self.format = format
            toFloat.plan(from: format.sampleFormat, to: .f32)
            fromFloat.plan(from: .f32, to: format.sampleFormat)
            framesUntilClick = Int64(Self.settlingSeconds * Double(format.rate))
            heard.reserveCapacity(Int(Self.longestSeconds * Double(format.rate)) + 8192)
            try next.take(packet)
        case .audio(let audio): try probe(audio)
        case .gap, .silence:
            // A click on its way may be lost with it: the round does not count.
            isListening = false
            heard.removeAll(keepingCapacity: true)
            framesUntilClick = max(framesUntilClick, Int64(Self.longestSeconds * Double(format?.rate ?? 48_000)))
            try next.take(packet)
        case .event, .end: try next.take(packet)
        }
    }

    func flush() throws(SessionFailure) { try next.flush() }

    private func probe(_ audio: AudioPacket) throws(SessionFailure) {
        guard let format, !isOver else { return }
        let samples = audio.frames * format.channels
        let space = unsafe scratch.space(samples * 4)
        unsafe toFloat.convert(audio.payload, into: space, samples: samples)
        let floats = unsafe space.bindMemory(to: Float.self)
        if framesUntilClick <= 0, !isListening, sentFrames == ClickSequence.frames {
            isListening = true
            sentFrames = 0
            heard.removeAll(keepingCapacity: true)
            clicks += 1
        }
        framesUntilClick -= Int64(audio.frames)
        if isListening { unsafe listen(floats, frames: audio.frames, channels: format.channels) }
        unsafe fill(floats, frames: audio.frames, channels: format.channels)
        let target = unsafe out.space(samples * format.sampleFormat.bytesPerSample)
        unsafe fromFloat.convert(UnsafeRawBufferPointer(space), into: target, samples: samples)
        try next.take(
            .audio(
                unsafe AudioPacket(
                    position: audio.position, captureTime: audio.captureTime, frames: audio.frames,
                    payload: UnsafeRawBufferPointer(target))))
    }

    private func listen(_ floats: UnsafeMutableBufferPointer<Float>, frames: Int, channels: Int) {
        for frame in 0..<frames {
            var sum: Float = 0
            for channel in 0..<channels { unsafe sum += floats[frame * channels + channel] }
            heard.append(sum)
        }
        guard let rate = format?.rate, heard.count >= Int(Self.longestSeconds * Double(rate)) else { return }
        isListening = false
        framesUntilClick = 0
        heardSounds.write { $0.append(heard) }
        isOver = clicks >= Self.clicks
    }

    /// What goes out: the click where it is due, else silence.
    private func fill(_ floats: UnsafeMutableBufferPointer<Float>, frames: Int, channels: Int) {
        for frame in 0..<frames {
            var value: Float = 0
            if sentFrames < ClickSequence.frames {
                value = sequence.values[sentFrames] * amplitude
                sentFrames += 1
            }
            for channel in 0..<channels { unsafe floats[frame * channels + channel] = value }
        }
    }
}
