import AupSound
import AupWire
import Foundation
import TestSupport
import Testing

/// A live stream that goes on in another format, at a card whose clock is not the source's.
@Suite(.realTime, .enabled(if: VirtualCard.isAvailable), .serialized)
struct `A live stream that changes its format` {
    /// Seconds of each format, and how fast the card runs against the source.
    private static let seconds = 4
    private static let ppm = 300

    /// A tone of 1 kHz, a tenth of full scale on every channel: its packets, and when each is due.
    private func stream(_ formats: [(rate: Int, channels: Int)]) throws -> [(milliseconds: Int, bytes: Data)] {
        var encoder = PacketEncoder(checksAudio: false)
        var packets: [(Int, Data)] = []
        var milliseconds = 0
        func take(_ encoder: inout PacketEncoder) {
            packets.append((milliseconds, unsafe Data(encoder.output.bytes)))
            encoder.output.removeAll()
        }
        for (rate, channels) in formats {
            let format = try #require(PCMFormat(.s16, rate: rate, channels: channels))
            encoder.encodeFormat(StreamDescription(format, isLive: true, source: "test"))
            for packet in 0..<Self.seconds * 100 {
                let samples = (0..<rate / 100).flatMap { index in
                    let phase = Double(packet * (rate / 100) + index) * 1000 / Double(rate)
                    return Array(repeating: Int16((sin(2 * .pi * phase) * 3277).rounded()), count: channels)
                }
                unsafe samples.withUnsafeBytes { unsafe encoder.encodeAudio(captureTime: nil, payload: $0) }
                milliseconds += 10
                take(&encoder)
            }
        }
        encoder.encodeEnd(.normal)
        take(&encoder)
        return packets
    }

    /// Writes them into a FIFO at their times, from a thread of its own; a reader that goes away ends it.
    private func feed(_ packets: [(milliseconds: Int, bytes: Data)], into path: String) {
        Thread.detachNewThread {
            // Not for the children of other tests, which would keep the stream from ending.
            let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
            defer { close(descriptor) }
            let start = DispatchTime.now().uptimeNanoseconds
            for packet in packets {
                let due = start + UInt64(packet.milliseconds) * 1_000_000
                let now = DispatchTime.now().uptimeNanoseconds
                if due > now { usleep(UInt32((due - now) / 1000)) }
                let isTaken = unsafe packet.bytes.withUnsafeBytes {
                    unsafe write(descriptor, $0.baseAddress, $0.count) == $0.count
                }
                guard isTaken else { return }
            }
        }
    }

    @Test(arguments: [
        [(48_000, 2), (44_100, 1)], [(44_100, 1), (48_000, 2)], [(48_000, 2), (96_000, 1), (44_100, 2)],
    ])
    func `sounds right on both sides, and what is not heard is told`(_ formats: [(Int, Int)]) throws {
        // A reader that is gone must not end the test.
        signal(SIGPIPE, SIG_IGN)
        let card = try VirtualCard()
        try card.addPCM("out", ["pfile": card.file("played").path, "formats": "S16_LE", "ppm": Self.ppm])
        let fifo = card.file("stream").path
        #expect(unsafe mkfifo(fifo, 0o600) == 0)
        feed(try stream(formats.map { (rate: $0.0, channels: $0.1) }), into: fifo)
        let run = try Pipeline.run(
            ["aup play -D out --latency 200ms --json"], input: fifo, environment: card.environment)
        #expect(run.statuses == [0], "\(run.errors)")
        let end = try #require(try run.events("end", stage: 0).first)
        let device = try #require(try run.events("device", stage: 0).first)
        let channels = try #require(device["channels"] as? Int)
        let rate = try #require(device["rate"] as? Int)
        #expect(rate == formats[0].0 && channels == formats[0].1)
        let sent = formats.reduce(0) { $0 + $1.0 * Self.seconds }
        #expect(end["frames"] as? Int == sent)
        #expect(end["lost_frames"] as? Int == 0)

        let bytes = card.bytes("played")
        let left = stride(from: 0, to: bytes.count - 2 * channels + 1, by: 2 * channels).map {
            Int(Int16(truncatingIfNeeded: Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8))
        }
        let last = try #require(left.lastIndex { $0 != 0 })
        // Everything was heard but what is told, stretched by the clocks' difference and not by more.
        let told = try ["skipped_frames", "underrun_frames"].map { try #require(end[$0] as? Int) }
        let length = formats.count * Self.seconds * rate
        #expect(abs(last + 1 + told[0] - told[1] - length) < length / 1000 + 600, "\(last) \(told) \(length)")
        // The pitch, a quarter of a second at a time; a join or a piece left out shifts one of them by a period or two.
        let periods = stride(from: 0, to: last - rate / 4, by: rate / 4).map { start in
            let window = left[start..<start + rate / 4]
            return zip(window, window.dropFirst()).count { $0 < 0 && $1 >= 0 }
        }
        #expect(periods.count { abs($0 - 250) > 2 } <= formats.count, "periods in each: \(periods), \(told)")
        // A tone of this level moves by so much from frame to frame; only where formats meet or sound is left out may
        // it jump.
        let steepest = Int(3277 * 2 * Double.pi * 1000 / Double(rate) * 1.3) + 10
        let jumps = zip(left[..<last], left[1...last]).count { abs($1 - $0) > steepest }
        #expect(jumps <= 2 * (formats.count - 1) + (told[0] + told[1] == 0 ? 0 : 40), "\(jumps) clicks, \(told)")
        let loudest = left.map { abs($0) }.max() ?? 0
        #expect((3100...3500).contains(loudest), "\(loudest)")
    }
}
