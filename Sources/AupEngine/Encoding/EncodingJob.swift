import AupFiles
import AupSound
import AupSystem
import AupWire
import Synchronization

/// What the threads that encode one file share.
///
/// - Thread: any.
final class EncodingDesk: Sendable {
    let plan: EncodingPlan
    let settings: OpusSettings
    /// What was asked for of the file, at its rate.
    let limitFrames: Int64
    /// Ends all of them.
    let halt = StopRequest()
    /// The segment that is given out. Whoever encodes one before it need not go on.
    let current = Atomic<Int64>(0)
    let damagedPieces = Atomic<Int>(0)
    let damagedFrames = Atomic<Int64>(0)

    init(_ plan: EncodingPlan, _ settings: OpusSettings, limitFrames: Int64) {
        self.plan = plan
        self.settings = settings
        self.limitFrames = limitFrames
    }
}

/// Encodes every n-th segment of a file, where n is the number of jobs, with a reader, a resampler and an encoder of its own.
///
///     file ─▶ from a little before the segment ─▶ rate ─▶ cut to the segment's first frame ─▶ encoder ─▶ queue
///
/// - Thread: aup.encode.
final class EncodingJob: @unchecked Sendable {
    // @unchecked because the transport makes it and only the thread uses it from then on.
    private let number: Int
    private let desk: EncodingDesk
    private let reader: SoundFileReader
    private let name: String
    private let queue: PacketQueue
    private var block = ScratchBytes()

    private static let blockFrames = 4096
    /// Sound before the segment's first frame that the resampler is given: far more than its filter is long.
    private static let leadSeconds = 0.5

    init(_ number: Int, _ desk: EncodingDesk, _ reader: SoundFileReader, name: String, queue: PacketQueue) {
        self.number = number
        self.desk = desk
        self.reader = reader
        self.name = name
        self.queue = queue
    }

    func run() {
        var segment = Int64(number)
        while segment < desk.plan.segments, !desk.halt.isRequested {
            queue.put(encode(segment))
            segment += Int64(desk.plan.jobs)
        }
        // Of all that was read: what lies in two segments is counted in both.
        desk.damagedPieces.add(reader.damagedPieces, ordering: .relaxed)
        desk.damagedFrames.add(reader.damagedFrames, ordering: .relaxed)
    }

    private func encode(_ segment: Int64) -> EncodedEnd {
        let plan = desk.plan
        let entry = Self.entry(
            packet: plan.start(of: segment), frameSize: desk.settings.frameSize, codingRate: desk.settings.codingRate,
            sourceRate: reader.format.rate)
        let end = plan.isLast(segment) ? Int64.max : plan.start(of: segment + 1) - plan.start(of: segment)
        let collector = PacketCollector(queue)
        let encoder = OpusEncodingStage(desk.settings, next: collector)
        let head = RateStage(
            to: .rate(desk.settings.codingRate), tellsLength: true,
            next: HeadCut(frames: entry.cutFrames, rate: desk.settings.codingRate, next: encoder))
        do throws(SessionFailure) {
            try seek(entry.sourceFrame)
            var description = StreamDescription(reader.format)
            description.original = reader.originalRate.map { .init(rate: $0, sampleFormat: nil) }
            try head.take(.format(description))
            while !desk.halt.isRequested {
                if collector.packets >= end {
                    let isPast = desk.current.load(ordering: .relaxed) > segment
                    if isPast || collector.packets >= end + plan.runOnPackets { return .handedOver }
                }
                guard try readBlock(into: head) else { break }
            }
            guard !desk.halt.isRequested else { return .handedOver }
            try head.take(.end(EndPacket(totalFrames: 0, lostFrames: 0, reason: .normal)))
            return .over(EncodedLength(frames: reader.position, cutOff: reader.cutOff))
        } catch {
            if case .before(let ending) = error, let message = ending.message { return .failed(message) }
            return .handedOver
        }
    }

    private func seek(_ frame: Int64) throws(SessionFailure) {
        do throws(FileError) {
            try reader.seek(to: frame)
        } catch {
            throw .before(.failed("\(name): \(error.message)"))
        }
    }

    /// False at the end of the sound.
    private func readBlock(into head: any PacketSink) throws(SessionFailure) -> Bool {
        let wanted = Int(min(Int64(Self.blockFrames), desk.limitFrames - reader.position))
        guard wanted > 0 else { return false }
        let space = unsafe block.space(wanted * reader.format.frameBytes)
        let position = reader.position
        let count: Int
        do throws(FileError) {
            count = try unsafe reader.read(into: space.baseAddress!, frames: wanted)
        } catch {
            throw .before(.failed("\(name): \(error.message)"))
        }
        guard count > 0 else { return false }
        let sound = unsafe UnsafeRawBufferPointer(rebasing: space[..<(count * reader.format.frameBytes)])
        try head.take(.audio(unsafe AudioPacket(position: position, captureTime: nil, frames: count, payload: sound)))
        return true
    }

    /// Where to begin to read for a packet, and the frames at the coding rate to be left out until its first one.
    ///
    /// A resampler that begins at any frame gives frames that lie between those of the whole sound; only where both rates
    /// meet, every 147 frames from 44.1 to 48 kHz, do they fall on each other.
    static func entry(
        packet: Int64, frameSize: Int, codingRate: Int, sourceRate: Int
    ) -> (sourceFrame: Int64, cutFrames: Int64) {
        let first = packet * Int64(frameSize) * Int64(codingRate) / Int64(OpusConfiguration.rate)
        if sourceRate == codingRate { return (first, 0) }
        let common = Int64(Self.commonDivisor(sourceRate, codingRate))
        let (step, made) = (Int64(sourceRate) / common, Int64(codingRate) / common)
        let lead = Int64(Self.leadSeconds * Double(codingRate))
        let turns = max(0, first - lead) / made
        return (turns * step, first - turns * made)
    }

    private static func commonDivisor(_ one: Int, _ other: Int) -> Int {
        var (one, other) = (one, other)
        while other != 0 { (one, other) = (other, one % other) }
        return one
    }
}

/// Leaves out the first frames of a sound.
private final class HeadCut: PacketSink {
    private let frames: Int64
    private var rest: Int64
    private let rate: Int
    private let next: any PacketSink

    /// - Parameter rate: of the sound.
    init(frames: Int64, rate: Int, next: any PacketSink) {
        self.frames = frames
        self.rate = rate
        rest = frames
        self.next = next
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        if case .event(let event) = packet, event.key == RateStage.lengthKey { return try shorten(event) }
        guard rest > 0, case .audio(let audio) = packet else { return try next.take(packet) }
        let cut = Int(min(rest, Int64(audio.frames)))
        rest -= Int64(cut)
        guard cut < audio.frames else { return }
        try next.take(
            .audio(audio.part(first: cut, count: audio.frames - cut, rate: rate, position: 0)))
    }

    /// How long the sound is that was resampled, as the encoder counts it. It began where both rates meet, so what is cut is
    /// a whole number of frames at each of them.
    private func shorten(_ event: EventPacket) throws(SessionFailure) {
        let whole = OpusConfiguration.rate
        guard let length = RateStage.codecFrames(event.value) else { return try next.take(.event(event)) }
        let left = max(0, length - frames * Int64(whole / rate))
        try next.take(.event(RateStage.length(left, rate: whole, position: event.position)))
    }

    func flush() throws(SessionFailure) { try next.flush() }
}

/// Puts packets into a queue.
private final class PacketCollector: PacketSink {
    private let queue: PacketQueue
    private(set) var packets: Int64 = 0

    init(_ queue: PacketQueue) {
        self.queue = queue
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        guard case .audio(let audio) = packet else { return }
        packets += 1
        guard unsafe queue.put(audio.payload, frames: audio.frames) else { throw .abandoned }
    }

    func flush() throws(SessionFailure) {}
}
