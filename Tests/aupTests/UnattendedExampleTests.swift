import Foundation
import TestSupport
import Testing

/// The examples for machines that nobody watches: their own words run, with other devices, folders and times.
@Suite(.realTime, .serialized) struct `Unattended examples` {
    private static let folder = Repository.root.appending(path: "examples/unattended")
    /// A minute of sound in a moment.
    private static let fast = "sim:noise?pace=fast&rate=8000&channels=1"

    private func path(_ name: String) -> String { Self.folder.appending(path: name).path }

    private func text(_ name: String) throws -> String { try Repository.text("examples/unattended/\(name)") }

    private func names(_ scratch: Scratch, _ suffix: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: scratch.folder.path).filter { $0.hasSuffix(suffix) }
            .sorted()
    }

    private func sidecars(_ scratch: Scratch) throws -> [[String: Any]] {
        try names(scratch, ".flac.json").map { name in
            let data = try Data(contentsOf: scratch.folder.appending(path: name))
            return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        }.sorted { ($0["position"] as? Int ?? 0) < ($1["position"] as? Int ?? 0) }
    }

    /// Every file is whole: the frames that a decoder finds are the frames its sidecar says.
    private func checkSound(_ sidecars: [[String: Any]]) throws {
        for sidecar in sidecars {
            let path = try #require(sidecar["path"] as? String)
            let run = try ToolRun("soxi", ["-s", path])
            #expect(run.output == "\(sidecar["frames"] as? Int ?? -1)\n", "\(path): \(run.errors)")
        }
    }

    private func assignments(_ settings: [String: String]) -> String {
        settings.map { "\($0.key)=\(quoted($0.value))" }.sorted().joined(separator: " ")
    }

    /// A word for a shell.
    private func quoted(_ word: String) -> String { "'\(word.replacing("'", with: "'\\''"))'" }

    // MARK: - Scripts

    @Test func `every script is short and says what it is for`() throws {
        let all = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(all.count == 7)
        for name in all {
            let lines = try text(name).split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.first { $0.hasPrefix("# For ") } != nil, "\(name)")
            guard name.hasSuffix(".sh") else { continue }
            #expect(lines.count <= 26, "\(name)")
            #expect(FileManager.default.isExecutableFile(atPath: path(name)), "\(name)")
        }
    }

    /// Half a minute of the radio logger, a file for each second, all of them kept for so long.
    private func log(_ scratch: Scratch, keep: String) throws -> [String: Any] {
        let settings = [
            "DEVICE": Self.fast, "FOLDER": scratch.folder.path, "SPLIT": "1s", "KEEP": keep, "MIN_FREE": "1M",
        ]
        let run = try Pipeline.run(["env \(assignments(settings)) '\(path("radio-logger.sh"))' -d 30s --json"])
        #expect(run.statuses == [0], "\(run.errors)")
        return try #require(try run.events("end", stage: 0).first)
    }

    @Test(.enabled(if: ToolRun.find("soxi") != nil, "sox is not installed"))
    func `a radio logger: files on the second, each with a sidecar and a digest that was checked`() throws {
        let scratch = try Scratch()
        let end = try log(scratch, keep: "1h")
        let files = try sidecars(scratch)
        #expect((30...31).contains(files.count))
        #expect(end["hooks"] as? Int == files.count)
        #expect(end["failed_hooks"] as? Int == 0)
        #expect(files.reduce(0) { $0 + ($1["frames"] as? Int ?? 0) } == 240_000)
        #expect(files.dropFirst().dropLast().allSatisfy { $0["frames"] as? Int == 8000 })
        for file in files.dropFirst() {
            // To the nearest frame: 125 microseconds.
            let start = try #require(file["start_ns"] as? Int)
            #expect(abs((start + 500_000_000) % 1_000_000_000 - 500_000_000) <= 125_000)
        }
        try checkSound(files)
        let list = try String(contentsOfFile: scratch.path("checked.txt"), encoding: .utf8).split(separator: "\n")
        let said = files.map { "\($0["sha256"] as? String ?? "")  \($0["path"] as? String ?? "")" }
        #expect(list.map(String.init) == said)
    }

    @Test func `a radio logger: what is older than it is to be goes with its sidecar`() throws {
        let scratch = try Scratch()
        let end = try log(scratch, keep: "10s")
        let kept = try sidecars(scratch)
        // What ended within ten seconds before the newest did, and the newest itself.
        #expect((11...12).contains(kept.count))
        #expect(try names(scratch, ".flac").count == kept.count)
        let made = try #require(end["files"] as? Int)
        #expect(end["removed_files"] as? Int == made - kept.count)
        #expect(kept.map { $0["number"] as? Int } == (made - kept.count + 1...made).map { $0 })
    }

    @Test func `a radio logger: a microphone that is away is a gap, and a second logger does not record`() throws {
        let scratch = try Scratch()
        let settings = [
            "DEVICE": "sim:noise?rate=8000&channels=1&unplug=1s&replug=2s", "FOLDER": scratch.folder.path,
            "SPLIT": "1s", "MIN_FREE": "1M",
        ]
        let second = scratch.path("second")
        let command = "env \(assignments(settings)) '\(path("radio-logger.sh"))' -d 4s --json"
        let run = try Pipeline.run(
            [command],
            during:
                "stage 1 > /dev/null; timeout 20 sh -c \"until [ -s '\(scratch.path("lock"))' ]; do sleep 0.05; done\"; "
                + "\(command) 2> '\(second)'; echo $? >> '\(second)'")
        #expect(run.statuses == [0], "\(run.errors)")
        let end = try #require(try run.events("end", stage: 0).first)
        let lost = try #require(end["lost_frames"] as? Int)
        #expect(lost > 0)
        #expect(end["reconnects"] as? Int == 1)
        let files = try sidecars(scratch)
        #expect(files.reduce(0) { $0 + ($1["frames"] as? Int ?? 0) } == 32_000)
        #expect(files.reduce(0) { $0 + ($1["lost_frames"] as? Int ?? 0) } == lost)
        let causes = files.flatMap { $0["gaps"] as? [[String: Any]] ?? [] }.map { $0["cause"] as? String }
        #expect(causes.contains("device"))
        let words = try String(contentsOfFile: second, encoding: .utf8)
        #expect(words.contains("is held by aup capture"))
        #expect(words.hasSuffix("\n1\n"))
    }

    @Test func `the check of a file that is not what was recorded fails`() throws {
        let scratch = try Scratch()
        let file = scratch.path("a.flac")
        try Data("sound".utf8).write(to: URL(filePath: file))
        let sum = try ToolRun("sha256sum", [file]).output.prefix(64)
        let call = "'\(path("check.sh"))' '\(scratch.path("list"))'"
        let right = try Pipeline.run(["env AUP_FILE='\(file)' AUP_SHA256=\(sum) \(call)"])
        #expect(right.statuses == [0], "\(right.errors)")
        let wrong = try Pipeline.run(["env AUP_FILE='\(file)' AUP_SHA256=0\(sum.dropFirst()) \(call)"])
        #expect(wrong.statuses == [1])
        #expect(try String(contentsOfFile: scratch.path("list"), encoding: .utf8) == "\(sum)  \(file)\n")
    }

    @Test(.enabled(if: ToolRun.find("soxi") != nil, "sox is not installed"))
    func `a bird station: each song is a file with the sound before it, and a line in the table`() throws {
        let scratch = try Scratch()
        // One impulse a second; a song is that, the half second before it and the fifth after.
        let settings = [
            "DEVICE": "sim:impulse?pace=fast&level=0&channels=1", "FOLDER": scratch.folder.path, "START": "now",
            "STOP": "+1h", "LEVEL": "-6dB", "PRE_ROLL": "0.5s", "HANG": "0.2s", "MIN_FREE": "1M",
        ]
        let run = try Pipeline.run(
            ["env \(assignments(settings)) '\(path("bird-station.sh"))' -d 10s --json"])
        #expect(run.statuses == [0], "\(run.errors)")
        let songs = try sidecars(scratch)
        #expect((10...11).contains(songs.count))
        try checkSound(songs)
        // The first may lack what was before the start, and the last what came after the end.
        for song in songs.dropFirst().dropLast() {
            #expect(song["frames"] as? Int == 24_000 + 1 + 9600)
        }
        #expect(try names(scratch, ".part").isEmpty)
        let table = try String(contentsOfFile: scratch.path("list.tsv"), encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: "\t").map(String.init) }
        #expect(table.map(\.last) == songs.map { $0["path"] as? String })
        #expect(table.map(\.first) == songs.map { $0["start"] as? String })
        #expect(table.allSatisfy { $0[2] == "0" })
    }

    // MARK: - cron

    private struct Crontab {
        var settings: [String: String] = [:]
        var times: [String] = []
        var command = ""
    }

    /// As crontab(5) has it: settings, five fields, and a command whose % ends it unless a backslash is before it.
    private func crontab() throws -> Crontab {
        var table = Crontab()
        for line in try text("crontab").split(separator: "\n") where !line.hasPrefix("#") {
            if let setting = line.wholeMatch(of: /([A-Z]+)=(.*)/) {
                table.settings[String(setting.1)] = String(setting.2)
                continue
            }
            let fields = line.split(separator: " ", maxSplits: 5).map(String.init)
            try #require(fields.count == 6 && table.times.isEmpty)
            table.times = Array(fields.prefix(5))
            table.command = fields[5].trimmingCharacters(in: .whitespaces)
        }
        return table
    }

    @Test func `the crontab has five fields, and no percent sign ends its command`() throws {
        let table = try crontab()
        let ranges = [0...59, 0...23, 1...31, 1...12, 0...7]
        for (field, range) in zip(table.times, ranges) {
            let numbers = field.split(separator: "-").compactMap { Int($0) }
            #expect(field == "*" || (!numbers.isEmpty && numbers.allSatisfy(range.contains)), "\(field)")
        }
        #expect(table.command.firstRange(of: /[^\\]%/) == nil)
        #expect(table.command.contains("\\%F"))
        #expect(try text("crontab").hasSuffix("\n"))
        // Elsewhere than at Debian's cron -n is something else.
        guard ToolRun.find("crontab") != nil, try ToolRun("crontab", ["-h"]).errors.contains("dry run") else { return }
        let run = try ToolRun("crontab", ["-n", path("crontab")])
        #expect(run.status == 0, "\(run.errors)")
    }

    @Test(.enabled(if: ToolRun.find("soxi") != nil, "sox is not installed"))
    func `the crontab's command records its window and prints nothing`() throws {
        let scratch = try Scratch()
        let table = try crontab()
        let script = scratch.path("command")
        try table.command.replacing("\\%", with: "%").write(toFile: script, atomically: true, encoding: .utf8)
        let mine = [
            "DEVICE": "sim:noise?rate=8000&channels=1", "FOLDER": scratch.folder.path, "START": "+3s", "STOP": "+2s",
        ]
        // Nothing of a login's environment, and cron's working folder is the home.
        let settings = table.settings.filter { $0.key != "PATH" }.merging(mine) { $1 }
        let run = try Pipeline.run(
            [
                "sh -c 'exec env -i PATH=\"$PATH\" HOME=/ ALSA_CONFIG_PATH=/dev/null \"$@\"' - \(assignments(settings)) sh \(script)"
            ]
        )
        #expect(run.statuses == [0], "\(run.errors)")
        // cron mails what is printed: nothing, unless this machine is too slow or allows no real time.
        #expect(run.output.isEmpty)
        let mail = run.errors[0].split(separator: "\n").filter { !$0.contains("lost") && !$0.contains("real-time") }
        #expect(mail.isEmpty, "\(mail)")
        let files = try sidecars(scratch)
        try #require(files.count == 1)
        // The device counts time with a clock of its own: ten milliseconds.
        #expect(abs((files[0]["frames"] as? Int ?? 0) - 16_000) <= 80)
        try checkSound(files)
        #expect(files[0]["recipe"] as? String == "\(scratch.folder.path)/%F/%H%M.flac")
        // The name shows the minute of the first frame, in local time.
        let start = try #require(files[0]["start_ns"] as? Int)
        var moment = time_t(start / 1_000_000_000)
        var fields = unsafe tm()
        unsafe localtime_r(&moment, &fields)
        let name = unsafe String(format: "%02d%02d.flac", fields.tm_hour, fields.tm_min)
        #expect((files[0]["path"] as? String)?.hasSuffix("/" + name) == true)
    }

    // MARK: - systemd

    private struct Unit {
        var settings: [String: [String]] = [:]

        /// Sections do not matter here; a backslash at the end goes on with the next line (systemd.syntax(7)).
        init(_ text: String) {
            for line in text.replacing("\\\n", with: " ").split(separator: "\n") where !line.hasPrefix("#") {
                guard let sign = line.firstIndex(of: "="), !line.hasPrefix("[") else { continue }
                settings[String(line[..<sign]), default: []].append(String(line[line.index(after: sign)...]))
            }
        }

        subscript(key: String) -> String { settings[key]?.last ?? "" }

        /// The variables of `Environment=`.
        var environment: [String: String] {
            let pairs = self["Environment"].split(separator: " ").map { $0.split(separator: "=", maxSplits: 1) }
            return Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), String($0[1])) })
        }

        /// The words of `ExecStart=`: specifiers first, then the variables (systemd.service(5), "Command lines").
        func words(_ environment: [String: String]) throws -> [String] {
            try self["ExecStart"].split(separator: " ").map { word -> String in
                let percent = String(word).replacing("%%", with: "\u{0}")
                try #require(!percent.contains("%"), "a specifier that this test does not know")
                let plain = environment.reduce(percent) { text, pair in
                    text.replacing("${\(pair.key)}", with: pair.value)
                }
                return plain.replacing("\u{0}", with: "%")
            }
        }
    }

    /// Runs the unit's command as systemd would, with a socket that listens like systemd's.
    private func serve(
        _ scratch: Scratch, _ mine: [String: String], during: String = ""
    ) throws -> (run: Pipeline, heard: [String]) {
        let unit = Unit(try text("aup-recorder.service"))
        let settings = unit.environment.merging(mine) { $1 }
        #expect(Set(mine.keys).isSubset(of: Set(unit.environment.keys)))
        let words = try unit.words(settings)
        #expect(words.first == "/usr/local/bin/aup")
        let seconds = try #require(Int(unit["WatchdogSec"]))
        let listener = scratch.path("listen.py")
        try ServiceListener.program.write(toFile: listener, atomically: true, encoding: .utf8)
        let socket = scratch.path("notify")
        let heard = scratch.path("heard")
        // The unit's own half minute would be fed twice in this test, so time goes twenty times as fast.
        let watchdog = seconds * 1_000_000 / 20
        let run = try Pipeline.run(
            [
                "env NOTIFY_SOCKET='\(socket)' WATCHDOG_USEC=\(watchdog) aup \(words.dropFirst().map(quoted).joined(separator: " "))"
            ],
            before: "python3 \(listener) '\(socket)' > '\(heard)' & while [ ! -s '\(heard)' ]; do sleep 0.05; done",
            during: during, environment: settings)
        let lines = try String(contentsOfFile: heard, encoding: .utf8).split(separator: "\n").dropFirst()
        return (run, lines.map(String.init))
    }

    @Test(
        .enabled(if: ToolRun.find("python3") != nil && ToolRun.find("soxi") != nil, "python3 or sox is not installed"))
    func `the service is ready, alive and stopping, and keeps what it is asked to keep`() throws {
        let scratch = try Scratch()
        let (run, heard) = try serve(
            scratch,
            [
                "DEVICE": "sim:noise?rate=8000&channels=1", "FOLDER": scratch.folder.path, "START": "now",
                "STOP": "+5s", "SPLIT": "1s", "KEEP": "2s",
            ])
        #expect(run.statuses == [0], "\(run.errors)")
        #expect(heard.filter { $0.contains("READY=1") }.count == 1)
        let ready = try #require(heard.firstIndex { $0.contains("READY=1") })
        let fed = heard[ready...].filter { $0.contains("WATCHDOG=1") }.count
        #expect(fed >= 3)
        #expect(heard.last?.contains("STOPPING=1") == true)
        let kept = try sidecars(scratch)
        // Those that end within two seconds before the last one does.
        #expect((3...4).contains(kept.count))
        #expect((kept.last?["number"] as? Int ?? 0) >= 4)
        for (before, after) in zip(kept, kept.dropFirst()) {
            let end = (before["position"] as? Int ?? 0) + (before["frames"] as? Int ?? 0)
            #expect(after["position"] as? Int == end)
        }
        try checkSound(kept)
        #expect(try names(scratch, ".part").isEmpty)
    }

    @Test(.enabled(if: ToolRun.find("python3") != nil, "python3 is not installed"))
    func `the service waits for its hour without being taken for dead, and ends with 0 when it is told to`() throws {
        let scratch = try Scratch()
        let (run, heard) = try serve(
            scratch,
            ["DEVICE": "sim:noise", "FOLDER": scratch.folder.path, "START": "+10h", "STOP": "+1h"],
            during:
                "p=$(stage 1); for word in EXTEND WATCHDOG; do timeout 15 sh -c \"until grep -q $word "
                + "'\(scratch.path("heard"))'; do sleep 0.1; done\"; done; kill -TERM $p")
        #expect(run.statuses == [0], "\(run.errors)")
        #expect(!heard.contains { $0.contains("READY=1") })
        #expect(heard.contains { $0.contains("EXTEND_TIMEOUT_USEC=") })
        #expect(heard.contains { $0.contains("WATCHDOG=1") })
        #expect(heard.last?.contains("STOPPING=1") == true)
        #expect(try names(scratch, ".flac").isEmpty)
    }

    @Test(.enabled(if: ToolRun.find("python3") != nil, "python3 is not installed"))
    func `a fault of the device restarts the service, a mistake in its line does not`() throws {
        let unit = Unit(try text("aup-recorder.service"))
        #expect(unit["Restart"] == "on-failure")
        let final = (unit["RestartPreventExitStatus"] + " " + unit["SuccessExitStatus"]).split(separator: " ")
        let scratch = try Scratch()
        // Ten milliseconds of the sine are ten whole waves, so each period is the same.
        let (stuck, _) = try serve(
            scratch,
            ["DEVICE": "sim:sine", "FOLDER": scratch.folder.path, "START": "now", "STOP": "+30s", "ALARM": "1s"])
        #expect(stuck.statuses == [4], "\(stuck.errors)")
        #expect(!final.contains("4"))
        #expect(try names(scratch, ".flac").count >= 1)
        let words = try unit.words(unit.environment.merging(["START": "soon"]) { $1 }).dropFirst()
        let wrong = try Pipeline.run(["aup \(words.map(quoted).joined(separator: " "))"])
        #expect(wrong.statuses == [64])
        #expect(unit["RestartPreventExitStatus"] == "64")
    }

    @Test(
        .enabled(
            if: ToolRun.find("systemd-analyze") != nil && ToolRun.find("man") != nil, "systemd or man is not installed")
    )
    func `systemd finds nothing to say about the units`() throws {
        let scratch = try Scratch()
        let unit = try text("aup-recorder.service").replacing("/usr/local/bin/aup", with: Pipeline.aup)
        try unit.write(toFile: scratch.path("aup-recorder.service"), atomically: true, encoding: .utf8)
        try text("aup-recorder.timer")
            .write(toFile: scratch.path("aup-recorder.timer"), atomically: true, encoding: .utf8)
        let manual = scratch.folder.appending(path: "man/man1")
        try FileManager.default.createDirectory(at: manual, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: Repository.root.appending(path: "man/aup-capture.1"), to: manual.appending(path: "aup-capture.1"))
        let run = try Pipeline.run(
            [
                "env MANPATH='\(scratch.path("man"))' systemd-analyze verify '\(scratch.path("aup-recorder.service"))' "
                    + "'\(scratch.path("aup-recorder.timer"))'"
            ])
        #expect(run.statuses == [0], "\(run.errors)")
        // Of other units on this machine it may have its own opinion.
        #expect(!run.errors[0].contains("aup-recorder"), "\(run.errors)")
    }
}
