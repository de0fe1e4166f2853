import AupALSA
import AupSound
import Foundation
import TestSupport
import Testing

extension ALSASuites {
    /// The same room through PulseAudio's ALSA plugin: no card, another process, real time.
    @Suite(.enabled(if: PulseAudioServer.isAvailable))
    struct SoundServerTests {
        let format = PCMFormat(.s16, rate: 48_000, channels: 2)!

        @Test func `a server's device is negotiated, captured, played and drained`() throws {
            let server = try PulseAudioServer()
            try server.use {
                var capture = try Loop(.capture("default", .s16, period: 480, buffer: 4800))
                #expect(capture.device.configuration.format.summary == "s16 48000 Hz 2 ch")
                #expect(!capture.device.configuration.isMemoryMapped)
                #expect(capture.port.start() == .ready(frames: 0))
                #expect(capture.read(9600).status == .ready(frames: 9600))
                var playback = try Loop(.playback("aup_out", .s16, period: 480, buffer: 4800))
                #expect(playback.write(Ramp.bytes(format, frames: 24_000)) == .ready(frames: 24_000))
                #expect(playback.device.drain() == .drained)
            }
        }

        @Test func `what is played is heard at the monitor, to the frame`() throws {
            let server = try PulseAudioServer()
            try server.use {
                var capture = try Loop(.capture("aup_in", .s16, period: 480, buffer: 48_000))
                #expect(capture.port.start() == .ready(frames: 0))
                #expect(capture.read(480).status == .ready(frames: 480))
                var playback = try Loop(.playback("aup_out", .s16, period: 480, buffer: 9600))
                let sound = Ramp.bytes(format, frames: 12_000, from: 1)
                #expect(playback.write(sound) == .ready(frames: 12_000))
                #expect(playback.device.drain() == .drained)
                let heard = capture.read(24_000).bytes
                let start = try #require(heard.firstIndex { $0 != 0 })
                let isSame = heard[start...].starts(with: sound)
                #expect(isSame, "begins with byte \(heard[start]) at frame \(start / 4)")
            }
        }

        @Test(arguments: [DeviceDirection.capture, .playback])
        func `a server that died is gone in bounded time`(_ direction: DeviceDirection) throws {
            let server = try PulseAudioServer()
            try server.use {
                var request = DeviceRequest.capture("aup_in", .s16, period: 480, buffer: 4800)
                if direction == .playback { request = .playback("aup_out", .s16, period: 480, buffer: 4800) }
                var loop = try Loop(request)
                var recovery = XrunRecovery(
                    direction: direction, bufferFrames: loop.port.bufferFrames, watchdogNanoseconds: 2_000_000_000)
                var bytes = [UInt8](repeating: 0, count: 480 * 4)
                if direction == .playback { unsafe _ = loop.port.write(from: bytes, frames: 480) }
                #expect(loop.port.start() == .ready(frames: 0))
                recovery.restarted(now: 0)
                kill(server.pid, SIGKILL)
                var end: XrunRecovery.Reason?
                for cycle in 0..<2000 where end == nil {
                    _ = loop.waitOnce()
                    // Two milliseconds a cycle, so that the watchdog bites within the loop.
                    switch recovery.next(loop.port.available(), now: Int64(cycle) * 2_000_000) {
                    case .transfer:
                        let status = unsafe bytes.withUnsafeMutableBytes { bytes in
                            guard let start = bytes.baseAddress else { return PortStatus.ready(frames: 0) }
                            return direction == .capture
                                ? unsafe loop.port.read(into: start, frames: 480)
                                : unsafe loop.port.write(from: start, frames: 480)
                        }
                        if case .ready(let moved) = status { recovery.moved(frames: moved) }
                    case .prepareAndRestart:
                        _ = loop.port.prepareAgain()
                        _ = loop.port.start()
                        recovery.restarted(now: Int64(cycle) * 2_000_000)
                    case .waitForResume: break
                    case .giveUp(let reason): end = reason
                    }
                }
                #expect(end != nil)
            }
        }

        @Test func `without its server a device says what is wrong`() throws {
            let server = try PulseAudioServer()
            server.stop()
            server.use {
                let error = #expect(throws: DeviceError.self) { try ALSADevice(.capture("aup_in")) }
                #expect(error?.message.contains("Connection refused") == true)
            }
        }
    }
}
