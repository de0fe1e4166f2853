import AupALSA
import AupRealtime
import AupSound
import AupSystem

/// The body of a device test's audio thread, one a direction.
///
/// - Thread: aup.audio, from the first line of ``run()`` to the last.
final class DeviceTestLoop: @unchecked Sendable {
    // @unchecked because the cycle moves to the one thread that runs it, before that thread starts, and nobody else
    // touches it.
    private var cycle: DeviceTestCycle
    private let poll: DevicePoll
    private let counters: LoopCounters
    private let bell: Doorbell
    private let scheduling: Scheduling
    private let idleMilliseconds: Int32

    init(
        _ device: AudioDevice, _ direction: DeviceDirection, levelDecibels: Double, looks: DeviceLooks,
        counters: LoopCounters, bell: Doorbell, audioBell: Doorbell, scheduling: Scheduling
    ) {
        cycle = DeviceTestCycle(
            port: device.port, configuration: device.configuration, direction: direction,
            levelDecibels: levelDecibels, looks: looks, counters: counters)
        poll = DevicePoll(device, bell: audioBell)
        self.counters = counters
        self.bell = bell
        self.scheduling = scheduling
        idleMilliseconds = DeviceLoop.idleMilliseconds(device.configuration)
    }

    func run() {
        scheduling.promoteCurrentThread(isAudio: true)
        RealtimeSection.enter()
        cycle.start()
        RealtimeSection.exit()
        loop: while true {
            poll.wait(bellOnly: false, milliseconds: idleMilliseconds)
            RealtimeSection.enter()
            var verdict = cycle.turn(isStopping: counters.isStopping)
            RealtimeSection.exit()
            while case .waitForResume = verdict {
                poll.wait(bellOnly: true, milliseconds: 10)
                verdict = cycle.turn(isStopping: counters.isStopping)
            }
            if case .ended = verdict { break loop }
        }
        bell.ring()
    }
}
