import TestSupport
import Testing

@testable import AupALSA

extension CardTree {
    fileprivate func identity(_ name: String) -> CardIdentity? { CardIdentity(pcm: name, system: path) }
}

@Suite struct `A card's identity` {
    @Test func `a card on USB is its maker's numbers, its serial and its place`() throws {
        let machine = try CardTree()
        try machine.plug(1, id: "Mic", place: "pci/usb1/1-2", product: "046d:0825", serial: "A77")
        let wanted = CardIdentity(id: "Mic", place: "pci/usb1/1-2", product: "046d:0825", serial: "A77")
        for name in ["hw:1", "hw:1,0", "plughw:CARD=Mic,DEV=0", "hw:Mic"] {
            #expect(machine.identity(name) == wanted, "\(name)")
        }
        for name in ["default", "hw:2", "hw:CARD=Other", "mic", "hw:", "sim:sine"] {
            #expect(machine.identity(name) == nil, "\(name)")
        }
    }

    @Test func `the same card in another socket and under another number is found by its serial`() throws {
        let machine = try CardTree()
        try machine.plug(1, id: "Mic", place: "pci/usb1/1-2", product: "046d:0825", serial: "A77")
        let identity = try #require(machine.identity("plughw:1,3"))
        #expect(identity.currentName(of: "plughw:1,3", system: machine.path) == "plughw:CARD=Mic,DEV=3")
        try machine.unplug(1)
        #expect(identity.currentName(of: "plughw:1,3", system: machine.path) == nil)
        // Another of the same kind takes its number and its place: it is not the one.
        try machine.plug(1, id: "Mic", place: "pci/usb1/1-2", product: "046d:0825", serial: "B12")
        #expect(identity.currentName(of: "plughw:1,3", system: machine.path) == nil)
        try machine.plug(4, id: "Mic_1", place: "pci/usb3/3-1", product: "046d:0825", serial: "A77")
        #expect(identity.currentName(of: "plughw:1,3", system: machine.path) == "plughw:CARD=Mic_1,DEV=3")
        #expect(identity.currentName(of: "hw:CARD=Mic,DEV=1", system: machine.path) == "hw:CARD=Mic_1,DEV=1")
        #expect(identity.currentName(of: "hw:1", system: machine.path) == "hw:CARD=Mic_1")
    }

    @Test func `without a serial the same place counts, then the only one of its kind`() throws {
        let machine = try CardTree()
        try machine.plug(0, id: "Mic", place: "pci/usb1/1-1", product: "0d8c:0014")
        try machine.plug(1, id: "Mic_1", place: "pci/usb1/1-2", product: "0d8c:0014")
        let identity = try #require(machine.identity("hw:1"))
        #expect(identity.currentName(of: "hw:1", system: machine.path) == "hw:CARD=Mic_1")
        try machine.unplug(1)
        try machine.plug(2, id: "Mic_2", place: "pci/usb1/1-4", product: "0d8c:0014")
        // Two of a kind, neither in its place.
        #expect(identity.currentName(of: "hw:1", system: machine.path) == nil)
        try machine.unplug(0)
        #expect(identity.currentName(of: "hw:1", system: machine.path) == "hw:CARD=Mic_2")
    }

    @Test func `a card that is built in is its place on the bus`() throws {
        let machine = try CardTree()
        try machine.plug(0, id: "PCH", place: "pci0000:00/0000:00:1b.0")
        let identity = try #require(machine.identity("hw:PCH"))
        #expect(identity.product == nil)
        #expect(identity.place == "pci0000:00/0000:00:1b.0")
        #expect(identity.currentName(of: "hw:PCH,0", system: machine.path) == "hw:CARD=PCH,DEV=0")
    }
    @Test func `cards without a bus are told apart by their names`() throws {
        let machine = try CardTree()
        try machine.plug(0, id: "Loopback", place: "virtual")
        try machine.plug(1, id: "Dummy", place: "virtual")
        let identity = try #require(machine.identity("hw:Dummy"))
        #expect(identity.currentName(of: "hw:Dummy", system: machine.path) == "hw:CARD=Dummy")
        try machine.unplug(1)
        try machine.plug(2, id: "Dummy_1", place: "virtual")
        #expect(identity.currentName(of: "hw:Dummy", system: machine.path) == nil)
    }
}
