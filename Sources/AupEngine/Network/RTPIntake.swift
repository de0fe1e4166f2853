import AupNetwork
import AupOpus

/// What packets of RTP are that arrive: whose payload they hold, and how many frames. Those that are none are counted.
///
/// - Thread: transport.
struct RTPIntake {
    private let plan: RTPReceiverPlan
    private let events: EventQueue
    /// Of the packets that are taken: the first one's.
    private(set) var payload: RTPPayload?
    private var payloadType: UInt8?
    private(set) var packets: Int64 = 0
    private(set) var bytes: Int64 = 0
    private(set) var refused: Int64 = 0
    private var hasToldType = false

    init(_ plan: RTPReceiverPlan, events: EventQueue) { (self.plan, self.events) = (plan, events) }

    /// A packet of sound that may be taken; `nil` for one that is refused.
    mutating func take(_ packet: RTPPacket) -> (payload: RTPPayload, frames: Int64)? {
        guard let payload = payload(of: packet), let frames = Self.frames(packet.payload, payload) else {
            refuse()
            return nil
        }
        packets += 1
        bytes += Int64(packet.payload.count)
        (self.payload, payloadType) = (payload, packet.payloadType)
        return (payload, frames)
    }

    /// What is no packet at all.
    mutating func refuse() { refused += 1 }

    private mutating func payload(of packet: RTPPacket) -> RTPPayload? {
        if let payloadType { return packet.payloadType == payloadType ? payload : nil }
        let found = plan.payload(ofType: packet.payloadType)
        if found == nil, !hasToldType {
            hasToldType = true
            events.post(
                .warning(
                    "\(plan.name): packets of payload type \(packet.payloadType), which nobody described; receive its .sdp, or add ?payload=opus or ?payload=l16/48000/2"
                ))
        }
        return found
    }

    private static func frames(_ bytes: [UInt8], _ payload: RTPPayload) -> Int64? {
        if let frameBytes = payload.frameBytes {
            return bytes.count >= frameBytes ? Int64(bytes.count / frameBytes) : nil
        }
        return unsafe bytes.withUnsafeBytes { unsafe OpusDecoder.frames($0) }.map(Int64.init)
    }
}
