import AupNetwork
import AupSystem
import Glibc

/// The sockets of a sender: one for sound, one for what is said about it, which goes to the port behind.
///
/// - Thread: transport.
final class RTPSenderLink {
    let target: DatagramAddress
    let name: String
    private let plan: RTPConfiguration
    private let sound: DatagramSocket
    private let reports: DatagramSocket
    private var space = [UInt8](repeating: 0, count: 2048)

    /// Reports that are heard in one look at most.
    private static let reportLimit = 64

    init(host: String, port: Int, _ plan: RTPConfiguration) throws(SessionFailure) {
        self.plan = plan
        name = host.contains(":") ? "rtp:[\(host)]:\(port)" : "rtp:\(host):\(port)"
        do throws(DatagramSocket.Refusal) {
            target = try DatagramAddress.resolve(host: host, port: port)[0]
            sound = try DatagramSocket(sendingTo: target)
            reports = try DatagramSocket(sendingTo: target)
            guard target.isGroup else { return }
            try sound.setGroupSending(group)
            try reports.setGroupSending(group)
        } catch {
            throw .before(.failed("\(name): \(error.message)"))
        }
    }

    private var group: DatagramSocket.GroupSending {
        var group = DatagramSocket.GroupSending()
        (group.hops, group.interface) = (plan.hops, plan.interface)
        return group
    }

    /// The address of this machine on the way there, in figures.
    var ownHost: String {
        // Connected, the system says which one it takes; nothing is sent for that.
        if let probe = try? DatagramSocket(sendingTo: target),
            !target.isGroup || (try? probe.setGroupSending(group)) != nil, (try? probe.connect(to: target)) != nil,
            let host = probe.address?.host, !host.isEmpty
        {
            return host
        }
        return target.isVersion6 ? "::1" : "127.0.0.1"
    }

    func send(_ bytes: [UInt8]) -> DatagramSocket.Departure { sound.send(bytes, to: target) }

    /// What is lost of it is said again in five seconds.
    func report(_ bytes: [UInt8]) { _ = reports.send(bytes, to: target.with(port: target.port + 1)) }

    /// What receivers said about a source since the last look, and when it arrived.
    func heard(about source: UInt32) -> [(block: RTCPPacket.ReportBlock, arrival: Int64)] {
        var found: [(block: RTCPPacket.ReportBlock, arrival: Int64)] = []
        for _ in 0..<Self.reportLimit {
            guard case .datagram(let count, _, let isCut, let arrival) = reports.receive(into: &space) else { break }
            guard !isCut, let packets = try? RTCPPacket.read(Array(space[..<count])) else { continue }
            for blocks in packets.map(\.blocks) {
                found += blocks.filter { $0.source == source }.map { ($0, arrival) }
            }
        }
        return found
    }
}

/// The file that describes what is sent, for those who receive it. It is there in one step, whole.
///
/// - Thread: transport.
struct RTPDescriptionFile {
    private let path: String
    private let overwrite: Bool

    /// Says at once what is in the way.
    init(_ path: String, overwrite: Bool) throws(SessionFailure) {
        self.path = path
        self.overwrite = overwrite
        guard overwrite || Descriptor.Kind(path: path) == nil else {
            throw .before(
                .failed("cannot write \(path): it is there already; choose another name, remove it or give --overwrite")
            )
        }
    }

    func write(_ text: String) throws(SessionFailure) {
        do throws(SystemError) {
            try replaceFile(path, with: Array(text.utf8), isNew: !overwrite)
        } catch {
            let remedy = error.isTaken ? "; choose another name, remove it or give --overwrite" : ""
            throw .before(.failed("cannot write \(path): \(error.reason)\(remedy)"))
        }
    }
}
