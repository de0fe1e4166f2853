import AupSound
import AupSystem
import AupWire

/// Measures each packet of a line: how old it was when it came, and what it took.
///
/// - Thread: transport, but for ``status``.
final class PassageMeter: Sendable {
    private struct Content {
        var packets: Int64 = 0
        var late: Int64 = 0
        var processing = TimeHistogram()
        var age = TimeHistogram()
        var hasOwnClock = false
        var rate = 48_000
    }

    private let content = Guarded(Content())
    private let target: Int64

    /// - Parameter target: nanoseconds that a packet may be old besides its own length.
    init(target: Int64) {
        self.target = target
    }

    var status: PassageStatus {
        content.read { content in
            var status = PassageStatus()
            status.packets = content.packets
            status.latePackets = content.late
            status.processing = content.processing.distribution
            status.age = content.age.distribution
            return status
        }
    }

    /// Notes the format of the packets that follow.
    func see(_ description: StreamDescription) {
        content.write { content in
            content.hasOwnClock = description.hasOwnClock
            content.rate = description.rate
        }
    }

    /// - Parameters:
    ///   - frames: of a packet that was passed on.
    ///   - captured: when the first of them was.
    ///   - began: when it was taken from its source.
    ///   - nanoseconds: what it took from then on.
    func passed(frames: Int64, captured: Int64?, began: Int64, nanoseconds: Int64) {
        content.write { content in
            content.packets += 1
            content.processing.add(nanoseconds)
            guard content.hasOwnClock, let age = captured.flatMap({ age(of: $0, at: began) }) else { return }
            content.age.add(age)
            let length = TimeSpan.frames(frames).nanoseconds(rate: content.rate)
            if age > target, age - target > length { content.late += 1 }
        }
    }
}

/// Nanoseconds from a capture time to a moment of the same clock; `nil` for a stamp that no clock can have, and for one of
/// a time to come, as a simulated device that runs ahead gives its sound.
func age(of captured: Int64, at moment: Int64) -> Int64? {
    let (nanoseconds, isBeyond) = moment.subtractingReportingOverflow(captured)
    return isBeyond || nanoseconds < 0 ? nil : nanoseconds
}

extension StreamDescription {
    /// Whether its capture times may be compared with the time here.
    var hasOwnClock: Bool { clock == .monotonicOfThisBoot && clock.boot.contains { $0 != 0 } }
}
