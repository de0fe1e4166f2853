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
            ending = .failed("\(InputSniffer.place(name)): cannot read: \(error.reason)")
            wasCutOff = true
            isInputOver = true
        }
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
        default: break
        }
        return packet
    }

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
