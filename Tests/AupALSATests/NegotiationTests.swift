import AupALSA
import AupSound
import TestSupport
import Testing

extension ALSASuites {
    @Suite(.enabled(if: VirtualCard.isAvailable))
    struct NegotiationTests {
        @Test func `what was asked for and is there is taken exactly`() throws {
            let card = try VirtualCard()
            try card.addPCM("mic")
            try card.use {
                let device = try ALSADevice(
                    .capture("mic", .s24Packed, rate: 44_100, channels: 3, period: 441, buffer: 4410))
                let configuration = device.configuration
                #expect(configuration.format.summary == "s24_3 44100 Hz 3 ch")
                #expect(configuration.periodFrames == 441)
                #expect(configuration.bufferFrames == 4410)
                #expect(configuration.name == "mic")
                #expect(
                    card.log(with: "hw_params S24_3LE 3 ch 44100 Hz period 441 buffer 4410 access RW_INTERLEAVED").count
                        == 1)
            }
        }

        @Test func `a device that leaves the choice runs at 48 kHz in stereo`() throws {
            let card = try VirtualCard()
            try card.addPCM("mic")
            try card.use {
                let device = try ALSADevice(DeviceRequest(name: "mic", direction: .capture))
                #expect(device.configuration.format.summary == "f32 48000 Hz 2 ch")
                #expect(device.configuration.periodFrames == 480)
                #expect(device.configuration.bufferFrames == 24_000)
            }
        }

        @Test func `a device without that choice is taken as it is`() throws {
            let card = try VirtualCard()
            try card.addPCM(
                "mic",
                [
                    "rate_min": 16_000, "rate_max": 16_000, "channels_min": 1, "channels_max": 1, "formats": "S16_LE",
                    "access": "rw",
                ])
            try card.use {
                let device = try ALSADevice(DeviceRequest(name: "mic", direction: .capture))
                #expect(device.configuration.format.summary == "s16 16000 Hz 1 ch")
                #expect(!device.configuration.isMemoryMapped)
            }
        }

        @Test(arguments: [
            (SampleFormat.s16, "S24_LE S32_LE FLOAT_LE", SampleFormat.s24),
            (.s24, "S16_LE S24_3LE S32_LE", .s24Packed),
            (.s24Packed, "S16_LE S32_LE", .s32),
            (.f32, "S16_LE S24_LE S32_LE", .s32),
            (.s32, "S16_LE S24_LE", .s24),
            (.mulaw, "S16_LE S32_LE", .s16),
            (.f64, "U8 S16_LE", .s16),
        ])
        func `a sample format that is not there is replaced by the nearest that holds it`(
            _ asked: SampleFormat, _ offered: String, _ expected: SampleFormat
        ) throws {
            let card = try VirtualCard()
            try card.addPCM("out", ["formats": offered])
            try card.use {
                let device = try ALSADevice(.playback("out", asked))
                #expect(device.configuration.format.sampleFormat == expected)
            }
        }

        @Test func `a rate that is not there is refused with those that are`() throws {
            let card = try VirtualCard()
            try card.addPCM("out", ["rate_min": 44_100, "rate_max": 48_000])
            card.use {
                let error = #expect(throws: DeviceError.self) { try ALSADevice(.playback("out", rate: 96_000)) }
                #expect(
                    error?.message
                        == "device 'out': cannot run at 96000 Hz; it offers 44100, 48000 Hz, choose with -r")
            }
        }

        @Test(arguments: [
            // Its own; a whole multiple before a nearer rate; the nearest above; the highest where all are below.
            (44_100, "44100 48000", 44_100), (44_100, "48000 88200 96000", 88_200),
            (22_050, "32000 44100 48000", 44_100),
            (8000, "44100 48000", 48_000), (11_025, "8000 16000 48000", 16_000), (44_100, "8000 48000 96000", 48_000),
            (96_000, "44100 48000", 48_000), (192_000, "44100", 44_100), (48_000, "44100 96000 192000", 96_000),
        ])
        func `a rate that is left to the device suits the sound`(
            _ sound: Int, _ offered: String, _ expected: Int
        ) throws {
            let card = try VirtualCard()
            try card.addPCM("out", ["rates": offered])
            try card.use {
                var request = DeviceRequest.playback("out")
                request.soundRate = sound
                let device = try ALSADevice(request)
                #expect(device.configuration.format.rate == expected)
                device.close()
                // A converting name has the rates of its device, and no others of its own making.
                request.name = "plug:out"
                let converting = try ALSADevice(request)
                #expect(converting.configuration.format.rate == expected)
            }
        }

        @Test func `in a range of rates a whole multiple is found`() throws {
            let card = try VirtualCard()
            try card.addPCM("out", ["rate_min": 50_000, "rate_max": 100_000])
            try card.use {
                var request = DeviceRequest.playback("out")
                for (sound, expected) in [(44_100, 88_200), (8000, 56_000), (60_000, 60_000), (192_000, 100_000)] {
                    request.soundRate = sound
                    let device = try ALSADevice(request)
                    #expect(device.configuration.format.rate == expected)
                    device.close()
                }
            }
        }

        @Test func `a channel count that is not there is refused with those that are`() throws {
            let card = try VirtualCard()
            try card.addPCM("out", ["channels_min": 2, "channels_max": 2])
            card.use {
                let error = #expect(throws: DeviceError.self) { try ALSADevice(.playback("out", channels: 6)) }
                #expect(error?.message == "device 'out': cannot do 6 channels; it offers 2, choose with -c")
            }
        }

        @Test func `a device of formats nobody speaks says which they are`() throws {
            let card = try VirtualCard()
            try card.addPCM("mic", ["formats": "S16_BE S20_LE"])
            card.use {
                let error = #expect(throws: DeviceError.self) { try ALSADevice(.capture("mic")) }
                #expect(error?.message.contains("(S16_BE, S20_LE)") == true)
            }
        }

        @Test func `a converting name resamples only where the device lacks the rate`() throws {
            let card = try VirtualCard()
            try card.addPCM("out", ["rate_min": 48_000, "rate_max": 48_000, "formats": "S16_LE"])
            try card.use {
                let native = try ALSADevice(.playback("plug:out", rate: 48_000))
                #expect(native.configuration.format.rate == 48_000)
                native.close()
                let converted = try ALSADevice(.playback("plug:out", rate: 44_100))
                #expect(converted.configuration.format.rate == 44_100)
                #expect(!converted.configuration.isMemoryMapped)
                #expect(card.log(with: "hw_params S16_LE 2 ch 48000 Hz").count == 2)
            }
        }

        @Test func `periods and buffers come back as the device made them`() throws {
            let card = try VirtualCard()
            try card.addPCM("mic", ["period_min": 4096, "period_max": 4096, "periods_max": 4, "formats": "S16_LE"])
            try card.use {
                let device = try ALSADevice(.capture("mic", channels: 2, period: 100, buffer: 48_000))
                #expect(device.configuration.periodFrames == 1024)
                #expect(device.configuration.bufferFrames == 4096)
            }
        }

        @Test func `the layout is the device's own`() throws {
            let card = try VirtualCard()
            try card.addPCM("mic", ["chmap": "FR FL", "channels_min": 2, "channels_max": 2])
            try card.use {
                let device = try ALSADevice(.capture("mic"))
                #expect(device.configuration.format.layout == ChannelLayout([.frontRight, .frontLeft]))
                device.close()
                var request = DeviceRequest.capture("mic")
                request.layout = ChannelLayout([.frontLeft, .frontRight])
                let fixed = try ALSADevice(request)
                #expect(fixed.configuration.format.layout == ChannelLayout([.frontRight, .frontLeft]))
            }
        }

        @Test func `a device without a map takes the layout asked for, or has none`() throws {
            let card = try VirtualCard()
            try card.addPCM("mic")
            try card.use {
                #expect(try ALSADevice(.capture("mic")).configuration.format.layout == nil)
                var request = DeviceRequest.capture("mic")
                request.layout = ChannelLayout(list: "FL,FR,LFE")
                let device = try ALSADevice(request)
                #expect(device.configuration.format.channels == 3)
                #expect(device.configuration.format.layout == request.layout)
            }
        }
    }
}
