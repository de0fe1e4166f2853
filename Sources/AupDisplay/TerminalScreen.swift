import Glibc

/// The lowest rows of a terminal, drawn over themselves; everything above goes on scrolling, also what other commands of the
/// pipeline say there.
///
///     │ aup capture: 480 frames lost …      │ ← scrolls, and stays when the meter is gone
///     │ ▏← the cursor, at rest              │
///     ├─────────────────────────────────────┤
///     │ FL ██████████████████▌              │ ← rows of this screen: only what changed is written,
///     │ M -18.2  S -19.0                    │   a frame in one write
///
/// The terminal is as it was, and the rows are free, when ``close()`` or ``suspend()`` was called, when this value goes, and
/// when the process exits or crashes.
///
/// - Thread: main.
public final class TerminalScreen {
    private let number: Int32
    private var isShown = false
    private var size = (columns: 80, rows: 24)
    /// What stands in each row; `nil` where that is nothing yet.
    private var shown: [ScreenLine?] = []
    private var hasColour = false
    /// What is being written, kept for its room.
    private var frame: [UInt8] = []

    private static let frameBegins = Array("\u{1B}[?2026h".utf8)
    private static let frameEnds = Array("\u{1B}[?2026l".utf8)

    /// Rows that stay the others'.
    private static let othersRows = 2

    /// `nil` where there is no terminal that can move its cursor.
    ///
    /// - Parameter number: the descriptor of the terminal, which stays its owner's.
    public init?(_ number: Int32 = 2) {
        guard isatty(number) == 1, Self.variable("TERM") != "dumb" else { return nil }
        self.number = number
        measure()
    }

    deinit { close() }

    /// Whether the terminal shows Unicode's block elements: what the locale says, unless it is the console of Linux,
    /// whose font has few of them.
    public static var isUnicode: Bool {
        guard variable("TERM") != "linux" else { return false }
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map { variable($0) }.first { !$0.isEmpty } ?? ""
        let letters = locale.lowercased()
        return letters.contains("utf-8") || letters.contains("utf8")
    }

    private static func variable(_ name: String) -> String {
        unsafe getenv(name).map { unsafe String(cString: $0) } ?? ""
    }

    public var columns: Int { size.columns }

    /// Rows that a frame may have.
    public var rows: Int { max(0, size.rows - Self.othersRows) }

    /// Draws a frame; nothing where the terminal does not take it now, or belongs to somebody else.
    public func show(_ lines: [ScreenLine], hasColour: Bool) {
        guard isForeground, isWritable else { return }
        let lines = lines.prefix(rows).map { $0.cut(columns - 1) }
        // Mode 2026: terminals that know it show the frame at once; the others take no notice.
        frame.removeAll(keepingCapacity: true)
        frame += Self.frameBegins
        if lines.count != shown.count || !isShown { frame += room(for: lines.count).utf8 }
        if hasColour != self.hasColour { shown = Array(repeating: nil, count: shown.count) }
        self.hasColour = hasColour
        let top = size.rows - lines.count + 1
        var isChanged = false
        for (index, line) in lines.enumerated() where line != shown[index] {
            if !isChanged { frame += "\u{1B}7".utf8 }
            isChanged = true
            line.paint(over: shown[index], row: top + index, hasColour: hasColour, into: &frame)
        }
        shown = lines
        if isChanged { frame += "\u{1B}8".utf8 }
        guard frame.count > Self.frameBegins.count else { return }
        frame += Self.frameEnds
        write(frame)
    }

    /// The size has changed: SIGWINCH. What was drawn is gone or elsewhere; the next frame is drawn whole.
    public func resize() {
        let before = size
        measure()
        guard isShown, isForeground else { return }
        let oldTop = before.rows - shown.count + 1
        let newTop = size.rows - shown.count + 1
        // Terminals that wrap lines anew have made more rows of ours.
        let wrapped = shown.reduce(0) { $0 + max(0, ($1?.columns ?? 0) - 1) / max(1, size.columns) }
        let first = max(1, min(oldTop, newTop) - wrapped)
        let isMoved = before.rows != size.rows || wrapped > 0
        var bytes = "\u{1B}7\u{1B}[r\u{1B}[\(first);1H\u{1B}[J"
        if !isMoved {
            bytes += "\u{1B}8"
        } else if first < newTop {
            bytes += "\u{1B}[\(first);1H"
        } else {
            // The row above ours may hold words: they move up by one, as does an empty row of ours.
            bytes += "\u{1B}[\(size.rows);1H\n\u{1B}[\(max(1, newTop - 1));1H"
        }
        shown = []
        isShown = false
        write(Array(bytes.utf8))
    }

    /// Gives the terminal back: before the process is stopped, or something else is to have it.
    public func suspend() {
        guard isShown else { return }
        isShown = false
        ScreenRescue.isHeld(false, number)
        guard isForeground else { return }
        let top = size.rows - shown.count + 1
        write(Array("\u{1B}7\u{1B}[r\u{1B}[\(top);1H\u{1B}[J\u{1B}8\u{1B}[?25h".utf8))
        shown = []
    }

    /// Takes it again with the next frame: SIGCONT.
    public func resume() {
        isShown = false
        shown = []
        measure()
    }

    public func close() { suspend() }

    // MARK: - Rows

    /// Makes room for so many lines at the bottom, and leaves the cursor where words go on.
    private func room(for count: Int) -> String {
        let old = isShown ? shown.count : 0
        var bytes = ""
        if !isShown {
            ScreenRescue.isHeld(true, number)
            bytes += "\u{1B}[?25l"
        }
        if count > old {
            // Scrolls only where the cursor is too low, and brings it back to where it was in the text.
            bytes += String(repeating: "\n", count: count - old) + "\u{1B}[\(count - old)A"
        }
        // DECSTBM sends the cursor home.
        bytes += "\u{1B}7\u{1B}[\(size.rows - max(old, count) + 1);1H\u{1B}[J"
        bytes += "\u{1B}[1;\(size.rows - count)r\u{1B}8"
        isShown = true
        shown = Array(repeating: nil, count: count)
        return bytes
    }

    private func measure() {
        var now = winsize()
        if unsafe ioctl(number, UInt(TIOCGWINSZ), &now) == 0, now.ws_col > 0, now.ws_row > 0 {
            size = (Int(now.ws_col), Int(now.ws_row))
        } else {
            size = (80, 24)
        }
    }

    // MARK: - The terminal

    /// A process in the background must leave the terminal alone. A terminal that is not ours to ask, a test's, is ours to
    /// write to.
    private var isForeground: Bool {
        let group = tcgetpgrp(number)
        return group < 0 || group == getpgrp()
    }

    /// A terminal that is stopped (Ctrl-S) or slow must not hold up whoever draws: the frame is left out.
    private var isWritable: Bool {
        var wanted = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&wanted, 1, 0) == 1 && wanted.revents & Int16(POLLOUT) != 0
    }

    private func write(_ bytes: [UInt8]) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(number, $0.baseAddress! + done, $0.count - done)
            }
            // A terminal that is gone must not end the sound.
            guard count > 0 || errno == EINTR else { return }
            done += max(count, 0)
        }
    }
}
