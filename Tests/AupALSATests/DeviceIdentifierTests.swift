import AupSound
import TestSupport
import Testing

@testable import AupALSA

@Suite struct `A device's identifier` {
    @Test(arguments: [
        "usb:046d:0825:A77", "usb:0d8c:0014@1-4.3", "usb:0d8c:0014", "usb:b58e:9e84:797_2018%2F02%2F22@1-2",
        "pci:0000:00:1f.3/3", "platform:snd_aloop.0/1/7", "card:Loopback", "plughw:pci:0000:00:1b.0",
        "dsnoop:usb:046d:0825:A77/0/1",
    ]) func `is written as it is read`(word: String) {
        #expect(DeviceIdentifier(word)?.word == word)
    }

    @Test(arguments: [
        "default", "hw:0", "hw:0,0", "hw:CARD=PCH,DEV=0", "plughw:PCH", "sim:sine", "usb:", "usb:046d", "usb:46d:825",
        "usb:046d:0825:", "usb:046d:0825@", "usb:046d:0825:A:B", "pci:", "pci:0000:00:1f.3/", "pci:0000:00:1f.3/x",
        "pci:0000:00:1f.3/1/2/3", "card:", "card:%G1", "card:%", "nobus:1", "", ":", "/", "surround51:CARD=PCH",
    ]) func `is no other name`(word: String) {
        #expect(DeviceIdentifier(word) == nil)
    }

    @Test(arguments: [
        ("pci:0000:00:1f.3", "hw:CARD=PCH,DEV=0"), ("pci:0000:00:1f.3/3", "hw:CARD=PCH,DEV=3"),
        ("pci:0000:00:1f.3/0/1", "hw:CARD=PCH,DEV=0,SUBDEV=1"), ("plughw:card:PCH", "plughw:CARD=PCH,DEV=0"),
        ("sysdefault:card:PCH", "sysdefault:CARD=PCH"), ("hw:7,1", "hw:7,1"), ("default", "default"),
    ]) func `leads to its card`(word: String, name: String) throws {
        let host = try HostTree("laptop")
        #expect(try ALSADirectory.pcmName(word, folders: host.folders) == name)
    }

    @Test func `leads to the same card when that is plugged in elsewhere`() throws {
        let tree = try CardTree()
        var folders = HostFolders()
        folders.system = tree.path
        try tree.plug(0, id: "Mic", place: "pci/usb1/1-2", product: "046d:0825", serial: "A77")
        try tree.plug(1, id: "Device", place: "pci/usb1/1-3", product: "0d8c:0014")
        #expect(try ALSADirectory.pcmName("usb:046d:0825:A77", folders: folders) == "hw:CARD=Mic,DEV=0")
        try tree.unplug(0)
        #expect(throws: DeviceError.self) { try ALSADirectory.pcmName("usb:046d:0825:A77", folders: folders) }
        // Another one of its kind has its name and its socket now.
        try tree.plug(0, id: "Mic", place: "pci/usb1/1-2", product: "046d:0825", serial: "B12")
        try tree.plug(2, id: "Mic_1", place: "pci/usb2/2-1", product: "046d:0825", serial: "A77")
        #expect(try ALSADirectory.pcmName("usb:046d:0825:A77", folders: folders) == "hw:CARD=Mic_1,DEV=0")
        #expect(try ALSADirectory.pcmName("usb:046d:0825@1-2", folders: folders) == "hw:CARD=Mic,DEV=0")
        #expect(try ALSADirectory.pcmName("usb:0d8c:0014", folders: folders) == "hw:CARD=Device,DEV=0")
    }

    @Test func `that two cards answer to is refused with what tells them apart`() throws {
        let host = try HostTree("twins")
        let error = #expect(throws: DeviceError.self) {
            try ALSADirectory.pcmName("usb:0d8c:0014/1", folders: host.folders)
        }
        #expect(
            error?.message
                == "device 'usb:0d8c:0014/1': 2 cards answer to that; say which: 'usb:0d8c:0014@1-1/1' or "
                + "'usb:0d8c:0014@1-4.3/1'")
    }

    @Test func `with a serial that two share has the socket too`() throws {
        let tree = try CardTree()
        try tree.plug(0, id: "A", place: "pci/usb1/1-2", product: "1234:5678", serial: "0")
        try tree.plug(1, id: "B", place: "pci/usb1/1-3", product: "1234:5678", serial: "0")
        var folders = HostFolders()
        folders.system = tree.path
        let cards = PluggedCard.all(folders)
        #expect(cards.map { $0.identifier(among: cards).word } == ["usb:1234:5678:0@1-2", "usb:1234:5678:0@1-3"])
    }

    @Test func `is what a running stream finds its card by`() throws {
        let tree = try CardTree()
        try tree.plug(0, id: "Mic", place: "pci/usb1/1-2", product: "046d:0825", serial: "A77")
        let name = "usb:046d:0825/1"
        let identity = try #require(CardIdentity(pcm: name, system: tree.path))
        try tree.unplug(0)
        try tree.plug(0, id: "Mic", place: "pci/usb1/1-2", product: "046d:0825", serial: "B12")
        // Whoever said only the make still means the one that was there.
        #expect(identity.currentName(of: name, system: tree.path) == nil)
        try tree.plug(1, id: "Mic_1", place: "pci/usb1/1-5", product: "046d:0825", serial: "A77")
        #expect(identity.currentName(of: name, system: tree.path) == "hw:CARD=Mic_1,DEV=1")
    }
}

@Suite struct `A mistyped device` {
    @Test(arguments: [
        ("usb:b58e:9e84:wrong", "usb:b58e:9e84:797_2018%2F02%2F22_48721"),
        ("plughw:usb:b58e:9e84:wrong/1", "plughw:usb:b58e:9e84:797_2018%2F02%2F22_48721/1"),
        ("hw:CARD=Micorphone,DEV=0", "hw:CARD=Microphone,DEV=0"), ("plughw:Mcrophone", "plughw:CARD=Microphone"),
        ("yeti", "usb:b58e:9e84:797_2018%2F02%2F22_48721"), ("Microphon", "usb:b58e:9e84:797_2018%2F02%2F22_48721"),
        ("yeti stereo microfone", "usb:b58e:9e84:797_2018%2F02%2F22_48721"), ("card:Micrphone", "card:Microphone"),
    ]) func `is answered with the one that was meant`(word: String, meant: String) throws {
        let host = try HostTree("microphone")
        let cards = NearName.cards(host.folders)
        #expect(NearName.of(word, among: cards) == meant)
    }

    @Test(arguments: ["hw:7,3", "hw:1", "something else", "hw:CARD=Microphone,DEV=9", "pci:0000:99:00.0", "xy"])
    func `is not guessed at where nothing is near`(word: String) throws {
        let host = try HostTree("microphone")
        let cards = NearName.cards(host.folders)
        #expect(NearName.of(word, among: cards) == nil)
    }

    @Test func `by its place on the bus finds its neighbour`() throws {
        let host = try HostTree("laptop")
        let cards = NearName.cards(host.folders)
        #expect(NearName.of("pci:0000:00:1f.4/3", among: cards) == "pci:0000:00:1f.3/3")
    }
}
