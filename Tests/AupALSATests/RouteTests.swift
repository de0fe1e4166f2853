import AupSound
import TestSupport
import Testing

@testable import AupALSA

extension ALSASuites {
    @Suite(.enabled(if: VirtualCard.isAvailable))
    struct `Where a name leads` {
        private static let definitions = """
            pcm.shared { type plug slave.pcm { type dmix ipc_key 1 slave { pcm { type hw card PCH device 3 } rate 44100 } } }
            pcm.alias "shared"
            pcm.halves { type asym playback.pcm "shared" capture.pcm { type hw card 2 } }
            pcm_slave.behind { pcm { type hw card Mic device 1 } }
            pcm.converted { type plug slave behind }
            pcm.server { type pulse }
            pcm.sum { type multi slaves.a.pcm { type hw card 1 } slaves.b.pcm "shared" }
            pcm.round { type plug slave.pcm "round" }
            pcm.nothing { type plug slave.pcm "there is no such thing" }
            """

        private func route(_ name: String, _ direction: DeviceDirection = .playback) throws -> PCMRoute? {
            let card = try VirtualCard()
            try card.addDefinition(Self.definitions)
            try card.addPCM("mic")
            return card.use { PCMRoute(name, direction) }
        }

        @Test(arguments: [
            ("shared", "hw:PCH,3", SoundDevice.Kind.shared, false), ("alias", "hw:PCH,3", .shared, false),
            ("halves", "hw:PCH,3", .shared, false), ("converted", "hw:Mic,1", .plugin, true),
            ("server", "pulse", .server, false), ("sum", "hw:1,0", .plugin, true), ("mic", "aupsim", .plugin, false),
            ("null", "null", .plugin, false), ("nothing", "plug", .plugin, false), ("round", "plug", .plugin, false),
            ("plug:shared", "hw:PCH,3", .shared, false),
        ]) func `is read from the configuration`(
            name: String, target: String, kind: SoundDevice.Kind, isExclusive: Bool
        ) throws {
            let route = try #require(try route(name))
            #expect(route.target == target)
            #expect(route.kind == kind)
            #expect(route.isExclusive == isExclusive)
        }

        @Test func `depends on the direction`() throws {
            #expect(try route("halves", .capture)?.target == "hw:2,0")
            #expect(try route("halves", .capture)?.isExclusive == true)
        }

        @Test func `is nowhere for a name that there is not`() throws {
            #expect(try route("nonsense") == nil)
            #expect(try route("hw:0") == nil)
        }
    }

    @Suite(.enabled(if: VirtualCard.isAvailable))
    struct `A device of a list` {
        @Test func `is shared at what alsa-lib would choose`() throws {
            let card = try VirtualCard()
            try card.addDefinition("defaults.pcm.dmix { rate 44100 channels 2 format unchanged }")
            try card.use {
                let configuration = try #require(ALSAConfiguration())
                func shared(_ formats: [SampleFormat], _ rates: [Int], _ channels: [Int]) -> PCMFormat? {
                    var abilities = DeviceAbilities(name: "hw", direction: .playback, kind: .card, type: "HW")
                    abilities.formats = formats
                    abilities.rates = rates.map { $0...$0 }
                    abilities.channels = channels.map { $0...$0 }
                    return configuration.sharedFormat(abilities)
                }
                #expect(shared([.s16, .s32], [44100, 48000], [1, 2, 6])?.summary == "s32 44100 Hz 2 ch")
                #expect(shared([.s16], [48000, 96000], [1])?.summary == "s16 48000 Hz 1 ch")
                #expect(shared([.f32], [48000], [2]) == nil)
                #expect(shared([.s16], [], [2]) == nil)
                // Of a run the rate itself, or its nearer end.
                var run = DeviceAbilities(name: "hw", direction: .playback, kind: .card, type: "HW")
                (run.formats, run.rates, run.channels) = ([.s16], [8000...32_000, 44_000...48_000], [4...8])
                #expect(configuration.sharedFormat(run)?.summary == "s16 44100 Hz 4 ch")
                run.rates = [8000...32_000, 88_200...96_000]
                #expect(configuration.sharedFormat(run)?.summary == "s16 32000 Hz 4 ch")
            }
        }

        @Test func `is not opened where it is a plugin, or something else stands in the place of hardware`() throws {
            let card = try VirtualCard()
            try card.addPCM("mic")
            try card.addHardware()
            card.use {
                let names = DeviceInventory.read(isComplete: true).devices.map(\.name)
                #expect(Set(names).isSuperset(of: ["mic", "null"]))
                #expect(card.log == [])
            }
        }
    }
}
