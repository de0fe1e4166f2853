import AupResampling
import AupSound
import AupWire

/// Sound at another rate, exact in time and length; what leaves is f32, or f64 where more came in.
///
/// Whatever it takes is samples: silence and gaps are made of them before (``FillStage``). Sound that is at the wanted rate
/// passes untouched. A lower rate cannot say to the frame how long the sound was; where that is to be known later it goes along
/// as an event, which is heeded on the way back to that rate.
///
/// - Thread: transport.
final class RateStage: PacketSink {
    enum Target {
        case rate(Int)
        /// That of the sound before it was encoded, where it is known.
        case original
    }

    /// `N at R Hz`: how many frames there were.
    static let lengthKey = "frames"

    private let target: Target
    private let quality: ResamplingQuality
    private let tellsLength: Bool
    private let next: any PacketSink
    private var resampler: Resampler?
    private var source: PCMFormat?
    private var slot = SampleConverterSlot()
    private var storage = SampleFormat.f32
    private var converted = ScratchBytes()
    private var resampled = ScratchBytes()
    private var anchor = CaptureAnchor()
    /// Frames taken and given since the format came, and given in all.
    private var taken: Int64 = 0
    private var made: Int64 = 0
    private var position: Int64 = 0
    /// What somebody said that it was at our target's rate.
    private var promisedFrames: Int64?

    init(to target: Target, quality: ResamplingQuality = .high, tellsLength: Bool = false, next: any PacketSink) {
        self.target = target
        self.quality = quality
        self.tellsLength = tellsLength
        self.next = next
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description):
            try finish()
            try plan(description)
        case .audio(let audio):
            guard resampler != nil else { return try pass(packet) }
            try convert(audio)
        case .silence, .gap: try pass(packet)
        case .event(let event):
            if event.key == Self.lengthKey, let rate = resampler?.targetRate {
                promisedFrames = Self.frames(event.value, rate: rate)
                if promisedFrames != nil { return }
            }
            try next.take(
                .event(
                    EventPacket(
                        position: position, captureTime: event.captureTime, key: event.key, value: event.value)))
        case .end:
            try finish()
            try next.take(packet)
        }
    }

    func flush() throws(SessionFailure) { try next.flush() }

    /// Whether sound is at another rate than the wanted one.
    func changes(_ description: StreamDescription) -> Bool {
        description.pcm.map { $0.rate != rate(description, $0) } ?? false
    }

    private func rate(_ description: StreamDescription, _ format: PCMFormat) -> Int {
        switch target {
        case .rate(let rate): rate
        case .original: description.original?.rate ?? format.rate
        }
    }

    private func plan(_ description: StreamDescription) throws(SessionFailure) {
        guard let format = description.pcm else {
            throw .before(.failed("\(description.summary) cannot be brought to another rate"))
        }
        let rate = rate(description, format)
        (source, taken, made, promisedFrames) = (format, 0, 0, nil)
        anchor = CaptureAnchor()
        guard rate != format.rate else { return try next.take(.format(description)) }
        storage = format.sampleFormat.significantBits > 24 ? .f64 : .f32
        do throws(ResamplingError) {
            resampler = try Resampler(
                from: format.rate, to: rate, channels: format.channels, sampleFormat: storage, quality: quality)
        } catch {
            throw .before(.failed("from \(format.rate) to \(rate) Hz: \(error.message)"))
        }
        slot.plan(from: format.sampleFormat, to: storage)
        guard let changed = PCMFormat(storage, rate: rate, channels: format.channels, layout: format.layout) else {
            throw .before(.failed("there is no stream at \(rate) Hz; give another --rate"))
        }
        var description = description
        description.coding = .pcm(changed)
        description.original = description.original ?? .init(rate: format.rate, sampleFormat: format.sampleFormat)
        try next.take(.format(description))
    }

    private func pass(_ packet: Packet) throws(SessionFailure) {
        guard let span = packet.span, let source else { return try next.take(packet) }
        try next.take(packet.part(first: 0, count: span.frames, rate: source.rate, position: position))
        position += span.frames
    }

    // MARK: - Sound

    private func convert(_ audio: AudioPacket) throws(SessionFailure) {
        guard let source else { return }
        anchor.note(position: taken, time: audio.captureTime)
        let samples = audio.frames * source.channels
        let frameBytes = source.channels * storage.bytesPerSample
        var bytes = unsafe audio.payload
        if !slot.isCopy {
            let space = unsafe converted.space(audio.frames * frameBytes)
            unsafe slot.convert(audio.payload, into: space, samples: samples)
            unsafe bytes = UnsafeRawBufferPointer(space)
        }
        var done = 0
        while done < audio.frames {
            let room = resampler!.roomFrames(forSource: audio.frames - done)
            let space = unsafe resampled.space(room * frameBytes)
            let count: Int
            do throws(ResamplingError) {
                let step = try unsafe resampler!.process(
                    bytes.baseAddress! + done * frameBytes, frames: audio.frames - done, into: space.baseAddress!,
                    room: room)
                done += step.taken
                count = step.made
            } catch {
                throw .before(.failed(error.message))
            }
            try unsafe give(space.baseAddress!, frames: count, frameBytes: frameBytes)
        }
        taken += Int64(audio.frames)
    }

    private func give(
        _ bytes: UnsafeMutableRawPointer, frames: Int, frameBytes: Int
    ) throws(SessionFailure) {
        guard frames > 0, let source, let rate = resampler?.targetRate else { return }
        let time = anchor.time(at: Double(made) * Double(source.rate) / Double(rate), rate: source.rate)
        try next.take(
            .audio(
                unsafe AudioPacket(
                    position: position, captureTime: time, frames: frames,
                    payload: UnsafeRawBufferPointer(start: bytes, count: frames * frameBytes))))
        made += Int64(frames)
        position += Int64(frames)
    }

    /// Brings out what the resampler holds; what follows is another sound, or the end.
    func finish() throws(SessionFailure) {
        guard let source, let rate = resampler?.targetRate else { return }
        let frameBytes = source.channels * storage.bytesPerSample
        var wanted = Resampler.length(of: taken, from: source.rate, to: rate)
        // Nobody is believed who says more than rounding makes.
        if let promisedFrames, abs(promisedFrames - wanted) <= Int64(rate / source.rate + 1) { wanted = promisedFrames }
        while true {
            let space = unsafe resampled.space(4096 * frameBytes)
            let count: Int
            do throws(ResamplingError) {
                count = try unsafe resampler!.finish(into: space.baseAddress!, room: 4096, total: wanted)
            } catch {
                throw .before(.failed(error.message))
            }
            if count == 0 { break }
            try unsafe give(space.baseAddress!, frames: count, frameBytes: frameBytes)
        }
        // Of the last frames there is nothing where all of them fell between two of the lower rate.
        if made < wanted {
            let rest = Int(wanted - made)
            let space = unsafe resampled.space(rest * frameBytes)
            unsafe space.initializeMemory(as: UInt8.self, repeating: 0)
            try unsafe give(space.baseAddress!, frames: rest, frameBytes: frameBytes)
        }
        resampler = nil
        if tellsLength, Self.hidesLength(from: source.rate, to: rate) {
            try next.take(.event(Self.length(taken, rate: source.rate, position: position)))
        }
    }

    /// Whether the frames at one rate, or at the codec's, do not follow from those at another one.
    static func hidesLength(from sourceRate: Int, to rate: Int) -> Bool {
        rate != sourceRate && rate < max(sourceRate, OpusConfiguration.rate)
    }

    /// The event that says how many frames there were.
    static func length(_ frames: Int64, rate: Int, position: Int64) -> EventPacket {
        EventPacket(position: position, captureTime: nil, key: lengthKey, value: "\(frames) at \(rate) Hz")
    }

    /// What ``lengthKey`` says, if it is about sound at this rate.
    static func frames(_ text: String, rate: Int) -> Int64? {
        length(text).flatMap { $0.rate == rate ? $0.frames : nil }
    }

    /// What ``lengthKey`` says.
    static func length(_ text: String) -> (frames: Int64, rate: Int)? {
        let words = text.split(separator: " ")
        guard words.count == 4, words[1] == "at", words[3] == "Hz", let frames = Int64(words[0]), frames >= 0,
            let rate = Int(words[2]), Limits.rates.contains(rate)
        else { return nil }
        return (frames, rate)
    }

    /// What ``lengthKey`` says, as frames at the codec's rate.
    static func codecFrames(_ text: String) -> Int64? {
        guard let (frames, rate) = length(text), frames <= Int64.max / Int64(OpusConfiguration.rate) else { return nil }
        return Resampler.length(of: frames, from: rate, to: OpusConfiguration.rate)
    }
}
