import CLinux
import Glibc

/// The keys of the terminal that a person sits at, as they are pressed.
///
/// Only the foreground process of a terminal reads its keys; in the background, and where there is no terminal, there
/// are none. The terminal is as it was when this value goes, when ``suspend()`` is called, and when the process exits.
///
/// - Thread: main.
public final class TerminalKeys {
    private let number: Int32
    private var isTaken = false
    private var isGone = false

    /// `nil` where no terminal is at hand.
    ///
    /// - Parameter mayUseInput: standard input is nobody else's.
    public init?(mayUseInput: Bool) {
        number = aup_terminal_open(mayUseInput ? 1 : 0)
        guard number >= 0 else { return nil }
        resume()
    }

    deinit {
        suspend()
        if number != 0 { close(number) }
    }

    /// What to wait at for keys; `nil` where none will come.
    public var readable: Int32? { isTaken && !isGone ? number : nil }

    /// Gives the terminal back for a while.
    public func suspend() {
        if isTaken { aup_terminal_restore() }
        isTaken = false
    }

    /// Takes it again, unless somebody else is in the foreground.
    public func resume() {
        if !isTaken, !isGone { isTaken = aup_terminal_take_keys(number) == 1 }
    }

    /// The bytes that were typed.
    public func read() -> [UInt8] {
        guard let number = readable else { return [] }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe aup_terminal_read(number, &bytes, Int32(bytes.count))
        // Readable and nothing there: hung up.
        if count <= 0 { isGone = true }
        return Array(bytes.prefix(Int(max(count, 0))))
    }
}
