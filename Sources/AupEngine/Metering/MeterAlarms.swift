import AupSound

/// Watches the alarms of a session.
///
/// - Thread: one at a time.
struct MeterAlarms {
    enum Change: Equatable {
        case raised(AlarmExpression, measured: String)
        case cleared(AlarmExpression)
    }

    private struct Watched {
        var alarm: AlarmExpression
        /// Since when it is true, in seconds of sound.
        var since: Double?
        var isRaised = false
    }

    /// Times of the sound are sums of fractions: what is a nanosecond short is there.
    private static let rounding = 1e-9

    private var watched: [Watched]

    init(_ alarms: [AlarmExpression]) {
        watched = alarms.map { Watched(alarm: $0) }
    }

    /// The sound's time begins anew: what has to last does so from then on. What rings goes on to until it is over.
    mutating func reset() {
        for index in watched.indices { watched[index].since = nil }
    }

    mutating func look(_ reading: MeterReading) -> [Change] {
        var changes: [Change] = []
        for index in watched.indices {
            let alarm = watched[index].alarm
            if watched[index].isRaised {
                guard alarm.isOver(in: reading) else { continue }
                watched[index].isRaised = false
                watched[index].since = nil
                changes.append(.cleared(alarm))
            } else if alarm.holds(in: reading) {
                let since = watched[index].since ?? reading.seconds
                watched[index].since = since
                guard reading.seconds - since >= Double(alarm.nanoseconds) / 1e9 - Self.rounding else { continue }
                watched[index].isRaised = true
                changes.append(.raised(alarm, measured: alarm.measured(in: reading)))
            } else {
                watched[index].since = nil
            }
        }
        return changes
    }
}
