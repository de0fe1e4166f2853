import AupSound
import AupSystem
import AupWire

/// aup's own stream from a descriptor.
///
/// - Thread: transport.
final class StreamSource: PacketSource {
    /// How long a live stream's own end is waited for once this process is told to stop: Ctrl-C reaches every stage of a
    /// pipeline at once, and the sound that is on its way should still arrive.
    static let graceNanoseconds: Int64 = 250_000_000

    private let descriptor: Descriptor
    private let name: String
    private let stopRequest: StopRequest
    private var decoder = PacketDecoder()
    private var firstBytes: [UInt8]
    private var isInputOver = false
    private var isLive = false
    private var graceEnd: Int64?
    private var isStopping = false
    /// An end that has come, until it is known that no other stream follows it.
    private var heldEnd: EndPacket?
    private var hasEnded = false
    private(set) var ending = SessionEnding.done
    /// Whether the input stopped without an end, or could not be read on.
    private(set) var wasCutOff = false

    init(_ descriptor: Descriptor, name: String, firstBytes: [UInt8], stop: StopRequest) {
        self.descriptor = descriptor
        self.name = name
        self.firstBytes = firstBytes
        stopRequest = stop
    }

    func next() -> Packet? {
        if hasEnded { return nil }
        do throws(WireError) {
            feedFirstBytes()
            if let packet = try decoder.next() { return received(packet) }
            if isInputOver {
                if heldEnd == nil { try decoder.finish() }
                return end(heldEnd ?? EndPacket(totalFrames: 0, lostFrames: 0, reason: .normal))
            }
        } catch {
            return broken(error)
        }
        if isStopping {
            return end(
                EndPacket(totalFrames: decoder.position, lostFrames: decoder.lostFrames, reason: .stopped))
        }
        return nil
    }

    /// Reads what is there, waiting for it if need be.
    func wait() {
        guard !isInputOver else { return }
        if heldEnd != nil, !descriptor.waitReadable(milliseconds: 1000) {
            // Whoever wrote the end keeps the pipe open and silent: that was it.
            isInputOver = true
            return
        }
        if stopRequest.isRequested, !mayReadOn() {
            isStopping = true
            return
        }
        let descriptor = descriptor
        let request = graceEnd == nil ? stopRequest : StopRequest()
        do throws(SystemError) {
            let count = try unsafe decoder.withFreeSpace { (space) throws(SystemError) in
                try unsafe descriptor.read(into: space, stop: request)
            }
            guard let count else { return }
            decoder.commit(count: count)
            isInputOver = count == 0
        } catch {
            let text = "\(InputSniffer.place(name)): cannot read: \(error.reason)"
            ending = error.isConnectionLost ? .upstreamFailed(text) : .failed(text)
            (wasCutOff, isInputOver, cutOffReason) = (true, true, error.reason)
        }
    }

    /// Why the stream was cut off, where more is known than that it was.
    private(set) var cutOffReason: String?

    /// Whether an end has come behind which another stream may follow.
    var holdsEnd: Bool { heldEnd != nil }

    /// No other stream is to follow the end that has come.
    func concludeEnd() { if heldEnd != nil { isInputOver = true } }

    /// The other end is there and says nothing: the stream is cut off here.
    func hangUp(_ why: String) {
        guard !hasEnded, !isInputOver else { return }
        ending = .upstreamFailed("\(InputSniffer.place(name)): \(why)")
        (wasCutOff, isInputOver, cutOffReason) = (true, true, why)
        // What is here of a packet that has begun is no news.
        heldEnd = EndPacket(
            totalFrames: decoder.position, lostFrames: decoder.lostFrames, reason: .error, code: 3, message: why)
    }

    /// Nothing to do at once: ``wait()`` sees the request, and gives a live stream its time.
    func stop() {}

    func close() {}

    /// Whether there is something to read before the time for a proper end is over.
    private func mayReadOn() -> Bool {
        guard isLive else { return false }
        let now = monotonicNanoseconds()
        let deadline = graceEnd ?? now + Self.graceNanoseconds
        graceEnd = deadline
        guard now < deadline else { return false }
        return descriptor.waitReadable(milliseconds: Int32((deadline - now) / 1_000_000) + 1)
    }

    private func feedFirstBytes() {
        guard !firstBytes.isEmpty else { return }
        let taken = unsafe firstBytes.withUnsafeBytes { unsafe decoder.feed($0) }
        firstBytes.removeFirst(taken)
    }

    private func received(_ packet: Packet) -> Packet? {
        switch packet {
        case .format(let description):
            heldEnd = nil
            isLive = description.isLive
            // The pipe to us as the pipe from us; whoever wrote it may not have known how.
            if !isLive { descriptor.resizePipe(bytes: StreamSink.bulkPipeBytes) }
        case .end(let packet):
            guard packet.reason != .error else {
                let text = packet.message.isEmpty ? "it gave no reason" : packet.message
                ending = .upstreamFailed("upstream failed: \(text)")
                return end(packet)
            }
            heldEnd = packet
            return nil
        case .audio(let audio) where Self.isBeyond(audio.captureTime):
            return .audio(
                unsafe AudioPacket(
                    position: audio.position, captureTime: nil, frames: audio.frames, isChecked: audio.isChecked,
                    payload: audio.payload, wire: audio.wire))
        case .silence(let silence) where Self.isBeyond(silence.captureTime):
            return .silence(SilencePacket(position: silence.position, captureTime: nil, frames: silence.frames))
        case .gap(let gap) where Self.isBeyond(gap.captureTime):
            return .gap(
                GapPacket(
                    position: gap.position, captureTime: nil, frames: gap.frames, cause: gap.cause, seenBy: gap.seenBy))
        case .event(let event) where Self.isBeyond(event.captureTime):
            return .event(
                EventPacket(position: event.position, captureTime: nil, key: event.key, value: event.value))
        default: break
        }
        return packet
    }

    /// 146 years: no clock of a machine or of UTC is there yet, and stages that add a packet's length to such a time, or
    /// a clock's offset, cannot run over.
    private static let times: ClosedRange<Int64> = -(1 << 62)...1 << 62

    /// Whether a capture time is none: what nobody's clock can have said is not known.
    private static func isBeyond(_ time: Int64?) -> Bool { time.map { !times.contains($0) } ?? false }

    private func broken(_ error: WireError) -> Packet {
        let place = InputSniffer.place(name)
        if error.isTruncation { wasCutOff = true }
        if case .done = ending {
            ending =
                error.isTruncation
                ? .upstreamFailed("\(place) was cut off, what arrived was kept: \(error.message)")
                : .failed("\(place): \(error.message)")
        }
        return end(
            EndPacket(
                totalFrames: decoder.position, lostFrames: decoder.lostFrames, reason: .error,
                code: error.isTruncation ? 3 : 1, message: ending.message ?? error.message))
    }

    private func end(_ packet: EndPacket) -> Packet {
        hasEnded = true
        return .end(packet)
    }
}
