public import AupSound
internal import COpus

/// Turns Opus packets into sound.
///
/// - Thread: one at a time; none that must not wait.
@safe public final class OpusDecoder {
    public let configuration: OpusConfiguration
    public let rate = OpusConfiguration.rate
    public var channels: Int { configuration.channels }

    private let decoder: OpaquePointer
    private let space: UnsafeMutablePointer<Float>
    /// Frames that are still to be dropped from the start.
    private var skip: Int

    /// Frames of the longest packet there is: 120 ms.
    public static let packetFrames = 5760

    public init(_ configuration: OpusConfiguration) throws(OpusError) {
        if let why = unsafe aup_opus_missing() { throw .missingLibrary(.opus, why: unsafe String(cString: why)) }
        var code: Int32 = 0
        let made = unsafe aup_opus_decoder_make(
            Int32(rate), Int32(configuration.channels), Int32(configuration.streams),
            Int32(configuration.coupledStreams), configuration.mapping, &code)
        guard let decoder = unsafe made else {
            throw .failed(doing: "decoding", why: unsafe String(cString: aup_opus_words(code)))
        }
        unsafe self.decoder = decoder
        self.configuration = configuration
        unsafe space = .allocate(capacity: Self.packetFrames * configuration.channels)
        skip = configuration.preSkipFrames
    }

    deinit {
        unsafe aup_opus_decoder_free(decoder)
        unsafe space.deallocate()
    }

    /// Frames at 48 kHz of a packet; `nil` where it is none.
    public static func frames(_ packet: UnsafeRawBufferPointer) -> Int? {
        guard unsafe aup_opus_missing() == nil, packet.count > 0 else { return nil }
        let frames = unsafe aup_opus_packet_frames(
            packet.baseAddress!.assumingMemoryBound(to: UInt8.self), Int32(clamping: packet.count))
        return frames > 0 ? Int(frames) : nil
    }

    /// The interleaved sound that a packet stands for: the start's pre-skip and what is beyond `frames` is left out.
    ///
    /// - Parameter frames: that the packet stands for.
    /// - Returns: valid until the decoder is asked again; fewer frames where the packet holds fewer.
    public func decode(
        _ packet: UnsafeRawBufferPointer, frames: Int
    ) throws(OpusError) -> UnsafeBufferPointer<Float> {
        let made = unsafe aup_opus_decode(
            decoder, packet.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(clamping: packet.count), space,
            Int32(Self.packetFrames), 0)
        guard made > 0, unsafe !packet.isEmpty else {
            throw .damaged(why: unsafe String(cString: aup_opus_words(made > 0 ? -4 : made)))
        }
        return unsafe heard(Int(made), frames: frames)
    }

    /// Guesses the sound of a packet that was lost, out of what was before it.
    ///
    /// - Parameter frames: that it stood for, at most ``packetFrames``.
    public func conceal(frames: Int) -> UnsafeBufferPointer<Float> {
        // The codec guesses in steps of 2.5 ms, and the pre-skip is still to come off.
        let wanted = min((frames + skip + 119) / 120 * 120, Self.packetFrames)
        let made = unsafe aup_opus_decode(decoder, nil, 0, space, Int32(wanted), 0)
        return unsafe heard(max(Int(made), 0), frames: frames)
    }

    /// The sound of a packet that was lost, as far as the one behind it repeats it; the rest is guessed. That one is to be
    /// decoded next.
    ///
    /// - Parameter frames: that the lost one stood for, at most ``packetFrames``.
    public func recover(before packet: UnsafeRawBufferPointer, frames: Int) -> UnsafeBufferPointer<Float> {
        // The codec repairs in steps of 2.5 ms.
        let wanted = min((frames + skip + 119) / 120 * 120, Self.packetFrames)
        let made = unsafe aup_opus_decode(
            decoder, packet.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(clamping: packet.count), space,
            Int32(wanted), 1)
        return unsafe heard(max(Int(made), 0), frames: frames)
    }

    /// Begins anew, as before the first packet.
    public func reset() {
        unsafe aup_opus_decoder_reset(decoder)
        skip = configuration.preSkipFrames
    }

    /// Becomes what another decoder of the same streams is, which stays what it is.
    public func follow(_ other: OpusDecoder) {
        precondition(
            configuration.streams == other.configuration.streams
                && configuration.coupledStreams == other.configuration.coupledStreams)
        unsafe aup_opus_decoder_copy(
            decoder, other.decoder, Int32(configuration.streams), Int32(configuration.coupledStreams))
        skip = other.skip
    }

    private func heard(_ made: Int, frames: Int) -> UnsafeBufferPointer<Float> {
        let dropped = min(skip, made)
        skip -= dropped
        let count = min(made - dropped, frames)
        return unsafe UnsafeBufferPointer(start: space + dropped * channels, count: count * channels)
    }
}
