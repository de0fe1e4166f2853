import Foundation
import TestSupport
import Testing

/// Plugins that were not written for aup, from the command line.
@Suite struct `Plugins of other interfaces` {
    private static let hasLADSPA = FileManager.default.fileExists(atPath: "/usr/lib/ladspa/sc4_1882.so")

    private static let hasLV2 =
        FileManager.default.fileExists(atPath: "/usr/lib/lv2/mda.lv2") && ToolRun.find("lv2ls") != nil

    @Test(.enabled(if: hasLADSPA, "ladspa-sdk and swh-plugins are not installed"))
    func `a LADSPA gain and its opposite change no bit of a stream`() throws {
        let source = "aup capture -D 'sim:noise?pace=fast' -f f32 -d 4800f"
        let direct = try Pipeline.run([source + " --as raw"])
        let twice = try Pipeline.run([
            source, "aup process ladspa:amp:amp_stereo gain=2 ladspa:amp:amp_stereo gain=0.5 --as raw",
        ])
        #expect(twice.statuses == [0, 0])
        let isEqual = twice.output == direct.output
        #expect(isEqual)
    }

    @Test(.enabled(if: hasLADSPA, "ladspa-sdk and swh-plugins are not installed"))
    func `its latency is taken out again and no frame is lost`() throws {
        let run = try Pipeline.run([
            "aup capture -D 'sim:impulse?pace=fast' -f f32 -c 2 -d 9600f", "aup process fastLookaheadLimiter --as raw",
        ])
        #expect(run.statuses == [0, 0])
        #expect(run.output.count == 9600 * 8)
        let first = run.output.prefix(8).contains { $0 != 0 }
        #expect(first, "the impulse of frame 0 is at frame 0")
    }

    @Test(.enabled(if: hasLADSPA, "ladspa-sdk and swh-plugins are not installed"))
    func `what there is and what can be set is told`() throws {
        let list = try Pipeline.run(["aup process --list"], seconds: 240)
        #expect(String(decoding: list.output, as: UTF8.self).contains("\nladspa:sc4_1882:sc4  SC4  (/usr/lib/ladspa/"))
        let info = try Pipeline.run(["aup process --info ladspa:sc4 --json"], seconds: 240)
        let object = try #require(try JSONSerialization.jsonObject(with: info.output) as? [String: Any])
        #expect(object["interface"] as? String == "ladspa")
        let parameters = try #require(object["parameters"] as? [[String: Any]])
        #expect(parameters.count == 9)
        #expect(parameters[1]["key"] as? String == "attack_time")
        #expect(parameters[1]["unit"] as? String == "ms")
        #expect(parameters[1]["default"] as? Double == 101.125)
        #expect(parameters[7]["output"] as? Bool == true)
    }

    @Test func `a file that crashes or never ends when it is looked at is listed with the reason`() throws {
        let scratch = try Scratch()
        let folder = scratch.path("ladspa")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, body) in [
            ("crashing", "*(volatile int *)8 = 1;"), ("leaving", "exit(0);"), ("talking", "puts(\"hello\");"),
        ] {
            let source = """
                #include <stdio.h>
                #include <stdlib.h>
                __attribute__((constructor)) static void loaded(void) { \(body) }
                const void *ladspa_descriptor(unsigned long index) { return 0; }
                """
            try source.write(toFile: scratch.path("\(name).c"), atomically: true, encoding: .utf8)
            let built = try ToolRun(
                "cc", ["-shared", "-fPIC", "-o", "\(folder)/\(name).so", scratch.path("\(name).c")])
            #expect(built.status == 0)
        }
        // Nothing but these: what else is installed may say something else every time.
        let none = scratch.path("none")
        let environment = [
            "LADSPA_PATH": folder, "LV2_PATH": none, "CLAP_PATH": none, "XDG_CACHE_HOME": scratch.path("cache"),
        ]
        var said: [String] = []
        // The second time from what was kept.
        for _ in 0..<2 {
            let run = try Pipeline.run(["aup process --list"], environment: environment, seconds: 240)
            #expect(run.statuses == [0])
            let output = String(decoding: run.output, as: UTF8.self)
            #expect(output.contains("gain  Gain"))
            #expect(!output.contains("hello"))
            said.append(run.errors[0])
        }
        #expect(said[0] == said[1])
        #expect(said[0].contains("/crashing.so' crashed in loading (SIGSEGV)"))
        #expect(said[0].contains("/leaving.so' called exit() in loading"))
        #expect(said[0].contains("talking.so': its list of LADSPA plugins is empty"))
        let kept = try FileManager.default.contentsOfDirectory(atPath: scratch.path("cache/aup/scans"))
        #expect(kept.count >= 3)
        #expect(!kept.contains { $0.hasSuffix(".scan") })
    }

    @Test(.enabled(if: hasLV2, "lilv and mda-lv2 are not installed"))
    func `an LV2 plugin by its URI, and its bundle is remembered`() throws {
        let scratch = try Scratch()
        let sound = "aup capture -D 'sim:noise?pace=fast' -f f32 -d 4800f"
        let outputs = try (0..<2).map { _ in
            let run = try Pipeline.run(
                [sound, "aup process http://drobilla.net/plugins/mda/Delay l_delay=10% --as raw"],
                environment: ["XDG_CACHE_HOME": scratch.folder.path])
            #expect(run.statuses == [0, 0])
            return run.output
        }
        #expect(outputs[0].count == 4800 * 8)
        let isSame = outputs[0] == outputs[1]
        #expect(isSame)
        let memory = try String(contentsOfFile: scratch.path("aup/lv2-bundles"), encoding: .utf8)
        #expect(memory.hasPrefix("http://drobilla.net/plugins/mda/Delay\t/"))
        // A library that is none stands for one that is not installed.
        try Data().write(to: scratch.folder.appending(path: "liblilv-0.so.0"))
        let missing = try Pipeline.run(
            ["aup process --info lv2:urn:nobody:has:this"], environment: ["LD_LIBRARY_PATH": scratch.folder.path])
        #expect(missing.statuses == [1])
        #expect(missing.errors[0].hasPrefix("aup process: LV2 plugins need lilv ("))
        #expect(missing.errors[0].hasSuffix("; install what Debian calls liblilv-0-0\n"))
        let none = try Pipeline.run(["aup process --info lv2:nonsense"])
        #expect(none.errors[0] == "aup process: plugin 'lv2:nonsense': what follows lv2: is no URI\n")
        let wrong = try Pipeline.run(["aup process --info lv2:urn:nobody:has:this"])
        #expect(wrong.statuses == [1])
        #expect(
            wrong.errors[0] == "aup process: plugin 'urn:nobody:has:this': no installed LV2 bundle has it\n")
    }

    private static let hasAllForFFmpeg =
        hasLADSPA && hasLV2 && ToolRun.find("ffmpeg") != nil
        && FileManager.default.fileExists(atPath: "/usr/lib/ladspa/ZamTube-ladspa.so")

    @Test(
        .enabled(if: hasAllForFFmpeg, "ffmpeg, ladspa-sdk, swh-plugins, mda-lv2 or zam-plugins are not installed"),
        arguments: [
            ("ladspa:amp:amp_stereo", 2), ("ladspa:delay:delay_5s", 1), ("ladspa:sine:sine_faac", 1),
            ("ladspa:sc4_1882:sc4", 2), ("ladspa:shaper_1187:shaper", 1), ("ladspa:valve_1209:valve", 1),
            ("http://drobilla.net/plugins/mda/Delay", 2), ("http://drobilla.net/plugins/mda/Overdrive", 2),
            ("http://drobilla.net/plugins/mda/Stereo", 2), ("ladspa:ZamAutoSat-ladspa:ZamAutoSat", 1),
            ("ladspa:ZamGEQ31-ladspa:ZamGEQ31", 1), ("ladspa:ZamTube-ladspa:ZamTube", 1),
        ])
    func `ffmpeg makes the same of it, bit by bit`(reference: String, channels: Int) throws {
        let scratch = try Scratch()
        // Not what else is installed: bridges among it would load every plugin of other interfaces into ffmpeg.
        try FileManager.default.createDirectory(atPath: scratch.path("lv2"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path("lv2/mda.lv2"), withDestinationPath: "/usr/lib/lv2/mda.lv2")
        let environment = ["LV2_PATH": scratch.path("lv2"), "XDG_CACHE_HOME": scratch.path("cache")]
        func run(_ command: String) throws -> Data {
            let run = try Pipeline.run([command], environment: environment)
            #expect(run.statuses == [0], "\(run.errors)")
            return run.output
        }
        let object = try JSONSerialization.jsonObject(with: run("aup process --info \(reference) --json"))
        let parameters = try #require((object as? [String: Any])?["parameters"] as? [[String: Any]])
        let inputs = parameters.filter { $0["output"] as? Bool == false && $0["scale"] as? String != "text" }
        let words = reference.split(separator: ":")
        let isLADSPA = words[0] == "ladspa"
        let values = inputs.enumerated().map { index, parameter in
            "\(isLADSPA ? "c\(index)" : parameter["key"]!)=\(parameter["default"]!)"
        }
        let name = reference.replacing(":", with: #"\\:"#)
        let effect =
            (isLADSPA ? "ladspa=file=/usr/lib/ladspa/\(words[1]).so:plugin=\(words[2])" : "lv2=plugin=\(name)")
            + (values.isEmpty ? "" : ":controls=\(values.joined(separator: "|"))")
        let file = scratch.path("in.wav")
        _ = try run("aup capture -D 'sim:noise?pace=fast' -f f32 -c \(channels) -d 40960f -o \(file)")
        let ours = try run("aup process -i \(file) --as raw --exact-denormals --tail off \(reference)")
        // None of these minds where its blocks are cut, which hosts do each in their own way.
        let theirs = try run("ffmpeg -v error -nostdin -i \(file) -af '\(effect)' -f f32le -c:a pcm_f32le -")
        #expect(ours.count >= 40960 * 4)
        let isEqual = ours == theirs
        #expect(isEqual)
    }

    @Test(.enabled(if: hasLADSPA, "ladspa-sdk and swh-plugins are not installed"))
    func `mistakes are told before the first frame`() throws {
        let run = try Pipeline.run(["aup process -i sim:silence -d 1s -o /dev/null ladspa:sc4 atack_time=5ms"])
        #expect(run.statuses == [1])
        #expect(
            run.errors[0] == "aup process: plugin 'sc4' has no parameter 'atack_time'; did you mean 'attack_time'?\n")
    }
}
