import AupNetwork
import AupSound
import AupSystem
import AupWire
import Glibc
import Testing

@testable import AupEngine

/// The two ends of a line over RTP, each with a hand-made other end on loopback.
@Suite(.serialized) struct `An end of RTP` {
    private let events = EventQueue(bell: Doorbell())
    private let stop = StopRequest()

    // MARK: - A sender

    /// The other end of a sender: a socket for sound, one for reports.
    private struct Listener {
        let sound: DatagramSocket
        let reports: DatagramSocket
        let port: Int

        init(port: Int) throws {
            let address = try DatagramAddress.resolve(host: "127.0.0.1", port: port)[0]
            sound = try DatagramSocket(at: address)
            reports = try DatagramSocket(at: address.with(port: port + 1))
            self.port = port
        }

        func take(_ socket: DatagramSocket) -> (bytes: [UInt8], from: DatagramAddress, arrival: Int64)? {
            var space = [UInt8](repeating: 0, count: 4096)
            DatagramSocket.wait([socket], milliseconds: 5000)
            guard case .datagram(let count, let from, false, let arrival) = socket.receive(into: &space) else {
                return nil
            }
            return (Array(space[..<count]), from, arrival)
        }

        /// All packets that are here.
        func packets() throws -> [RTPPacket] {
            var found: [RTPPacket] = []
            var space = [UInt8](repeating: 0, count: 4096)
            while case .datagram(let count, _, _, _) = sound.receive(into: &space) {
                found.append(try RTPPacket(Array(space[..<count])))
            }
            return found
        }
    }

    private func sink(port: Int) throws -> RTPSink {
        try RTPSink(
            host: "127.0.0.1", port: port, RTPConfiguration(), overwrite: false, stop: stop, events: events)
    }

    private func opus() throws -> Packet {
        let coding = try #require(OpusConfiguration(channels: 1, preSkipFrames: 0, frameSize: 960))
        return .format(StreamDescription(coding: .opus(coding), isLive: true))
    }

    @Test func `tells at once when it sent, and says what it was told in turn`() throws {
        let listener = try Listener(port: 17_260)
        let sink = try sink(port: listener.port)
        let format = try #require(PCMFormat(.s16, rate: 48_000, channels: 1))
        try sink.take(.format(StreamDescription(format, isLive: true)))
        try sink.take(audio: [UInt8](repeating: 1, count: 1920), frames: 960)
        let heard = try #require(listener.take(listener.reports))
        guard case .senderReport(let report) = try RTCPPacket.read(heard.bytes).first else {
            #expect(Bool(false), "no report of a sender")
            return
        }
        // Twenty milliseconds are two packets, and it was told with the first.
        #expect(report.packets == 1 && report.bytes == 960)
        // What lies between its arrival and the answer is said in the answer, however long it is.
        usleep(30_000)
        let held = monotonicNanoseconds() - heard.arrival
        let block = RTCPPacket.ReportBlock(
            source: report.source, fractionLost: 64, lost: 3, highestSequence: 1, jitter: 480,
            lastReport: report.time.middle, delaySinceLastReport: UInt32(held * 65_536 / 1_000_000_000))
        let other = RTCPPacket.ReportBlock(
            source: report.source &+ 1, fractionLost: 255, lost: 3, highestSequence: 1, jitter: 1, lastReport: 0,
            delaySinceLastReport: 0)
        #expect(
            listener.reports.send(
                RTCPPacket.bytes([.receiverReport(source: 99, blocks: [other, block])]), to: heard.from) == .gone)
        // Looked for now and then only; the time until then is not the network's.
        for _ in 0..<100 where sink.status.toldLoss == nil {
            usleep(50_000)
            try sink.flush()
        }
        let status = sink.status
        #expect(status.toldLoss == 0.25 && status.jitterNanoseconds == 10_000_000)
        let trip = try #require(status.roundTripNanoseconds)
        #expect(trip < 100_000_000, "\(trip)")
        try sink.take(.end(EndPacket(totalFrames: 960, lostFrames: 0, reason: .normal)))
        let last = try #require(listener.take(listener.reports))
        #expect(try RTCPPacket.read(last.bytes).last == .bye(sources: [report.source], reason: ""))
    }

    @Test func `sends the first packet of a silence, and the next sound marked, 960 for each 20 ms on`() throws {
        let listener = try Listener(port: 17_262)
        let sink = try sink(port: listener.port)
        try sink.take(try opus())
        // 20 ms of SILK at 8 kHz (RFC 6716, table 2), with sound and with nothing but the head.
        for number in 0..<30 {
            try sink.take(audio: (3...24).contains(number) ? [0x08] : [0x08, 1, 2, UInt8(number)], frames: 960)
        }
        let packets = try listener.packets()
        #expect(packets.map(\.payload.count) == [4, 4, 4, 1, 4, 4, 4, 4, 4])
        #expect(packets.map(\.hasMarker) == [true, false, false, false, true, false, false, false, false])
        let (first, number) = (packets[0].timestamp, packets[0].sequence)
        #expect(packets.map { ($0.timestamp &- first) / 960 } == [0, 1, 2, 3, 25, 26, 27, 28, 29])
        #expect(packets.map { $0.sequence &- number } == Array(0..<9))
    }

    // MARK: - A receiver

    /// The other end of a receiver.
    private final class Talker {
        let socket: DatagramSocket
        let target: DatagramAddress
        var sequence: UInt16 = 65_530
        var timestamp: UInt32 = .max - 3

        init(port: Int) throws {
            target = try DatagramAddress.resolve(host: "127.0.0.1", port: port)[0]
            socket = try DatagramSocket(sendingTo: target)
        }

        func say(_ payload: [UInt8], frames: UInt32, type: UInt8 = 97, source: UInt32 = 7) {
            let packet = RTPPacket(
                payloadType: type, sequence: sequence, timestamp: timestamp, source: source, payload: payload)
            _ = socket.send(packet.bytes(), to: target)
            sequence &+= 1
            timestamp &+= frames
        }

        func leave(source: UInt32 = 7) {
            let packets: [RTCPPacket] = [
                .receiverReport(source: source, blocks: []), .bye(sources: [source], reason: ""),
            ]
            _ = socket.send(RTCPPacket.bytes(packets), to: target.with(port: target.port + 1))
        }
    }

    private func source(_ word: String) throws -> RTPSource {
        try RTPSource(
            try RTPReceiverPlan(word, NetworkConfiguration()), patience: 0, stop: stop, events: events)
    }

    /// Takes packets until a condition holds; false when it did not within some seconds.
    private func pump(
        _ source: any PacketSource, into recorder: PacketRecorder, until isEnough: (PacketRecorder) -> Bool
    ) throws -> Bool {
        let deadline = monotonicNanoseconds() + 20_000_000_000
        while monotonicNanoseconds() < deadline {
            if isEnough(recorder) { return true }
            guard let packet = source.next() else {
                source.wait()
                continue
            }
            try recorder.take(packet)
        }
        return false
    }

    private func warnings() -> [String] {
        events.takeAll().compactMap { if case .warning(let text) = $0 { text } else { nil } }
    }

    @Test func `takes what it was told to take, and counts what is of another payload or no packet at all`() throws {
        let source = try source("rtp:127.0.0.1:17264?payload=l16/48000/1")
        let talker = try Talker(port: 17_264)
        let recorder = PacketRecorder()
        for number in 0..<8 as Range<UInt8> {
            talker.say([number, 1], frames: 1)
            // The same source with samples of a telephone, and noise.
            talker.socket.sayNoise(to: talker.target)
            let packet = RTPPacket(payloadType: 0, sequence: 5, timestamp: 5, source: 7, payload: [1, 2, 3])
            _ = talker.socket.send(packet.bytes(), to: talker.target)
        }
        talker.leave()
        #expect(try pump(source, into: recorder) { $0.story.last == "end normal" }, "\(recorder.story)")
        // Over the ends of sequence numbers and timestamps, each sample turned round.
        #expect(recorder.bytes == (0..<8).flatMap { [1, UInt8($0)] })
        #expect(source.status.refused == 16 && source.status.packets == 8 && source.status.lost == 0)
        #expect(recorder.gaps.isEmpty)
    }

    @Test func `says once which payload nobody described, and waits for one that is known`() throws {
        let source = try source("rtp:127.0.0.1:17266")
        let talker = try Talker(port: 17_266)
        let recorder = PacketRecorder()
        for _ in 0..<3 { talker.say([1, 2, 3], frames: 3, type: 0) }
        for _ in 0..<3 { talker.say([1, 2], frames: 1, type: 11) }
        // One that knows more than one payload stays with the one it began with.
        talker.say([1, 2, 3, 4], frames: 1, type: 10)
        talker.leave()
        #expect(try pump(source, into: recorder) { $0.story.last == "end normal" }, "\(recorder.story)")
        #expect(recorder.formats == [try #require(PCMFormat(.s16, rate: 44_100, channels: 1))])
        #expect(source.status.packets == 3 && source.status.refused == 4)
        let told = warnings().filter { $0.contains("payload type 0, which nobody described") }
        #expect(told.count == 1)
    }

    @Test func `makes the codec's own noise of a pause that it was told of, in time, and calls nothing lost`() throws {
        let inner = try source("rtp:127.0.0.1:17268?payload=opus")
        let source = OpusDecodingSource(inner, events: events)
        let talker = try Talker(port: 17_268)
        let recorder = PacketRecorder()
        for number in 0..<3 as Range<UInt8> { talker.say([0x08, 1, 2, number], frames: 960, type: 96) }
        talker.say([0x08], frames: 960, type: 96)
        #expect(try pump(source, into: recorder) { $0.totalFrames >= 12 * 960 })
        talker.timestamp &+= 30 * 960
        talker.say([0x08, 9, 9, 9], frames: 960, type: 96)
        talker.leave()
        #expect(try pump(source, into: recorder) { $0.story.last == "end normal" })
        // Sound, the packet that said so, and eight that never were.
        #expect(recorder.story.prefix(13).elementsEqual(["format"] + [String](repeating: "audio 960", count: 12)))
        #expect(recorder.gaps.isEmpty && inner.status.lost == 0)
        #expect(source.lost.frames == 0 && source.lost.repairedFrames == 0)
        #expect(recorder.totalFrames == 35 * 960, "\(recorder.totalFrames / 960)")
    }
}

extension DatagramSocket {
    fileprivate func sayNoise(to address: DatagramAddress) {
        _ = send((0..<40).map { UInt8($0 * 7 & 0x3F) }, to: address)
    }
}
