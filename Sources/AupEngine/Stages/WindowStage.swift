import AupSound
import AupSystem
import AupWire

/// Lets through what was captured between two moments of the wall clock, to the frame, and then is satisfied.
///
/// A frame belongs to the window when the moment of its capture does; the device is opened earlier, and what it
/// delivers before is dropped. Places in the stream count from the first frame that is let through. The clock's place is
/// looked up for each packet, so that a clock that is set in between is followed.
///
/// - Thread: transport.
final class WindowStage: PacketSink {
    private let window: Schedule.Window
    private let next: any PacketSink
    private let offset: () -> Int64
    private var format: StreamDescription?
    private var rate = 48_000
    private var droppedFrames: Int64 = 0
    private var hasBegun: Bool
    /// When the next frame is captured, as far as is known.
    private var expected: Int64?
    private(set) var isOver = false

    init(_ window: Schedule.Window, next: any PacketSink, offset: @escaping () -> Int64 = WallClock.offsetToMonotonic) {
        self.window = window
        self.next = next
        self.offset = offset
        hasBegun = window.start == nil
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        if isOver {
            // What is left of the stream is its end.
            if case .end = packet { try next.take(packet) }
            return
        }
        switch packet {
        case .format(let description):
            format = description
            rate = description.rate
            // Held back until there is sound: a file is not begun before its time.
            if hasBegun { try next.take(packet) }
        case .audio(let audio): try pass(packet, at: audio.captureTime ?? expected)
        case .silence(let silence): try pass(packet, at: silence.captureTime ?? expected)
        case .gap: try pass(packet, at: expected)
        case .event(let event):
            guard hasBegun else { return }
            try next.take(
                .event(
                    EventPacket(
                        position: event.position - droppedFrames, captureTime: event.captureTime, key: event.key,
                        value: event.value)))
        case .end:
            try next.take(packet)
        }
    }

    func flush() throws(SessionFailure) { try next.flush() }

    private func pass(_ packet: Packet, at time: Int64?) throws(SessionFailure) {
        guard let span = packet.span, let (first, count) = try part(time, span.frames) else { return }
        try next.take(
            packet.part(first: first, count: count, rate: rate, position: span.position - droppedFrames + first))
    }

    /// Frames between the last one and the end of the window; `nil` when it has none.
    var framesWanted: Int64? {
        guard let end = window.end, let expected else { return nil }
        return max(frames(until: end, from: expected + offset()), 0)
    }

    /// The part of so many frames from a moment on that lies in the window.
    private func part(_ time: Int64?, _ frames: Int64) throws(SessionFailure) -> (first: Int64, count: Int64)? {
        let time = time ?? monotonicNanoseconds()
        expected = time + frames * 1_000_000_000 / Int64(rate)
        let wall = time + offset()
        var first: Int64 = 0
        if !hasBegun, let start = window.start {
            first = max(self.frames(until: start, from: wall), 0)
            guard first < frames else {
                droppedFrames += frames
                return nil
            }
            hasBegun = true
            if let format { try next.take(.format(format)) }
        }
        var count = frames - first
        if let end = window.end {
            let left = self.frames(until: end, from: wall) - first
            if left <= count {
                isOver = true
                count = left
            }
        }
        // What comes before the first frame is no part of the stream's places.
        defer { droppedFrames += first }
        return count > 0 ? (first, count) : nil
    }

    /// Frames from one moment whose capture lies before another: the first frame at or after it is not among them.
    private func frames(until moment: Int64, from wall: Int64) -> Int64 {
        let distance = moment - wall
        let whole = distance / 1_000_000_000 * Int64(rate)
        let rest = distance % 1_000_000_000 * Int64(rate)
        // Rounded up; for what lies before it, Swift's division rounds up by itself.
        return whole + (rest > 0 ? (rest + 999_999_999) / 1_000_000_000 : rest / 1_000_000_000)
    }
}
