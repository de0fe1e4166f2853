import AupSound
import TestSupport
import Testing

@testable import AupALSA

extension ALSASuites {
    @Suite(.enabled(if: VirtualCard.isAvailable))
    struct QuestionTests {
        private func request(_ name: String, _ direction: DeviceDirection = .capture) -> DeviceRequest {
            DeviceRequest(name: name, direction: direction)
        }

        @Test func `all that a device offers is told`() throws {
            let card = try VirtualCard()
            try card.addPCM(
                "mic",
                [
                    "formats": "S16_LE S24_3LE S20_LE", "rates": "44100 48000 37800", "channels_min": 2,
                    "channels_max": 6,
                    "access": "both", "chmap": "FL FR", "period_min": 256, "buffer_max": 65_536,
                ])
            try card.use {
                let found = try ALSADevice.abilities(request("mic"))
                #expect(found.formats == [.s16, .s24Packed])
                #expect(found.formatNames == ["S16_LE", "S20_LE", "S24_3LE"])
                #expect(found.otherFormats == ["S20_LE"])
                #expect(found.channelMaps.map(\.list) == ["FL,FR"])
                #expect(found.rates == [37_800...37_800, 44_100...44_100, 48_000...48_000])
                #expect(found.offeredUsualRates == [44_100, 48_000])
                #expect(found.channels == [2...6])
                #expect(found.accesses == [.memoryMapped, .readWrite])
                #expect(found.kind == .server)
                #expect(found.type == "IOPLUG")
                let usual = try #require(found.usual)
                #expect(usual.format.summary == "s24_3 48000 Hz 2 ch")
                // As `aup capture` would have it.
                let device = try ALSADevice(request("mic"))
                #expect(device.configuration.format.summary == usual.format.summary)
                #expect(device.configuration.periodFrames == usual.periodFrames)
                #expect(device.configuration.bufferFrames == usual.bufferFrames)
                #expect(device.configuration.isMemoryMapped == usual.isMemoryMapped)
                let period = try #require(found.periodFrames)
                #expect(period.contains(usual.periodFrames))
                // 256 bytes are 42 frames of six bytes and a part of one.
                #expect((42...43).contains(period.lowerBound))
                #expect(try #require(found.bufferFrames).contains(usual.bufferFrames))
            }
        }

        @Test func `a range of rates is told as one, and only as far as it goes`() throws {
            let card = try VirtualCard()
            try card.addPCM("out", ["rate_min": 22_050, "rate_max": 96_123, "channels_min": 1, "channels_max": 1])
            try card.use {
                let found = try ALSADevice.abilities(request("out", .playback))
                #expect(found.rates == [22_050...96_123])
                #expect(found.offeredUsualRates == [22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000])
                #expect(found.channels == [1...1])
                #expect(found.rateList == found.offeredUsualRates + [96_123])
                // A converting name does what its device cannot, and says so.
                let plug = try ALSADevice.abilities(request("plug:out", .playback))
                #expect(plug.kind == .converter)
                #expect(plug.rates.first?.lowerBound ?? 22_050 < 22_050)
            }
        }

        @Test func `nothing is configured by a question`() throws {
            let card = try VirtualCard()
            try card.addPCM("mic")
            try card.use {
                _ = try ALSADevice.abilities(request("mic"))
                _ = try ALSADevice.answer(try #require(FormatWish("s16/48000/2")), request("mic"))
                #expect(card.log(with: "hw_params").isEmpty)
                #expect(card.log(with: "prepare").isEmpty)
            }
        }

        @Test func `a device that is held is busy, and runs on`() throws {
            let card = try VirtualCard()
            try card.addPCM("mic", ["virtual": true])
            try card.use {
                var loop = try Loop(.capture("mic", .s32, channels: 1))
                #expect(loop.port.start() == .ready(frames: 0))
                #expect(loop.read(4800).status == .ready(frames: 4800))
                let error = #expect(throws: DeviceError.self) { try ALSADevice.abilities(request("mic")) }
                #expect(error == .busy(name: "mic"))
                #expect(loop.read(4800).status == .ready(frames: 4800))
                // Its other direction is free.
                #expect(try ALSADevice.abilities(request("mic", .playback)).usual != nil)
            }
        }

        @Test(arguments: [
            ("s16", "s16 48000 Hz 2 ch"), ("44100", "s32 44100 Hz 2 ch"), ("s16//1", "s16 48000 Hz 1 ch"),
            ("s32/44100/1", "s32 44100 Hz 1 ch"),
        ])
        func `what is open in a question is the device's choice`(_ wish: String, _ taken: String) throws {
            let card = try VirtualCard()
            try card.addPCM(
                "out", ["formats": "S16_LE S32_LE", "rates": "44100 48000", "channels_min": 1, "channels_max": 2])
            try card.use {
                let answer = try ALSADevice.answer(try #require(FormatWish(wish)), request("out", .playback))
                guard case .yes(let format, let isConverted) = answer else {
                    Issue.record("refused")
                    return
                }
                #expect(format.summary == taken)
                #expect(!isConverted)
            }
        }

        @Test(arguments: [
            ("f32", "has no f32; it offers s16, s32"), ("96000", "has no 96000 Hz; it offers 44100, 48000 Hz"),
            ("s16//6", "has no 6 channels; it offers 1 to 2 with s16"),
            ("s16/8000", "has no 8000 Hz; it offers 44100, 48000 Hz with s16"),
        ])
        func `a refusal says what there is instead`(_ wish: String, _ reason: String) throws {
            let card = try VirtualCard()
            try card.addPCM(
                "out", ["formats": "S16_LE S32_LE", "rates": "44100 48000", "channels_min": 1, "channels_max": 2])
            try card.use {
                let answer = try ALSADevice.answer(try #require(FormatWish(wish)), request("out", .playback))
                #expect(answer == .no(reason))
                // A converting name is not so poor.
                let plug = try ALSADevice.answer(try #require(FormatWish(wish)), request("plug:out", .playback))
                if case .yes(_, let isConverted) = plug { #expect(isConverted) } else { Issue.record("refused") }
            }
        }
    }
}

extension ALSASuites {
    @Suite struct `Who holds a PCM` {
        private func drawing() throws -> HostTree {
            let host = try HostTree()
            // The kernel names the thread that opened it; the process is what a user knows.
            try host.draw(
                """
                -> proc/asound/Board card1
                == proc/asound/card1/pcm0p/info
                subdevices_count: 2
                subdevices_avail: 1
                == proc/asound/card1/pcm0p/sub0/status
                closed
                == proc/asound/card1/pcm0p/sub1/status
                state: RUNNING
                owner_pid   : 4243
                trigger_time: 12.5
                == proc/asound/card1/pcm0p/sub1/hw_params
                access: MMAP_INTERLEAVED
                format: S16_LE
                subformat: STD
                channels: 2
                rate: 44100 (44100/1)
                period_size: 441
                buffer_size: 1764
                == proc/asound/card1/pcm0c/sub0/status
                closed
                == proc/asound/card1/pcm3c/sub0/status
                state: OPEN
                owner_pid   : 99
                == proc/asound/card1/pcm3c/sub0/hw_params
                closed
                == proc/4243/status
                Tgid:   4242
                == proc/4243/comm
                player-thread
                == proc/4242/comm
                player
                == end

                """)
            return host
        }

        @Test(arguments: [
            "hw:1", "plughw:1,0", "hw:CARD=Board", "hw:CARD=Board,DEV=0,SUBDEV=1", "hw:Board,0,1", "plughw:card:Board",
        ]) func `is found under every name of the card`(_ name: String) throws {
            let host = try drawing()
            let holder = try #require(PCMHolders.of(name, .playback, folders: host.folders).first)
            #expect(holder.process == 4242)
            #expect(holder.command == "player")
            #expect(holder.state == "running")
            #expect(holder.subdevice == 1)
            #expect(holder.configuration?.summary == "s16 44100 Hz 2 ch")
        }

        @Test(.enabled(if: VirtualCard.isAvailable))
        func `is found behind a name of the configuration`() throws {
            let host = try drawing()
            let card = try VirtualCard()
            try card.addDefinition(
                """
                pcm.shared { type plug slave.pcm { type dmix ipc_key 1 slave.pcm { type hw card Board device 0 } } }
                pcm.elsewhere { type plug slave.pcm "null" }
                """)
            card.use {
                #expect(PCMHolders.of("shared", .playback, folders: host.folders).map(\.process) == [4242])
                #expect(PCMHolders.of("elsewhere", .playback, folders: host.folders) == [])
            }
        }

        @Test func `is nobody where nobody is`() throws {
            let host = try drawing()
            for name in ["hw:1,0,0", "hw:2", "hw:CARD=Other", "pulse", "usb:046d:0825"] {
                #expect(PCMHolders.of(name, .playback, folders: host.folders) == [], "\(name)")
            }
            #expect(PCMHolders.of("hw:1", .capture, folders: host.folders) == [])
        }

        @Test func `may hide its name and have settled nothing`() throws {
            let host = try drawing()
            let holder = try #require(PCMHolders.of("hw:1,3", .capture, folders: host.folders).first)
            #expect(holder == DeviceStream(subdevice: 0, state: "open", process: 99))
        }
    }
}
