public import AupSound
internal import COpus

/// Turns sound into Opus packets whose lengths add up to exactly what went in.
///
/// ```
///   frames  ├──────── what went in ────────┤ silence
///   packets │ 0 │ 1 │ 2 │ …            │ n │
///            └ the first frames of what is decoded are the codec's look-ahead: the pre-skip
/// ```
///
/// - Thread: one at a time; none that must not wait.
@safe public final class OpusEncoder {
    /// What a decoder has to know.
    public let configuration: OpusConfiguration
    /// Frames per second of what is taken: one of ``OpusSettings/rates``.
    public let rate: Int
    public let family: Int
    /// Frames at 48 kHz that have been taken.
    public var takenFrames: Int64 { taken * scale }
    /// How long the sound was at 48 kHz where it was taken at less, and not a whole number of our frames; to be said before
    /// the end. What lies further than that from what was taken is not believed.
    public var expectedFrames: Int64? {
        didSet { if let wanted = expectedFrames, abs(wanted - takenFrames) >= scale { expectedFrames = nil } }
    }
    private var wholeFrames: Int64 { expectedFrames ?? takenFrames }
    /// Frames at 48 kHz that the packets made so far stand for.
    public private(set) var madeFrames: Int64 = 0

    private let encoder: OpaquePointer
    private let order: OpusChannelOrder
    /// Whether the channels lie as the encoder has them.
    private let isInOrder: Bool
    private let channels: Int
    /// Frames at 48 kHz in one of ours.
    private let scale: Int64
    /// Of one packet, at our rate.
    private let packetFrames: Int
    private var taken: Int64 = 0
    private var packets: Int64 = 0
    /// Whether sound that comes later has a say in how a packet is made.
    private let looksAhead: Bool
    /// Frames that are to be there before a packet is made: one packet's, or what the codec's analysis sees.
    private let sightFrames: Int
    /// Interleaved, in the order of the encoder.
    private let waiting: UnsafeMutablePointer<Float>
    private let capacityFrames: Int
    private var waitingStart = 0
    private var waitingFrames = 0
    private let packet: UnsafeMutableBufferPointer<UInt8>

    /// Bytes of one stream's packet at most (RFC 6716, 3.2.1: 1275 for each frame, of which 60 ms have three).
    private static let streamBytes = 1275 * 3 + 7
    /// What libopus keeps of its analysis at most, in fiftieths of a second (DETECT_SIZE less 5).
    private static let sightFiftieths = 95

    /// - Parameters:
    ///   - rate: of the sound, one of ``OpusSettings/rates``.
    ///   - originalRate: of the sound before it was resampled.
    public init(
        _ settings: OpusSettings, rate: Int, channels: Int, layout: ChannelLayout? = nil, originalRate: Int? = nil,
        originalFormat: SampleFormat? = nil
    ) throws(OpusError) {
        precondition(OpusSettings.rates.contains(rate) && OpusSettings.frameSizes.contains(settings.frameSize))
        if let why = unsafe aup_opus_missing() { throw .missingLibrary(.opus, why: unsafe String(cString: why)) }
        if let bits = settings.bitsPerSecond, !OpusSettings.bitLimits.contains(bits / channels) {
            let (least, most) = (OpusSettings.bitLimits.lowerBound, OpusSettings.bitLimits.upperBound)
            throw .unencodable(
                what: "\(bits) bit/s for \(channels) channels",
                why: "it takes \(least * channels) to \(most * channels)")
        }
        let order = OpusChannelOrder(channels: channels, layout: layout)
        var facts = aup_opus_facts()
        var code: Int32 = 0
        func make(_ bits: Int) -> OpaquePointer? {
            var wanted = Self.wanted(settings, rate: rate, channels: channels, family: order.family, bits: bits)
            wanted.depth_bits = Int32(min(max(originalFormat?.significantBits ?? 24, 8), 24))
            return unsafe aup_opus_encoder_make(&wanted, &facts, &code)
        }
        var made = unsafe make(settings.bitsPerSecond ?? 0)
        if settings.bitsPerSecond == nil, let first = unsafe made {
            // Only now is known how many streams there are.
            unsafe aup_opus_encoder_free(first)
            unsafe made = unsafe make(OpusSettings.usualBits(streams: Int(facts.streams), coupled: Int(facts.coupled)))
        }
        let what = "\(channels) channels at \(rate) Hz with these settings"
        guard let encoder = unsafe made else {
            throw .unencodable(what: what, why: unsafe String(cString: aup_opus_words(code)))
        }
        let scale = OpusConfiguration.rate / rate
        let mapping = unsafe withUnsafeBytes(of: facts.mapping) { unsafe Array($0.prefix(channels)) }
        // The decoder gives channels back in the order of the sound.
        var inOrder = mapping
        for (place, source) in order.sources.enumerated() { inOrder[source] = mapping[place] }
        guard
            let configuration = OpusConfiguration(
                channels: channels, preSkipFrames: Int(facts.lookahead) * scale, frameSize: settings.frameSize,
                originalRate: originalRate ?? rate, originalFormat: originalFormat, streams: Int(facts.streams),
                coupledStreams: Int(facts.coupled), mapping: inOrder, layout: layout)
        else {
            unsafe aup_opus_encoder_free(encoder)
            throw .unencodable(what: what, why: "the stream has at most \(Limits.channels) channels")
        }
        unsafe self.encoder = encoder
        self.configuration = configuration
        self.order = order
        isInOrder = order.sources == Array(0..<channels)
        self.rate = rate
        self.channels = channels
        self.scale = Int64(scale)
        family = order.family
        packetFrames = settings.frameSize / scale
        looksAhead = settings.looksAhead
        sightFrames = settings.looksAhead ? max(Self.sightFiftieths * rate / 50, packetFrames) : packetFrames
        // The silence behind the end, and where much waits as much again, so that it is moved once in two seconds: four times
        // a second was a thirtieth of all the work.
        capacityFrames =
            sightFrames * (settings.looksAhead ? 2 : 1) + 2 * packetFrames + Int(facts.lookahead)
        unsafe waiting = .allocate(capacity: capacityFrames * channels)
        unsafe packet = .allocate(capacity: Self.streamBytes * Int(facts.streams))
    }

    deinit {
        unsafe aup_opus_encoder_free(encoder)
        unsafe waiting.deallocate()
        unsafe packet.deallocate()
    }

    private static func wanted(
        _ settings: OpusSettings, rate: Int, channels: Int, family: Int, bits: Int
    ) -> aup_opus_settings {
        aup_opus_settings(
            rate: Int32(rate), channels: Int32(channels), family: Int32(family),
            application: Int32(OpusSettings.Application.allCases.firstIndex(of: settings.application)!),
            bits: Int32(bits),
            rate_control: Int32(OpusSettings.RateControl.allCases.firstIndex(of: settings.rateControl)!),
            complexity: Int32(settings.complexity), bandwidth: Int32(settings.bandwidth ?? 0),
            loss_percent: Int32(settings.lossPercent), has_fec: settings.hasErrorCorrection ? 1 : 0,
            has_dtx: settings.hasDiscontinuousTransmission ? 1 : 0,
            signal: Int32(OpusSettings.Signal.allCases.firstIndex(of: settings.signal)!), depth_bits: 24,
            seen_frames: Int32(settings.looksAhead ? settings.frameSize : 0))
    }

    // MARK: - Sound

    /// Takes interleaved frames up to the next packet; to be called again until it gives none.
    ///
    /// - Parameter place: the frame to go on from, which is moved behind what was taken.
    public func take(_ samples: UnsafeBufferPointer<Float>, from place: inout Int) throws(OpusError) -> OpusPacket? {
        let frames = samples.count / channels - place
        guard let first = samples.baseAddress else { return nil }
        let source = unsafe first + place * channels
        // A whole packet in the encoder's order is encoded where it lies.
        if isInOrder, sightFrames == packetFrames, waitingFrames == 0, frames >= packetFrames {
            place += packetFrames
            taken += Int64(packetFrames)
            return try unsafe encode(source, frames: packetFrames)
        }
        let count = min(sightFrames - waitingFrames, frames)
        unsafe copy(source, frames: max(count, 0))
        place += max(count, 0)
        taken += Int64(max(count, 0))
        guard waitingFrames >= sightFrames else { return nil }
        return try encodeWaiting()
    }

    private func copy(_ source: UnsafePointer<Float>, frames: Int) {
        makeRoom(frames)
        let goal = unsafe waiting + (waitingStart + waitingFrames) * channels
        waitingFrames += frames
        if isInOrder { return unsafe goal.update(from: source, count: frames * channels) }
        for (place, channel) in order.sources.enumerated() {
            for frame in 0..<frames {
                unsafe goal[frame * channels + place] = unsafe source[frame * channels + channel]
            }
        }
    }

    /// Moves what waits to the front where there is no room behind it.
    private func makeRoom(_ frames: Int) {
        guard waitingStart + waitingFrames + frames > capacityFrames else { return }
        unsafe waiting.update(from: waiting + waitingStart * channels, count: waitingFrames * channels)
        waitingStart = 0
    }

    private func encodeWaiting() throws(OpusError) -> OpusPacket {
        let packet = try unsafe encode(waiting + waitingStart * channels, frames: waitingFrames)
        waitingFrames -= packetFrames
        waitingStart = waitingFrames == 0 ? 0 : waitingStart + packetFrames
        return packet
    }

    /// The packets that bring out all that was taken, until there is none; the last one stands for what is left of it.
    /// There are some even where nothing was taken, because a file shorter than its pre-skip is none (RFC 7845, 4.2).
    public func finish() throws(OpusError) -> OpusPacket? {
        let all = packets * Int64(configuration.frameSize)
        guard madeFrames < wholeFrames || packets == 0 || all < Int64(configuration.preSkipFrames) else { return nil }
        // Silence behind the sound, as much as the last packets hold.
        let size = Int64(configuration.frameSize)
        let total = max(wholeFrames + Int64(configuration.preSkipFrames), 1)
        let silence = Int((total + size - 1) / size - packets) * packetFrames - waitingFrames
        if silence > 0 {
            makeRoom(silence)
            unsafe (waiting + (waitingStart + waitingFrames) * channels).update(
                repeating: 0, count: silence * channels)
            waitingFrames += silence
        }
        return try encodeWaiting()
    }

    /// - Parameter frames: that can be seen; the packet is made of the first ones.
    private func encode(_ samples: UnsafePointer<Float>, frames: Int) throws(OpusError) -> OpusPacket {
        let bytes = unsafe aup_opus_encode(
            encoder, samples, Int32(looksAhead ? frames : packetFrames), packet.baseAddress, Int32(packet.count))
        guard bytes > 0 else {
            throw .failed(doing: "encoding", why: unsafe String(cString: aup_opus_words(bytes)))
        }
        packets += 1
        // What is heard of the packets so far: without the pre-skip, and not beyond what was taken.
        let made = packets * Int64(configuration.frameSize) - Int64(configuration.preSkipFrames)
        let heard = max(min(max(made, 0), wholeFrames), madeFrames)
        let frames = Int(heard - madeFrames)
        madeFrames = heard
        return unsafe OpusPacket(
            bytes: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(packet)[..<Int(bytes)]), frames: frames)
    }
}

/// One packet of an encoder.
@safe public struct OpusPacket {
    /// Valid until the encoder is asked again.
    @unsafe public let bytes: UnsafeRawBufferPointer
    /// At 48 kHz, that it stands for: fewer than it holds at both ends of the sound.
    public let frames: Int
}
