import Foundation
import TestSupport
import Testing

@testable import AupALSA

/// sysfs as the kernel draws it, in a folder of the test's own.
private struct Machine {
    let scratch: Scratch
    var system: String { scratch.folder.path }

    init() throws {
        scratch = try Scratch()
        try FileManager.default.createDirectory(
            at: scratch.folder.appending(path: "class/sound"), withIntermediateDirectories: true)
    }

    func plug(_ card: Int, id: String, place: String, product: String? = nil, serial: String? = nil) throws {
        let files = FileManager.default
        let usb = scratch.folder.appending(path: "devices/\(place)")
        let interface = product == nil ? usb : usb.appending(path: "if:1.0")
        let sound = interface.appending(path: "sound/card\(card)")
        try files.createDirectory(at: sound, withIntermediateDirectories: true)
        try Data("\(id)\n".utf8).write(to: sound.appending(path: "id"))
        try files.createSymbolicLink(at: sound.appending(path: "device"), withDestinationURL: interface)
        if let product {
            let words = product.split(separator: ":")
            try Data("\(words[0])\n".utf8).write(to: usb.appending(path: "idVendor"))
            try Data("\(words[1])\n".utf8).write(to: usb.appending(path: "idProduct"))
        }
        if let serial { try Data("\(serial)\n".utf8).write(to: usb.appending(path: "serial")) }
        try files.createSymbolicLink(
            at: scratch.folder.appending(path: "class/sound/card\(card)"), withDestinationURL: sound)
    }

    func unplug(_ card: Int) throws {
        let link = scratch.folder.appending(path: "class/sound/card\(card)")
        try FileManager.default.removeItem(at: link.resolvingSymlinksInPath())
        try FileManager.default.removeItem(at: link)
    }

    func identity(_ name: String) -> CardIdentity? { CardIdentity(pcm: name, system: system) }
}

@Suite struct `A card's identity` {
    @Test func `a card on USB is its maker's numbers, its serial and its place`() throws {
        let machine = try Machine()
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
        let machine = try Machine()
        try machine.plug(1, id: "Mic", place: "pci/usb1/1-2", product: "046d:0825", serial: "A77")
        let identity = try #require(machine.identity("plughw:1,3"))
        #expect(identity.currentName(of: "plughw:1,3", system: machine.system) == "plughw:CARD=Mic,DEV=3")
        try machine.unplug(1)
        #expect(identity.currentName(of: "plughw:1,3", system: machine.system) == nil)
        // Another of the same kind takes its number and its place: it is not the one.
        try machine.plug(1, id: "Mic", place: "pci/usb1/1-2", product: "046d:0825", serial: "B12")
        #expect(identity.currentName(of: "plughw:1,3", system: machine.system) == nil)
        try machine.plug(4, id: "Mic_1", place: "pci/usb3/3-1", product: "046d:0825", serial: "A77")
        #expect(identity.currentName(of: "plughw:1,3", system: machine.system) == "plughw:CARD=Mic_1,DEV=3")
        #expect(identity.currentName(of: "hw:CARD=Mic,DEV=1", system: machine.system) == "hw:CARD=Mic_1,DEV=1")
        #expect(identity.currentName(of: "hw:1", system: machine.system) == "hw:CARD=Mic_1")
    }

    @Test func `without a serial the same place counts, then the only one of its kind`() throws {
        let machine = try Machine()
        try machine.plug(0, id: "Mic", place: "pci/usb1/1-1", product: "0d8c:0014")
        try machine.plug(1, id: "Mic_1", place: "pci/usb1/1-2", product: "0d8c:0014")
        let identity = try #require(machine.identity("hw:1"))
        #expect(identity.currentName(of: "hw:1", system: machine.system) == "hw:CARD=Mic_1")
        try machine.unplug(1)
        try machine.plug(2, id: "Mic_2", place: "pci/usb1/1-4", product: "0d8c:0014")
        // Two of a kind, neither in its place.
        #expect(identity.currentName(of: "hw:1", system: machine.system) == nil)
        try machine.unplug(0)
        #expect(identity.currentName(of: "hw:1", system: machine.system) == "hw:CARD=Mic_2")
    }

    @Test func `a card that is built in is its place on the bus`() throws {
        let machine = try Machine()
        try machine.plug(0, id: "PCH", place: "pci0000:00/0000:00:1b.0")
        let identity = try #require(machine.identity("hw:PCH"))
        #expect(identity.product == nil)
        #expect(identity.place == "pci0000:00/0000:00:1b.0")
        #expect(identity.currentName(of: "hw:PCH,0", system: machine.system) == "hw:CARD=PCH,DEV=0")
    }
}
