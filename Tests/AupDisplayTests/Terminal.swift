import Glibc

/// A pseudo-terminal, and the little of a VT100 that tells what a person at it would see.
final class Terminal {
    let screen: Int32
    private let keeper: Int32
    private(set) var columns: Int
    private(set) var rows: Int
    private(set) var cells: [[Character]]
    private(set) var isCursorVisible = true
    private(set) var region: ClosedRange<Int>
    private(set) var cursor = (row: 0, column: 0)
    private var saved = (row: 0, column: 0)
    private var scrolledOff: [String] = []
    private var unread: [Character] = []

    init?(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
        region = 0...(rows - 1)
        // posix_openpt() and its like are not in the module: what they do on Linux, ioctl_tty(2).
        keeper = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var unlocked: Int32 = 0
        var end: Int32 = 0
        guard keeper >= 0, unsafe ioctl(keeper, 0x4004_5431, &unlocked) == 0,
            unsafe ioctl(keeper, 0x8004_5430, &end) == 0
        else { return nil }
        screen = unsafe open("/dev/pts/\(end)", O_RDWR | O_NOCTTY)
        // As they come, without another line's turn of CR and LF.
        var modes = termios()
        guard screen >= 0, unsafe tcgetattr(screen, &modes) == 0 else { return nil }
        unsafe cfmakeraw(&modes)
        modes.c_oflag |= tcflag_t(OPOST | ONLCR)
        unsafe tcsetattr(screen, TCSANOW, &modes)
        tell()
    }

    deinit {
        close(screen)
        close(keeper)
    }

    private func tell() {
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = unsafe ioctl(keeper, UInt(TIOCSWINSZ), &size)
    }

    /// As xterm does: rows and columns are cut off, or empty ones added, at the bottom and the right.
    func resize(columns: Int, rows: Int) {
        look()
        cells = (0..<rows).map { row in
            (0..<columns).map { row < self.rows && $0 < self.columns ? cells[row][$0] : " " }
        }
        self.columns = columns
        self.rows = rows
        region = 0...(rows - 1)
        cursor = (min(cursor.row, rows - 1), min(cursor.column, columns - 1))
        tell()
    }

    /// What another command of the pipeline says.
    func say(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(screen, $0.baseAddress!, $0.count) }
        look()
    }

    /// Lines as they are seen, without blanks at their ends.
    var lines: [String] {
        look()
        return cells.map { row in
            var text = String(row)
            while text.last == " " { text.removeLast() }
            return text
        }
    }

    /// Those that are no longer seen, and then those that are.
    var history: [String] {
        look()
        return scrolledOff + lines
    }

    /// Takes what was written; returns it as it came.
    @discardableResult func look() -> String {
        var all: [UInt8] = []
        while true {
            var ready = pollfd(fd: keeper, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&ready, 1, 20) == 1 else { break }
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe read(keeper, &bytes, bytes.count)
            guard count > 0 else { break }
            all += bytes.prefix(count)
        }
        let text = String(decoding: all, as: UTF8.self)
        // CR and LF would be one Character.
        unread = text.unicodeScalars.map { Character($0) }
        while !unread.isEmpty { step() }
        return text
    }

    private func step() {
        let letter = unread.removeFirst()
        switch letter {
        case "\r": cursor.column = 0
        case "\n": feed()
        case "\u{1B}": sequence()
        default:
            if cursor.column == columns {
                cursor.column = 0
                feed()
            }
            cells[cursor.row][cursor.column] = letter
            cursor.column += 1
        }
    }

    private func feed() {
        guard cursor.row == region.upperBound else {
            cursor.row = min(rows - 1, cursor.row + 1)
            return
        }
        if region.lowerBound == 0 { scrolledOff.append(String(cells[0])) }
        cells.remove(at: region.lowerBound)
        cells.insert(Array(repeating: " ", count: columns), at: region.upperBound)
    }

    private func sequence() {
        let kind = unread.removeFirst()
        if kind == "7" { saved = cursor }
        if kind == "8" { cursor = saved }
        guard kind == "[" else { return }
        var parameters = ""
        while let letter = unread.first, !letter.isLetter {
            parameters.append(letter)
            unread.removeFirst()
        }
        let final = unread.removeFirst()
        let numbers = parameters.split(separator: ";").map { Int($0) ?? 0 }
        switch final {
        case "H":
            cursor = (
                min(rows, max(1, numbers.first ?? 1)) - 1, min(columns, max(1, numbers.dropFirst().first ?? 1)) - 1
            )
        case "A":
            cursor.row = max(cursor.row >= region.lowerBound ? region.lowerBound : 0, cursor.row - (numbers.first ?? 1))
        case "J":
            erase(cursor.row, from: cursor.column)
            for row in (cursor.row + 1)..<max(rows, cursor.row + 1) { erase(row, from: 0) }
        case "K": erase(cursor.row, from: cursor.column)
        case "r":
            region = (numbers.first ?? 1) - 1...(numbers.dropFirst().first ?? rows) - 1
            cursor = (0, 0)
        case "h" where parameters == "?25": isCursorVisible = true
        case "l" where parameters == "?25": isCursorVisible = false
        default: break
        }
    }

    private func erase(_ row: Int, from column: Int) {
        for place in column..<max(columns, column) where place < columns { cells[row][place] = " " }
    }
}
