import AupSound
import TestSupport
import Testing

@testable import AupALSA

extension HostTree {
    var folders: HostFolders {
        var folders = HostFolders()
        (folders.processes, folders.system) = (processes, system)
        return folders
    }

    /// The host's hardware, with no configuration that hints at anything else.
    func hardware() throws -> [SoundDevice] {
        DeviceInventory.read(folders: folders).devices.filter { $0.kind == .hardware }
    }

    func device(_ identifier: String) throws -> SoundDevice {
        try #require(try hardware().first { $0.identifier == identifier })
    }
}

extension ALSASuites {
    @Suite struct `The inventory of another host` {
        @Test func `a laptop has its own microphone and loudspeakers, and sockets for monitors`() throws {
            let host = try HostTree("laptop")
            let devices = try host.hardware()
            try #require(devices.map(\.name) == ["hw:CARD=PCH,DEV=0", "hw:CARD=PCH,DEV=3", "hw:CARD=PCH,DEV=7"])
            #expect(
                devices.map(\.identifier) == ["pci:0000:00:1f.3", "pci:0000:00:1f.3/3", "pci:0000:00:1f.3/7"])
            #expect(devices.map { $0.capture?.form } == [.internal, nil, nil])
            #expect(devices.map { $0.playback?.form } == [.internal, .hdmi, .hdmi])
            #expect(devices[0].description == "HDA Intel PCH, ALC257 Analog")
            #expect(devices[0].card?.driver == "HDA-Intel")
            #expect(devices[0].card?.longName == "HDA Intel PCH at 0xf1630000 irq 131")
            #expect(devices.allSatisfy { $0.isExclusive && $0.playback?.isBusy == false })
        }

        @Test func `a desktop has sockets at its back`() throws {
            let host = try HostTree("desktop")
            let devices = try host.hardware()
            #expect(devices.map { $0.capture?.form } == [.microphone, nil])
            #expect(devices.map { $0.playback?.form } == [.line, .digital])
        }

        @Test func `a microphone on USB is called by its serial number and says itself what it is`() throws {
            let host = try HostTree("microphone")
            let device = try host.device("usb:b58e:9e84:797_2018%2F02%2F22_48721")
            #expect(device.capture?.form == .microphone)
            #expect(device.playback?.form == .headphones)
            #expect(device.description == "Yeti Stereo Microphone")
            #expect(device.card?.product == "b58e:9e84")
            #expect(device.card?.place == "pci0000:00/0000:00:14.0/usb1/1-2")
        }

        @Test func `a device that is held says by whom, and what the driver knows of it`() throws {
            let host = try HostTree("microphone")
            let device = try host.device("usb:b58e:9e84:797_2018%2F02%2F22_48721")
            let capture = try #require(device.capture)
            #expect(capture.isBusy)
            #expect(capture.obstacle == "busy")
            #expect(
                capture.streams == [
                    DeviceStream(
                        subdevice: 0, state: "running", process: 977, command: "aup",
                        configuration: .init(
                            formatName: "S16_LE", rate: 48000, channels: 2, periodFrames: 480, bufferFrames: 24000))
                ])
            #expect(capture.abilities?.origin == .driver)
            #expect(capture.abilities?.rateList == [8000, 16000, 22050, 44100, 48000])
            #expect(capture.abilities?.channels == [2...2])
            #expect(capture.abilities?.channelMaps.map(\.list) == ["FL,FR"])
            let playback = try #require(device.playback?.abilities)
            #expect(playback.formats == [.s16, .s24Packed])
            #expect(playback.rateList == [44100, 48000, 96000])
        }

        @Test func `the holder is the process, not the thread that opened the device`() throws {
            let host = try HostTree("held")
            let device = try host.device("pci:0000:00:1f.3")
            let stream = try #require(device.playback?.streams.first)
            #expect(stream.process == 1290)
            #expect(stream.command == "pipewire")
            #expect(stream.configuration?.formatName == "S32_LE")
            // One that only has it open has agreed to nothing yet, and holds it all the same.
            let opened = try #require(device.capture?.streams.first)
            #expect(opened.state == "open")
            #expect(opened.command == "arecord")
            #expect(opened.configuration == nil)
            #expect(device.capture?.isBusy == true)
        }

        @Test func `a headset is one by what its terminals say, and rates without steps are those in use`() throws {
            let host = try HostTree("headset")
            let device = try host.device("usb:047f:c02e:00000001")
            #expect(device.capture?.form == .headset)
            #expect(device.playback?.form == .headset)
            #expect(
                device.capture?.abilities?.rateList == [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000])
            #expect(device.capture?.abilities?.channelMaps.map(\.list) == ["MONO"])
        }

        @Test func `two of a make without serial numbers are told apart by their sockets`() throws {
            let host = try HostTree("twins")
            let devices = try host.hardware()
            #expect(
                devices.map(\.identifier) == ["usb:0d8c:0014@1-1", "usb:0d8c:0014@1-4.3", "usb:046d:0825:200901010001"])
            #expect(devices.map { $0.capture?.form } == [.microphone, .microphone, .microphone])
            #expect(devices.map { $0.playback?.form } == [.loudspeaker, .loudspeaker, nil])
        }

        @Test func `a loopback is virtual, and free as long as one of its subdevices is`() throws {
            let host = try HostTree("loopback")
            let devices = try host.hardware()
            try #require(devices.map(\.identifier) == ["platform:snd_aloop.0", "platform:snd_aloop.0/1"])
            let playback = try #require(devices[0].playback)
            #expect(playback.form == .virtual)
            #expect(playback.subdevices == 8)
            #expect(playback.streams.map(\.subdevice) == [0, 3])
            #expect(playback.streams.map(\.state) == ["running", "prepared"])
            // Of a process that is gone, or another container's, only the number is known.
            #expect(playback.streams.map(\.command) == ["aplay", nil])
            #expect(!playback.isBusy)
        }

        @Test func `a card without a bus that anybody knows is called by its name`() throws {
            let host = try HostTree("dummy")
            let devices = try host.hardware()
            #expect(devices.map(\.identifier) == ["platform:snd_dummy.0", "card:Odd"])
            #expect(devices.map { $0.capture?.form } == [.virtual, .unknown])
        }

        @Test(arguments: [
            ("Microsoft LifeChat", FormFactor.unknown), ("Texas Semiconductor", .unknown), ("Online Audio", .unknown),
            ("Studio Mic2", .microphone), ("Microphone Array", .microphone), ("Line In 1", .line),
            ("DMIC16kHz", .internal),
            ("HD Webcam", .microphone),
        ]) func `what a card is called says what it is only by whole words`(name: String, form: FormFactor) {
            let pcm = CardPCM(card: 0, device: 0, direction: .capture)
            #expect(FormFactor(pcm, driver: "USB-Audio", cardName: name, usb: nil, codecs: []) == form)
        }

        @Test func `a card's volume is not that of the monitor beside its loudspeakers`() throws {
            let devices = try HostTree("laptop").hardware()
            #expect(CardMixer.heard(devices, [0, 1, 2], .playback) == [0])
            #expect(CardMixer.heard(devices, [0, 1, 2], .capture) == [0])
            // Of a card that has nothing else it is.
            #expect(CardMixer.heard(devices, [1, 2], .playback) == [1, 2])
        }

        @Test func `no sound card is an empty answer`() throws {
            let host = try HostTree()
            let inventory = DeviceInventory.read(folders: host.folders)
            #expect(inventory.cards == [])
            #expect(!inventory.devices.contains { $0.kind == .hardware })
        }

        @Test func `a container without procfs still shows what sysfs has`() throws {
            let host = try HostTree("laptop")
            try host.remove("proc/asound")
            let devices = try host.hardware()
            try #require(devices.map(\.name) == ["hw:CARD=PCH,DEV=0", "hw:CARD=PCH,DEV=3", "hw:CARD=PCH,DEV=7"])
            #expect(devices[0].capture?.subdevices == 1)
        }

        @Test func `damaged files are read as far as they make sense`() throws {
            let host = try HostTree("held")
            try host.draw(
                """
                == proc/asound/cards
                 0 [PCH
                nonsense ]: [
                 7 ]x[
                == proc/asound/card0/pcm0p/sub0/status
                state
                owner_pid: -9999999999999999999999
                == proc/asound/card0/pcm0p/sub0/hw_params
                rate: fast
                == sys/devices/pci0000:00/0000:00:1f.3/sound/card0/hwC0D0/driver_pin_configs
                0x
                0x14
                0x14 0x1ffffffffffffff
                nonsense
                hex sys/devices/pci0000:00/0000:00:1f.3/descriptors
                09 04 00 00 00 01 01 00 00 00 24 02
                == end

                """)
            let stream = try #require(try host.device("pci:0000:00:1f.3").playback?.streams.first)
            #expect(stream == DeviceStream(subdevice: 0, state: "open"))
            #expect(USBDescription([9, 4, 0, 0, 0, 1, 1, 0, 0, 0, 0x24, 2]) == USBDescription([]))
        }
    }
}
