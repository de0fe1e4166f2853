import Foundation
import Testing

@testable import AupSystem

@Suite struct `The kernel's news` {
    private func kernel(_ lines: [String]) -> [UInt8] { lines.flatMap { Array($0.utf8) + [0] } }

    private func udev(_ lines: [String], magic: UInt32 = 0xFEED_CAFE, offset: UInt32 = 40) -> [UInt8] {
        let properties = kernel(lines)
        var bytes = Array("libudev".utf8) + [0]
        unsafe withUnsafeBytes(of: magic.bigEndian) { unsafe bytes += $0 }
        for number in [40, offset, UInt32(properties.count), 0, 0, 0] as [UInt32] {
            unsafe withUnsafeBytes(of: number) { unsafe bytes += $0 }
        }
        return bytes + Array(repeating: 0, count: 40 - bytes.count) + properties
    }

    private let added = [
        "ACTION=add", "DEVPATH=/devices/pci0000:00/usb1/1-2/1-2:1.0/sound/card2/controlC2", "SUBSYSTEM=sound",
        "MAJOR=116", "DEVNAME=snd/controlC2", "SEQNUM=4242",
    ]

    @Test func `a node of a card is told by the kernel and by udev`() throws {
        let told = kernel(["add@/devices/pci0000:00/usb1/1-2/1-2:1.0/sound/card2/controlC2"] + added)
        let event = try #require(KernelEvent(told[...]))
        #expect(event.action == .add)
        #expect(event.subsystem == "sound")
        #expect(event.node == "snd/controlC2")
        #expect(KernelEvent(udev(added)[...]) == event)
        // udev gives the whole path, and what it found out.
        let more = added.map { $0 == "DEVNAME=snd/controlC2" ? "DEVNAME=/dev/snd/controlC2" : $0 } + ["ID_MODEL=Mic"]
        #expect(KernelEvent(udev(more)[...]) == event)
        // From the middle of a larger space, where indices do not begin at nothing.
        #expect(KernelEvent(([7, 7, 7] + udev(added))[3...]) == event)
    }

    @Test func `what is no such message is nothing`() {
        for bytes in [
            [], [0], Array("hello".utf8), kernel(["add@/devices/x", "SUBSYSTEM=sound"]),
            kernel(["add@/devices/x", "ACTION=add"]), kernel(["add@/devices/x", "ACTION=dance", "SUBSYSTEM=sound"]),
            udev(added, magic: 0xFEED_CAFF), udev(added, offset: 4000), udev(added, offset: 0),
            udev(added, offset: .max), Array(udev(added)[..<20]),
            kernel(["add@/x"] + added + [String(repeating: "x", count: KernelEvent.largestBytes)]),
        ] as [[UInt8]] {
            #expect(KernelEvent(bytes[...]) == nil, "\(bytes.count) bytes")
        }
    }

    @Test func `random bytes and damaged messages harm nobody`() {
        var random = SystemRandomNumberGenerator()
        let whole = [kernel(["add@/devices/x"] + added), udev(added)]
        for round in 0..<20_000 {
            var bytes = whole[round % 2]
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
            _ = KernelEvent(bytes[...])
        }
    }

    @Test func `where nothing is heard nothing is told`() {
        let events = KernelEvents(subsystem: "no such")
        // Whatever the machine is doing now is not of that kind.
        #expect(!events.takeChanges())
        #expect(events.isListening == (events.number >= 0))
    }
}
