import Foundation
import TestSupport
import Testing

/// A recorder that nobody watches: devices that go, come late or lie, and who is told.
@Suite(.realTime, .serialized) struct `A recorder that watches its device` {
    private func end(_ run: Pipeline, _ stage: Int = 0) throws -> [String: Any] {
        try #require(try run.events("end", stage: stage).first, "stage \(stage) said: \(run.errors[stage])")
    }

    @Test func `three seconds without a device are one gap of that length, told once, and no failure`() throws {
        let run = try Pipeline.run([
            "aup capture -D 'sim:noise?unplug=1s&replug=4s' --reconnect=30s -d 6s --json",
            "aup process --as raw --json",
        ])
        #expect(run.statuses == [0, 0], "\(run.errors)")
        let gap = try #require(try run.events("gap", stage: 0).first)
        #expect(try run.events("gap", stage: 0).count == 1)
        #expect(try run.events("device-lost", stage: 0).count == 1)
        #expect(gap["cause"] as? String == "device")
        let lost = try #require(gap["frames"] as? Int)
        // It was away for three seconds, and an attempt comes within one more.
        #expect(lost >= 3 * 48_000 - 480)
        #expect(lost <= 5 * 48_000)
        let report = try end(run)
        #expect(report["frames"] as? Int == 6 * 48_000 - lost)
        #expect(try end(run, 1)["lost_frames"] as? Int == lost)
        #expect(run.output.count == 6 * 48_000 * 4)
        // File time is wall time: the session took as long as its sound, to within what starting takes.
        #expect(report["reconnects"] as? Int == 1)
    }

    @Test func `gaps stand in a file as silence, or are left out of it`() throws {
        let scratch = try Scratch()
        for (how, isFilled) in [("fill", true), ("mark", false)] {
            let path = scratch.path("\(how).wav")
            let run = try Pipeline.run([
                "aup capture -D 'sim:noise?unplug=0.5s&replug=1s' --reconnect -d 2s --gaps \(how) --json -o \(path)"
            ])
            #expect(run.statuses == [0], "\(run.errors)")
            let lost = try #require(try end(run)["lost_frames"] as? Int)
            #expect(lost > 0)
            let raw = try Pipeline.run(["aup process -i \(path) --as raw"])
            #expect(raw.output.count == 4 * (isFilled ? 96_000 : 96_000 - lost))
        }
    }

    @Test func `unplugged for good is exit 2 when its time is over`() throws {
        let scratch = try Scratch()
        let path = scratch.path("kept.wav")
        let run = try Pipeline.run(["aup capture -D 'sim:noise?unplug=1s' --reconnect=2s -d 60s --json -o \(path)"])
        #expect(run.statuses == [2])
        #expect((try end(run)["message"] as? String)?.contains("did not come back") == true)
        let frames = try #require(try end(run)["frames"] as? Int)
        let raw = try Pipeline.run(["aup process -i \(path) --as raw"])
        #expect(raw.statuses == [0])
        #expect(raw.output.count == frames * 4)
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `a card that is unplugged and plugged in again goes on in its time`() throws {
        let card = try VirtualCard()
        try card.addPCM("mic", ["formats": "S16_LE"])
        let control = try card.controlWords
        let run = try Pipeline.run(
            ["aup capture -D mic -r 48000 -c 2 -d 6s --reconnect=20s --json", "aup process --as raw --json"],
            during: "sounds; sleep 1; \(control) unplug; sleep 3; \(control) plug",
            environment: card.environment)
        #expect(run.statuses == [0, 0], "\(run.errors)")
        let lost = try #require(try run.events("gap", stage: 0).first?["frames"] as? Int)
        #expect(try run.events("gap", stage: 0).count == 1)
        #expect(try run.events("device-lost", stage: 0).count == 1)
        #expect(lost >= 3 * 48_000 - 4800)
        #expect(lost <= 5 * 48_000)
        #expect(run.output.count == 6 * 48_000 * 4)
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `a card that is not there yet is waited for in one line`() throws {
        let card = try VirtualCard()
        try card.addPCM("mic")
        try card.command("unplug")
        let control = try card.controlWords
        let run = try Pipeline.run(
            ["aup capture -D mic -r 48000 -c 2 -d 1s --wait-device", "cat"],
            during: "stage 1 > /dev/null; sleep 2; \(control) plug", environment: card.environment)
        #expect(run.statuses == [0, 0], "\(run.errors)")
        #expect(run.errors[0].split(separator: "\n").filter { $0.contains("waiting") }.count == 1)
        #expect(run.output.count > 48_000 * 4)
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `a name that is written while it is waited for is taken`() throws {
        let card = try VirtualCard()
        let home = try Scratch()
        // As alsa-lib's own configuration reads the user's, which is not there yet.
        try card.addDefinition("@hooks [ { func load files [ \"\(home.path(".asoundrc"))\" ] errors false } ]")
        try card.addPCM("board")
        let run = try Pipeline.run(
            ["aup capture -D late -r 48000 -c 2 -d 4800f --wait-device=20s --json", "cat"],
            during: """
                stage 2 > /dev/null; sleep 1
                echo 'pcm.late { type plug slave.pcm "board" }' > \(home.path("new")); mv \(home.path("new")) \(home.path(".asoundrc"))
                """,
            environment: card.environment.merging(["HOME": home.folder.path]) { $1 })
        #expect(run.statuses == [0, 0], "\(run.errors)")
        #expect(try run.events("waiting", stage: 0).count == 1)
        #expect(try end(run)["frames"] as? Int == 4800)
    }

    @Test func `a device that does not come is exit 2 when its time is over, and a signal ends the wait with 0`() throws
    {
        let late = try Pipeline.run(["aup capture -D hw:CARD=Nothing --wait-device=1s"])
        #expect(late.statuses == [2])
        #expect(late.errors[0].contains("in vain"))
        let scratch = try Scratch()
        let path = scratch.path("none.wav")
        let stopped = try Pipeline.run(
            ["aup capture -D hw:CARD=Nothing --wait-device -o \(path)"],
            during: "stage 1 > /dev/null; sleep 1; kill -TERM $(stage 1)")
        #expect(stopped.statuses == [0])
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `a card whose position stands still is told, and ends the session where that was asked`() throws {
        let card = try VirtualCard()
        try card.addPCM("mic")
        let control = try card.controlWords
        let run = try Pipeline.run(
            ["aup capture -D mic -r 48000 -c 2 -d 60s --exit-on frozen --json", "cat"],
            during: "sounds; sleep 1; \(control) stall", environment: card.environment)
        #expect(run.statuses == [2, 0], "\(run.errors)")
        #expect(try run.events("frozen", stage: 0).count == 1)
    }

    @Test func `zeros and a stuck signal are told, and are exit 4 where that was asked`() throws {
        // Ten milliseconds of the sine are ten whole waves, so each period is the same.
        for (device, alarm, option) in [
            ("sim:silence", "silence", "--silence-alarm 1s --period 10ms"),
            ("sim:sine", "stuck", "--stuck-alarm 1s --period 10ms"),
        ] {
            let told = try Pipeline.run(["aup capture -D '\(device)?pace=fast' \(option) -d 3s --json", "cat"])
            #expect(told.statuses == [0, 0])
            #expect(try told.events(alarm, stage: 0).count == 1)
            let ended = try Pipeline.run([
                "aup capture -D '\(device)?pace=fast' \(option) --exit-on \(alarm) -d 3s", "aup process --as raw",
            ])
            #expect(ended.statuses == [4, 3], "\(ended.errors)")
            #expect(ended.errors[0].contains("--exit-on \(alarm)"))
        }
        let well = try Pipeline.run([
            "aup capture -D 'sim:noise?pace=fast' --exit-on silence,stuck -d 60s --silence-alarm 1s --stuck-alarm 1s",
            "cat",
        ])
        #expect(well.statuses == [0, 0])
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `a card that stops at every start and moves no frame between is lost, one that moves is not`() throws {
        for isStill in [true, false] {
            let card = try VirtualCard()
            try card.addPCM("mic")
            let control = try card.controlWords
            let run = try Pipeline.run(
                ["aup capture -D mic -r 48000 -c 2 -d \(isStill ? 60 : 8)s --json", "cat"],
                during: """
                    stage 2 > /dev/null; mic=$(stage 1); sleep 1; \(isStill ? "\(control) stall" : ":")
                    while kill -0 $mic; do \(control) xrun c; sleep 0.1; done
                    """, environment: card.environment)
            let end = try end(run)
            let xruns = try #require(end["xruns"] as? Int)
            if isStill {
                #expect(run.statuses == [2, 0], "\(run.errors)")
                // Sixteen were answered, the next one ended it.
                #expect(xruns == 16)
                #expect((end["message"] as? String)?.contains("stopped again at every start") == true)
            } else {
                #expect(run.statuses == [0, 0], "\(run.errors)")
                #expect(xruns > 16)
            }
        }
    }
    @Test(.enabled(if: VirtualCard.isAvailable))
    func `a card that can be opened again and delivers nothing is not back`() throws {
        let card = try VirtualCard()
        try card.addPCM("mic")
        let control = try card.controlWords
        let run = try Pipeline.run(
            ["aup capture -D mic -r 48000 -c 2 -d 60s --reconnect=7s --json", "cat"],
            during: "sounds; sleep 1; \(control) stall", environment: card.environment)
        #expect(run.statuses == [2, 0], "\(run.errors)")
        #expect(try run.events("device-lost", stage: 0).count == 1)
        #expect(try run.events("device-back", stage: 0).isEmpty)
        #expect((try end(run)["message"] as? String)?.contains("did not come back") == true)
        // Nor does it keep a recording from its end.
        try card.command("go")
        let timed = try Pipeline.run(
            ["aup capture -D mic -r 48000 -c 2 -d 8s --reconnect --json", "aup process --as raw"],
            during: "sounds; sleep 1; \(control) stall", environment: card.environment)
        #expect(timed.statuses == [0, 0], "\(timed.errors)")
        let (report, gap) = (try end(timed), try #require(try timed.events("gap", stage: 0).first))
        #expect(report["lost_frames"] as? Int == gap["frames"] as? Int)
        #expect(timed.output.count == 8 * 48_000 * 2 * 4)
    }

    @Test(.enabled(if: VirtualCard.isAvailable))
    func `a card that opens and delivers nothing is told, and ends the session where that was asked`() throws {
        let card = try VirtualCard()
        try card.addPCM("mic")
        try card.command("stall")
        let run = try Pipeline.run(
            ["aup capture -D mic -r 48000 -c 2 -d 60s --exit-on no-frames --json", "cat"],
            environment: card.environment)
        #expect(run.statuses == [2, 0], "\(run.errors)")
        #expect(try run.events("no-frames", stage: 0).count == 1)
    }
}
