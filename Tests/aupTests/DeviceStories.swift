import Foundation
import TestSupport
import Testing

/// `aup devices` on other hosts, drawn in files, and what it prints used as a device's name.
@Suite struct `Devices that are listed` {
    private func list(_ words: String, _ host: HostTree, _ more: [String: String] = [:]) throws -> Pipeline {
        try Pipeline.run(["aup devices \(words)"], environment: host.environment.merging(more) { $1 })
    }

    private func objects(_ run: Pipeline) throws -> [[String: Any]] {
        try String(decoding: run.output, as: UTF8.self).split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    @Test func `where there is no card the answer is empty and leads to the simulations`() throws {
        let run = try list("", HostTree())
        #expect(run.statuses == [0])
        #expect(run.errors == [""])
        #expect(
            String(decoding: run.output, as: UTF8.self) == """
                There is no sound card on this machine.

                Without a sound card: sim:sine sim:noise sim:sweep sim:impulse sim:silence for sound, sim:null to play into.

                """)
        let json = try list("--json", HostTree())
        #expect(json.statuses == [0])
        #expect(try objects(json).allSatisfy { $0["simulated"] as? Bool == true })
    }

    @Test func `the table says what they are, who has them and at what`() throws {
        let run = try list("", HostTree("held"))
        #expect(run.statuses == [0])
        #expect(
            String(decoding: run.output, as: UTF8.self) == """
                Inputs
                  pci:0000:00:1f.3  internal  arecord (4711)  HDA Intel PCH, ALC257 Analog

                Outputs
                  pci:0000:00:1f.3    internal  pipewire (1290), 48k s32 2ch  HDA Intel PCH, ALC257 Analog
                  pci:0000:00:1f.3/3  hdmi      free                          HDA Intel PCH, HDMI 0
                  pci:0000:00:1f.3/7  hdmi      free                          HDA Intel PCH, HDMI 1

                Without a sound card: sim:sine sim:noise sim:sweep sim:impulse sim:silence for sound, sim:null to play into.

                """)
    }

    @Test func `a microphone that is held shows what its driver knows`() throws {
        let text = String(decoding: try list("", HostTree("microphone")).output, as: UTF8.self)
        #expect(
            text.contains(
                "usb:b58e:9e84:797_2018%2F02%2F22_48721  microphone  8-48k s16 2ch  aup (977), 48k s16 2ch  "
                    + "Yeti Stereo Microphone\n"))
    }

    @Test func `several who have it are named, and what is left is counted`() throws {
        let text = String(decoding: try list("", HostTree("loopback")).output, as: UTF8.self)
        #expect(text.contains("virtual  6 of 8 free: aplay (501), process 502  Loopback, Loopback PCM\n"))
    }

    @Test func `every object has every field`() throws {
        let run = try list("--json --all", HostTree("microphone"))
        let all = try objects(run)
        #expect(all.count >= 7)
        let fields: Set = [
            "name", "id", "description", "kind", "capture", "playback", "exclusive", "simulated", "card", "device",
            "target",
            "input", "output",
        ]
        #expect(all.allSatisfy { Set($0.keys) == fields })
        let microphone = try #require(all.first { $0["id"] as? String == "usb:b58e:9e84:797_2018%2F02%2F22_48721" })
        let card = try #require(microphone["card"] as? [String: Any])
        #expect(card["serial"] as? String == "797_2018/02/22_48721")
        #expect(card["usb"] as? String == "b58e:9e84")
        let input = try #require(microphone["input"] as? [String: Any])
        #expect(input["form"] as? String == "microphone")
        #expect(input["busy"] as? Bool == true)
        #expect(input["known_from"] as? String == "driver")
        #expect(input["rates"] as? [Int] == [8000, 16000, 22050, 44100, 48000])
        #expect(input["channel_maps"] as? [String] == ["FL,FR"])
        let stream = try #require((input["streams"] as? [[String: Any]])?.first)
        #expect(stream["pid"] as? Int == 977)
        #expect(stream["command"] as? String == "aup")
        #expect(stream["buffer_frames"] as? Int == 24000)
        #expect(Set(input.keys) == Set(try #require(microphone["output"] as? [String: Any]).keys))
    }

    @Test(arguments: [(3, "\n* pci:0000:00:1f.3/3  hdmi"), (0, "\n* pci:0000:00:1f.3    internal")])
    func `the default is marked where the configuration leads there, and nothing is opened for it`(
        device: Int, line: String
    ) throws {
        let card = try VirtualCard()
        try card.addPCM("mic")
        try card.addDefinition(
            """
            pcm.!default {
                type asym
                playback.pcm { type plug slave.pcm { type dmix ipc_key 1 slave.pcm { type hw card PCH device \(device) } } }
                capture.pcm "mic"
            }
            """)
        let run = try list("", HostTree("laptop"), card.environment)
        let text = String(decoding: run.output, as: UTF8.self)
        #expect(text.contains(line))
        #expect(text.contains("\n* is where the device 'default' leads."))
        #expect(text.components(separatedBy: "\n* ").count == 3)
        #expect(text.contains("default             shared "))
        #expect(text.contains(" -> pci:0000:00:1f.3"))
        #expect(card.log == [])
    }

    @Test func `what several may share is said with its format`() throws {
        let card = try VirtualCard()
        try card.addDefinition(
            """
            pcm.!default { type plug slave.pcm { type dsnoop ipc_key 1 slave.pcm { type hw card Microphone device 0 } } }
            """)
        let text = String(
            decoding: try list("", HostTree("microphone"), card.environment).output, as: UTF8.self)
        #expect(text.contains("\n* is where the device 'default' leads, shared at 48k s16 2ch.\n"), "\(text)")
    }

    @Test func `a server's client says when there is no server`() throws {
        let card = try VirtualCard()
        try card.addDefinition("pcm.pulse { type null hint { show on description \"Sound Server\" } }")
        let host = try HostTree()
        let scratch = try Scratch()
        try FileManager.default.createDirectory(
            atPath: scratch.path("pulse"), withIntermediateDirectories: true)
        // Who listens at sockets is this machine's own affair.
        try FileManager.default.createSymbolicLink(
            atPath: "\(host.processes)/net", withDestinationPath: "/proc/net")
        let environment = card.environment.merging(["XDG_RUNTIME_DIR": scratch.folder.path, "PULSE_SERVER": ""]) { $1 }
        let silent = try list("", host, environment)
        #expect(
            String(decoding: silent.output, as: UTF8.self).contains("  pulse  server  not running  Sound Server\n"))
        let listening = try Pipeline.run(
            [
                "python3 -c \"import socket, subprocess; s = socket.socket(socket.AF_UNIX); "
                    + "s.bind('\(scratch.path("pulse/native"))'); s.listen(); subprocess.run(['aup', 'devices'])\""
            ], environment: host.environment.merging(environment) { $1 })
        #expect(
            String(decoding: listening.output, as: UTF8.self).contains("  pulse  server  Sound Server\n"),
            "\(listening.errors)")
    }

    @Test func `plugins that are no devices are shown when asked for`() throws {
        let card = try VirtualCard()
        try card.addPCM("studio")
        func names(_ words: String) throws -> [String] {
            try objects(list(words, HostTree(), card.environment)).compactMap { $0["name"] as? String }
        }
        #expect(try names("--json").filter { !$0.hasPrefix("sim:") } == ["studio"])
        #expect(Set(try names("--json --all")).isSuperset(of: ["studio", "null"]))
    }

    @Test(
        .enabled(if: VirtualCard.isAvailable),
        arguments: [
            "capture -D ID -d 4800f > x.aup", "capture -i alsa:ID -d 4800f -o x.wav",
            "process -i alsa:ID -d 4800f -o x.wav", "encode -i alsa:ID -d 4800f -o x.opus",
            "meter -i alsa:ID -d 4800f > x.aup", "stream -i alsa:ID -d 4800f -o x.aup",
            "play -D ID s.wav", "play s.wav -o alsa:ID", "process -i s.wav -o alsa:ID",
            "devices --supports s16/48000/2 -D ID", "devices --probe ID", "devices --test ID -d 500ms",
            "devices --latency -D ID --to ID", "devices --latency -D sim:sine --to ID",
        ]
    )
    func `an identifier opens its card in every command`(words: String) throws {
        let card = try VirtualCard()
        try card.addHardware()
        let tree = try CardTree()
        try tree.plug(3, id: "Mic", place: "pci/usb1/1-2", product: "046d:0825", serial: "A/77")
        let scratch = try Scratch()
        let command = words.replacing("ID", with: "usb:046d:0825:A%2F77")
            .replacing("x.", with: scratch.path("x.")).replacing("s.wav", with: scratch.path("s.wav"))
        let run = try Pipeline.run(
            ["aup \(command)"],
            before: words.contains("s.wav")
                ? "aup capture -D 'sim:sine?pace=fast' -d 4800f -o \(scratch.path("s.wav"))" : ":",
            environment: card.environment.merging(["AUP_TEST_SYSFS": tree.path]) { $1 })
        // No click comes back without a cable: that is a device which was opened, too.
        #expect(run.statuses == [words.contains("--latency") ? 1 : 0], "\(run.errors)")
        #expect(card.log(with: "open").contains { $0.contains("Mic") }, "\(card.log.first ?? "")")
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `an identifier is waited for, whatever name its card comes by`() throws {
        let card = try VirtualCard()
        try card.addHardware(away: ["Mic_7"])
        let tree = try CardTree()
        try tree.plug(7, id: "Mic_7", place: "pci/usb1/1-2", product: "046d:0825", serial: "A77", isPlugged: false)
        let plug = "\(try card.controlWords(card: "Mic_7")) plug; \(tree.plugWords(7))"
        let run = try Pipeline.run(
            [
                "aup capture -D usb:046d:0825:A77 --wait-device=30s -r 48000 -c 2 -d 4800f --json", "cat > /dev/null",
            ],
            during: "stage 2 > /dev/null; sleep 1; \(plug)",
            environment: card.environment.merging(["AUP_TEST_SYSFS": tree.path]) { $1 })
        #expect(run.statuses == [0, 0], "\(run.errors)")
        #expect(try run.events("waiting", stage: 0).count == 1)
        #expect(try run.events("end", stage: 0).first?["frames"] as? Int == 4800)
    }

    @Test(arguments: [
        ("capture -D yeti", "did you mean 'usb:b58e:9e84:797_2018%2F02%2F22_48721'?", 2),
        ("capture -D hw:CARD=Micorphone", "did you mean 'hw:CARD=Microphone'?", 2),
        ("capture -D usb:b58e:9e84:other", "did you mean 'usb:b58e:9e84:797_2018%2F02%2F22_48721'?", 2),
        ("capture -i hw:0", "did you mean 'alsa:hw:0'?", 64),
        ("capture -i Micrphone", "did you mean -i alsa:usb:b58e:9e84:797_2018%2F02%2F22_48721?", 64),
        ("process -i asla:hw:0", "did you mean 'alsa:hw:0'?", 64),
        ("process -i sim:sine -o usb:b58e:9e84", "did you mean 'alsa:usb:b58e:9e84'?", 64),
        ("play -o yeti", "did you mean -o alsa:usb:b58e:9e84:797_2018%2F02%2F22_48721?", 64),
    ]) func `a mistyped name is answered with the one that was meant`(words: String, answer: String, status: Int) throws
    {
        let host = try HostTree("microphone")
        let run = try Pipeline.run(["aup \(words)"], environment: host.environment)
        #expect(run.statuses == [status])
        #expect(run.errors[0].contains(answer), "\(run.errors[0])")
    }
}
