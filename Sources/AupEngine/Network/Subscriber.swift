import AupNetwork
import AupSound
import AupSystem
import AupWire

/// Somebody who is given a stream: greeted, led to the next packet, and given what follows as fast as they take it.
///
/// Whoever is slower than the sound loses some of their own: a gap packet says how much, and nobody else notices.
///
/// - Thread: aup.network.
final class Subscriber {
    /// What became of a look at the socket.
    enum State: Equatable {
        case greeting, streaming
        /// The end was sent, or the other end is gone.
        case over(reason: String?)
    }

    struct Counts: Sendable {
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
    /// Whether there is more to send than the socket takes.
    private(set) var wantsToWrite = false

    private let backlog: Backlog
    private var exchange: GreetingExchange
    private var greeting: [UInt8] = []
    private var hasGreeted = false
    private var place: Backlog.Place?
    private var encoder = PacketEncoder(checksAudio: true)
    /// A chunk that goes out as it is, and how much of it went.
    private var chunk: Backlog.Chunk?
    private var sent = 0
    private var isEnding = false

    /// How long a greeting may take.
    static let greetingNanoseconds: Int64 = 5_000_000_000

    init(
        _ descriptor: Descriptor, name: String, exchange: GreetingExchange, backlog: Backlog, now: Int64
    ) {
        self.descriptor = descriptor
        self.name = name
        self.exchange = exchange
        self.backlog = backlog
        since = now
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
        let place = backlog.joiningPlace()
        self.place = place
        // The format packet comes before what the place is at, and has the number before it.
        let format = backlog.format
        encoder = PacketEncoder(
            checksAudio: true, sequence: format == nil ? 0 : place.sequence &- 1, position: place.position)
        if let format { encoder.encodeFormat(format) }
        state = .streaming
    }

    /// Sends as much as there is and as the other end takes.
    func send() {
        while true {
            guard sendGreeting(), sendEncoded(), sendChunk() else { return }
            if isEnding {
                state = .over(reason: nil)
                return
            }
            guard state == .streaming, fetch() else { return }
        }
    }

    /// Takes the next piece; false where there is none.
    private func fetch() -> Bool {
        guard place != nil else { return false }
        switch backlog.next(&place!) {
        case .nothing: return false
        case .lost(let frames, let format):
            if encoder.description != format { encoder.encodeFormat(format) }
            encoder.encodeGap(frames: frames, cause: .overflow, seenBy: "stream")
            counts.lostFrames += frames
            counts.gaps += 1
        case .piece(.format(let description)): encoder.encodeFormat(description)
        case .piece(.chunk(let next)): take(next)
        case .piece(.end(let end)):
            if encoder.description != nil { encoder.encodeEnd(end.reason, code: end.code, message: end.message) }
            isEnding = true
        }
        return true
    }

    private func take(_ next: Backlog.Chunk) {
        counts.frames += next.frames - next.lostFrames
        if encoder.isNext(sequence: next.firstSequence, position: next.position) {
            encoder.count(packets: next.packets, frames: next.frames, lostFrames: next.lostFrames)
            chunk = next
            sent = 0
        } else {
            unsafe next.bytes.withUnsafeBytes {
                unsafe encoder.adopt($0, frames: next.frames, lostFrames: next.lostFrames)
            }
        }
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
            counts.bytes += Int64(count)
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
            if sent == current.bytes.count { chunk = nil }
        }
        return true
    }

    /// Bytes that went; `nil` where none does now.
    private func put(_ bytes: UnsafeRawBufferPointer) -> Int? {
        switch unsafe descriptor.sendNow(bytes) {
        case .bytes(let count):
            wantsToWrite = false
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
