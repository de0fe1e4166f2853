import CAupPlugin

/// Makes a guest that crashes or calls `exit` end the process with one line that names it: `aup: plugin 'gain' crashed in
/// process at frame 4096 (SIGSEGV); run without it`.
public enum CrashReport {
    /// For the whole process, once, before the first guest is loaded. Crashes outside guests keep the handlers they had.
    ///
    /// - Thread: control.
    /// - Returns: 0 or an errno.
    @discardableResult
    public static func install(exitCode: Int32) -> Int32 { aup_crash_handler_install(exitCode) }

    /// For each thread that runs guests, at its start: without a signal stack of its own a guest's stack overflow ends the
    /// process without a word.
    ///
    /// - Thread: any that may still allocate.
    /// - Returns: 0 or an errno.
    @discardableResult
    public static func prepareThread() -> Int32 { aup_crash_handler_prepare_thread() }

    /// To be called about once a second while other threads run guests: one that has not come back from a block after so long,
    /// in looks, or from loading, creating or destroying after sixty, ends the process with one line: `aup: plugin 'gain'
    /// does not come back from process at frame 4096; run without it`.
    ///
    /// - Thread: one that runs no guest then; the same each time.
    public static func look(blockLimitMilliseconds: Int) {
        aup_crash_look(UInt32(clamping: max((blockLimitMilliseconds + 999) / 1000, 1)))
    }
}
