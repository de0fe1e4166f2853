public import AupSound

/// Opus packets as the pages of one Ogg stream (RFC 7845, RFC 3533).
///
/// The last packet waits for the next one or for the end, because its page is marked. Everything else leaves in pages of at
/// most ``pageFrames``, so that a file which is cut off anywhere lacks no more.
///
/// ```
///   decoded  ├ pre-skip ┼─────────── sound ───────────┼ rest ┤
///   packets  │    0     │    1     │ …     │     n           │   the last granule is where the sound ends
/// ```
///
/// - Thread: one at a time; none that must not wait.
@safe public final class OggOpusPages {
    /// Frames at 48 kHz that one page holds at most; a second, which is also what RFC 7845 (section 6) advises.
    public let pageFrames: Int
    private let stream: OggPacketStream
    private let configuration: OpusConfiguration
    /// The packet that waits, and the frames it decodes to.
    private var held: (bytes: [UInt8], frames: Int)?
    /// What all packets decode to, and the sound that they stand for, with the one that is held back.
    private var decodedFrames: Int64 = 0
    private var soundFrames: Int64 = 0
    /// Bytes of packets that are in no page yet.
    public private(set) var waitingBytes = 0
    /// What packets decode to that are in no page yet.
    private var openFrames = 0

    public typealias Taker = OggPacketStream.Taker

    public init(
        _ headers: OpusHeaders, serial: UInt32, pageFrames: Int = OpusConfiguration.rate
    ) throws(OpusError) {
        stream = try OggPacketStream(serial: serial)
        self.pageFrames = pageFrames
        configuration = headers.configuration
        let packets = headers.packets
        try stream.add(packets[0], granule: 0)
        self.headers = packets[1]
    }

    /// The second header, which goes into a page of its own.
    private var headers: [UInt8]?

    /// The pages of the headers; to be called first, once.
    public func begin(_ take: Taker) throws {
        try unsafe stream.pages(flushes: true, take)
        if let headers { try stream.add(headers, granule: 0) }
        headers = nil
        try unsafe stream.pages(flushes: true, take)
    }

    /// Takes a packet and gives the pages that are full.
    ///
    /// - Parameter frames: of sound that it stands for.
    public func add(_ packet: UnsafeRawBufferPointer, frames: Int, _ take: Taker) throws {
        // What is no packet decodes to nothing that could be known; as long as the others is the best guess.
        try unsafe add(
            Array(packet), decodesTo: OpusDecoder.frames(packet) ?? configuration.frameSize, frames: Int64(frames), take
        )
    }

    /// Adds packets of silence, where the stream says that there is some or that something is lost.
    ///
    /// Packets are 2.5 ms long at the least: what is less waits for the next silence or for the end, so that what follows
    /// may sound so much too early.
    public func addSilence(frames: Int64, _ take: Taker) throws {
        soundFrames += frames
        try unsafe addSilence(least: OpusSilence.frameSizes.last!, take)
    }

    /// - Parameter least: as long as so many frames of sound have no packet that decodes to them.
    private func addSilence(least: Int, _ take: Taker) throws {
        while case let rest = Int64(configuration.preSkipFrames) + soundFrames - decodedFrames, rest >= Int64(least) {
            let sizes = OpusSilence.frameSizes
            let size = sizes.firstIndex { Int64($0) <= rest } ?? sizes.count - 1
            try unsafe add(OpusSilence.packet(configuration, size: size), decodesTo: sizes[size], frames: 0, take)
        }
    }

    private func add(_ packet: [UInt8], decodesTo length: Int, frames: Int64, _ take: Taker) throws {
        try release(isLast: false)
        if openFrames + length > pageFrames { try unsafe flush(take) }
        held = (packet, length)
        waitingBytes += packet.count
        decodedFrames += Int64(length)
        soundFrames += frames
    }

    /// Gives what is there, but for the last packet.
    public func flush(_ take: Taker) throws {
        try unsafe stream.pages(flushes: true, take)
        openFrames = 0
        waitingBytes = held?.bytes.count ?? 0
    }

    /// Gives the last page, which says how long the sound is. Where the packets do not hold all of it, there is silence at
    /// its end; and there is a packet at the least, because a file is none without.
    public func finish(_ take: Taker) throws {
        try unsafe addSilence(least: 1, take)
        if held == nil {
            let size = OpusSilence.frameSizes.count - 1
            let packet = OpusSilence.packet(configuration, size: size)
            try unsafe add(packet, decodesTo: OpusSilence.frameSizes[size], frames: 0, take)
        }
        try release(isLast: true)
        try unsafe flush(take)
    }

    private func release(isLast: Bool) throws(OpusError) {
        guard let held else { return }
        // What a decoder makes of all packets so far; at the end what of it is sound (RFC 7845, section 4).
        let sound = Int64(configuration.preSkipFrames) + soundFrames
        try stream.add(held.bytes, granule: isLast ? min(decodedFrames, sound) : decodedFrames, isLast: isLast)
        openFrames += held.frames
        self.held = nil
    }
}
