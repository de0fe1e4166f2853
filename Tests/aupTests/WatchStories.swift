import Foundation
import TestSupport
import Testing

/// `aup devices --watch` on a host that is drawn in files, whose cards come and go.
@Suite(.realTime) struct `Devices that are watched` {
    /// A host whose only card can be taken away, and its `/dev/snd`.
    private struct Host {
        let tree: HostTree
        let scratch: Scratch
        var nodes: String { scratch.path("snd") }

        /// - Parameter isThere: else the card is away, and with it the whole folder of nodes.
        init(isThere: Bool) throws {
            tree = try HostTree("microphone")
            scratch = try Scratch()
            let files = FileManager.default
            for name in ["class", "hidden"] {
                try files.createDirectory(atPath: "\(tree.system)/\(name)", withIntermediateDirectories: true)
            }
            try files.createDirectory(atPath: scratch.path("run/pulse"), withIntermediateDirectories: true)
            // Who listens at sockets is this machine's own affair.
            try files.createSymbolicLink(atPath: "\(tree.processes)/net", withDestinationPath: "/proc/net")
            guard !isThere else {
                try files.createDirectory(atPath: nodes, withIntermediateDirectories: true)
                for name in ["pcmC0D0c", "pcmC0D0p", "controlC0"] {
                    try Data().write(to: URL(filePath: "\(nodes)/\(name)"))
                }
                return
            }
            try files.moveItem(atPath: "\(tree.system)/class/sound", toPath: "\(tree.system)/hidden/sound")
            try files.moveItem(atPath: "\(tree.processes)/asound", toPath: "\(tree.processes)/hidden")
        }

        var environment: [String: String] {
            tree.environment.merging([
                "AUP_TEST_DEVSND": nodes, "XDG_RUNTIME_DIR": scratch.path("run"), "HOME": scratch.folder.path,
                "ALSA_CONFIG_PATH": scratch.path("alsa.conf"), "PULSE_SERVER": "", "PIPEWIRE_REMOTE": "",
            ]) { $1 }
        }

        /// As the kernel does it: the PCMs' nodes first, the control's last.
        var plug: String {
            """
            mv \(tree.system)/hidden/sound \(tree.system)/class/sound; mv \(tree.processes)/hidden \(tree.processes)/asound
            mkdir -p \(nodes); touch \(nodes)/pcmC0D0p \(nodes)/pcmC0D0c; sleep 0.3; touch \(nodes)/controlC0
            """
        }
        var unplug: String {
            """
            mv \(tree.system)/class/sound \(tree.system)/hidden/sound; mv \(tree.processes)/asound \(tree.processes)/hidden
            rm -r \(nodes)
            """
        }

        /// Runs a watch until the story has been told.
        func watch(_ options: String, during story: [String], end: String = "INT") throws -> Pipeline {
            let file = scratch.path("seen")
            // `seen N WORD`: until so many lines of what was told have the word; ten seconds at most.
            let seen = """
                seen() {
                    for i in $(seq 500); do [ "$(grep -cs -- "$2" \(file))" -ge $1 ] && return; sleep 0.02; done
                }
                """
            return try Pipeline.run(
                ["aup devices --watch \(options)", "tee \(file)"],
                during: ([seen] + story + ["kill -\(end) $(stage 1)"]).joined(separator: "\n"),
                environment: environment,
                seconds: 40)
        }
    }

    private static let microphone = "usb:b58e:9e84:797_2018%2F02%2F22_48721"

    private func objects(_ run: Pipeline) throws -> [[String: Any]] {
        try String(decoding: run.output, as: UTF8.self).split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    @Test func `a card that comes, goes and comes again is told each time, from before there is a folder for it`()
        throws
    {
        let host = try Host(isThere: false)
        let run = try host.watch(
            "--json",
            during: [
                "seen 1 watching", host.plug, "seen 1 '\"added\"'", host.unplug, "seen 1 '\"removed\"'", host.plug,
                "seen 2 '\"added\"'",
            ])
        #expect(run.statuses == [0, 0], "\(run.errors)")
        #expect(run.errors[0] == "")
        let told = try objects(run)
        let cards = told.filter { $0["kind"] as? String == "hardware" }
        #expect(cards.map { $0["event"] as? String } == ["added", "removed", "added"])
        #expect(cards.allSatisfy { $0["id"] as? String == Self.microphone })
        #expect(cards.allSatisfy { $0["name"] as? String == "hw:CARD=Microphone,DEV=0" })
        #expect(told.first { $0["event"] as? String == "watching" }?["nodes"] as? Bool == true)
        #expect(told.allSatisfy { ($0["time"] as? Double ?? 0) > 1_600_000_000 })
    }

    @Test func `for people it is a line, what is there first`() throws {
        let host = try Host(isThere: true)
        let run = try host.watch(
            "", during: ["seen 1 watching", host.unplug, "seen 1 removed"], end: "TERM")
        #expect(run.statuses == [0, 0], "\(run.errors)")
        let lines = String(decoding: run.output, as: UTF8.self).split(separator: "\n").map(String.init)
        let card = "\(Self.microphone)  microphone, headphones  Yeti Stereo Microphone  (hw:CARD=Microphone,DEV=0)"
        #expect(lines.first == "present  \(card)")
        #expect(lines.last == "removed  \(card)")
        #expect(lines.contains { $0.hasPrefix("watching ") && $0.contains("/dev/snd") })
    }

    @Test func `a sound server that listens, and one that is killed`() throws {
        let host = try Host(isThere: true)
        let socket = host.scratch.path("run/pulse/native")
        let server = """
            import socket, time
            s = socket.socket(socket.AF_UNIX); s.bind('\(socket)'); s.listen(); time.sleep(30)
            """
        let run = try host.watch(
            "--json",
            during: [
                "seen 1 watching", "python3 -c \"\(server)\" & server=$!", "seen 1 sound-server",
                // Its socket stays behind.
                "kill -9 $server", "seen 2 sound-server",
            ])
        #expect(run.statuses == [0, 0], "\(run.errors)")
        let told = try objects(run).filter { $0["kind"] as? String == "sound-server" }
        #expect(told.map { $0["event"] as? String } == ["added", "removed"])
        #expect(told.first?["socket"] as? String == socket)
        #expect(FileManager.default.fileExists(atPath: socket))
    }

    @Test func `a configuration that is written says where the default leads now`() throws {
        let host = try Host(isThere: true)
        let file = host.scratch.path("alsa.conf")
        let run = try host.watch(
            "--json",
            during: [
                "seen 1 watching",
                "echo 'pcm.hw { type hw card 0 device 0 } pcm.!default { type hw card 0 device 0 }' > \(file)",
                "seen 1 Microphone.*before\\|'\"default\",\"time'",
            ])
        #expect(run.statuses == [0, 0], "\(run.errors)")
        let told = try objects(run).filter { $0["event"] as? String == "default" }
        #expect(Set(told.map { $0["direction"] as? String }) == ["capture", "playback"])
        #expect(told.allSatisfy { $0["name"] as? String == Self.microphone && $0["before"] is NSNull })
    }

    @Test func `it ends with its time, and when nobody reads it`() throws {
        let host = try Host(isThere: true)
        let timed = try Pipeline.run(["aup devices --watch -d 200ms"], environment: host.environment)
        #expect(timed.statuses == [0])
        let lines = String(decoding: timed.output, as: UTF8.self).split(separator: "\n")
        #expect(lines.last?.hasPrefix("watching ") == true)
        let quiet = try Pipeline.run(["aup devices --watch -q -d 200ms"], environment: host.environment)
        #expect(quiet.statuses == [0] && quiet.output.isEmpty)
        let unread = try Pipeline.run(
            ["aup devices --watch", "head -n 1"], environment: host.environment, seconds: 20)
        #expect(unread.statuses == [0, 0])
        let alone = try Pipeline.run(["aup devices -d 1s"])
        #expect(alone.statuses == [64])
    }

    @Test func `a plug that is loose fills no log`() throws {
        let host = try Host(isThere: true)
        let run = try host.watch(
            "--json -q",
            during: [
                "sleep 0.5",
                // Fast enough that pauses are seen, slow enough that each is seen.
                "for i in $(seq 12); do \(host.unplug); sleep 0.3; \(host.plug); sleep 0.1; done", "sleep 1",
            ])
        #expect(run.statuses == [0, 0], "\(run.errors)")
        let told = try objects(run).filter { $0["kind"] as? String == "hardware" }
        #expect((8...14).contains(told.count), "\(told.count)")
        // An hour has at most 26 such lines.
        let longest = String(decoding: run.output, as: UTF8.self).split(separator: "\n").map(\.utf8.count).max() ?? 0
        #expect(longest * 26 < 10_000, "\(longest)")
    }
}
