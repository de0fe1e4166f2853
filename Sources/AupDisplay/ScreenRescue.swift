import Glibc

/// Gives the terminal back where nobody else can any more: when the process exits while rows are held, and when it crashes.
enum ScreenRescue {
    /// Nothing half drawn, plain letters, the whole terminal scrolls, the cursor below everything and visible.
    private static let words: StaticString = "\u{1B}[?2026l\u{1B}[0m\u{1B}[r\u{1B}[999;1H\r\n\u{1B}[?25h"

    private static let crashes = [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP]

    // Main writes it, and whoever ends the process reads it: a word, which no other thread needs in time.
    nonisolated(unsafe) private static var number: Int32 = -1
    nonisolated(unsafe) private static var isReady = false
    // What was to happen before us, by signal number. A C array, because a handler may not allocate or count references.
    nonisolated(unsafe) private static let before = UnsafeMutablePointer<sigaction>.allocate(capacity: 65)

    static func isHeld(_ isHeld: Bool, _ descriptor: Int32) {
        unsafe number = isHeld ? descriptor : -1
        guard isHeld, unsafe !isReady else { return }
        unsafe isReady = true
        _ = atexit { ScreenRescue.rescue() }
        for signal in crashes {
            var action = sigaction()
            unsafe action.__sigaction_handler.sa_sigaction = { signal, facts, _ in
                ScreenRescue.rescue()
                // What was to happen happens now: the same instruction fails again, or abort() raises again.
                unsafe sigaction(signal, ScreenRescue.before + Int(signal), nil)
                // What another process sent would not come again by itself.
                if let facts = unsafe facts, unsafe facts.pointee.si_code <= 0 { raise(signal) }
            }
            unsafe sigemptyset(&action.sa_mask)
            // Where another's stack for signals is there, a stack that overflowed is no hindrance.
            action.sa_flags = SA_ONSTACK | SA_SIGINFO
            unsafe sigaction(signal, &action, before + Int(signal))
        }
    }

    /// Safe in a handler: one write(2) of bytes that are part of the program.
    private static func rescue() {
        let held = unsafe number
        guard held >= 0 else { return }
        unsafe number = -1
        let group = tcgetpgrp(held)
        guard group < 0 || group == getpgrp() else { return }
        _ = unsafe write(held, words.utf8Start, words.utf8CodeUnitCount)
    }
}
