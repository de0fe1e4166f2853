/// Turns counts that an audio thread lets out into events: a loss is told when it is over, one that lasts now and then,
/// and not only at the end.
struct LossWatch {
    private var underrun = Tally()
    private var skip = Tally()

    /// - Parameter isLast: no more looks will follow.
    mutating func news(_ status: SessionStatus, isLast: Bool = false) -> [SessionEvent] {
        var events: [SessionEvent] = []
        if let frames = underrun.news(status.underrunFrames, seconds: status.seconds, isLast: isLast) {
            events.append(.underrun(frames: frames))
        }
        if let frames = skip.news(status.skippedFrames, seconds: status.seconds, isLast: isLast) {
            events.append(.skip(frames: frames))
        }
        return events
    }

    /// One count that only grows.
    private struct Tally {
        /// How long one that grows and grows is kept back.
        static let patienceSeconds = 5.0

        private var seen: Int64 = 0
        private var told: Int64 = 0
        private var since = 0.0

        mutating func news(_ count: Int64, seconds: Double, isLast: Bool) -> Int64? {
            let isGrowing = count > seen
            if isGrowing, seen == told { since = seconds }
            seen = count
            guard seen > told, !isGrowing || isLast || seconds - since >= Self.patienceSeconds else { return nil }
            defer {
                told = seen
                since = seconds
            }
            return seen - told
        }
    }
}
