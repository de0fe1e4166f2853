import AupFiles
import AupSimulation
import AupSound
import AupSystem

/// What stands between a capture device and the stages: its watch and the window of time.
///
///     device ─▶ signal watch ─▶ window ─▶ …
///
/// - Thread: transport.
struct CaptureFront {
    let head: any PacketSink
    private let window: WindowStage?
    private let windowTimes: Schedule.Window?

    /// - Parameter next: the first of the other stages.
    init(_ configuration: SessionConfiguration, events: EventQueue, next: any PacketSink) throws(SessionFailure) {
        guard case .device(let name) = configuration.input else {
            (head, window, windowTimes) = (next, nil, nil)
            return
        }
        var head = next
        windowTimes = try configuration.window(now: WallClock.nanoseconds())
        window = windowTimes.map { [head] in WindowStage($0, next: head) }
        if let window { head = window }
        self.head = SignalWatchStage(
            configuration.liveness, name: name, isSimulated: SimulationSpec.isSimulated(name), events: events,
            next: head)
    }

    var isOver: Bool { window?.isOver ?? false }

    /// Frames that will still be taken, by the window and by the duration.
    func framesWanted(_ duration: DurationLimit?) -> Int64? {
        [window?.framesWanted, duration?.framesWanted].compactMap { $0 }.min()
    }

    /// When the device is to be opened; `nil` for at once.
    var opensAt: Int64? {
        guard let start = windowTimes?.start else { return nil }
        return start - ReconnectingSource.armingNanoseconds
    }
}

extension SessionConfiguration {
    /// The window that the schedule means now; `nil` where there is no schedule.
    func window(
        now: Int64, zone: CalendarZone = .local
    ) throws(SessionFailure) -> Schedule.Window? {
        guard !scheduling.schedule.isEmpty else { return nil }
        do throws(Schedule.Impossible) {
            return try scheduling.schedule.window(now: now, duration: duration, zone: zone)
        } catch {
            throw .before(.usage(error.message))
        }
    }
}
