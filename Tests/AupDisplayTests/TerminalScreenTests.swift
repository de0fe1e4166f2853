import Glibc
import Testing

@testable import AupDisplay

@Suite struct TerminalScreenTests {
    private func lines(_ texts: String...) -> [ScreenLine] {
        texts.map { text in
            var line = ScreenLine()
            line.add(text, .safe)
            return line
        }
    }

    private func begin(columns: Int = 40, rows: Int = 10) throws -> (Terminal, TerminalScreen) {
        let terminal = try #require(Terminal(columns: columns, rows: rows))
        return (terminal, try #require(TerminalScreen(terminal.screen)))
    }

    @Test func `a frame takes the lowest rows and words above go on scrolling`() throws {
        let (terminal, screen) = try begin()
        terminal.say("$ aup meter\n")
        screen.show(lines("one", "two", "three"), hasColour: true)
        #expect(terminal.lines == ["$ aup meter", "", "", "", "", "", "", "one", "two", "three"])
        #expect(!terminal.isCursorVisible && terminal.cursor == (1, 0) && terminal.region == 0...6)
        for number in 1...9 { terminal.say("word \(number)\n") }
        screen.show(lines("one", "2", "three"), hasColour: true)
        #expect(
            terminal.lines == ["word 4", "word 5", "word 6", "word 7", "word 8", "word 9", "", "one", "2", "three"])
        #expect(terminal.history.first?.hasPrefix("$ aup meter") == true)
    }

    @Test func `only lines that changed are written, in one go`() throws {
        let (terminal, screen) = try begin()
        screen.show(lines("one", "two", "three"), hasColour: false)
        terminal.look()
        screen.show(lines("one", "2", "three"), hasColour: false)
        let frame = terminal.look()
        #expect(frame == "\u{1B}[?2026h\u{1B}7\u{1B}[9;1H2\u{1B}[K\u{1B}8\u{1B}[?2026l")
        screen.show(lines("one", "2", "three"), hasColour: false)
        #expect(terminal.look().isEmpty)
    }

    @Test func `of a line that changed what is the same is not written again`() throws {
        let (terminal, screen) = try begin()
        func show(_ stretches: (String, ScreenStyle)..., hasColour: Bool = true) -> String {
            var line = ScreenLine()
            for (text, style) in stretches { line.add(text, style) }
            screen.show([line], hasColour: hasColour)
            return terminal.look().replacing("\u{1B}[?2026h\u{1B}7", with: "")
                .replacing("\u{1B}8\u{1B}[?2026l", with: "")
        }
        _ = show(("██████", .safe), ("▋", .loud), ("  -12.3", .plain))
        // Behind the letter in which the bytes differ, and no further than where the look does.
        #expect(
            show(("██████", .safe), ("▌", .loud), ("  -12.4", .plain))
                == "\u{1B}[10;7H\u{1B}[93m▌\u{1B}[0m  -12.4")
        #expect(show(("██████", .safe), ("▌", .loud), ("  -12.9", .plain)) == "\u{1B}[10;14H9")
        #expect(
            show(("████", .safe), ("██", .hot), ("▌", .loud), ("  -12.9", .plain))
                == "\u{1B}[10;5H\u{1B}[91m██\u{1B}[0;93m▌\u{1B}[0m  -12.9")
        #expect(terminal.lines.last == "██████▌  -12.9")
        // A line that became shorter leaves nothing behind it.
        #expect(show(("████", .safe)) == "\u{1B}[10;5H\u{1B}[K")
        #expect(show(("████", .safe), ("!", .alarm)) == "\u{1B}[10;5H\u{1B}[97;41m!\u{1B}[0m")
        #expect(show(("████", .safe), ("!", .alarm), hasColour: false) == "\u{1B}[10;1H████!\u{1B}[K")
    }

    @Test func `a cursor at the bottom finds room by scrolling`() throws {
        let (terminal, screen) = try begin(rows: 6)
        for number in 1...9 { terminal.say("word \(number)\n") }
        screen.show(lines("one", "two"), hasColour: true)
        #expect(terminal.lines == ["word 7", "word 8", "word 9", "", "one", "two"])
        screen.show(lines("one", "two", "three"), hasColour: true)
        #expect(terminal.lines == ["word 8", "word 9", "", "one", "two", "three"])
        terminal.say("word 10\n")
        screen.show(lines("uno"), hasColour: true)
        #expect(terminal.lines == ["word 9", "word 10", "", "", "", "uno"])
    }

    @Test func `the terminal is as it was when the screen is closed`() throws {
        let (terminal, screen) = try begin(rows: 6)
        terminal.say("$ aup meter\n")
        screen.show(lines("one", "two"), hasColour: true)
        screen.close()
        #expect(terminal.lines == ["$ aup meter", "", "", "", "", ""])
        #expect(terminal.isCursorVisible && terminal.region == 0...5 && terminal.cursor == (1, 0))
        screen.close()
        #expect(terminal.look().isEmpty)
    }

    @Test func `it is given back while the process is stopped and taken again after that`() throws {
        let (terminal, screen) = try begin(rows: 6)
        screen.show(lines("one", "two"), hasColour: true)
        screen.suspend()
        #expect(terminal.isCursorVisible && terminal.region == 0...5 && terminal.lines.allSatisfy(\.isEmpty))
        terminal.say("[1]+  Stopped\n$ fg\n")
        screen.resume()
        screen.show(lines("one", "two"), hasColour: true)
        #expect(terminal.lines == ["[1]+  Stopped", "$ fg", "", "", "one", "two"])
    }

    @Test func `a screen that goes out of use gives the terminal back`() throws {
        let terminal = try #require(Terminal(columns: 40, rows: 6))
        do {
            let screen = try #require(TerminalScreen(terminal.screen))
            screen.show(lines("one", "two"), hasColour: true)
        }
        #expect(terminal.isCursorVisible == false || !terminal.look().isEmpty)
        #expect(terminal.isCursorVisible && terminal.region == 0...5 && terminal.lines.allSatisfy(\.isEmpty))
    }

    @Test func `any other size has one frame at its bottom and the words above`() throws {
        for (columns, rows) in [(40, 14), (60, 10), (20, 10), (40, 7), (13, 20), (80, 5)] {
            let (terminal, screen) = try begin()
            terminal.say("$ aup meter\nword\n")
            screen.show(lines("one is the first of all", "two", "three"), hasColour: true)
            terminal.resize(columns: columns, rows: rows)
            screen.resize()
            #expect(screen.columns == columns && screen.rows == rows - 2)
            screen.show(lines("one is the first of all", "two", "three"), hasColour: true)
            let shown = terminal.lines
            #expect(shown.filter { $0.hasPrefix("one is") }.count == 1, "\(columns)×\(rows)")
            #expect(shown.filter { $0 == "two" }.count == 1 && shown.last == "three", "\(columns)×\(rows)")
            #expect(shown.allSatisfy { $0.count < columns })
            terminal.say("more\n")
            #expect(terminal.history.contains { $0.hasPrefix("more") } && terminal.lines.last == "three")
            screen.close()
            #expect(!terminal.lines.contains("two"))
            #expect(terminal.region == 0...(rows - 1) && terminal.isCursorVisible)
        }
    }

    @Test func `a window without room has no frame`() throws {
        let (terminal, screen) = try begin(columns: 5, rows: 2)
        screen.show(lines("one", "two", "three"), hasColour: true)
        #expect(screen.rows == 0 && terminal.lines.allSatisfy(\.isEmpty))
    }

    @Test func `what is no terminal has no screen`() {
        var ends: [Int32] = [0, 0]
        #expect(unsafe pipe(&ends) == 0)
        #expect(TerminalScreen(ends[1]) == nil)
        for end in ends { close(end) }
    }
}
