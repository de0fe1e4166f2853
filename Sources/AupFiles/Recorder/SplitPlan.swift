public import AupSound

/// How long each file of a recording is.
public enum SplitLength: Equatable, Sendable {
    case time(TimeSpan)
    /// Bytes of the file, its header included.
    case bytes(Int64)
}

/// Where one file of a recording ends and the next begins, in frames of the stream.
///
///     position  0        48000      96000            unaligned: from the first frame on, never from a rounded one
///               |──────────|──────────|──
///     wall   12:00:00.4  12:00:01  12:00:02          aligned: the first file is short
///               |──────|──────────|──
///
/// A value: it knows positions and moments because it is told them.
///
/// - Thread: any.
public struct SplitPlan: Sendable {
    private let length: SplitLength?
    private let zone: CalendarZone?
    /// Where the row of unaligned boundaries began, and how many of its files were begun.
    private var rowStart: Int64?
    private var rowCount: Int64 = 0
    private var plannedMoment: Int64?

    /// The first frame of the next file; `nil` when there is none planned.
    public private(set) var boundary: Int64?
    /// The size that no file may have more than.
    public var byteLimit: Int64? { if case .bytes(let bytes)? = length { bytes } else { nil } }

    /// - Parameter alignedTo: the zone on whose clock times are whole; `nil` counts from the first frame.
    public init(_ length: SplitLength?, alignedTo zone: CalendarZone? = nil) {
        self.length = length
        self.zone = zone
    }

    /// Whether a length can be aligned: whole seconds that divide a day.
    public static func canAlign(_ length: SplitLength) -> Bool {
        guard case .time(.nanoseconds(let time)) = length, time > 0, time % 1_000_000_000 == 0 else { return false }
        return 86_400 % (time / 1_000_000_000) == 0
    }

    /// A file begins; ``boundary`` is then where it ends.
    ///
    /// - Parameters:
    ///   - position: its first frame.
    ///   - moment: when that was, nanoseconds since 1970-01-01 UTC.
    ///   - room: bytes of a frame and of the header; `nil` where a codec decides, and only ``byteLimit`` is known.
    ///   - isForced: nobody planned this boundary: a signal, a new format.
    /// - Returns: the moment that the name should show: the planned one where the real one is that one but for jitter,
    ///   and the full second for a frame that is nearest to it.
    public mutating func begin(
        position: Int64, moment: Int64, rate: Int, room: (frameBytes: Int, headerBytes: Int)?, isForced: Bool
    ) -> Int64 {
        switch length {
        case nil: boundary = nil
        case .bytes(let bytes)?:
            boundary = room.map { position + max(1, (bytes - Int64($0.headerBytes)) / Int64($0.frameBytes)) }
        case .time(let time)?:
            if let zone { return beginAligned(position, moment, time.nanoseconds(rate: rate), rate, zone, isForced) }
            if isForced || rowStart == nil {
                rowStart = position
                rowCount = 0
            }
            rowCount += 1
            boundary = max(position + 1, rowStart! + Self.frames(of: time, times: rowCount, rate: rate))
        }
        return Self.nearest(moment, rate: rate)
    }

    /// Two clocks cannot be read at once, so the first frame of a window from 20:00 on may seem to be some nanoseconds
    /// before: its file is no 19:59 one, and no file of one frame.
    private static func nearest(_ moment: Int64, rate: Int) -> Int64 {
        let second: Int64 = 1_000_000_000
        let missing = second - moment % second
        return moment >= 0 && missing < second / Int64(2 * rate) ? moment + missing : moment
    }

    private mutating func beginAligned(
        _ position: Int64, _ moment: Int64, _ length: Int64, _ rate: Int, _ zone: CalendarZone, _ isForced: Bool
    ) -> Int64 {
        let second: Int64 = 1_000_000_000
        var shown = Self.nearest(moment, rate: rate)
        // A device's clock and the machine's differ: the boundary was reached a little early or late. Were the
        // plan taken anew from there, an early one would make a file of a few frames. A clock that was set is followed.
        if !isForced, let planned = plannedMoment, abs(moment - planned) < min(length / 2, 2 * second) {
            shown = planned
        }
        let from = max(shown, moment)
        let next = zone.nextMultiple(of: length / second, after: from / second) * second
        plannedMoment = next
        boundary = position + max(1, TimeSpan.nanoseconds(next - moment).frames(rate: rate))
        return shown
    }

    /// Rounded once, not once a file, so that the rounding never adds up.
    private static func frames(of time: TimeSpan, times count: Int64, rate: Int) -> Int64 {
        switch time {
        case .frames(let frames): return max(1, frames) * count
        case .nanoseconds(let nanoseconds):
            let product = nanoseconds.multipliedFullWidth(by: count)
            // Beyond 292 years of recording the row may begin anew.
            guard product.high == 0, product.low <= UInt64(Int64.max) else {
                return TimeSpan.nanoseconds(nanoseconds).frames(rate: rate) * count
            }
            return TimeSpan.nanoseconds(Int64(product.low)).frames(rate: rate)
        }
    }
}
