import Foundation
import TestSupport
import Testing

/// What a person at a terminal sees, through a pseudo-terminal made by script(1).
@Suite(.realTime) struct `At a terminal` {
    /// What the terminal was sent by a command whose stderr it is.
    private func terminal(_ command: String) throws -> (status: Int, text: String) {
        let run = try Pipeline.run(["script -qec '\(command)' /dev/null"])
        return (run.statuses.first ?? -1, String(decoding: run.output, as: UTF8.self))
    }

    @Test func `progress is one line, drawn over itself, and gone at the end`() throws {
        let seen = try terminal("aup capture -D sim:sine -d 1s -o x.wav")
        #expect(seen.status == 0)
        #expect(seen.text.contains("\r\u{1B}[K"))
        #expect(seen.text.contains("aup capture  0:00:00."))
        #expect(seen.text.contains("s16 48000 Hz 2 ch"))
        #expect(!seen.text.contains("\n"))
        #expect(seen.text.hasSuffix("\r\u{1B}[K"))
    }

    @Test func `nothing is drawn where a terminal cannot`() throws {
        let seen = try terminal("env TERM=dumb aup capture -D sim:sine -d 1s -o x.wav")
        #expect(seen.status == 0)
        #expect(seen.text.isEmpty)
    }

    @Test func `a failure is red for a person and plain for a file`() throws {
        let seen = try terminal("env -u NO_COLOR aup capture -D sim:sinus -o x.wav")
        #expect(seen.status == 2)
        #expect(seen.text.contains("\u{1B}[31maup capture: "))
        for words in ["NO_COLOR=1 aup capture -D sim:sinus", "aup capture --color never -D sim:sinus"] {
            #expect(!(try terminal("env \(words) -o x.wav")).text.contains("\u{1B}[31m"))
        }
        #expect(try !Pipeline.run(["aup capture -D sim:sinus"]).errors[0].contains("\u{1B}"))
        #expect(try Pipeline.run(["aup capture --color always -D sim:sinus"]).errors[0].contains("\u{1B}[31m"))
    }

    @Test func `quiet means quiet`() throws {
        let seen = try terminal("aup capture -q -D sim:sine -d 300ms -o x.wav")
        #expect(seen.status == 0)
        #expect(seen.text.isEmpty)
    }

    @Test func `standard input that is a terminal is no stream`() throws {
        let seen = try terminal("aup play -D sim:null")
        #expect(seen.status == 64)
        #expect(seen.text.contains("terminal"))
        #expect(seen.text.contains("aup capture | aup play"))
    }

    @Test func `control characters of others never reach the terminal`() throws {
        let run = try Pipeline.run([
            "printf '\\033[2J\\033]0;x\\007 and more of it, enough to be looked at'", "aup play -D sim:null",
        ])
        #expect(run.statuses == [0, 1])
        #expect(!run.errors[1].contains("\u{1B}"))
    }
}
