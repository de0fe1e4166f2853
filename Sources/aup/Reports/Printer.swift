import AupSound
import Glibc
import Synchronization

/// The only way to the terminal: one `write` a line, so that lines of several stages on one stderr never mix.
enum Printer {
    enum Target: Int32 {
        case standardOutput = 1
        case standardError = 2
    }

    static func line(_ text: String, to target: Target) {
        raw(text.hasSuffix("\n") ? text : text + "\n", to: target)
    }

    /// Control characters of foreign origin (a title in a stream, an error text of a driver) never reach the terminal;
    /// bytes of a file's name that are no text are spelled out.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                FileName.readable(text).unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    static func raw(_ text: String, to target: Target) { raw(Array(text.utf8), to: target) }

    static func raw(_ bytes: [UInt8], to target: Target) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(target.rawValue, $0.baseAddress, $0.count) }
            // A terminal or log that is gone must not end the sound.
            guard count > 0 || errno == EINTR else {
                if target == .standardOutput { outputError.store(errno, ordering: .relaxed) }
                return
            }
            rest = rest.dropFirst(max(count, 0))
        }
    }

    private static let outputError = Atomic<Int32>(0)

    /// Why something is missing on standard output that was told there; `nil` where nothing is, or where its reader has gone
    /// because it had enough.
    static var outputFailure: String? {
        let code = outputError.load(ordering: .relaxed)
        return code == 0 || code == EPIPE ? nil : unsafe String(cString: strerror(code))
    }

    static var isErrorTerminal: Bool { isatty(2) == 1 }
    /// Whether lines can be drawn over there, and in colour.
    static var drawsOnError: Bool {
        let kind = unsafe getenv("TERM").map { unsafe String(cString: $0) }
        return isErrorTerminal && kind != "dumb"
    }
    static var isOutputTerminal: Bool { isatty(1) == 1 }

    static var errorColumns: Int { columns(of: .standardError) ?? 80 }

    /// What `COLUMNS` says, or the terminal, or 80.
    static var outputColumns: Int {
        let said = unsafe getenv("COLUMNS").flatMap { unsafe Int(String(cString: $0)) } ?? 0
        return said > 0 ? said : columns(of: .standardOutput) ?? 80
    }

    /// `nil` where it is no terminal, or one that does not know.
    private static func columns(of target: Target) -> Int? {
        var size = winsize()
        guard unsafe ioctl(target.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
