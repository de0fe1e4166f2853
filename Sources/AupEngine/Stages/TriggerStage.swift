import AupSound
import AupWire

/// A sound-activated recording: lets sound through from a little before it is loud until it has been quiet for a while,
/// and puts silence in place of the rest.
///
///     level   ____________####__##______________
///     gate            [preroll|####__##|hang]
///     out     silence, trigger=on, audio …, trigger=off, silence
///
/// A place in the stream stays a time of the recording: what is left out is a silence packet, which is no loss and has no
/// samples. Each recording stands between two events, `trigger=on` at its first frame and `trigger=off` after its last,
/// so that whoever writes files can begin one at each. The stream runs behind by the length of the pre-roll while the gate
/// is closed, since until then nobody knows what a frame will be.
///
/// - Thread: transport.
final class TriggerStage: PacketSink {
    private let configuration: TriggerConfiguration
    private let events: EventQueue
    private let next: any PacketSink
    private var gate: SoundGate?
    private var format: PCMFormat?
    private var converter = SampleConverterSlot()
    private var scratch = ScratchBytes()
    private var buffer = PreRollBuffer(frames: 0, frameBytes: 1)
    /// Where the next frame that goes out belongs, and when the one after the last that came in was captured.
    private var position: Int64 = 0
    private var inputTime: Int64?
    private var isOpen = false

    /// Frames of one packet out of the buffer; 64 channels of 8 bytes stay below a packet's largest payload.
    private static let packetFrames = 1024

    init(_ configuration: TriggerConfiguration, events: EventQueue, next: any PacketSink) {
        self.configuration = configuration
        self.events = events
        self.next = next
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description):
            try silence(buffer.count)
            try plan(description)
            try next.take(packet)
        case .audio(let audio): try take(audio)
        case .silence(let quiet):
            try pause(quiet.frames)
            try next.take(
                .silence(SilencePacket(position: position, captureTime: quiet.captureTime, frames: quiet.frames)))
            position += quiet.frames
        case .gap(let gap):
            try pause(gap.frames)
            try next.take(packet)
            position += gap.frames
        case .event: try next.take(packet)
        case .end:
            if isOpen { try close() }
            try silence(buffer.count)
            try next.take(packet)
        }
    }

    func flush() throws(SessionFailure) { try next.flush() }

    private func plan(_ description: StreamDescription) throws(SessionFailure) {
        guard let format = description.pcm else {
            throw .before(.failed("--trigger listens to PCM, not to \(description.summary)"))
        }
        let preRoll = configuration.preRoll.frames(rate: format.rate)
        guard preRoll <= Int64(PreRollBuffer.largestBytes / format.frameBytes) else {
            throw .before(
                .usage("--pre-roll is longer than \(PreRollBuffer.largestBytes >> 20) MiB of this format; shorten it"))
        }
        self.format = format
        converter.plan(from: format.sampleFormat, to: .f32)
        buffer = PreRollBuffer(frames: Int(preRoll), frameBytes: format.frameBytes)
        guard gate == nil else { return }
        gate = SoundGate(
            threshold: Float(configuration.threshold), release: Float(configuration.release),
            hangFrames: configuration.hang.frames(rate: format.rate))
    }

    private func take(_ audio: AudioPacket) throws(SessionFailure) {
        guard let format, gate != nil else { return }
        if inputTime == nil { position = audio.position }
        let samples = audio.frames * format.channels
        let space = unsafe scratch.space(samples * 4)
        unsafe converter.convert(audio.payload, into: space, samples: samples)
        let levels = UnsafeRawBufferPointer(space)
        inputTime = audio.captureTime ?? inputTime ?? 0
        var first = 0
        for frame in 0..<audio.frames {
            var level: Float = 0
            for channel in 0..<format.channels {
                let sample = unsafe levels.load(fromByteOffset: (frame * format.channels + channel) * 4, as: Float.self)
                level = max(level, abs(sample))
            }
            guard gate!.step(level) != isOpen else { continue }
            try pass(audio, first, frame, format)
            first = frame
            if isOpen { try close() } else { try open() }
        }
        try pass(audio, first, audio.frames, format)
    }

    /// Frames during which the gate stood as it does.
    private func pass(_ audio: AudioPacket, _ first: Int, _ end: Int, _ format: PCMFormat) throws(SessionFailure) {
        guard end > first else { return }
        let part = audio.part(
            first: first, count: end - first, rate: format.rate,
            position: isOpen ? position : audio.position + Int64(first))
        if isOpen {
            try next.take(.audio(part))
            position += Int64(part.frames)
        } else if let base = unsafe part.payload.baseAddress {
            let out = unsafe buffer.push(base, frames: part.frames)
            try quiet(Int64(out))
        }
        if let time = part.captureTime { inputTime = time + Int64(part.frames) * 1_000_000_000 / Int64(format.rate) }
    }

    private func open() throws(SessionFailure) {
        isOpen = true
        try tell("on", "a recording begins")
        guard let format else { return }
        while buffer.count > 0 {
            let bytes = unsafe buffer.first(atMost: Self.packetFrames)
            let frames = bytes.count / format.frameBytes
            let time = inputTime.map { $0 - Int64(buffer.count) * 1_000_000_000 / Int64(format.rate) }
            try next.take(
                .audio(unsafe AudioPacket(position: position, captureTime: time, frames: frames, payload: bytes)))
            position += Int64(frames)
            buffer.drop(frames)
        }
    }

    private func close() throws(SessionFailure) {
        isOpen = false
        try tell("off", "a recording ends")
    }

    /// Frames that nobody heard.
    private func pause(_ frames: Int64) throws(SessionFailure) {
        try silence(buffer.count)
        gate?.pass(frames: frames)
        if isOpen, gate?.isOpen == false { try close() }
    }

    private func silence(_ frames: Int) throws(SessionFailure) {
        buffer.drop(frames)
        try quiet(Int64(frames))
    }

    private func quiet(_ frames: Int64) throws(SessionFailure) {
        guard frames > 0 else { return }
        try next.take(.silence(SilencePacket(position: position, captureTime: nil, frames: frames)))
        position += frames
    }

    private func tell(_ value: String, _ words: String) throws(SessionFailure) {
        let event = NamedEvent(
            "trigger-\(value)", "\(words) at frame \(position)", numbers: [("position", Double(position))],
            isQuiet: true)
        events.post(.happened(event))
        try next.take(
            .event(EventPacket(position: position, captureTime: nil, key: "trigger", value: value)))
    }
}
