import AupALSA
import AupSimulation
import AupSystem
import Glibc

/// Waits for a device and a doorbell at once: where an audio thread blocks, and nowhere else.
///
/// - Thread: audio, between two cycles.
@safe final class DevicePoll {
    static let readable = Int16(POLLIN)

    private let port: DevicePort
    private let bell: Doorbell
    // Entry 0 is the doorbell, the device's follow; fixed memory because poll's answer is handed on to alsa-lib.
    private let entries: UnsafeMutablePointer<pollfd>
    private let deviceCount: Int

    init(_ device: AudioDevice, bell: Doorbell) {
        port = device.port
        self.bell = bell
        let watched = device.pollDescriptors
        deviceCount = watched.count
        unsafe entries = .allocate(capacity: watched.count + 1)
        unsafe entries.initialize(to: pollfd(fd: bell.number, events: Self.readable, revents: 0))
        for (index, entry) in watched.enumerated() {
            unsafe (entries + 1 + index).initialize(to: pollfd(fd: entry.descriptor, events: entry.events, revents: 0))
        }
    }

    deinit { unsafe entries.deallocate() }

    /// Waits for the doorbell, and for the device too unless `bellOnly`; the milliseconds bound it.
    func wait(bellOnly: Bool, milliseconds: Int32) {
        if !bellOnly, case .simulated(let simulated) = port { simulated.setWakeUp() }
        let count = bellOnly ? 1 : deviceCount + 1
        _ = unsafe poll(entries, nfds_t(count), milliseconds)
        if unsafe entries[0].revents != 0 { bell.answer() }
        guard !bellOnly, case .alsa(let alsa) = port else { return }
        // Also when nothing came back: some of alsa-lib's plugins do their bookkeeping here.
        let events = unsafe alsa.pollEvents(entries + 1, count: deviceCount)
        // A failed device answers poll at once for ever; a millisecond keeps its recovery from spinning.
        if events.isFailed { usleep(1000) }
    }
}
