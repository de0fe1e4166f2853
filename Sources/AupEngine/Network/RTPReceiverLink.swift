import AupNetwork
import AupSound
import AupSystem

/// Where RTP is received, and what it is said to hold.
struct RTPReceiverPlan {
    let name: String
    let host: String
    let port: Int
    let reportPort: Int
    /// The payload with its number; `nil` where nobody described it.
    var described: (type: UInt8, payload: RTPPayload)?
    let configuration: RTPConfiguration
    /// Whether the description says that the source sends nothing where there is nothing to hear.
    private(set) var leavesSilenceOut = false
    /// Frames before the sound that are none.
    private(set) var lookAheadFrames = 0

    /// - Throws: where the words make no sense, or a description cannot be read.
    init(_ word: String, _ network: NetworkConfiguration) throws(SessionFailure) {
        let (place, plan) = try network.rtp(word)
        configuration = plan
        switch place {
        case .host(let host, let port):
            (self.host, self.port, reportPort) = (host, port, port + 1)
            name = host.contains(":") ? "rtp:[\(host)]:\(port)" : "rtp:\(host):\(port)"
        case .description(let path):
            let session = try Self.session(path)
            (host, port) = (session.address, session.port)
            reportPort = session.reportPort ?? min(session.port + 1, 65_535)
            name = "rtp:\(path)"
            guard
                let payload = RTPPayload(session.payload.coding, rate: session.payload.rate, channels: session.channels)
            else { throw .before(.failed("\(path): \(session.payload.map) cannot be received")) }
            described = (session.payloadType, payload)
            leavesSilenceOut = session.hasDiscontinuousTransmission
            lookAheadFrames = session.lookAheadFrames ?? 0
        }
    }

    private static func session(_ path: String) throws(SessionFailure) -> SessionDescription {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Descriptor.reading(path).readAll(limit: SessionDescription.limitBytes + 1)
        } catch {
            throw .before(.failed("cannot open \(path): \(error.reason)"))
        }
        do throws(RTPError) {
            return try SessionDescription(reading: bytes)
        } catch {
            throw .before(.failed("\(path): \(error.message)"))
        }
    }

    /// What a packet holds, by its number; `nil` where nobody knows.
    func payload(ofType type: UInt8) -> RTPPayload? {
        if let described { return described.type == type ? described.payload : nil }
        return configuration.payload ?? RTPPayload(usualType: type)
    }
}

/// The sockets of a receiver: one for sound, one for what is said about it.
///
/// - Thread: transport.
final class RTPReceiverLink {
    private let sound: DatagramSocket
    /// `nil` where somebody else has the port, or where both come to one.
    private let reports: DatagramSocket?
    /// Why there is none.
    let reportRefusal: String?
    /// Where the source's reports come from, and its sound.
    private var reporter: DatagramAddress?
    private var sender: DatagramAddress?
    private var space = [UInt8](repeating: 0, count: 65_536)

    init(_ plan: RTPReceiverPlan) throws(SessionFailure) {
        do throws(DatagramSocket.Refusal) {
            let address = try DatagramAddress.resolve(host: plan.host, port: plan.port, isOwn: true)[0]
            sound = try Self.open(address, plan)
            guard plan.reportPort != plan.port else {
                (reports, reportRefusal) = (nil, nil)
                return
            }
            do throws(DatagramSocket.Refusal) {
                reports = try Self.open(address.with(port: plan.reportPort), plan)
                reportRefusal = nil
            } catch {
                reports = nil
                reportRefusal = "\(plan.name): no reports at port \(plan.reportPort): \(error.message)"
            }
        } catch {
            let text = error == .taken ? "already running: another process receives there" : error.message
            throw .before(.failed("\(plan.name): \(text)"))
        }
    }

    private static func open(
        _ address: DatagramAddress, _ plan: RTPReceiverPlan
    ) throws(DatagramSocket.Refusal) -> DatagramSocket {
        try DatagramSocket(at: address, interface: plan.configuration.interface)
    }

    func wait(milliseconds: Int32) {
        DatagramSocket.wait([sound] + (reports.map { [$0] } ?? []), milliseconds: milliseconds)
    }

    /// The next datagram of sound or about it, and when it arrived; `nil` when there is none, or one that is cut.
    func receive() -> (bytes: [UInt8], isReport: Bool, arrival: Int64)? {
        // Sound first: a goodbye is to find it here.
        for (socket, isOther) in [(sound, false), (reports, true)] {
            guard let socket,
                case .datagram(let count, let from, let isCut, let arrival) = socket.receive(into: &space),
                !isCut
            else { continue }
            let bytes = Array(space[..<count])
            let isReport = isOther || RTPPacket.isControl(bytes)
            if isReport { reporter = from } else { sender = from }
            return (bytes, isReport, arrival)
        }
        return nil
    }

    /// To where the source's own reports come from, or to the port behind its sound's.
    func report(_ bytes: [UInt8]) {
        let target = reporter ?? sender.map { $0.port < 65_535 ? $0.with(port: $0.port + 1) : $0 }
        guard let target else { return }
        _ = (reports ?? sound).send(bytes, to: target)
    }
}
