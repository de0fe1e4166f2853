import AupFLAC
import AupOpus
import AupSound

/// One logical stream of Ogg that is sent while it is made.
///
/// What begins in the midst of a sound begins with packets that its decoder hears and drops (the pre-skip of RFC 7845, sections
/// 4.2 and 4.6), so that the first frame it gives is the one that was meant, and the last one too.
///
/// - Thread: aup.icecast.
final class LiveOggStream {
    struct Page {
        let bytes: [UInt8]
        /// Frames of the logical stream up to its end, with those that are dropped; -1 where no packet ends in it.
        let granule: Int64
    }

    let heading: CodedHeading
    private let stream: OggPacketStream
    private let pageFrames: Int
    private let preSkipFrames: Int
    /// The packet that waits for another one or for the end, whose page is marked.
    private var held: LeadPacket?
    /// What all packets decode to, and the sound that they stand for.
    private(set) var decodedFrames: Int64 = 0
    private var soundFrames: Int64 = 0
    private var openFrames = 0
    private var made: [Page] = []

    /// - Parameter lead: what a decoder should hear first, of the same encoder.
    init(_ heading: CodedHeading, lead: [LeadPacket], pageNanoseconds: Int64) throws(OpusError) {
        self.heading = heading
        pageFrames = Int(TimeSpan.nanoseconds(pageNanoseconds).frames(rate: heading.rate))
        stream = try OggPacketStream(serial: .random(in: .min ... .max))
        let tags = heading.tags + [SoundTag("ENCODER", ProgramName.withVersion)!]
        let headers: [[UInt8]]
        switch heading.codec {
        case .opus(let configuration):
            let length = lead.reduce(0) { $0 + $1.length }
            let begun = lead.isEmpty ? configuration : configuration.with(preSkipFrames: length)
            preSkipFrames = begun.preSkipFrames
            headers = OpusHeaders(begun, tags: tags).packets
        case .flac(let streamInfo, _, _):
            preSkipFrames = 0
            headers = FLACEncoder.headers(streamInfo: streamInfo, tags: tags)
        }
        for header in headers {
            try stream.add(header, granule: 0)
            flush()
        }
        for packet in lead { try add(packet, frames: 0) }
    }

    /// The pages that are made since this was last asked.
    func takePages() -> [Page] {
        defer { made = [] }
        return made
    }

    /// - Parameter frames: of sound that it stands for.
    func add(_ packet: LeadPacket, frames: Int) throws(OpusError) {
        try release(isLast: false)
        if openFrames + packet.length > pageFrames { flush() }
        held = packet
        decodedFrames += Int64(packet.length)
        soundFrames += Int64(frames)
    }

    /// The last page, which says how long the sound is.
    func finish() throws(OpusError) {
        try release(isLast: true)
        flush()
    }

    private func release(isLast: Bool) throws(OpusError) {
        guard let held else { return }
        let end = isLast ? min(decodedFrames, Int64(preSkipFrames) + soundFrames) : decodedFrames
        try stream.add(held.bytes, granule: end, isLast: isLast)
        openFrames += held.length
        self.held = nil
        take(flushes: false)
    }

    private func flush() {
        take(flushes: true)
        openFrames = 0
    }

    private func take(flushes: Bool) {
        // The taker throws nothing, and so does this.
        try? unsafe stream.pages(flushes: flushes) { head, body in
            // RFC 3533, section 6: the granule lies behind six bytes of the head.
            let granule = unsafe head.loadUnaligned(fromByteOffset: 6, as: Int64.self)
            unsafe made.append(Page(bytes: Array(head) + Array(body), granule: Int64(littleEndian: granule)))
        }
    }
}

extension OpusConfiguration {
    fileprivate func with(preSkipFrames: Int) -> OpusConfiguration {
        OpusConfiguration(
            channels: channels, preSkipFrames: min(preSkipFrames, Int(UInt16.max)), frameSize: frameSize,
            originalRate: originalRate, originalFormat: originalFormat, streams: streams,
            coupledStreams: coupledStreams, mapping: mapping, layout: layout) ?? self
    }
}
