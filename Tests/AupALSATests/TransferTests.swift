import AupALSA
import AupSound
import Foundation
import TestSupport
import Testing

extension ALSASuites {
    @Suite(.enabled(if: VirtualCard.isAvailable))
    struct TransferTests {
        static let formats: [SampleFormat] = [.s16, .s24, .s24Packed, .s32, .f32]

        @Test(arguments: formats, ["rw", "mmap"])
        func `captured frames are those of the device`(_ sampleFormat: SampleFormat, _ access: String) throws {
            let format = try #require(PCMFormat(sampleFormat, rate: 48_000, channels: 2))
            let ramp = Ramp.bytes(format, frames: 100_000)
            let card = try VirtualCard()
            try Data(ramp).write(to: card.file("ramp"))
            try card.addPCM("mic", ["cfile": card.file("ramp").path, "virtual": true, "access": access])
            try card.use {
                var loop = try Loop(.capture("mic", sampleFormat))
                #expect(loop.device.configuration.isMemoryMapped == (access == "mmap"))
                #expect(loop.port.start() == .ready(frames: 0))
                let (bytes, status) = loop.read(99_999)
                #expect(status == .ready(frames: 99_999))
                #expect(bytes == Array(ramp.prefix(bytes.count)))
            }
        }

        @Test(arguments: formats, ["rw", "mmap"])
        func `played frames reach the device to the last one`(_ sampleFormat: SampleFormat, _ access: String) throws {
            let format = try #require(PCMFormat(sampleFormat, rate: 48_000, channels: 2))
            let ramp = Ramp.bytes(format, frames: 50_001)
            let card = try VirtualCard()
            try card.addPCM("out", ["pfile": card.file("played").path, "virtual": true, "access": access])
            try card.use {
                var loop = try Loop(.playback("out", sampleFormat))
                #expect(loop.write(ramp) == .ready(frames: 50_001))
                #expect(loop.device.drain() == .drained)
                loop.device.close()
                #expect(card.bytes("played") == ramp)
                #expect(card.log(with: "xrun pos").isEmpty)
            }
        }

        @Test(arguments: [(44_100, 1), (48_000, 8), (96_000, 2), (96_000, 8)])
        func `rates and channel counts pass exactly`(_ rate: Int, _ channels: Int) throws {
            let format = try #require(PCMFormat(.s24, rate: rate, channels: channels))
            let ramp = Ramp.bytes(format, frames: 30_000)
            let card = try VirtualCard()
            try Data(ramp).write(to: card.file("ramp"))
            try card.addPCM(
                "both", ["cfile": card.file("ramp").path, "pfile": card.file("played").path, "virtual": true])
            try card.use {
                var capture = try Loop(.capture("both", .s24, rate: rate, channels: channels))
                #expect(capture.port.start() == .ready(frames: 0))
                #expect(capture.read(30_000).bytes == ramp)
                capture.device.close()
                var playback = try Loop(.playback("both", .s24, rate: rate, channels: channels))
                #expect(playback.write(ramp) == .ready(frames: 30_000))
                #expect(playback.device.drain() == .drained)
                #expect(card.bytes("played") == ramp)
            }
        }

        @Test func `a buffer smaller than the first period is drained all the same`() throws {
            let format = try #require(PCMFormat(.s16, rate: 48_000, channels: 2))
            let card = try VirtualCard()
            try card.addPCM("out", ["pfile": card.file("played").path, "virtual": true])
            try card.use {
                var loop = try Loop(.playback("out", .s16))
                let few = Ramp.bytes(format, frames: 17, from: 1)
                #expect(loop.write(few) == .ready(frames: 17))
                #expect(loop.device.drain() == .drained)
                #expect(card.bytes("played") == few)
            }
        }

        @Test func `nothing written is drained at once`() throws {
            let card = try VirtualCard()
            try card.addPCM("out", ["virtual": true])
            try card.use {
                let device = try ALSADevice(.playback("out", .s16))
                try device.prepare()
                #expect(device.drain() == .drained)
            }
        }

        @Test func `a drain is given up when asked, and in bounded time when the device stands still`() throws {
            let card = try VirtualCard()
            try card.addPCM("out")
            let format = try #require(PCMFormat(.s16, rate: 48_000, channels: 2))
            try card.use {
                // Long enough not to run dry while the command is on its way.
                var loop = try Loop(.playback("out", .s16, period: 4096, buffer: 48_000))
                #expect(loop.write(Ramp.bytes(format, frames: 40_000)) == .ready(frames: 40_000))
                try card.command("stall")
                #expect(loop.device.drain { true } == .interrupted)
                try loop.device.prepare()
                #expect(loop.write(Ramp.bytes(format, frames: 40_000)) == .ready(frames: 40_000))
                #expect(loop.device.drain() == .timedOut)
            }
        }
    }
}
