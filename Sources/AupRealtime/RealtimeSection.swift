internal import CRealtime

/// The bracket round one cycle of the audio thread.
///
/// In a binary linked with RealtimeSanitizer (`make rtsan`), an allocation, a lock or a blocking call inside it ends
/// the process with a report; anywhere else it costs one compare.
///
/// - Thread: audio.
public enum RealtimeSection {
    /// Whether this binary carries the sanitizer.
    public static var isChecked: Bool {
        @_noLocks get { aup_realtime_is_checked() != 0 }
    }

    @_noLocks
    public static func enter() { aup_realtime_enter() }

    @_noLocks
    public static func exit() { aup_realtime_exit() }
}
