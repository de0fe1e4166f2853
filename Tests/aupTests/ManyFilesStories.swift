import Foundation
import TestSupport
import Testing

/// `aup encode` of several files at once, and of one file with several threads.
@Suite struct `Encoding many files` {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Files of a tone, in the folder of the test.
    private func tones(_ names: [String], frames: Int = 24_001) throws {
        for name in names {
            let run = try Pipeline.run([
                "aup capture -q -D 'sim:sine?pace=fast&rate=48000&channels=1' -f s16 -d \(frames)f -o '\(scratch.path(name))'"
            ])
            #expect(run.statuses == [0])
        }
    }

    private func here(_ words: String) -> String { "sh -c 'cd \"\(scratch.folder.path)\"; exec \(words)'" }

    private func run(_ words: String) throws -> Pipeline { try Pipeline.run([here(words)]) }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path).sorted() }
    }

    private func frames(_ name: String) throws -> Int? {
        let back = try Pipeline.run(["aup process -i '\(scratch.path(name))' -o - --as raw --json"])
        return try back.events("end", stage: 0).first?["frames"] as? Int
    }

    @Test func `each becomes its own, under its own name`() throws {
        try tones(["a 1.wav", "b.c.wav", "d.wav"])
        let done = try run("aup encode *.wav -o {stem}.opus")
        #expect(done.statuses == [0])
        #expect(done.errors == [""])
        #expect(try names == ["a 1.opus", "a 1.wav", "b.c.opus", "b.c.wav", "d.opus", "d.wav"])
        for name in ["a 1.opus", "b.c.opus", "d.opus"] { #expect(try frames(name) == 24_001) }
    }

    @Test func `a folder takes them, and is made where it is named with a slash`() throws {
        try tones(["a.wav", "b.wav"])
        #expect(try run("aup encode a.wav b.wav -o out/").statuses == [0])
        #expect(try run("aup encode a.wav b.wav -o out --codec flac").statuses == [0])
        #expect(try run("aup encode a.wav -o {dir}/out/{name}.opus").statuses == [0])
        let inside = try FileManager.default.contentsOfDirectory(atPath: scratch.path("out")).sorted()
        #expect(inside == ["a.flac", "a.opus", "a.wav.opus", "b.flac", "b.opus"])
    }

    @Test(arguments: [
        ("", "standard output"), ("-o x.opus", "{stem}"), ("-o {ext}.opus", "{stem}"),
        ("-o {name}", "one of the inputs"),
        ("-o {stem}{what}.opus", "{stem}, {name}, {ext} and {dir}"), ("-o {stem}.opus ./a.wav", "both become"),
        ("-o {stem}.opus -", "standard input"), ("-o {stem}.opus --jobs 0", "between 1 and 64"),
        ("-i c.wav -o {stem}.opus", "both name the input"),
    ])
    func `what cannot be is refused before anything is begun`(words: String, reason: String) throws {
        try tones(["a.wav", "b.wav"], frames: 10)
        let refused = try run("aup encode a.wav b.wav \(words)")
        #expect(refused.statuses == [64])
        #expect(refused.errors[0].contains(reason), "\(refused.errors[0])")
        #expect(try names == ["a.wav", "b.wav"])
    }

    @Test func `one that fails is named, and the others go on`() throws {
        try tones(["a.wav", "c.wav"])
        try Data((0..<4000).map { UInt8(truncatingIfNeeded: $0 * 7 + 3) }).write(
            to: URL(filePath: scratch.path("b.wav")))
        let done = try run("aup encode --jobs 1 a.wav b.wav gone.wav c.wav -o {stem}.opus")
        #expect(done.statuses == [1])
        let lines = done.errors[0].split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("aup encode: b.wav: "))
        #expect(lines[1].contains("gone.wav"))
        #expect(lines[2] == "aup encode: 2 of 4 files failed")
        #expect(try frames("c.opus") == 24_001)
    }

    @Test func `has an object for each and one for all`() throws {
        try tones(["a.wav", "b.wav"])
        let done = try run("aup encode a.wav b.wav -o {stem}.opus --json")
        let each = try done.events("encoded", stage: 0)
        #expect(Set(each.compactMap { $0["input"] as? String }) == ["a.wav", "b.wav"])
        #expect(each.allSatisfy { $0["exit"] as? Int == 0 })
        let ends = each.compactMap { ($0["reports"] as? [[String: Any]])?.last }
        #expect(ends.allSatisfy { $0["event"] as? String == "end" && $0["frames"] as? Int == 24_001 })
        let all = try #require(try done.events("files", stage: 0).first)
        #expect(all["finished"] as? Int == 2)
        #expect(all["failed"] as? Int == 0)
        #expect(all["frames"] as? Int == 48_002)
    }

    /// The inputs are FIFOs that nobody ends: all that is under way waits for them.
    @Test(arguments: ["INT", "KILL"]) func `all end with the one that was started, as whole files`(
        signal: String
    ) throws {
        try tones(["long.wav"], frames: 240_000)
        let done = try Pipeline.run(
            [here("aup encode a.wav b.wav c.wav -o {stem}.opus --jobs 2")],
            before: "( cd '\(scratch.folder.path)' && mkfifo a.wav b.wav )",
            during: """
                folder='\(scratch.folder.path)'
                exec 3<>"$folder/a.wav" 4<>"$folder/b.wav"
                head -c 60000 "$folder/long.wav" >&3
                head -c 60000 "$folder/long.wav" >&4
                kids=
                for turn in $(seq 200); do
                    kids=$(pgrep -P "$(stage 1)")
                    [ "$(echo "$kids" | wc -w)" = 2 ] && break
                    sleep 0.05
                done
                # Nothing is left in a pipe that was read.
                sleep 1
                kill -\(signal) "$(stage 1)"
                for turn in $(seq 200); do
                    left=0
                    for kid in $kids; do
                        [ -e /proc/$kid ] && ! grep -q 'State:.Z' /proc/$kid/status && left=1
                    done
                    [ $left = 0 ] && break
                    sleep 0.05
                done
                echo $left > "$folder/left"
                """)
        #expect(done.statuses == [signal == "INT" ? 0 : 137])
        #expect(try String(contentsOfFile: scratch.path("left"), encoding: .utf8) == "0\n")
        if signal == "INT" { #expect(done.errors[0].contains("stopped after 2 of 3 files")) }
        #expect(!(try names.contains("c.opus")))
        for name in ["a.opus", "b.opus"] { #expect(try frames(name) ?? 0 > 0) }
    }

    /// The second input is a FIFO that nobody ends before everything is seen.
    @Test func `tells how far it is when it is asked, and leaves the numbers of all`() throws {
        try tones(["a.wav"])
        let numbers = scratch.path("encode.prom")
        let done = try Pipeline.run(
            [
                here(
                    "aup encode a.wav b.wav gone.wav -o {stem}.opus --jobs 2 --json --stats=0.2 --prometheus encode.prom"
                )
            ],
            before: "( cd '\(scratch.folder.path)' && mkfifo b.wav )",
            during: """
                folder='\(scratch.folder.path)'
                exec 3<>"$folder/b.wav"
                for turn in $(seq 200); do
                    grep -q '^aup_batch_failed_files_total.* 1$' '\(numbers)' && break
                    sleep 0.05
                done
                kill -USR2 "$(stage 1)"
                sleep 0.3
                cat "$folder/a.wav" >&3
                exec 3>&-
                """)
        #expect(done.statuses == [1])
        let told = try done.events("status", stage: 0)
        #expect(told.contains { $0["finished"] as? Int == 1 && $0["failed"] as? Int == 1 && $0["files"] as? Int == 3 })
        // Not of the processes of single files.
        #expect(told.allSatisfy { $0["frames"] == nil })
        let end = try Exposition(try String(contentsOfFile: numbers, encoding: .utf8))
        let values = Dictionary(uniqueKeysWithValues: end.samples.map { ($0.name, $0.value) })
        #expect(values["aup_batch_files"] == 3)
        #expect(values["aup_batch_finished_files_total"] == 2)
        #expect(values["aup_batch_failed_files_total"] == 1)
    }

    @Test func `answers a signal that asks, also where nothing is to be told by itself`() throws {
        let done = try Pipeline.run(
            [here("aup encode a.wav b.wav -o {stem}.opus --jobs 1")],
            before: "( cd '\(scratch.folder.path)' && mkfifo a.wav b.wav )",
            during: """
                pid=$(stage 1)
                for turn in $(seq 200); do pgrep -P $pid > /dev/null && break; sleep 0.05; done
                kill -USR2 $pid
                for turn in $(seq 200); do grep -q 'of 2 files' errors.1 && break; sleep 0.05; done
                kill -INT $pid
                """)
        #expect(done.errors[0].contains("aup encode:   0 %  0 of 2 files\n"), "\(done.errors[0])")
    }

    @Test func `shows at a terminal how far it is`() throws {
        try tones(["a.wav", "b.wav"])
        let done = try Pipeline.run(
            [here("script -qec \"aup encode --jobs 1 a.wav b.wav -o out/\" /dev/null")])
        let text = String(decoding: done.output, as: UTF8.self)
        #expect(text.contains(#/aup encode +\d+ %  1 of 2 files  0:0\d left/#), "\(text)")
        #expect(text.hasSuffix("\r\u{1B}[K"))
    }

    @Test func `one file with two threads is one stream of the same length`() throws {
        try tones(["a.wav"], frames: 70 * 48_000 + 1)
        let done = try run("aup encode --jobs 2 a.wav -o a.opus --json --complexity 0")
        #expect(done.statuses == [0])
        #expect(try done.events("joined", stage: 0).count == 1)
        #expect(try frames("a.opus") == 70 * 48_000 + 1)
        guard ToolRun.find("opusinfo") != nil else { return }
        let info = try ToolRun("opusinfo", [scratch.path("a.opus")])
        #expect(info.status == 0)
        #expect(!info.output.contains("WARNING"))
    }

    @Test func `two threads keep rate and length of what they encode, and count in its frames`() throws {
        let count = 61 * 44_100 + 7
        let made = try run(
            "aup capture -q -D \"sim:sine?pace=fast&rate=44100&channels=1\" -f s16 -d \(count)f -o a.wav")
        #expect(made.statuses == [0])
        let narrow = try run("aup encode --jobs 2 -r 16000 a.wav -o a.opus --json --complexity 0")
        let again = try run("aup encode --jobs 2 a.opus -o b.opus --json --complexity 0")
        #expect(narrow.statuses + again.statuses == [0, 0])
        for (done, frames, rate) in [(narrow, count, 44_100), (again, 61 * 48_000 + 8, 48_000)] {
            #expect(try done.events("joined", stage: 0).count == 1)
            let end = try #require(try done.events("end", stage: 0).first)
            #expect(end["frames"] as? Int == frames)
            #expect(end["expected_frames"] as? Int == frames)
            #expect(end["rate"] as? Int == rate)
        }
        #expect(try run("aup encode b.opus -o b.wav").statuses == [0])
        let back = try #require(try run("aup process -i b.wav -o - --as raw --json").events("end", stage: 0).first)
        #expect(back["frames"] as? Int == count)
        #expect(back["rate"] as? Int == 44_100)
    }

    @Test func `what the file says about itself goes along`() throws {
        try tones(["a.wav"], frames: 48_000)
        let first = try run("aup encode a.wav -o a.flac --codec flac --tag TITLE=Rain")
        #expect(first.statuses == [0])
        #expect(try run("aup encode --jobs 2 a.flac -o a.opus").statuses == [0])
        // Keys are written as the input has them, in either case.
        let bytes = try Data(contentsOf: URL(filePath: scratch.path("a.opus")))
        #expect(bytes.range(of: Data("=Rain".utf8)) != nil)
    }

    @Test func `a pipe is encoded by one thread, which is told`() throws {
        let run = try Pipeline.run([
            "aup capture -q -D 'sim:sine?pace=fast' -d 48001f", "aup encode --jobs 2 -o '\(scratch.path("a.opus"))'",
        ])
        #expect(run.statuses == [0, 0])
        #expect(run.errors[1].contains("one job encodes it"))
        #expect(try frames("a.opus") == 48_001)
    }
}
