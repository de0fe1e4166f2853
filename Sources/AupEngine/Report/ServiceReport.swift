import AupSound
import AupSystem

/// Keeps a service manager informed, where one listens.
///
/// - Thread: main.
struct ServiceReport {
    private let notifier = ServiceNotifier.ofEnvironment()
    private var heartbeat: ServiceHeartbeat

    init() {
        heartbeat = ServiceHeartbeat(watchdogNanoseconds: notifier?.watchdogNanoseconds)
    }

    var isHeard: Bool { notifier != nil }

    /// Says what is due. Costs nothing where nobody listens.
    mutating func beat(now: Int64, isStopping: Bool, status: () -> SessionStatus) {
        guard let notifier else { return }
        let status = status()
        let messages = heartbeat.beat(
            now: now, frames: status.frames, isWaiting: status.isWaiting, isStopping: isStopping
        ) { Self.line(status) }
        for message in messages { notifier.send(message) }
    }

    private static func line(_ status: SessionStatus) -> String {
        if status.isWaiting {
            return status.frames == 0 ? "waiting for the device or its time" : "waiting for the device"
        }
        let format = status.format.map { ", \($0.summary)" } ?? ""
        return
            "\(status.frames) frames\(format), \(status.lostFrames) lost in \(status.gaps) gaps, \(status.xruns) xruns"
    }
}
