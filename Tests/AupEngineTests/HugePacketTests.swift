import AupNetwork
import AupSound
import AupSystem
import AupWire
import Foundation
import TestSupport
import Testing

@testable import AupEngine

/// Packets that docs/wire.md allows and no recorder makes: gaps of 2^53 frames, times at the ends of what 64 bits hold.
@Suite struct `A packet that says as much as it can` {
    private let events = EventQueue(bell: Doorbell())
    private let stop = StopRequest()
    private static let most = WireLimits.position

    private func gap(_ position: Int64, _ frames: Int64 = most, captured: Int64? = nil) -> Packet {
        .gap(GapPacket(position: position, captureTime: captured, frames: frames, cause: .network, seenBy: ""))
    }

    private func format(isLive: Bool, rate: Int = 8000) throws -> Packet {
        .format(
            StreamDescription(
                try #require(PCMFormat(.s16, rate: rate, channels: 1)), isLive: isLive, clock: .monotonicOfThisBoot))
    }

    @Test func `has parts, whose times are known where a clock shows them`() {
        let long = gap(0, captured: 1000)
        #expect(long.part(first: 8000, count: 1, rate: 8000, position: 8000).span?.captureTime == 1_000_001_000)
        // A part that begins after so many years has no time.
        #expect(long.part(first: Self.most - 1, count: 1, rate: 8000, position: 0).span?.captureTime == nil)
        let late = gap(0, 100, captured: .max)
        #expect(late.part(first: 99, count: 1, rate: 8000, position: 99).span?.captureTime == nil)
        let early = gap(0, 100, captured: .min)
        #expect(early.part(first: 80, count: 1, rate: 8000, position: 80).span?.captureTime == Int64.min + 10_000_000)
    }

    @Test(arguments: [Int64.min, .max, TimeSpan.mostNanoseconds + 2, -TimeSpan.mostNanoseconds - 2])
    func `loses a time that no clock shows where it comes in`(time: Int64) throws {
        var encoder = PacketEncoder(checksAudio: true)
        guard case .format(let description) = try format(isLive: true) else { return }
        encoder.encodeFormat(description)
        encoder.encodeGap(captureTime: time, frames: 5, cause: .network)
        encoder.encodeSilence(captureTime: time, frames: 5)
        unsafe [UInt8](repeating: 0, count: 10).withUnsafeBytes {
            unsafe encoder.encodeAudio(captureTime: time, payload: $0)
        }
        encoder.encodeEvent(captureTime: time, key: "x", value: "y")
        encoder.encodeSilence(captureTime: 77, frames: 5)
        let bytes = unsafe Array(encoder.output.bytes)
        let source = StreamSource(
            Descriptor.standardInput, name: "-", firstBytes: bytes, stop: stop)
        var times: [Int64?] = []
        while let packet = source.next() {
            if case .event(let event) = packet { times.append(event.captureTime) }
            if let span = packet.span { times.append(span.captureTime) }
        }
        #expect(times == [nil, nil, nil, nil, 77])
    }

    @Test(arguments: [true, false])
    func `is published, and a second one too`(isLive: Bool) throws {
        let scratch = try Scratch()
        let sink = try PublishSink(
            PublishingPlan(door: DoorPlan(address: .unix(path: scratch.path("s"))), queueBytes: 1 << 20), stop: stop,
            events: events)
        defer { sink.publisher.stop() }
        // Nobody waits for what is due in a thousand years.
        stop.finish()
        try sink.take(try format(isLive: isLive))
        for _ in 0..<3 {
            try sink.take(gap(0, captured: .min))
            try sink.flush()
        }
        try sink.take(audio: [UInt8](repeating: 0, count: 20), frames: 10)
        try sink.flush()
        var place = sink.publisher.backlog.join().place
        #expect(place.position > Self.most)
        if case .nothing = sink.publisher.backlog.next(&place) {} else { Issue.record("there is more") }
    }

    @Test func `is one chunk with another like it, as long as can be`() {
        let backlog = Backlog(bytes: 1 << 20, nanoseconds: 1_000_000_000)
        var place = backlog.join().place
        for number in 0..<3 {
            backlog.append(
                .chunk(
                    Backlog.Chunk(
                        bytes: [0], firstSequence: UInt32(number), position: 0, packets: 1, frames: 1, lostFrames: 1,
                        nanoseconds: TimeSpan.mostNanoseconds)), position: 1, sequence: UInt32(number + 1))
        }
        guard case .piece(.chunk(let chunk)) = backlog.next(&place) else {
            Issue.record("no chunk")
            return
        }
        #expect(chunk.packets == 3 && chunk.nanoseconds == TimeSpan.mostNanoseconds)
    }

    @Test func `has no age where its time is before all time`() {
        let meter = DeliveryMeter(target: 1)
        let chunk = Backlog.Chunk(
            bytes: [0], firstSequence: 0, position: 0, packets: 1, frames: 1, lostFrames: 0, captureTime: .min)
        meter.gave(chunk, now: 5)
        #expect(meter.age.count == 0 && meter.latePackets == 0)
    }

    @Test(arguments: [true, false])
    func `moves the clock of RTP on`(isLive: Bool) throws {
        let sink = try RTPSink(
            host: "127.0.0.1", port: 17_326, RTPConfiguration(), overwrite: false, stop: stop, events: events)
        stop.finish()
        try sink.take(try format(isLive: isLive))
        try sink.take(gap(0))
        try sink.take(audio: [UInt8](repeating: 0, count: 320), frames: 160)
        #expect(sink.status.packets + sink.status.refused == 1)
    }
}
