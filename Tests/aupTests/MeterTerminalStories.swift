import Foundation
import TestSupport
import Testing

/// `aup meter` at a terminal made by script(1), however its session goes.
@Suite(.realTime) struct `A meter at a terminal` {
    /// What the terminal was sent, with marks of its own between, by a meter whose process is `$meter`.
    ///
    /// - Parameter then: what happens to it once its bars are there.
    private func terminal(_ meter: String, then: String) throws -> String {
        let story = try ShellStory()
        let script = """
            stty rows 24 cols 80
            \(meter) &
            meter=$!
            until_true 'grep -qs LUFS seen'
            is_state() { [ "$(sed 's/.*) //; s/ .*//' /proc/$meter/stat)" = $1 ]; }
            \(then)
            wait $meter
            echo "ended with $?"
            """
        try Data(
            """
            until_true() { n=0; while ! eval "$1"; do n=$((n+1)); [ $n -gt 300 ] && echo "never: $1" && return 1; sleep 0.05; done; }
            \(script)
            """.utf8
        ).write(to: URL(filePath: story.scratch.path("at-terminal.sh")))
        // -f: what was sent is in the file at once.
        let run = try story.run(
            "SWIFT_BACKTRACE=enable=no TERM=xterm LC_ALL=C.UTF-8 script -qfec 'sh at-terminal.sh' seen >/dev/null")
        let text = try String(contentsOfFile: story.scratch.path("seen"), encoding: .utf8)
        #expect(run.status == 0 && !text.contains("never:"), "\(run.text)")
        return text
    }

    /// Whether the cursor is seen and the whole screen scrolls behind this part of what was sent.
    private func isGivenBack(_ part: some StringProtocol) -> Bool {
        guard let hidden = part.ranges(of: "\u{1B}[?25l").last, let shown = part.ranges(of: "\u{1B}[?25h").last,
            let scrolling = part.ranges(of: "\u{1B}[r").last
        else { return false }
        return hidden.lowerBound < shown.lowerBound && hidden.lowerBound < scrolling.lowerBound
    }

    @Test func `gives it back while it is stopped, takes it again, and gives it back at the end`() throws {
        let text = try terminal(
            "aup meter -i sim:sine >/dev/null",
            then: """
                kill -TSTP $meter
                until_true 'is_state T'
                echo first mark
                kill -CONT $meter
                until_true "sed '1,/first mark/d' seen | grep -qs LUFS"
                kill -TERM $meter
                """)
        let parts = text.split(separator: "first mark", maxSplits: 1)
        #expect(parts.count == 2)
        #expect(parts.allSatisfy { isGivenBack($0) })
        #expect(parts.last?.contains("aup meter: integrated") ?? false)
        #expect(text.contains("ended with 0"))
    }

    @Test(Sanitizer.leavesTheLastWord)
    func `gives it back when a second signal ends it`() throws {
        let text = try terminal(
            "mkfifo blocked; sleep 20 <blocked & sleeper=$!; exec 9>blocked; aup meter -i 'sim:sine?pace=fast' >&9",
            then: """
                kill -TERM $meter; kill -INT $meter
                until_true '! kill -0 $meter 2>/dev/null || is_state Z'
                kill $sleeper
                """)
        #expect(isGivenBack(text))
        // The second one is told by the exit, whichever of them came second.
        #expect(text.contains("ended with 130") || text.contains("ended with 143"), "\(text.suffix(200))")
    }

    @Test(Sanitizer.leavesTheLastWord, arguments: [("SEGV", 139), ("ABRT", 134)])
    func `gives it back when it crashes`(name: String, status: Int) throws {
        let text = try terminal("aup meter -i sim:sine >/dev/null", then: "kill -\(name) $meter")
        #expect(isGivenBack(text))
        #expect(text.contains("ended with \(status)"), "\(text.suffix(200))")
    }
}
