import CALSA

/// alsa-lib's own chatter, kept off the terminal and used in our reports.
///
/// - Thread: control. The store behind it takes messages from any thread without blocking.
public enum ALSAMessages {
    /// Prepares the library once for this process: its messages come to us, those of libpulse behind it go to the system's log,
    /// its per-call mutexes are off.
    ///
    /// Called by every entry of this room; harmless to repeat. Must precede the first open.
    public static func prepareLibrary() {
        _ = prepared
    }

    /// What the library has said since the last call, oldest first, at most 16 lines.
    public static func take() -> [String] {
        var messages: [String] = []
        let bytes = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 256)
        defer { unsafe bytes.deallocate() }
        guard let start = bytes.baseAddress else { return [] }
        while true {
            let length = unsafe aup_alsa_take_message(start, bytes.count)
            guard length >= 0 else { return messages }
            let text = unsafe String(cString: start)
            messages.append(text.split(whereSeparator: \.isNewline).joined(separator: " "))
        }
    }

    private static let prepared: Bool = {
        aup_alsa_disable_locks()
        aup_alsa_quiet_plugins()
        aup_alsa_capture_messages()
        return true
    }()
}
