internal import CLinux

/// A connection to rtkit; `close` it.
@safe struct RealtimeKit {
    enum Answer: Equatable {
        case granted(priority: Int)
        case refused(why: String)
    }
    private let connection: OpaquePointer

    /// The service, or why there is none, in one line.
    static func open() -> (kit: RealtimeKit?, reason: String) {
        let (connection, reason) = unsafe withReason { why, capacity in
            unsafe aup_rtkit_open(RealtimePromotion.busMilliseconds, why, capacity)
        }
        guard let connection = unsafe connection else { return (nil, reason) }
        return unsafe (RealtimeKit(connection: connection), "")
    }

    func close() { unsafe aup_rtkit_close(connection) }

    /// SCHED_RR for the calling thread, at most at the service's own limit.
    func makeRealtime(wanted: Int32) -> Answer {
        let (most, whyNot) = number("MaxRealtimePriority")
        guard let most else { return .refused(why: whyNot) }
        // Must come first: rtkit refuses threads of a process that could hold the processor for ever.
        if let longest = number("RTTimeUSecMax").value, longest > 0, aup_limit_realtime(longest) != 0 {
            return .refused(why: "RLIMIT_RTTIME cannot be lowered to \(longest) us")
        }
        let priority = min(Int64(wanted), max(most, 1))
        let (status, why) = unsafe Self.withReason { why, capacity in
            unsafe aup_rtkit_make_realtime(connection, aup_thread_number(), UInt32(priority), why, capacity)
        }
        return status == 0 ? .granted(priority: Int(priority)) : .refused(why: why)
    }

    /// The nice level that was granted.
    func makeNice(wanted: Int32) -> Int? {
        let least = number("MinNiceLevel").value ?? -15
        let level = Int32(max(Int64(wanted), min(least, 0)))
        let (status, _) = unsafe Self.withReason { why, capacity in
            unsafe aup_rtkit_make_nice(connection, aup_thread_number(), level, why, capacity)
        }
        return status == 0 ? Int(level) : nil
    }

    func number(_ name: String) -> (value: Int64?, why: String) {
        var value: Int64 = 0
        let (status, why) = unsafe Self.withReason { why, capacity in
            unsafe aup_rtkit_number(connection, name, &value, why, capacity)
        }
        return (status == 0 ? value : nil, why)
    }

    /// Gives a C function room for its reason.
    private static func withReason<Result>(
        _ body: (UnsafeMutablePointer<CChar>, Int) -> Result
    ) -> (Result, String) {
        var room = [CChar](repeating: 0, count: 256)
        let result = unsafe room.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress!, $0.count) }
        let text = room.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return (result, String(decoding: text, as: UTF8.self))
    }
}
