import AupNetwork
import AupSound
import AupSystem
import AupWire

/// Somebody who is given a stream: greeted, led to the next packet, and given what follows as fast as they take it.
///
/// Whoever is slower than the sound loses some of their own: a gap packet says how much, and nobody else notices.
///
/// - Thread: whoever has the publisher's turn.
final class Subscriber {
    /// What became of a look at the socket.
    enum State: Equatable {
        case greeting, streaming
        /// The end was sent, or the other end is gone.
        case over(reason: String?)
    }

    /// What went into its socket, packet by whole packet, and what it was told that it lost.
    struct Counts: Sendable, Equatable {
        var packets: Int64 = 0
        var frames: Int64 = 0
        var lostFrames: Int64 = 0
        var gaps: Int64 = 0
        var bytes: Int64 = 0
    }

    let descriptor: Descriptor
    let name: String
    let since: Int64
    private(set) var state = State.greeting
    private(set) var counts = Counts()
    var isOver: Bool { if case .over = state { true } else { false } }
    /// Whether there is more to send than the socket takes.
    private(set) var wantsToWrite = false
    /// Whether it was given all that there is.
    private(set) var hasEverything = true

    private let backlog: Backlog
    private let meter: DeliveryMeter
    /// Bytes that the socket holds, where that was said.
    private var socketBytes: Int?
    private var exchange: GreetingExchange
    private var greeting: [UInt8] = []
    private(set) var hasGreeted = false
    private(set) var place: Backlog.Place?
    private var encoder = PacketEncoder(checksAudio: true)
    /// A chunk that goes out as it is, and how much of it went.
    private var chunk: Backlog.Chunk?
    private var sent = 0
    private var isEnding = false
    /// Why it is given no more, where that is not the end of the stream.
    private var endingReason: String?
    /// Packets that wait in the encoder, and its bytes that went.
    private var marks: [Mark] = []
    private var encodedBytes: Int64 = 0
    /// Frames of the stream before what it was not given yet.
    private var givenPosition: Int64 = 0

    /// A packet in the encoder: where it ends there, and what it counts.
    private struct Mark {
        let end: Int64
        let frames: Int64
        var counts = Counts()
    }

    /// When it was last given anything.
    private var lastSent: Int64

    /// The event that says nothing but that we are alive, and how long nothing else was said before it is.
    static let aliveKey = "alive"
    private static let aliveNanoseconds: Int64 = 1_000_000_000

    /// How long a greeting may take.
    static let greetingNanoseconds: Int64 = 5_000_000_000

    init(
        _ descriptor: Descriptor, name: String, exchange: GreetingExchange, backlog: Backlog, meter: DeliveryMeter,
        now: Int64
    ) {
        self.descriptor = descriptor
        self.name = name
        self.exchange = exchange
        self.backlog = backlog
        self.meter = meter
        since = now
        lastSent = now
    }

    /// Takes what the other end says: a greeting, and nothing after it.
    func read() {
        var space = [UInt8](repeating: 0, count: Greeting.messageBytes)
        let progress = unsafe space.withUnsafeMutableBytes { unsafe descriptor.readNow($0) }
        switch progress {
        case .later: return
        case .over, .bytes(0): state = .over(reason: nil)
        case .bytes(let count):
            // A subscriber has nothing to say any more; what it says all the same is nobody's.
            guard state == .greeting, !hasGreeted else { return }
            heard(exchange.take(space[..<count]))
        }
    }

    private func heard(_ step: GreetingExchange.Step) {
        switch step {
        case .wait: return
        case .send(let bytes): greeting += bytes
        case .welcome(let bytes, _):
            greeting += bytes
            hasGreeted = true
            join()
        case .over(let bytes, let reason):
            greeting += bytes
            send()
            state = .over(reason: reason)
            return
        }
        send()
    }

    private func join() {
        // The format packet and tags come before what the place is at, and have the numbers before it.
        let (place, format, tags) = backlog.join()
        self.place = place
        encoder = PacketEncoder(
            checksAudio: true, sequence: format == nil ? 0 : place.sequence &- UInt32(1 + tags.count),
            position: min(place.position, WireLimits.position))
        givenPosition = place.position
        if let format {
            encoder.encodeFormat(format)
            for tag in tags { encoder.encodeEvent(key: TagList.eventKey, value: tag) }
        }
        state = .streaming
    }

    /// Why a stream is not one that this codec was asked for; `nil` where it is.
    static func complaint(_ codec: GreetingExchange.Codec, _ format: StreamDescription) -> String? {
        switch codec {
        case .pcm where format.pcm == nil: "this stream is Opus; leave the wish for PCM out"
        case .opus where format.pcm != nil: "this stream is PCM; put aup encode before it"
        default: nil
        }
    }

    /// The socket takes more now.
    func canWrite() { wantsToWrite = false }

    /// Sends as much as there is and as the other end takes.
    func send() {
        hasEverything = false
        while true {
            guard sendGreeting(), sendEncoded(), sendChunk() else { return }
            if isEnding {
                state = .over(reason: endingReason)
                return
            }
            guard state == .streaming, fetch() else { return }
        }
    }

    /// When it is to be told that we are alive, if it is given nothing before; `nil` where it need not be.
    var aliveDue: Int64? {
        state == .streaming && !wantsToWrite && encoder.description != nil ? lastSent + Self.aliveNanoseconds : nil
    }

    /// Says that nothing is to be said, so that a hung publisher can be told from one whose source is silent.
    func sayAlive(_ now: Int64) {
        guard let due = aliveDue, now >= due else { return }
        encoder.encodeEvent(key: Self.aliveKey, value: "")
        send()
    }

    /// Takes the next piece; false where there is none.
    private func fetch() -> Bool {
        guard place != nil else { return false }
        switch backlog.next(&place!) {
        case .nothing:
            hasEverything = true
            return false
        case .lost(let frames, let format):
            guard admits(format) else { return true }
            if encoder.description != format { encoder.encodeFormat(format) }
            encoder.encodeGap(frames: frames, cause: .overflow, seenBy: "stream")
            mark(frames: frames, Counts(lostFrames: frames, gaps: 1))
        case .piece(.format(let description)): if admits(description) { encoder.encodeFormat(description) }
        case .piece(.chunk(let next)): take(next)
        case .piece(.end(let end)):
            if encoder.description != nil { encoder.encodeEnd(end.reason, code: end.code, message: end.message) }
            isEnding = true
        }
        return true
    }

    /// Whether it wants such a stream; if it does not any more, it is told so and given no more.
    private func admits(_ format: StreamDescription) -> Bool {
        guard let complaint = Self.complaint(exchange.codec, format) else { return true }
        if encoder.description != nil { encoder.encodeEnd(.error, code: 3, message: complaint) }
        (isEnding, endingReason) = (true, complaint)
        return false
    }

    private func take(_ next: Backlog.Chunk) {
        if encoder.isNext(sequence: next.firstSequence, position: next.position) {
            encoder.count(packets: next.packets, frames: next.frames, lostFrames: next.lostFrames)
            chunk = next
            sent = 0
        } else {
            let begin = encoder.output.count
            unsafe next.bytes.withUnsafeBytes {
                unsafe encoder.adopt($0, frames: next.frames, lostFrames: next.lostFrames)
            }
            var end = encodedBytes + Int64(begin)
            for packet in extents(next) {
                end += Int64(packet.bytes)
                marks.append(Mark(end: end, frames: packet.frames, counts: Self.counts(packet)))
            }
            meter.gave(next, now: monotonicNanoseconds())
        }
    }

    // MARK: - The account

    private func mark(frames: Int64, _ counts: Counts) {
        marks.append(Mark(end: encodedBytes + Int64(encoder.output.count), frames: frames, counts: counts))
    }

    private func extents(_ chunk: Backlog.Chunk) -> [PacketExtent] {
        guard let description = encoder.description else { return [] }
        return unsafe chunk.bytes.withUnsafeBytes { unsafe PacketExtent.all(in: $0, of: description) }
    }

    /// What is lost in the stream itself is nobody's loss here.
    private static func counts(_ packet: PacketExtent) -> Counts {
        Counts(packets: 1, frames: packet.isGap ? 0 : packet.frames)
    }

    private func count(_ one: Counts, frames: Int64) {
        counts.packets += one.packets
        counts.frames += one.frames
        counts.lostFrames += one.lostFrames
        counts.gaps += one.gaps
        givenPosition += frames
    }

    /// What it has lost already and was not told yet, because it does not read.
    var untoldFrames: Int64 { place.map { backlog.lostFrames($0) } ?? 0 }

    /// The account of somebody who is given no more.
    ///
    /// - Parameter isCut: it would have been given the rest, and did not take it: that is lost too.
    /// - Returns: frames that waited for somebody who left of its own accord, which are neither given nor lost.
    func settle(isCut: Bool) -> Int64 {
        if let chunk {
            var end = 0
            for packet in extents(chunk) {
                end += packet.bytes
                if end <= sent { count(Self.counts(packet), frames: packet.frames) }
            }
        }
        (chunk, marks) = (nil, [])
        guard hasGreeted, place != nil else { return 0 }
        let rest = max(0, backlog.extent.position - givenPosition)
        let lost = isCut ? rest : min(rest, untoldFrames)
        if lost > 0 { count(Counts(lostFrames: lost, gaps: 1), frames: lost) }
        return rest - lost
    }

    /// What the socket itself may hold for a reader that does not read, so that it hides no more sound than that.
    func limitSocket(bytes: Int) {
        guard socketBytes != bytes else { return }
        socketBytes = bytes
        descriptor.limitSendRoom(bytes: bytes)
    }

    // MARK: - Bytes: each says whether all of it is gone

    private func sendGreeting() -> Bool {
        while !greeting.isEmpty {
            guard let count = unsafe greeting.withUnsafeBytes({ unsafe put($0) }) else { return false }
            greeting.removeFirst(count)
        }
        return true
    }

    private func sendEncoded() -> Bool {
        while !encoder.output.isEmpty {
            guard let count = unsafe put(encoder.output.bytes) else { return false }
            encoder.output.consume(count)
            encodedBytes += Int64(count)
            counts.bytes += Int64(count)
            let told = marks.prefix { $0.end <= encodedBytes }
            for one in told { self.count(one.counts, frames: one.frames) }
            marks.removeFirst(told.count)
        }
        return true
    }

    private func sendChunk() -> Bool {
        while let current = chunk {
            let count = unsafe current.bytes.withUnsafeBytes {
                unsafe put(UnsafeRawBufferPointer(rebasing: $0[sent...]))
            }
            guard let count else { return false }
            sent += count
            counts.bytes += Int64(count)
            if sent == current.bytes.count {
                chunk = nil
                self.count(
                    Counts(packets: Int64(current.packets), frames: current.frames - current.lostFrames),
                    frames: current.frames)
                meter.gave(current, now: monotonicNanoseconds())
            }
        }
        return true
    }

    /// Bytes that went; `nil` where none does now.
    private func put(_ bytes: UnsafeRawBufferPointer) -> Int? {
        meter.writes += 1
        switch unsafe descriptor.sendNow(bytes) {
        case .bytes(let count):
            wantsToWrite = false
            lastSent = monotonicNanoseconds()
            return count
        case .later:
            wantsToWrite = true
            return nil
        case .over:
            wantsToWrite = false
            state = .over(reason: nil)
            return nil
        }
    }
}
