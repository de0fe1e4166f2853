import AupNetwork
import AupSound
import AupSystem
import AupWire
import TestSupport
import Testing

@testable import AupEngine

/// A publisher and those who come to it, each at the other end of a real socket.
@Suite(.serialized) struct `A publisher` {
    private let scratch: Scratch
    private let stop = StopRequest()
    private let events = EventQueue(bell: Doorbell())

    init() throws { scratch = try Scratch() }

    private func sink(clients: Int = 8) throws -> PublishSink {
        var door = DoorPlan(address: .unix(path: scratch.path("s")))
        door.clientLimit = clients
        return try PublishSink(
            PublishingPlan(door: door, queueNanoseconds: 2_000_000_000, queueBytes: 1 << 20), stop: stop, events: events
        )
    }

    private func caller(_ codec: GreetingExchange.Codec = .any) -> StreamCaller {
        StreamCaller(address: .unix(path: scratch.path("s")), role: .subscribe, codec: codec)
    }

    private func pcm() throws -> StreamDescription {
        StreamDescription(try #require(PCMFormat(.s16, rate: 48_000, channels: 2)), isLive: true)
    }

    private func opus() throws -> StreamDescription {
        let coding = try #require(OpusConfiguration(channels: 2, preSkipFrames: 312, frameSize: 960))
        return StreamDescription(coding: .opus(coding), isLive: true)
    }

    /// All that is read until the other end hangs up.
    private func story(_ connection: StreamCaller.Connection) -> (words: [String], frames: Int64, gaps: Int64) {
        let source = StreamSource(
            connection.descriptor, name: "s", firstBytes: connection.firstBytes, stop: stop)
        var (words, frames, gaps): ([String], Int64, Int64) = ([], 0, 0)
        for _ in 0..<100_000 {
            guard let packet = source.next() else {
                source.wait()
                continue
            }
            switch packet {
            case .format(let description): words.append(description.pcm == nil ? "opus" : "pcm")
            case .audio(let audio): frames += Int64(audio.frames)
            case .silence(let silence): frames += silence.frames
            case .gap(let gap): gaps += gap.frames
            case .event: break
            case .end(let end):
                words.append("\(end.reason)")
                return (words, frames, gaps)
            }
        }
        return (words, frames, gaps)
    }

    private func accounts() -> [[String: Double]] {
        events.takeAll().compactMap { event in
            guard case .happened(let one) = event, one.name == "peer_left" else { return nil }
            return Dictionary(uniqueKeysWithValues: one.numbers.map { ($0.key, $0.value) })
        }
    }

    // MARK: - Places

    @Test func `has so many places for those who greet, and says that one may become free`() throws {
        let sink = try sink(clients: 2)
        defer { sink.close() }
        // All knock before any has greeted: a place is given to who greets, not to who knocks.
        let guests = try (0..<4).map { _ in try LocalSocket.connect(scratch.path("s")) }
        var answers: [Greeting] = []
        for guest in guests {
            var exchange = GreetingExchange(connecting: .subscribe, secret: nil)
            let hello = exchange.begin()
            _ = unsafe hello.withUnsafeBytes { unsafe guest.sendNow($0) }
            var heard: [UInt8] = []
            for _ in 0..<500 where answers.count < 4 {
                guard guest.waitReadable(milliseconds: 20) else { continue }
                var space = [UInt8](repeating: 0, count: 4096)
                if case .bytes(let count) = unsafe space.withUnsafeMutableBytes({ unsafe guest.readNow($0) }) {
                    heard += space[..<count]
                }
                if let answer = try Greeting.read(heard)?.message {
                    answers.append(answer)
                    break
                }
            }
        }
        #expect(answers.map(\.kind) == [.welcome, .welcome, .refusal, .refusal])
        #expect(answers.last?["again"] == "later")
        #expect(answers.last?["reason"] == "2 are connected already")
        #expect(throws: StreamCaller.Failure.absent("2 are connected already")) { _ = try caller().connect(stop) }
    }

    @Test func `keeps the wish for a codec when the format changes`() throws {
        let sink = try sink()
        defer { sink.close() }
        try sink.take(.format(try pcm()))
        let (one, any) = (try caller(.pcm).connect(stop), try caller().connect(stop))
        #expect(throws: StreamCaller.Failure.refused("this stream is PCM; put aup encode before it")) {
            _ = try caller(.opus).connect(stop)
        }
        try sink.take(.silence(SilencePacket(position: 0, captureTime: nil, frames: 480)))
        try sink.flush()
        try sink.take(.format(try opus()))
        try sink.take(.silence(SilencePacket(position: 480, captureTime: nil, frames: 960)))
        let heard = story(one)
        #expect(heard.words == ["pcm", "error"] && heard.frames == 480)
        try sink.take(.end(EndPacket(totalFrames: 1440, lostFrames: 0, reason: .normal)))
        #expect(story(any).words == ["pcm", "opus", "normal"])
    }

    // MARK: - The account

    @Test func `accounts for every frame of somebody who never reads`() throws {
        let sink = try sink()
        try sink.take(.format(try pcm()))
        let still = try caller().connect(stop)
        let second = [UInt8](repeating: 1, count: 4 * 4800)
        for number in 0..<60 {
            try sink.take(audio: second, frames: 4800, position: Int64(number) * 4800)
            try sink.flush()
        }
        // Whoever does not read is known to lose before it is told.
        for _ in 0..<200 where sink.publisher.status.lostFrames == 0 { sink.waitABit() }
        #expect(sink.publisher.status.lostFrames > 0)
        try sink.take(.end(EndPacket(totalFrames: 288_000, lostFrames: 0, reason: .normal)))
        sink.close()
        let account = try #require(accounts().first)
        let (given, lost) = (account["frames"] ?? 0, account["lost_frames"] ?? 0)
        #expect(given + lost == 288_000)
        #expect(account["waiting_frames"] == 0)
        let status = sink.publisher.status
        #expect(Double(status.frames) == given && Double(status.lostFrames) == lost)
        // What lies in its socket is what it was given, packet by whole packet.
        #expect(Double(story(still).frames) == given)
    }

    @Test func `counts what waited for somebody who left as neither given nor lost`() throws {
        let sink = try sink()
        try sink.take(.format(try pcm()))
        do {
            let still = try caller().connect(stop)
            let second = [UInt8](repeating: 1, count: 4 * 4800)
            for number in 0..<60 {
                try sink.take(audio: second, frames: 4800, position: Int64(number) * 4800)
                try sink.flush()
            }
            for _ in 0..<200 where sink.publisher.status.lostFrames == 0 { sink.waitABit() }
            _ = still
        }
        for _ in 0..<500 where sink.publisher.status.peers > 0 { sink.waitABit() }
        let account = try #require(accounts().first)
        let (given, lost) = (account["frames"] ?? 0, account["lost_frames"] ?? 0)
        #expect(lost > 0 && (account["waiting_frames"] ?? 0) > 0)
        #expect(given + lost + (account["waiting_frames"] ?? 0) == 288_000)
        sink.close()
    }

    @Test func `that is closed without an end tells one, and takes its name away`() throws {
        let sink = try sink()
        try sink.take(.format(try pcm()))
        let one = try caller().connect(stop)
        sink.close()
        sink.close()
        #expect(story(one).words == ["pcm", "stopped"])
        #expect(throws: StreamCaller.Failure.absent("nobody listens there")) { _ = try caller().connect(stop) }
    }

    @Test func `tells the account of as many as there can be, though all leave at once`() {
        for number in 0..<5000 {
            var event = NamedEvent("peer_left", "\(number)")
            event.isAccount = number % 2 == 0
            events.post(.happened(event))
        }
        let told = events.takeAll().count {
            if case .happened(let one) = $0 { one.isAccount } else { false }
        }
        #expect(told == 2500)
    }
}

extension PublishSink {
    /// A moment for the publisher's thread.
    fileprivate func waitABit() { _ = Doorbell().wait(milliseconds: 20) }
}
