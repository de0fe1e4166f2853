import Glibc
import Testing

@testable import AupSystem

/// Datagrams on loopback.
@Suite(.serialized) struct `A socket for datagrams` {
    private func pair(_ host: String, port: Int) throws -> (receiver: DatagramSocket, address: DatagramAddress) {
        let address = try DatagramAddress.resolve(host: host, port: port, isOwn: true)[0]
        let socket = try DatagramSocket(at: address)
        return (socket, try #require(socket.address))
    }

    private func receive(_ socket: DatagramSocket, room: Int = 100) -> (arrival: DatagramSocket.Arrival, bytes: [UInt8])
    {
        var space = [UInt8](repeating: 0, count: room)
        DatagramSocket.wait([socket], milliseconds: 5000)
        let arrival = socket.receive(into: &space)
        return (arrival, space)
    }

    @Test(arguments: ["127.0.0.1", "::1"]) func `sends to an address and says where something came from`(
        host: String
    ) throws {
        let (receiver, address) = try pair(host, port: 0)
        #expect(address.host == host && address.port > 0 && !address.isGroup)
        #expect(address.isVersion6 == host.contains(":"))
        let sender = try DatagramSocket(sendingTo: address)
        #expect(sender.send([1, 2, 3], to: address) == .gone)
        let (arrival, bytes) = receive(receiver)
        guard case .datagram(3, let from, false, _) = arrival else {
            #expect(Bool(false), "\(arrival)")
            return
        }
        #expect(Array(bytes[..<3]) == [1, 2, 3] && from.host == host)
        // And back to where it came from.
        #expect(receiver.send([4], to: from) == .gone)
        guard case .datagram(1, _, false, _) = receive(sender).arrival else {
            #expect(Bool(false))
            return
        }
    }

    @Test func `says when something arrived, however late it is looked for`() throws {
        let (receiver, address) = try pair("127.0.0.1", port: 0)
        let sender = try DatagramSocket(sendingTo: address)
        // The kernel begins to take note a while after it was asked, and notes until then when a packet was looked for:
        // so the first may be late.
        for _ in 0..<200 {
            let before = monotonicNanoseconds()
            #expect(sender.send([1], to: address) == .gone)
            let after = monotonicNanoseconds()
            // Until it is looked for nothing tells when it came but the kernel's note. The clock of notes is another one.
            usleep(50_000)
            guard case .datagram(1, _, false, let arrival) = receive(receiver).arrival else {
                #expect(Bool(false))
                return
            }
            if (before - 1_000_000...after + 1_000_000).contains(arrival) { return }
        }
        #expect(Bool(false), "none of 200 datagrams has the time of its arrival")
    }

    @Test func `does not believe a time that cannot be, since the clock was set`() {
        let (wall, now): (Int64, Int64) = (1_700_000_000_000_000_000, 5_000_000_000_000)
        #expect(DatagramSocket.arrival(stamp: wall - 3_000_000, wall: wall, now: now) == now - 3_000_000)
        #expect(DatagramSocket.arrival(stamp: 0, wall: wall, now: now) == now)
        #expect(DatagramSocket.arrival(stamp: wall + 1, wall: wall, now: now) == now)
        #expect(DatagramSocket.arrival(stamp: wall - 11_000_000_000, wall: wall, now: now) == now)
    }

    @Test func `never waits, and says what was cut`() throws {
        let (receiver, address) = try pair("127.0.0.1", port: 0)
        var space = [UInt8](repeating: 0, count: 4)
        #expect(receiver.receive(into: &space) == .nothing)
        let sender = try DatagramSocket(sendingTo: address)
        try sender.connect(to: address)
        #expect(sender.send([1, 2, 3, 4, 5]) == .gone)
        guard case .datagram(4, _, true, _) = receive(receiver, room: 4).arrival else {
            #expect(Bool(false))
            return
        }
    }

    @Test func `has its port alone, and a group's with others`() throws {
        let (receiver, address) = try pair("127.0.0.1", port: 0)
        #expect(throws: NetworkSocket.Refusal.taken) { try DatagramSocket(at: address) }
        withExtendedLifetime(receiver) {}
        let group = try DatagramAddress.resolve(host: "239.255.99.1", port: 17_290)[0]
        #expect(group.isGroup && group.with(port: 17_291).port == 17_291 && group.with(port: 1).host == group.host)
        let first = try DatagramSocket(at: group, interface: "lo")
        let second = try DatagramSocket(at: group, interface: "lo")
        let sender = try DatagramSocket(sendingTo: group)
        var wishes = DatagramSocket.GroupSending()
        wishes.interface = "lo"
        try sender.setGroupSending(wishes)
        #expect(sender.send([9], to: group) == .gone)
        for one in [first, second] {
            guard case .datagram(1, _, false, _) = receive(one).arrival else {
                #expect(Bool(false))
                return
            }
        }
        #expect(throws: NetworkSocket.Refusal.self) { try DatagramSocket(at: group, interface: "no-such-interface") }
    }

    @Test func `of a name that nobody has is refused`() {
        #expect(throws: NetworkSocket.Refusal.self) { try DatagramAddress.resolve(host: "256.1.1.1", port: 1) }
    }
}
