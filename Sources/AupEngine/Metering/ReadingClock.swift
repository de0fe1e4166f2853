import AupSound

/// When the next reading of a sound is due: at the n-th multiple of a time, to the nearest frame. Each is taken from the
/// beginning and not from the one before, so nothing adds up where a time is no whole number of frames.
struct ReadingClock {
    private let span: TimeSpan
    private let rate: Int
    /// The frame that times are counted from.
    private let origin: Int64
    private var number: Int64 = 0
    /// The frame behind the last one of the next reading.
    private(set) var next: Int64 = 0

    /// - Parameter origin: frames that went before.
    init(_ span: TimeSpan, rate: Int, origin: Int64) {
        self.span = span
        self.rate = rate
        self.origin = origin
        next = origin
        pass(origin)
    }

    /// Goes on to the first reading that is due behind a frame.
    mutating func pass(_ frame: Int64) {
        let single = max(1, span.frames(rate: rate))
        // Never beyond, whatever rounding made of them; each turn leaves a small part of the way.
        while next <= frame, (frame - next) / (single + 1) > 0 {
            number += (frame - next) / (single + 1)
            next = place(number)
        }
        while next <= frame {
            number += 1
            next = place(number)
        }
    }

    /// The end of time where it is further than frames can be counted.
    private func place(_ number: Int64) -> Int64 {
        let frames: Int64
        switch span {
        case .frames(let each):
            let (product, isBeyond) = each.multipliedReportingOverflow(by: number)
            guard !isBeyond else { return .max }
            frames = product
        case .nanoseconds(let each):
            let (product, isBeyond) = each.multipliedReportingOverflow(by: number)
            guard !isBeyond else { return .max }
            frames = TimeSpan.nanoseconds(product).frames(rate: rate)
        }
        let (place, isLate) = origin.addingReportingOverflow(max(frames, number))
        return isLate ? .max : place
    }
}
