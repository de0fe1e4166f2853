import AupNetwork
import AupSound
import AupSystem
import AupWire
import Synchronization
import TestSupport
import Testing

@testable import AupEngine

/// What a publisher's transport gives by itself, and what it leaves to the thread.
@Suite(.serialized) struct `A publisher with few subscribers` {
    private let scratch: Scratch
    private let stop = StopRequest()
    private let events = EventQueue(bell: Doorbell())

    init() throws { scratch = try Scratch() }

    private func sink(latency: Int64? = nil) throws -> PublishSink {
        try PublishSink(
            PublishingPlan(
                door: DoorPlan(address: .unix(path: scratch.path("s"))), queueNanoseconds: 2_000_000_000,
                queueBytes: 1 << 20, latencyNanoseconds: latency), stop: stop, events: events)
    }

    private func begin(_ sink: PublishSink) throws {
        let pcm = try #require(PCMFormat(.s16, rate: 48_000, channels: 2))
        try sink.take(.format(StreamDescription(pcm, isLive: true)))
    }

    /// Packets of 5 ms, one flush each.
    private func give(_ sink: PublishSink, _ numbers: Range<Int>) throws {
        let audio = [UInt8](repeating: 1, count: 960)
        for number in numbers {
            try sink.take(audio: audio, frames: 240, position: Int64(number) * 240)
            try sink.flush()
        }
    }

    private func end(_ sink: PublishSink, packets: Int) throws {
        try sink.take(.end(EndPacket(totalFrames: Int64(packets) * 240, lostFrames: 0, reason: .normal)))
        sink.close()
    }

    /// A subscriber, at the other end of a real socket.
    private final class Hearer: @unchecked Sendable {
        // @unchecked because a test makes it and then leaves it to one thread, which it joins.
        private let source: StreamSource
        /// Where its first packet began, and how many frames it was given and lost.
        private(set) var first: Int64?
        private(set) var frames: Int64 = 0
        private(set) var lost: Int64 = 0
        private(set) var hasEnded = false

        init(_ scratch: Scratch) throws {
            let stop = StopRequest()
            let connection = try StreamCaller(address: .unix(path: scratch.path("s")), role: .subscribe).connect(stop)
            source = StreamSource(connection.descriptor, name: "s", firstBytes: connection.firstBytes, stop: stop)
        }

        /// Reads until it has had so many frames, or the end.
        func hear(frames wanted: Int64 = .max) {
            for _ in 0..<1_000_000 {
                guard frames < wanted, !hasEnded else { return }
                guard let packet = source.next() else {
                    source.wait()
                    continue
                }
                switch packet {
                case .audio(let audio):
                    first = first ?? audio.position
                    frames += Int64(audio.frames)
                case .gap(let gap):
                    first = first ?? gap.position
                    lost += gap.frames
                case .end: hasEnded = true
                default: break
                }
            }
        }

        var account: [Int64] { [frames, lost] }
    }

    /// Frames given, lost and waiting, of each who left.
    private func accounts() -> [[Int64]] {
        events.takeAll().compactMap { event in
            guard case .happened(let one) = event, one.name == "peer_left" else { return nil }
            return ["frames", "lost_frames", "waiting_frames"].map { name in
                one.numbers.first { $0.key == name }.map { Int64($0.value) } ?? -1
            }
        }
    }

    /// Rounds, and those of them that the transport made whole.
    private func rounds(_ sink: PublishSink) -> (all: Int64, atOnce: Int64) {
        let publisher = sink.publisher
        return publisher.turn.withLock { _ in (publisher.meter.rounds, publisher.meter.roundsAtOnce) }
    }

    /// A moment for the publisher's thread.
    private func waitABit() { _ = Doorbell().wait(milliseconds: 20) }

    @Test(arguments: [nil, 20_000_000]) func `gives what comes without waking its thread`(_ latency: Int64?) throws {
        let sink = try sink(latency: latency)
        try begin(sink)
        let hearers = try (0..<3).map { _ in try Hearer(scratch) }
        for number in 0..<200 {
            try give(sink, number..<number + 1)
            for hearer in hearers { hearer.hear(frames: Int64(number + 1) * 240) }
        }
        // The thread has its turn when somebody comes, and once in a while.
        let rounds = rounds(sink)
        #expect(rounds.atOnce > 0 && rounds.all >= rounds.atOnce)
        try end(sink, packets: 200)
        for hearer in hearers { hearer.hear() }
        #expect(hearers.allSatisfy { $0.hasEnded && $0.account == [48_000, 0] })
        #expect(accounts() == Array(repeating: [48_000, 0, 0], count: 3))
        let status = sink.publisher.status
        #expect(status.frames == 144_000 && status.packets == 600 && status.lostFrames == 0)
        #expect(status.mostPeers == 3 && status.peers == 0)
    }

    @Test func `tells what it gave at any moment`() throws {
        let sink = try sink()
        defer { sink.close() }
        try begin(sink)
        let hearer = try Hearer(scratch)
        for number in 0..<20 {
            try give(sink, number..<number + 1)
            hearer.hear(frames: Int64(number + 1) * 240)
            // What it has in its hands was counted when it was given, whoever gave it.
            #expect(sink.publisher.status.frames == hearer.frames)
        }
    }

    @Test func `gives one what comes while another stands still, and accounts for both`() throws {
        let sink = try sink()
        try begin(sink)
        let (reader, still) = (try Hearer(scratch), try Hearer(scratch))
        let packets = 2000
        for number in 0..<packets {
            try give(sink, number..<number + 1)
            reader.hear(frames: Int64(number + 1) * 240)
        }
        #expect(rounds(sink).atOnce > 0)
        let total = Int64(packets) * 240
        #expect(reader.account == [total, 0])
        let before = sink.publisher.status
        #expect(before.lostFrames > 0 && before.peers == 2)
        // It reads on, and hears of its loss; what it has lost by then was counted.
        still.hear(frames: 240)
        try sink.take(.end(EndPacket(totalFrames: total, lostFrames: 0, reason: .normal)))
        still.hear()
        reader.hear()
        sink.close()
        #expect(still.hasEnded && still.lost > 0 && still.frames + still.lost == total)
        let accounts = accounts()
        #expect(accounts.count == 2)
        #expect(accounts.contains([total, 0, 0]))
        #expect(accounts.contains(still.account + [0]))
    }

    @Test func `counts to the frame while some come and go`() throws {
        let sink = try sink()
        try begin(sink)
        let heard = Guarded<[[Int64]]>([])
        let left = Guarded<[Int64]>([])
        let scratch = scratch
        let isOver = StopRequest()
        // Two stay from when they come to the end; two come and go all the time.
        let stayers = try (0..<2).map { _ in try Hearer(scratch) }.map { hearer in
            try WorkerThread(name: "stays") {
                hearer.hear()
                heard.write { $0.append([hearer.first ?? 0] + hearer.account) }
            }
        }
        let guests = try (0..<2).map { number in
            try WorkerThread(name: "comes and goes") {
                for turn in 0..<50 where !isOver.isRequested {
                    guard let hearer = try? Hearer(scratch) else { return }
                    hearer.hear(frames: Int64(1 + (turn + number) % 7) * 240)
                    let frames = hearer.frames
                    left.write { $0.append(frames) }
                }
            }
        }
        var packets = 0
        // Until everybody was there, and so many packets at least.
        while packets < 60_000, packets < 1000 || left.read({ $0.count }) < 100 {
            try give(sink, packets..<packets + 1)
            packets += 1
            if packets % 5 == 0 { _ = Doorbell().wait(milliseconds: 1) }
        }
        isOver.finish()
        try end(sink, packets: packets)
        for thread in stayers + guests { thread.join() }
        let (whole, guestFrames, accounts) = (heard.read { $0 }, left.read { $0 }, accounts())
        #expect(whole.count == 2 && guestFrames.count == 100)
        #expect(accounts.count == 102)
        var others = accounts
        for one in whole {
            // Every frame from where it came in was given or is named lost, and the publisher says the same.
            #expect(one[0] + one[1] + one[2] == Int64(packets) * 240)
            let index = try #require(others.firstIndex(of: [one[1], one[2], 0]))
            others.remove(at: index)
        }
        // Of those who left, no more was read than was given.
        #expect(zip(others.map { $0[0] }.sorted(), guestFrames.sorted()).allSatisfy { $0 >= $1 })
        let status = sink.publisher.status
        #expect(status.frames == accounts.reduce(0) { $0 + $1[0] })
        #expect(status.lostFrames == accounts.reduce(0) { $0 + $1[1] })
        #expect(status.mostPeers <= 4 && status.peers == 0)
    }

    @Test func `leaves many to its thread`() throws {
        let sink = try sink()
        try begin(sink)
        let hearers = try (0...Publisher.fewSubscribers).map { _ in try Hearer(scratch) }
        // A greeting is not yet a place in the queue: they are there when the thread has heard them all.
        for _ in 0..<500 where sink.publisher.status.peers < Int64(hearers.count) { waitABit() }
        let before = rounds(sink).atOnce
        for number in 0..<20 {
            try give(sink, number..<number + 1)
            for hearer in hearers { hearer.hear(frames: Int64(number + 1) * 240) }
        }
        #expect(rounds(sink).atOnce == before)
        try end(sink, packets: 20)
        for hearer in hearers { hearer.hear() }
        #expect(hearers.allSatisfy { $0.hasEnded && $0.account == [4800, 0] })
    }

    @Test func `leaves packets that are gathered to its thread`() throws {
        let sink = try sink()
        try begin(sink)
        let hearer = try Hearer(scratch)
        let publisher = sink.publisher
        // A load that a test cannot make: windows in which half of the time was work.
        var pace = DeliveryPace(publisher.pace.bounds)
        for window in Int64(0)..<4 {
            let (began, length) = (window * DeliveryPace.windowNanoseconds, DeliveryPace.windowNanoseconds)
            pace.note(DeliveryPace.Round(began: began, ended: began + length / 2))
            pace.note(DeliveryPace.Round(began: began + length, ended: began + length))
        }
        let busy = pace
        publisher.turn.withLock { _ in publisher.pace = busy }
        #expect(publisher.turn.withLock { _ in publisher.pace.gatherNanoseconds } > 0)
        let before = rounds(sink).atOnce
        try give(sink, 0..<1)
        #expect(rounds(sink).atOnce == before)
        hearer.hear(frames: 240)
        try end(sink, packets: 1)
        hearer.hear()
        #expect(hearer.account == [240, 0])
    }
}
