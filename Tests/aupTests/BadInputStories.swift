import Foundation
import TestSupport
import Testing

/// Bad input gets one clear line, the right exit code, and nothing is written.
@Suite struct `Bad input` {
    private func expectOneLine(_ text: String, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation) {
        let lines = text.split(separator: "\n")
        #expect(lines.count == 1, "one line, not: \(text)", sourceLocation: sourceLocation)
        for word in words {
            #expect(text.contains(word), "'\(word)' is missing in: \(text)", sourceLocation: sourceLocation)
        }
    }

    @Test func `junk on standard input is refused with what was seen`() throws {
        let run = try Pipeline.run([
            "printf 'this is no sound at all, only words and more words'", "aup play -D sim:null",
        ])
        #expect(run.statuses == [0, 1])
        expectOneLine(run.errors[1], "standard input", "this is no sound", "--raw")
    }

    @Test func `random bytes are refused by every filter`() throws {
        for command in ["play -D sim:null", "process", "process gain"] {
            let run = try Pipeline.run(["head -c 100000 /dev/urandom", "aup \(command)"])
            #expect(run.statuses.last == 1)
            #expect(run.output.isEmpty)
            #expect(run.errors[1].split(separator: "\n").count == 1)
        }
    }

    @Test func `an empty input is an upstream that failed`() throws {
        let run = try Pipeline.run(["true", "aup play -D sim:null"])
        #expect(run.statuses == [0, 3])
        expectOneLine(run.errors[1], "empty", "before")
    }

    @Test func `a truncated stream keeps what came and says so at every offset`() throws {
        let scratch = try Scratch()
        let whole = try Pipeline.run(["aup capture -D 'sim:noise?pace=fast' -d 960f"]).output
        let offsets = Array(stride(from: 1, to: 140, by: 7)) + [whole.count / 2, whole.count - 49, whole.count - 1]
        for offset in offsets {
            let path = scratch.path("cut")
            try whole.prefix(offset).write(to: URL(filePath: path))
            let run = try Pipeline.run(["aup process --as raw"], input: path)
            let expected = offset < 4 ? 1 : 3
            #expect(run.statuses == [expected], "cut at byte \(offset): \(run.errors[0])")
            #expect(run.errors[0].split(separator: "\n").count == 1)
            #expect(run.output.count % 4 == 0)
        }
    }

    @Test func `absurd sizes in a header are refused before memory is taken`() throws {
        let scratch = try Scratch()
        let whole = try Pipeline.run(["aup capture -D 'sim:noise?pace=fast' -d 960f"]).output
        for (offset, bytes) in [(8, [0xFF, 0xFF, 0xFF, 0x7F]), (16, [0xFF, 0xFF, 0xFF, 0xFF]), (4, [0xEE])] {
            var broken = whole
            for (index, byte) in bytes.enumerated() { broken[offset + index] = UInt8(byte) }
            let path = scratch.path("absurd")
            try broken.write(to: URL(filePath: path))
            let run = try Pipeline.run(["aup process --as raw"], input: path)
            #expect(run.statuses == [1])
            #expect(run.output.isEmpty)
            expectOneLine(run.errors[0], "W-")
        }
    }

    @Test func `a WAV header that promises too much is an upstream that was cut off`() throws {
        let scratch = try Scratch()
        let path = scratch.path("cut.wav")
        _ = try Pipeline.run(["aup capture -D 'sim:noise?pace=fast' -d 4800f -o \(path)"])
        let whole = try Data(contentsOf: URL(filePath: path))
        try whole.prefix(whole.count - 400).write(to: URL(filePath: scratch.path("short.wav")))
        let run = try Pipeline.run(["aup process --as raw"], input: scratch.path("short.wav"))
        #expect(run.statuses == [3])
        #expect(run.output.count == (4800 - 100) * 4)
        expectOneLine(run.errors[0], "cut off", "400")
    }

    @Test(arguments: ["opus", "ogg", "aiff"])
    func `half a file is an upstream that was cut off, and as a pipe too`(container: String) throws {
        let scratch = try Scratch()
        let (path, half) = (scratch.path("a.\(container)"), scratch.path("b.\(container)"))
        let made = try Pipeline.run(["aup capture -D 'sim:noise?pace=fast' -d 4s", "aup encode -o \(path)"])
        #expect(made.statuses == [0, 0], "\(made.errors)")
        let whole = try Data(contentsOf: URL(filePath: path))
        try whole.prefix(whole.count / 2).write(to: URL(filePath: half))
        for words in ["aup meter \(half)", "aup encode -i \(half) -o \(scratch.path("c.wav"))"] {
            let run = try Pipeline.run([words])
            #expect(run.statuses == [3], "\(words): \(run.errors)")
            #expect(run.errors[0].contains("b.\(container) was cut off: it"), "\(run.errors)")
        }
        let piped = try Pipeline.run(["cat \(half)", "aup process -o \(scratch.path("d.wav"))"])
        #expect(piped.statuses == [0, 3] && piped.errors[1].contains("was cut off"), "\(piped.errors)")
    }

    @Test func `Ogg that was cut off in its header is called what it is`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.opus")
        try Data(Array("OggS".utf8) + [0, 2] + [UInt8](repeating: 0, count: 14)).write(to: URL(filePath: path))
        for words in ["aup meter \(path)", "aup process -i \(path) -o \(scratch.path("b.wav"))"] {
            let run = try Pipeline.run([words])
            #expect(run.statuses == [1])
            expectOneLine(run.errors[0], "Ogg header ends too early, at byte 20", "cut off")
        }
    }

    @Test func `an unknown device names the remedy`() throws {
        let run = try Pipeline.run(["aup capture -D hw:CARD=Nothing"])
        #expect(run.statuses == [2])
        #expect(run.output.isEmpty)
        expectOneLine(run.errors[0], "hw:CARD=Nothing", "aup devices")
    }

    @Test func `no device at all leads to the simulated ones`() throws {
        let run = try Pipeline.run(["aup capture"], environment: ["ALSA_CONFIG_PATH": "/usr/share/alsa/alsa.conf"])
        // Where the machine has a card this captures; then there is nothing to see here.
        guard run.statuses != [0] else { return }
        #expect(run.statuses == [2])
        expectOneLine(run.errors[0], "sim:")
    }

    @Test func `an unknown simulation lists the known ones`() throws {
        let run = try Pipeline.run(["aup capture -D sim:sinus"])
        #expect(run.statuses == [2])
        expectOneLine(run.errors[0], "sine")
        let option = try Pipeline.run(["aup capture -D 'sim:sine?frequenzy=3'"])
        #expect(option.statuses == [2])
        expectOneLine(option.errors[0], "frequenzy", "freq")
    }

    @Test func `usage mistakes end with 64 and say how it goes`() throws {
        for (words, expected) in [
            ("capture -f s17", "s17"), ("capture -r 48.5", "48.5"), ("capture -c 65", "65"),
            ("capture -d soon", "soon"), ("process --raw -f s16", "--raw needs"), ("frobnicate", "frobnicate"),
            ("play -D sim:null -o alsa:x x.wav", "-D and -o"), ("capture -o x.mp4 -D sim:sine", ".wav"),
            ("capture --latency 1us", "0.5ms"), ("process gain=3", "before any plugin"),
            ("capture -i unix:/tmp/x", "unix:"),
        ] {
            let run = try Pipeline.run(["aup \(words)"])
            #expect(run.statuses == [64], "aup \(words): \(run.errors[0])")
            #expect(run.errors[0].contains(expected), "aup \(words): \(run.errors[0])")
            #expect(run.output.isEmpty)
        }
    }

    @Test func `mistakes in a chain are told before any sound is waited for`() throws {
        for (words, status, expected) in [
            ("process nosuchplugin", 1, "nosuchplugin"), ("process gain gian=3", 1, "gian"),
            ("process gain gain=99", 1, "24"), ("process gain gain=loud", 1, "loud"),
            ("process gain gain=3Hz", 1, "Hz"), ("process /etc/passwd", 1, "/etc/passwd"),
        ] {
            let run = try Pipeline.run(["sleep 2", "aup \(words)"], seconds: 30)
            #expect(run.statuses.last == status, "aup \(words): \(run.errors[1])")
            expectOneLine(run.errors[1], expected)
        }
    }

    @Test func `a file that cannot be written is told before any sound is taken`() throws {
        let run = try Pipeline.run(["aup capture -D sim:sine -d 1s -o /nowhere/at/all.wav"])
        #expect(run.statuses == [1])
        expectOneLine(run.errors[0], "/nowhere/at/all.wav")
    }

    @Test func `closed standard descriptors are named, and nothing else is taken for them`() throws {
        let closedOutput = try Pipeline.run(["sh -c 'aup capture -D sim:sine -d 1s >&-'"])
        #expect(closedOutput.statuses == [1])
        expectOneLine(closedOutput.errors[0], "standard output", "closed")
        let closedInput = try Pipeline.run(["sh -c 'aup play -D sim:null <&-'"], seconds: 20)
        #expect(closedInput.statuses == [1])
        expectOneLine(closedInput.errors[0], "standard input", "closed")
        let closedErrors = try Pipeline.run(["sh -c 'aup capture -D sim:sinus 2>&-'"])
        #expect(closedErrors.statuses == [2])
    }

    @Test func `a missing input file is named`() throws {
        let run = try Pipeline.run(["aup play -D sim:null no-such-file.wav"])
        #expect(run.statuses == [1])
        expectOneLine(run.errors[0], "no-such-file.wav")
    }

    @Test func `a full disk is an error and what was written plays`() throws {
        let run = try Pipeline.run(
            ["aup capture -D 'sim:noise?pace=fast' -d 60s -o full.wav"], before: "ulimit -f 1000; trap '' XFSZ")
        #expect(run.statuses == [1])
        expectOneLine(run.errors[0], "full.wav", "no room")
    }
}
