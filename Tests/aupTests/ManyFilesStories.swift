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
