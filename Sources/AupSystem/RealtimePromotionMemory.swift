internal import CLinux

/// Keeps what the audio thread touches in memory.
public enum MemoryLock {
    /// Keeps a stretch of memory out of swap, so that touching it never waits for a disk. `false` where the limit
    /// (`ulimit -l`) is used up; sound then still runs, less safely.
    ///
    /// - Thread: control.
    @discardableResult
    public static func lock(_ address: UnsafeRawPointer, _ bytes: Int) -> Bool {
        unsafe aup_lock_memory(address, bytes) == 0
    }

    /// The same for a buffer; an empty one is locked already.
    @discardableResult
    public static func lock(_ memory: UnsafeRawBufferPointer) -> Bool {
        guard let address = memory.baseAddress else { return true }
        return unsafe lock(address, memory.count)
    }

    /// Takes a lock back; unmapping the memory does too, but not freeing it, which may keep it mapped.
    @discardableResult
    public static func unlock(_ address: UnsafeRawPointer, _ bytes: Int) -> Bool {
        unsafe aup_unlock_memory(address, bytes) == 0
    }
}

/// How late timers of a thread may be.
public enum TimerSlack {
    /// Ordinary threads are woken up to 50 us late so that wake-ups can be gathered; real-time ones never are, whatever
    /// this says (prctl(2), PR_SET_TIMERSLACK).
    ///
    /// - Thread: the one that is meant.
    @discardableResult
    public static func set(nanoseconds: UInt64) -> Bool {
        // 0 would mean the default again.
        aup_timer_slack(max(nanoseconds, 1)) == 0
    }
}
