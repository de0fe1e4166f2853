/// What one browser is still to be told, so that a slow one gets the newest and never a queue of what was.
///
/// It is asked for bytes when the socket has room. An event that was begun is finished; what came between it and the newest
/// is skipped and counted. Bytes that wait are thus one event, whatever the browser does.
///
/// - Thread: one at a time.
struct EventFeed {
    private(set) var skipped: Int64 = 0
    private(set) var sent: Int64 = 0
    /// The number of the last reading that was begun.
    private var seen: Int64 = 0
    /// Said once each, before any reading.
    private var notices: [[UInt8]] = []
    private var current: [UInt8] = []
    private var offset = 0
    private var isEnding = false

    /// Notices that may wait; more of them say nothing new.
    private static let noticeLimit = 4

    /// - Parameters:
    ///   - greeting: events it begins with.
    ///   - seen: the number of the reading before the first that counts.
    init(greeting: [[UInt8]], seen: Int64) {
        notices = greeting
        self.seen = seen
    }

    mutating func notify(_ event: [UInt8]) {
        if notices.count < Self.noticeLimit { notices.append(event) }
    }

    /// Nothing will come after what is there now.
    mutating func end() { isEnding = true }

    /// Whether somebody would get something now.
    func hasNews(_ newest: Int64) -> Bool { offset < current.count || !notices.isEmpty || newest > seen || isEnding }

    /// Fills room with what is next: the number of bytes, 0 for nothing now, `nil` at the end.
    mutating func fill(
        _ space: UnsafeMutableRawBufferPointer, newest: (number: Int64, event: [UInt8])
    ) -> Int? {
        if offset == current.count {
            offset = 0
            current = []
            if !notices.isEmpty {
                current = notices.removeFirst()
            } else if newest.number > seen {
                skipped += newest.number - seen - 1
                sent += 1
                seen = newest.number
                current = newest.event
            }
        }
        if current.isEmpty { return isEnding ? nil : 0 }
        let count = min(space.count, current.count - offset)
        unsafe space.copyBytes(from: current[offset..<offset + count])
        offset += count
        return count
    }

    /// One event of Server-Sent Events (HTML, 9.2): its name, and a line of data.
    static func event(_ name: String, _ data: [UInt8]) -> [UInt8] {
        var event = Array("event: \(name)\ndata: ".utf8)
        // A line break would end the data; in JSON it is a blank.
        event += data.contains { $0 == 10 || $0 == 13 } ? data.map { $0 == 10 || $0 == 13 ? 32 : $0 } : data
        return event + [10, 10]
    }
}
