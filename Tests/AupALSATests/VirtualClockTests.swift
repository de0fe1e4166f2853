import AupALSA
import AupSound
import Foundation
import Synchronization
import TestSupport
import Testing

extension ALSASuites {
    /// The instrument itself: what a test on the virtual clock may rely on.
    @Suite(.enabled(if: VirtualCard.isAvailable))
    struct VirtualClockTests {
        let format = PCMFormat(.s32, rate: 48_000, channels: 1)!

        @Test func `capture through a slow middle to live playback loses and adds nothing`() throws {
            let frames = 480_000
            let ramp = Ramp.bytes(format, frames: frames)
            let card = try VirtualCard()
            try Data(ramp).write(to: card.file("ramp"))
            let options: [String: any CustomStringConvertible] = ["virtual": true, "await": 2]
            try card.addPCM("mic", options.merging(["cfile": card.file("ramp").path]) { $1 })
            try card.addPCM("out", options.merging(["pfile": card.file("played").path]) { $1 })
            let toMiddle = Pipe()
            let toPlayer = Pipe()
            try card.use {
                let capture = inBackground {
                    var loop = try Loop(.capture("mic", .s32, channels: 1, period: 480, buffer: 7680))
                    #expect(loop.port.start() == .ready(frames: 0))
                    for _ in 0..<(frames / 480) {
                        let (bytes, status) = loop.read(480)
                        #expect(status == .ready(frames: 480))
                        try toMiddle.fileHandleForWriting.write(contentsOf: bytes)
                    }
                    try toMiddle.fileHandleForWriting.close()
                }
                let middle = inBackground {
                    var late: UInt32 = 1
                    while let data = try toMiddle.fileHandleForReading.read(upToCount: 480 * 4), !data.isEmpty {
                        late = late &* 1_664_525 &+ 1_013_904_223
                        usleep(late >> 21)  // up to 2 ms
                        try toPlayer.fileHandleForWriting.write(contentsOf: data)
                    }
                    try toPlayer.fileHandleForWriting.close()
                }
                let playback = inBackground {
                    var loop = try Loop(.playback("out", .s32, channels: 1, period: 480, buffer: 7680), isLive: true)
                    let first = try toPlayer.fileHandleForReading.read(upToCount: 2 * 480 * 4) ?? Data()
                    try #require(loop.write([UInt8](first)) == .ready(frames: 960))
                    // A period at a time: a player that waits for two while it is due with one stops time, and all with it.
                    while let data = try toPlayer.fileHandleForReading.read(upToCount: 480 * 4), !data.isEmpty {
                        try #require(loop.write([UInt8](data), isStarted: true) == .ready(frames: 480))
                    }
                    #expect(loop.device.drain() == .drained)
                }
                try capture.wait()
                try middle.wait()
                try playback.wait()
            }
            #expect(card.bytes("played") == ramp)
            #expect(card.log(with: "xrun pos").isEmpty)
            #expect(card.log(with: "forced=0").count == 2)
        }

        @Test func `time waits until as many streams are prepared as it was told`() throws {
            let card = try VirtualCard()
            try card.addPCM("device", ["virtual": true, "await": 2])
            try card.use {
                var capture = try Loop(.capture("device", .s32, channels: 1))
                #expect(capture.port.start() == .ready(frames: 0))
                for _ in 0..<30 { _ = capture.waitOnce() }
                #expect(capture.port.available() == .ready(frames: 0))
                var playback = try Loop(.playback("device", .s32, channels: 1))
                #expect(playback.write(Ramp.bytes(format, frames: 1024)) == .ready(frames: 1024))
                #expect(capture.wait().isReady)
            }
        }

        @Test func `a player that is due holds the clock until it is served`() throws {
            let card = try VirtualCard()
            try card.addPCM("device", ["virtual": true, "await": 2])
            try card.use {
                var capture = try Loop(.capture("device", .s32, channels: 1))
                var playback = try Loop(.playback("device", .s32, channels: 1), isLive: true)
                #expect(playback.write(Ramp.bytes(format, frames: 1024)) == .ready(frames: 1024))
                #expect(capture.port.start() == .ready(frames: 0))
                // Live: due when all but a period has been played, which is after three periods of capture.
                #expect(capture.read(3 * 256).status == .ready(frames: 3 * 256))
                for _ in 0..<30 { _ = capture.waitOnce() }
                #expect(capture.port.available() == .ready(frames: 0))
                #expect(playback.write(Ramp.bytes(format, frames: 256), isStarted: true) == .ready(frames: 256))
                #expect(capture.read(256).status == .ready(frames: 256))
            }
        }

        @Test(
            .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/aplay"), "alsa-utils is not installed"))
        func `a process that was killed holds nothing`() throws {
            let card = try VirtualCard()
            try card.addPCM("device", ["virtual": true, "await": 2, "patience_ms": 600_000])
            let player = Process()
            player.executableURL = URL(filePath: "/usr/bin/aplay")
            player.arguments = [
                "-q", "-D", "device", "-t", "raw", "-f", "S32_LE", "-r", "48000", "-c", "1", "/dev/zero",
            ]
            player.environment = card.environment
            try player.run()
            defer { if player.isRunning { kill(player.processIdentifier, SIGKILL) } }
            try card.use {
                var capture = try Loop(.capture("device", .s32, channels: 1))
                #expect(capture.port.start() == .ready(frames: 0))
                #expect(capture.read(48_000).status == .ready(frames: 48_000))
                kill(player.processIdentifier, SIGKILL)
                #expect(capture.read(48_000).status == .ready(frames: 48_000))
            }
        }

        @Test func `capture hears what playback of the same device plays, exactly and in time`() throws {
            let card = try VirtualCard()
            try card.addPCM("device", ["virtual": true, "await": 2, "loop": true, "latency": 64, "patience_ms": 20])
            try card.use {
                var capture = try Loop(.capture("device", .s32, channels: 1))
                #expect(capture.port.start() == .ready(frames: 0))
                var playback = try Loop(.playback("device", .s32, channels: 1))
                #expect(playback.write(Ramp.bytes(format, frames: 1000, from: 1)) == .ready(frames: 1000))
                let heard = capture.read(1024).bytes
                // Both started at the same frame of the card: what is played is heard after the latency.
                #expect(heard == [UInt8](repeating: 0, count: 64 * 4) + Ramp.bytes(format, frames: 960, from: 1))
            }
        }

        @Test(arguments: [0, 500, -500])
        func `a clock error is what it was said to be`(_ ppm: Int) throws {
            let card = try VirtualCard()
            try card.addPCM("mic", ["virtual": true, "await": 2])
            try card.addPCM("out", ["virtual": true, "await": 2, "ppm": ppm])
            let isOver = Atomic(false)
            try card.use {
                let playback = inBackground {
                    var loop = try Loop(.playback("out", .s32, channels: 1))
                    let silence = [UInt8](repeating: 0, count: 256 * 4)
                    var isStarted = false
                    while !isOver.load(ordering: .relaxed) {
                        _ = loop.write(silence, isStarted: isStarted)
                        isStarted = true
                    }
                    loop.device.close()
                }
                var capture = try Loop(.capture("mic", .s32, channels: 1))
                #expect(capture.port.start() == .ready(frames: 0))
                #expect(capture.read(480_000).status == .ready(frames: 480_000))
                isOver.store(true, ordering: .relaxed)
                capture.device.close()
                try playback.wait()
            }
            let stop = try #require(card.log(with: ".p stop pos=").first)
            let start = try #require(card.log(with: ".p start abs=").first)
            let played = try #require(number(after: "pos=", in: stop)) + number(after: "abs=", in: start)!
            // It may have stopped a period or two of its own earlier or later than capture did.
            #expect(abs(played - 480_000 - 480_000 * ppm / 1_000_000) <= 1024, "\(card.log)")
        }

        private func number(after key: String, in line: String) -> Int? {
            line.firstRange(of: key).flatMap { Int(line[$0.upperBound...].prefix { $0.isNumber }) }
        }
    }
}

/// Work on a thread of its own, whose error arrives where it is waited for.
final class Background: Sendable {
    private let isDone = DispatchSemaphore(value: 0)
    private let failure = Mutex<(any Error)?>(nil)

    init(_ work: @escaping @Sendable () throws -> Void) {
        Thread.detachNewThread { [self] in
            do { try work() } catch { failure.withLock { $0 = error } }
            isDone.signal()
        }
    }

    func wait() throws {
        isDone.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}

func inBackground(_ work: @escaping @Sendable () throws -> Void) -> Background { Background(work) }
