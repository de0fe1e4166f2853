import AupALSA
import AupSound
import Foundation
import TestSupport
import Testing

extension ALSASuites {
    @Suite(.enabled(if: VirtualCard.isAvailable))
    struct FaultTests {
        let format = PCMFormat(.s32, rate: 48_000, channels: 1)!

        /// A virtual card whose capture is a ramp.
        func card(_ options: [String: any CustomStringConvertible] = [:]) throws -> VirtualCard {
            let card = try VirtualCard()
            try Data(Ramp.bytes(format, frames: 400_000)).write(to: card.file("ramp"))
            let all: [String: any CustomStringConvertible] = [
                "cfile": card.file("ramp").path, "pfile": card.file("played").path, "virtual": true,
            ]
            try card.addPCM("device", all.merging(options) { $1 })
            return card
        }

        func sample(_ bytes: [UInt8], _ index: Int) -> Int {
            unsafe bytes.withUnsafeBytes { Int(unsafe $0.loadUnaligned(fromByteOffset: index * 4, as: Int32.self)) }
        }

        @Test(arguments: ["rw", "mmap"])
        func `capture recovers from an xrun and knows the frames of its buffer to be lost`(_ access: String) throws {
            let card = try card(["xrun_at": 10_000, "access": access])
            try card.use {
                var loop = try Loop(.capture("device", .s32, channels: 1))
                #expect(loop.port.start() == .ready(frames: 0))
                let before = loop.read(20_000)
                #expect(before.status == .xrun)
                let count = before.bytes.count / 4
                #expect(before.bytes == Ramp.bytes(format, frames: count))
                #expect(loop.port.available() == .xrun)
                #expect(loop.port.prepareAgain() == .ready(frames: 0))
                #expect(loop.port.start() == .ready(frames: 0))
                let after = loop.read(5000)
                #expect(after.status == .ready(frames: 5000))
                let resumed = sample(after.bytes, 0)
                #expect(resumed >= 10_000)
                #expect(after.bytes == Ramp.bytes(format, frames: 5000, from: resumed))
            }
        }

        @Test(arguments: ["rw", "mmap"])
        func `playback recovers from an xrun and goes on in order`(_ access: String) throws {
            let card = try card(["xrun_at": 10_000, "access": access])
            try card.use {
                var loop = try Loop(.playback("device", .s32, channels: 1))
                #expect(loop.write(Ramp.bytes(format, frames: 20_000)) == .xrun)
                #expect(loop.port.prepareAgain() == .ready(frames: 0))
                #expect(loop.write(Ramp.bytes(format, frames: 3000, from: 50_000)) == .ready(frames: 3000))
                #expect(loop.device.drain() == .drained)
                let played = card.bytes("played")
                #expect(Array(played.suffix(12_000)) == Ramp.bytes(format, frames: 3000, from: 50_000))
                #expect(card.log(with: "xrun (injected)").count == 1)
            }
        }

        @Test func `playback that is not fed runs dry and reports it`() throws {
            let card = try card(["patience_ms": 1])
            try card.use {
                var loop = try Loop(.playback("device", .s32, channels: 1))
                #expect(loop.write(Ramp.bytes(format, frames: 1000)) == .ready(frames: 1000))
                while case .ready = loop.port.available() { _ = loop.waitOnce() }
                #expect(loop.port.available() == .xrun)
                #expect(card.bytes("played") == Ramp.bytes(format, frames: 1000))
                #expect(loop.device.drain() == .drained)
            }
        }

        @Test(arguments: ["rw", "mmap"])
        func `an overrun in free run is known to the frame`(_ access: String) throws {
            // Real time without a reader, longer than a buffer of a second.
            let card = try card(["virtual": false, "access": access])
            try card.use {
                var loop = try Loop(.capture("device", .s32, channels: 1, period: 480, buffer: 48_000))
                #expect(loop.port.start() == .ready(frames: 0))
                var position = 0
                expectIntact(&loop, &position)
                for _ in 0..<10_000 {
                    guard case .ready(let waiting) = loop.port.available(), waiting <= 48_000 else { break }
                    usleep(10_000)
                }
                // What cannot be read intact is not read at all.
                let (none, status) = loop.read(480)
                #expect(none.isEmpty)
                guard case .ready(let available) = status else {
                    Issue.record("\(status)")
                    return
                }
                #expect(available > 48_000)
                let lost = loop.port.overrunFrames(available: available)
                #expect(lost == available - 48_000 + 480)
                #expect(loop.port.skip(frames: lost) == .ready(frames: lost))
                position += lost
                expectIntact(&loop, &position)
            }
        }

        /// Reads a tenth of a second, each frame of which is what its position says. A machine that is too busy for it loses
        /// more meanwhile, which is skipped by its number, and goes on behind it.
        private func expectIntact(_ loop: inout Loop, _ position: inout Int) {
            for _ in 0..<100 {
                let (bytes, status) = loop.read(4800)
                let isIntact = bytes == Ramp.bytes(format, frames: bytes.count / 4, from: position)
                #expect(isIntact, "\(bytes.count / 4) frames from \(position)")
                position += bytes.count / 4
                guard bytes.count < 4800 * 4 else { return }
                guard case .ready(let available) = status else { break }
                let lost = loop.port.overrunFrames(available: available)
                #expect(lost > 0 && loop.port.skip(frames: lost) == .ready(frames: lost))
                position += lost
            }
            Issue.record("a tenth of a second is never there as a whole")
        }

        @Test(arguments: ["capture", "playback"])
        func `a card that is pulled out is gone at that frame and stays gone`(_ direction: String) throws {
            let card = try card(["unplug_at": 5000])
            try card.use {
                var loop = try Loop(
                    direction == "capture"
                        ? .capture("device", .s32, channels: 1) : .playback("device", .s32, channels: 1))
                if direction == "capture" {
                    #expect(loop.port.start() == .ready(frames: 0))
                    let (bytes, status) = loop.read(10_000)
                    #expect(status == .gone(code: ENODEV))
                    #expect(bytes == Ramp.bytes(format, frames: bytes.count / 4))
                    #expect((4000...5000).contains(bytes.count / 4))
                } else {
                    #expect(loop.write(Ramp.bytes(format, frames: 10_000)) == .gone(code: ENODEV))
                    #expect(card.bytes("played") == Ramp.bytes(format, frames: 5000))
                }
                #expect(loop.wait().isFailed)
                #expect(loop.port.available() == .gone(code: ENODEV))
                #expect(loop.port.prepareAgain() == .gone(code: ENODEV))
                #expect(throws: DeviceError.gone(name: "device")) { try loop.device.prepare() }
                if direction == "playback" { #expect(loop.device.drain() == .gone) }
                try card.command("plug")
                #expect(loop.port.available() == .gone(code: ENODEV))
                loop.device.close()
                _ = try ALSADevice(.capture("device"))
            }
        }

        @Test func `a suspended device says so and is prepared anew after the machine woke`() throws {
            let card = try card(["suspend_at": 5000])
            try card.use {
                var loop = try Loop(.capture("device", .s32, channels: 1))
                #expect(loop.port.start() == .ready(frames: 0))
                let (bytes, status) = loop.read(10_000)
                #expect(status == .suspended)
                #expect(bytes == Ramp.bytes(format, frames: bytes.count / 4))
                #expect(loop.port.available() == .suspended)
                // This card cannot resume by itself: it says xrun, which means "prepare".
                #expect(loop.port.resume() == .xrun)
                #expect(loop.port.prepareAgain() == .ready(frames: 0))
                #expect(loop.port.start() == .ready(frames: 0))
                #expect(loop.read(1000).status == .ready(frames: 1000))
            }
        }

        @Test func `the delay counts what waits and what the converter holds`() throws {
            let card = try card(["latency": 100])
            try card.use {
                var loop = try Loop(.playback("device", .s32, channels: 1))
                #expect(loop.write(Ramp.bytes(format, frames: 512)) == .ready(frames: 512))
                #expect(loop.port.delayFrames() == 612)
                #expect(loop.port.timestampNanoseconds() > 0)
            }
        }

        @Test func `all faults in one run end where they should`() throws {
            let card = try card(["xrun_at": 3000])
            try card.use {
                var loop = try Loop(.capture("device", .s32, channels: 1))
                var recovery = XrunRecovery(
                    direction: .capture, bufferFrames: loop.port.bufferFrames, watchdogNanoseconds: 1_000_000_000)
                _ = loop.port.start()
                recovery.restarted(now: 0)
                var bytes = [UInt8](repeating: 0, count: 4 * 256)
                var recoveries = 0
                for cycle in 1...100 {
                    _ = loop.wait()
                    switch recovery.next(loop.port.available(), now: Int64(cycle)) {
                    case .transfer:
                        let status = unsafe bytes.withUnsafeMutableBytes {
                            unsafe loop.port.read(into: $0.baseAddress!, frames: 256)
                        }
                        if case .ready(let moved) = status { recovery.moved(frames: moved) }
                    case .prepareAndRestart:
                        recoveries += 1
                        #expect(loop.port.prepareAgain() == .ready(frames: 0))
                        #expect(loop.port.start() == .ready(frames: 0))
                        recovery.restarted(now: Int64(cycle))
                    case .waitForResume, .giveUp: Issue.record("not asked for")
                    }
                }
                #expect(recoveries == 1)
                #expect(recovery.xruns == 1)
                #expect(recovery.fruitlessRecoveries == 0)
            }
        }
    }
}
