public import AupSound

/// Writes a stream: counts packets and frames itself and puts every packet as one contiguous run into ``output``.
///
///     var encoder = PacketEncoder(checksAudio: false)
///     encoder.encodeFormat(StreamDescription(format, isLive: true))
///     encoder.encodeAudio(captureTime: now, frames: 256) { room in ring.read(into: room) }
///     write(1, encoder.output.bytes.baseAddress, encoder.output.count)
///     encoder.output.removeAll()
///
/// A stream in its stride allocates nothing. Counts from outside cannot make it trap; a position beyond
/// ``WireLimits/position`` is written as it is and refused by the reader.
///
/// - Thread: control (writer), one at a time.
public struct PacketEncoder: ~Copyable {
    /// What waits to be written; the caller writes it and takes it out.
    public var output: PacketBuffer
    /// Whether audio packets carry a payload check: on for files and networks, off for pipes of one machine.
    public let checksAudio: Bool
    /// The format in force; `nil` before the first and after the end.
    public private(set) var description: StreamDescription?
    /// The number of the next packet.
    public private(set) var sequence: UInt32
    /// Frames of the stream so far, silence and gaps included.
    public private(set) var position: Int64
    /// Frames of gaps so far.
    public private(set) var lostFrames: Int64 = 0
    private var startPosition: Int64

    /// - Parameters:
    ///   - sequence: the number of the first packet: 0, or where a reader joins late.
    ///   - position: frames of the source before the first packet of this stream.
    public init(checksAudio: Bool, sequence: UInt32 = 0, position: Int64 = 0, output: consuming PacketBuffer = .init())
    {
        precondition((0...WireLimits.position).contains(position))
        self.checksAudio = checksAudio
        self.sequence = sequence
        self.position = position
        startPosition = position
        self.output = output
    }

    // MARK: - Sound

    /// Puts in whole frames of interleaved PCM, in as many packets as the limit of the payload makes necessary.
    public mutating func encodeAudio(captureTime: Int64?, payload: UnsafeRawBufferPointer) {
        guard let format = description?.pcm else { preconditionFailure("audio before a PCM format") }
        precondition(payload.count % format.frameBytes == 0, "audio of a broken frame")
        let largest = Limits.payloadBytes / format.frameBytes * format.frameBytes
        var offset = 0
        while offset < payload.count {
            let part = unsafe UnsafeRawBufferPointer(
                rebasing: payload[offset..<min(offset + largest, payload.count)])
            let time = captureTime.map { $0 &+ Self.nanoseconds(frames: offset / format.frameBytes, rate: format.rate) }
            unsafe encodeAudio(captureTime: time, frames: part.count / format.frameBytes) { room in
                unsafe room.copyMemory(from: part)
                return part.count / format.frameBytes
            }
            offset += part.count
        }
    }

    /// Counts a packet that came from the wire and would be encoded into the very same bytes: the caller writes those
    /// instead. False, and nothing counted, where it would not.
    public mutating func pass(_ audio: AudioPacket) -> Bool {
        guard let wire = unsafe audio.wire, let description, audio.isChecked == checksAudio else { return false }
        let header = unsafe PacketHeader(load: wire.baseAddress!)
        let hasClock = description.clock.kind != ClockIdentity.Kind.none
        guard header.sequence == sequence, header.position == UInt64(position), header.captureTime == 0 || hasClock
        else { return false }
        sequence &+= 1
        advance(Int64(audio.frames))
        return true
    }

    /// Puts in one packet of PCM that `fill` writes straight into place, so that the frames are copied once.
    ///
    /// - Parameters:
    ///   - frames: room for how many; at most ``maximumFrames``.
    ///   - fill: returns how many it wrote; for none, no packet is made.
    public mutating func encodeAudio<Failure: Error>(
        captureTime: Int64?, frames: Int, fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) {
        guard let format = description?.pcm else { preconditionFailure("audio before a PCM format") }
        precondition((0...Limits.payloadBytes / format.frameBytes).contains(frames), "more frames than a packet holds")
        let capacity = frames * format.frameBytes
        let packet = unsafe output.reserve(
            PacketHeader.size + PacketHeader.bodySize(payload: capacity, isChecked: checksAudio))
        let room = unsafe UnsafeMutableRawBufferPointer(start: packet + PacketHeader.size, count: capacity)
        let filled = unsafe try fill(room)
        precondition((0...frames).contains(filled))
        if filled == 0 { return }
        unsafe seal(
            packet, .audio, isChecked: checksAudio, payload: filled * format.frameBytes, captureTime: captureTime)
        advance(Int64(filled))
    }

    /// Puts in one Opus packet that moves the position by `frames` (0 to 5760, at 48 kHz).
    public mutating func encodeOpus(captureTime: Int64?, frames: Int, packet payload: UnsafeRawBufferPointer) {
        guard case .opus? = description?.coding else { preconditionFailure("an Opus packet before an Opus format") }
        precondition((0...WireLimits.opusFrames).contains(frames))
        precondition((1...Limits.payloadBytes - 4).contains(payload.count))
        let length = 4 + payload.count
        let packet = unsafe output.reserve(
            PacketHeader.size + PacketHeader.bodySize(payload: length, isChecked: checksAudio))
        unsafe packet.storeBytes(of: UInt32(frames).littleEndian, toByteOffset: PacketHeader.size, as: UInt32.self)
        unsafe UnsafeMutableRawBufferPointer(start: packet + PacketHeader.size + 4, count: payload.count)
            .copyMemory(from: payload)
        unsafe seal(packet, .audio, isChecked: checksAudio, payload: length, captureTime: captureTime)
        advance(Int64(frames))
    }

    /// The most frames one audio packet of the format in force can hold.
    public var maximumFrames: Int {
        description?.pcm.map { Limits.payloadBytes / $0.frameBytes } ?? WireLimits.opusFrames
    }

    // MARK: - Everything else

    /// Begins a stream, or changes its format. After an end a new stream begins, at packet 0 and position 0.
    public mutating func encodeFormat(_ description: StreamDescription) {
        self.description = description
        encodeControl(.format, description.payload)
    }

    /// Says that `frames` of silence follow, without sending them. Nothing for no frames.
    public mutating func encodeSilence(captureTime: Int64? = nil, frames: Int64) {
        guard frames > 0 else { return }
        var payload = [UInt8](repeating: 0, count: 8)
        payload.store(frames, at: 0)
        encodeControl(.silence, payload, captureTime: captureTime)
        advance(frames)
    }

    /// Says that `frames` were lost. Nothing for no frames.
    public mutating func encodeGap(captureTime: Int64? = nil, frames: Int64, cause: GapCause, seenBy: String = "") {
        guard frames > 0 else { return }
        var payload = [UInt8](repeating: 0, count: 16)
        payload.store(frames, at: 0)
        payload[8] = cause.rawValue
        encodeControl(.gap, payload + WireText.cleaned(seenBy).utf8, captureTime: captureTime)
        advance(frames)
        lostFrames = saturated(lostFrames, frames)
    }

    /// Puts a remark at the position reached. The key is `a-z 0-9 _ . -`, 1 to 64 characters.
    public mutating func encodeEvent(captureTime: Int64? = nil, key: String, value: String) {
        precondition(WireText.isKey(key), "an event key of other letters")
        let room = Limits.stringBytes - key.utf8.count - 1
        encodeControl(
            .event, Array("\(key)=\(WireText.cleaned(value, bytes: room))".utf8), captureTime: captureTime)
    }

    /// Ends the stream. What was lost and how much there was is counted here.
    public mutating func encodeEnd(_ reason: EndReason, code: Int32 = 0, message: String = "") {
        var payload = [UInt8](repeating: 0, count: 24)
        payload.store(position - startPosition, at: 0)
        payload.store(lostFrames, at: 8)
        payload[16] = reason.rawValue
        payload.store(code, at: 20)
        encodeControl(.end, payload + WireText.cleaned(message).utf8)
        description = nil
        sequence = 0
        position = 0
        startPosition = 0
        lostFrames = 0
    }

    // MARK: - The packet

    private mutating func encodeControl(_ type: PacketType, _ payload: [UInt8], captureTime: Int64? = nil) {
        precondition(description != nil, "a packet before the format")
        let packet = unsafe output.reserve(
            PacketHeader.size + PacketHeader.bodySize(payload: payload.count, isChecked: true))
        unsafe UnsafeMutableRawBufferPointer(start: packet + PacketHeader.size, count: payload.count)
            .copyBytes(from: payload)
        unsafe seal(packet, type, isChecked: true, payload: payload.count, captureTime: captureTime)
    }

    /// Puts header, zeros and check round a payload that stands in its place.
    private mutating func seal(
        _ packet: UnsafeMutableRawPointer, _ type: PacketType, isChecked: Bool, payload: Int, captureTime: Int64?
    ) {
        let time = description?.clock.kind == ClockIdentity.Kind.none ? 0 : captureTime ?? 0
        let header = PacketHeader(
            type: type, isChecked: isChecked, length: payload, sequence: sequence, position: position,
            captureTime: time)
        unsafe header.store(to: packet)
        let body = unsafe UnsafeMutableRawBufferPointer(start: packet + PacketHeader.size, count: header.bodySize)
        let zerosEnd = body.count - (isChecked ? PacketHeader.checkSize : 0)
        for index in payload..<zerosEnd { unsafe body[index] = 0 }
        if isChecked {
            let check = unsafe PayloadCheck.value(UnsafeRawBufferPointer(rebasing: body[..<zerosEnd]))
            unsafe body.storeBytes(of: check.littleEndian, toByteOffset: zerosEnd, as: UInt32.self)
        }
        output.commit(count: PacketHeader.size + body.count)
        sequence &+= 1
    }

    /// Goes on behind packets that come from elsewhere.
    mutating func skip(packets: Int, frames: Int64, lost: Int64) {
        sequence &+= UInt32(truncatingIfNeeded: packets)
        advance(frames)
        lostFrames = saturated(lostFrames, lost)
    }

    private mutating func advance(_ frames: Int64) { position = saturated(position, frames) }

    /// Past any position a reader accepts there is nothing to be exact about, so no trap either.
    private func saturated(_ count: Int64, _ frames: Int64) -> Int64 {
        let (sum, overflow) = count.addingReportingOverflow(frames)
        return overflow ? .max : sum
    }

    private static func nanoseconds(frames: Int, rate: Int) -> Int64 {
        Int64((Double(frames) * 1e9 / Double(rate)).rounded())
    }
}
