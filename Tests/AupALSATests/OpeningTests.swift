import AupSound
import TestSupport
import Testing

@testable import AupALSA

extension ALSASuites {
    @Suite(.enabled(if: VirtualCard.isAvailable))
    struct OpeningTests {
        @Test func `a device that is held is busy, and free after its owner closed it`() throws {
            let card = try VirtualCard()
            try card.addPCM("mic")
            try card.use {
                let first = try ALSADevice(.capture("mic"))
                #expect(throws: DeviceError.busy(name: "mic")) { try ALSADevice(.capture("mic")) }
                first.close()
                first.close()
                _ = try ALSADevice(.capture("mic"))
            }
        }

        @Test func `a busy card is busy until it is free`() throws {
            let card = try VirtualCard()
            try card.addPCM("out")
            try card.use {
                try card.command("busy")
                #expect(throws: DeviceError.busy(name: "out")) { try ALSADevice(.playback("out")) }
                try card.command("free")
                _ = try ALSADevice(.playback("out"))
            }
        }

        @Test(arguments: [13, 1])
        func `a device one may not open is denied`(_ code: Int) throws {
            let card = try VirtualCard()
            try card.addPCM("mic", ["open_err": code])
            card.use {
                _ = #expect(throws: DeviceError.denied(name: "mic")) { try ALSADevice(.capture("mic")) }
            }
        }

        @Test func `a card that this user may not open is denied, and not unknown`() throws {
            let host = try HostTree("twins")
            let folders = host.folders
            let cards = PluggedCard.all(folders)
            try #require(cards.count > 1)
            let (shut, open) = (cards[0], cards[1])
            let some = ShutCards(folders) { $0 == shut.index }
            #expect(some.explain("hw:CARD=\(shut.id),DEV=0"))
            #expect(some.explain("plughw:\(shut.index),0"))
            #expect(some.explain(DeviceIdentifier(shut.identifier(among: cards)).word))
            #expect(!some.explain("hw:CARD=\(open.id),DEV=0"))
            #expect(!some.explain("hw:CARD=NoSuchCard"))
            #expect(!some.explain("default"))
            #expect(ShutCards(folders) { _ in true }.explain("default"))
            #expect(!ShutCards(folders) { _ in false }.explain("default"))
        }

        @Test func `a mistyped name is answered with the one that was meant`() throws {
            let card = try VirtualCard()
            try card.addPCM("microphone")
            card.use {
                let error = #expect(throws: DeviceError.self) { try ALSADevice(.capture("micropohne")) }
                #expect(
                    error?.message
                        == "device 'micropohne': there is no such device; did you mean 'microphone'? "
                        + "'aup devices' lists what is there")
            }
        }

        @Test(.enabled(if: !ALSADirectory.hasAnyCard, "this machine has a sound card"))
        func `a name like no other is answered with what works without a card`() throws {
            let card = try VirtualCard()
            try card.addPCM("mic")
            card.use {
                let error = #expect(throws: DeviceError.self) { try ALSADevice(.capture("hw:7,3")) }
                #expect(error?.message.contains("this machine has no sound card; 'sim:sine' needs none") == true)
                let playback = #expect(throws: DeviceError.self) { try ALSADevice(.playback("nothing like it")) }
                #expect(playback?.message.contains("'sim:null' needs none") == true)
            }
        }

        @Test func `an unplugged card is unknown until it is plugged in again`() throws {
            let card = try VirtualCard()
            try card.addPCM("mic")
            try card.use {
                try card.command("unplug")
                let error = #expect(throws: DeviceError.self) { try ALSADevice(.capture("mic")) }
                guard case .unknown = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                try card.command("plug")
                _ = try ALSADevice(.capture("mic"))
            }
        }

        @Test func `what the library says is in the report, in one line`() throws {
            let card = try VirtualCard()
            try card.addPCM("mic", ["nonsense": 1])
            card.use {
                let error = #expect(throws: DeviceError.self) { try ALSADevice(.capture("mic")) }
                #expect(
                    error?.message
                        == "device 'mic': cannot be opened: Invalid argument (read_entry: aupsim: unknown option nonsense)"
                )
            }
        }

        @Test func `the directory lists names with what they can do`() throws {
            let card = try VirtualCard()
            try card.addPCM("microphone")
            card.use {
                let entry = ALSADirectory.entries.first { $0.name == "microphone" }
                #expect(entry?.description == "virtual microphone")
                #expect(entry?.canCapture == true)
                #expect(entry?.isExclusive == false)
                #expect(ALSADirectory.names(.playback).contains("microphone"))
                #expect(ALSADirectory.nearest(to: "something else", .capture) == nil)
                #expect(ALSADirectory.hasAnyCard == !DeviceInventory.read(.names).cards.isEmpty)
            }
        }
    }
}
