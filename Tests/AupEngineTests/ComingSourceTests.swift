import AupNetwork
import AupSound
import AupSystem
import AupWire
import TestSupport
import Testing

@testable import AupEngine

/// Sources that come, or do not.
@Suite(.serialized) struct `A source that is waited for` {
    private let scratch: Scratch
    private let stop = StopRequest()
    private let events = EventQueue(bell: Doorbell())

    init() throws { scratch = try Scratch() }

    private func names() -> [String] {
        events.takeAll().compactMap { if case .happened(let one) = $0 { one.name } else { nil } }
    }

    @Test func `and never comes is given up, and is said to have come by nobody`() throws {
        let caller = StreamCaller(address: .unix(path: scratch.path("none")), role: .subscribe)
        let supply = CallerSupply("unix:none") { [stop, events] in
            NetworkSource(
                caller, patience: 300_000_000, liveness: 3_000_000_000, bell: Doorbell(), stop: stop, events: events)
        }
        let source = SuccessionSource(supply, keeps: true, patience: 300_000_000, stop: stop, events: events)
        var end: EndPacket?
        let begun = monotonicNanoseconds()
        while end == nil, monotonicNanoseconds() - begun < 20_000_000_000 {
            if case .end(let packet)? = source.next() { end = packet } else { source.wait() }
        }
        #expect(end?.reason == .error)
        #expect(source.ending.message?.contains("nobody came back in time") == true)
        #expect(source.reconnects == 0 && source.isWaiting)
        #expect(!names().contains("source_came"))
    }

    // MARK: - A mix

    private func sender() throws -> StreamCaller.Connection {
        try StreamCaller(address: .unix(path: scratch.path("in")), role: .send).connect(stop)
    }

    private func words(_ frames: Int64) throws -> [UInt8] {
        var encoder = PacketEncoder(checksAudio: true)
        encoder.encodeFormat(
            StreamDescription(try #require(PCMFormat(.s16, rate: 48_000, channels: 2)), isLive: false))
        encoder.encodeSilence(frames: frames)
        encoder.encodeEnd(.normal)
        return unsafe Array(encoder.output.bytes)
    }

    @Test func `in the midst of its first word holds up no other in a mix`() throws {
        let door = try SenderDoor(
            DoorPlan(address: .unix(path: scratch.path("in"))), places: 4, livenessNanoseconds: 60_000_000_000,
            events: events)
        let mix = try MixingSource(door, keeps: false, rate: nil, channels: nil, stop: stop, events: events)
        defer { mix.close() }
        let (half, whole) = (try sender(), try sender())
        let bytes = try words(9600)
        _ = unsafe bytes[..<20].withUnsafeBytes { unsafe half.descriptor.sendNow($0) }
        let begun = monotonicNanoseconds()
        var (format, frames): (PCMFormat?, Int64) = (nil, 0)
        var isSent = false
        while frames < 4800, monotonicNanoseconds() - begun < 20_000_000_000 {
            // The first has been looked at by now.
            if !isSent, monotonicNanoseconds() - begun > 300_000_000 {
                isSent = true
                _ = unsafe bytes.withUnsafeBytes { unsafe whole.descriptor.sendNow($0) }
            }
            switch mix.next() {
            case .format(let description)?: format = description.pcm
            case let packet?: frames += packet.span?.frames ?? 0
            case nil: mix.wait()
            }
        }
        #expect(format?.sampleFormat == .f32 && format?.rate == 48_000)
        #expect(frames >= 4800)
    }
}
