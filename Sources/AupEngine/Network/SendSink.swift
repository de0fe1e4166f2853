import AupNetwork
import AupSound
import AupSystem
import AupWire
import Glibc

/// A stream for whoever listens for one (``SenderDoor``): a pipe by way of a socket, which may break and be joined again.
///
/// A receiver that is slow holds up a source that is not live, as a pipe does; a live one waits for it no longer than the
/// liveness. While there is no connection, sound of a live source is lost, and the receiver stands a gap in its place: it is told
/// the same word for the stream, and where in it the connection begins. A source that is not live waits. An end that finds no
/// connection is told as a failure, with what was not taken.
///
/// - Thread: transport, but for ``status``.
final class SendSink: PacketSink {
    private let caller: StreamCaller
    private let name: String
    private let retries: Bool
    private let livenessNanoseconds: Int64
    private let stop: StopRequest
    private let events: EventQueue
    private var plan: Reconnection
    private var connection: Descriptor?
    private var encoder = PacketEncoder(checksAudio: true)
    private var description: StreamDescription?
    /// Frames of the stream so far.
    private var position: Int64 = 0
    /// Of those, how many a connection has taken or lost.
    private var settledPosition: Int64 = 0
    /// How many found no connection, or broke off with one.
    private var untakenFrames: Int64 = 0
    private let shared = Guarded(SendingStatus())
    private var hasConnected = false
    private var lastFailure = ""
    private let idle = Doorbell()

    /// Connects, so that a mistake is told before there is sound.
    ///
    /// - Parameter patience: nanoseconds for which a connection is tried again; `nil` for ever, 0 for not at all.
    init(
        _ caller: StreamCaller, patience: Int64?, livenessNanoseconds: Int64, stop: StopRequest, events: EventQueue
    ) throws(SessionFailure) {
        var caller = caller
        caller.stream = SharedSecret.nonce().prefix(8).map { String($0, radix: 16) }.joined()
        self.caller = caller
        self.livenessNanoseconds = livenessNanoseconds
        self.stop = stop
        self.events = events
        name = caller.address.word
        retries = patience != 0
        plan = Reconnection(patience: patience, now: monotonicNanoseconds())
        try attempt()
    }

    var status: SendingStatus { shared.read { $0 } }

    func take(_ packet: Packet) throws(SessionFailure) {
        let isEnd = if case .end = packet { true } else { false }
        if case .format(let format) = packet { description = format }
        // A source that is not live can wait for a connection, to its end.
        try connect(waits: description?.isLive == false)
        let isFormat = if case .format = packet { true } else { false }
        if connection != nil {
            // A new connection's first packet was this format already.
            if !isFormat || encoder.description != description { encoder.encode(packet) }
            if !isEnd { position = encoder.position }
            if isFormat || isEnd || encoder.output.count >= StreamSink.batchBytes { try flush() }
        } else if let span = packet.span {
            // Saturated, because each packet may say as much as a stream can have.
            position += min(span.frames, WireLimits.position - min(position, WireLimits.position))
            settle(lost: position - settledPosition)
        }
        if isEnd { try conclude() }
    }

    func flush() throws(SessionFailure) {
        guard let descriptor = connection, !encoder.output.isEmpty else { return }
        var since = monotonicNanoseconds()
        while !encoder.output.isEmpty {
            switch unsafe descriptor.sendNow(encoder.output.bytes) {
            case .bytes(let count):
                encoder.output.consume(count)
                stop.noteProgress()
                since = monotonicNanoseconds()
            case .later:
                if stop.isAbandoned { throw .abandoned }
                let silent = monotonicNanoseconds() - since
                if description?.isLive ?? true, silent >= livenessNanoseconds {
                    return try lose("it took nothing for \(silent / 1_000_000_000) s")
                }
                descriptor.waitForRoom(milliseconds: 200)
            case .over: return try lose("")
            }
        }
        settle(lost: 0)
    }

    /// What was given until here is taken, or lost.
    private func settle(lost: Int64) {
        settledPosition = position
        untakenFrames += lost
        let (given, untaken) = (settledPosition - untakenFrames, untakenFrames)
        shared.write { ($0.frames, $0.lostFrames) = (given, untaken) }
    }

    // MARK: - The connection

    /// Tries what is to be tried now; where the packets can wait, until there is a connection.
    private func connect(waits: Bool) throws(SessionFailure) {
        while connection == nil {
            let now = monotonicNanoseconds()
            let action = plan.next(now: now)
            tellNews()
            switch action {
            case .attempt: try attempt()
            case .wait(let until):
                guard waits, !stop.isRequested else { return }
                idle.wait(milliseconds: Int32(clamping: min((until - now) / 1_000_000 + 1, 200)))
            case .giveUp, .hangUp: throw .sink(.failed("\(name): nobody listened there in time; \(lastFailure)"))
            }
        }
    }

    private func attempt() throws(SessionFailure) {
        do throws(StreamCaller.Failure) {
            let made = try caller.connect(stop)
            plan.connected(now: monotonicNanoseconds())
            connection = made.descriptor
            let isAgain = hasConnected
            hasConnected = true
            shared.write {
                $0.isConnected = true
                if isAgain { $0.reconnects += 1 }
            }
            // A position past the last there is would be refused there; here it is no reason to end.
            encoder = PacketEncoder(checksAudio: true, position: min(position, WireLimits.position))
            if let description { encoder.encodeFormat(description) }
            tellNews()
        } catch {
            switch error {
            case .stopped: plan.failed(now: monotonicNanoseconds(), chance: 0)
            // A place that another has now may be free later.
            case .refused(let why) where !retries: throw .sink(.failed("\(name): \(why)"))
            case .absent(let why) where !retries: throw .sink(.failed("\(name): \(why); --retry waits for it"))
            case .refused(let why), .absent(let why):
                lastFailure = why
                plan.failed(now: monotonicNanoseconds(), chance: Double.random(in: 0...1))
            }
            tellNews()
        }
    }

    private func lose(_ why: String) throws(SessionFailure) {
        connection = nil
        shared.write { $0.isConnected = false }
        encoder.output.removeAll()
        settle(lost: position - settledPosition)
        lastFailure = why
        plan.lost(now: monotonicNanoseconds(), chance: Double.random(in: 0...1))
        tellNews()
        guard retries else {
            if why.isEmpty { throw .downstreamClosed }
            throw .sink(.failed("\(name): \(why)"))
        }
    }

    private func tellNews() {
        events.post(plan.takeNews(), of: name, why: lastFailure, isTriedAgain: retries)
        if plan.isUp { lastFailure = "" }
    }

    /// The end was taken, or there was nobody to take it.
    private func conclude() throws(SessionFailure) {
        defer {
            connection = nil
            plan.finish()
            shared.write { $0.isConnected = false }
        }
        guard connection == nil else { return }
        throw .sink(.failed("\(name): nobody was there at the end; \(untakenFrames) frames were not taken"))
    }
}
