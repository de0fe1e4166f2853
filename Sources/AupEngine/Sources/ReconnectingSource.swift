import AupALSA
import AupSimulation
import AupSound
import AupSystem
import AupWire
import Synchronization

/// A capture device that may not be there yet, may not be wanted yet, and may go away and come back: one stream of
/// packets all the same, in which the time without a device is one gap.
///
///     asleep ─(a moment before --at)─► seeking ─► running ─► away ─► running …
///                                        └──── patience at its end ────┴─► end, exit 2
///
/// The gap's length is what the monotonic clock says between the last frame before and the first one after, so that a
/// place in the stream stays a time of the recording.
///
/// - Thread: transport; ``complete(_:)`` is for main.
final class ReconnectingSource: PacketSource {
    enum Phase {
        case asleep(until: Int64)
        case seeking(ReconnectPlan)
        case running(DeviceSource)
        case away(ReconnectPlan)
        case over
    }

    /// How long before the first frame that is wanted the device is opened: a USB device's start, a sound server's
    /// awakening and the learning of its clock all fit.
    static let armingNanoseconds: Int64 = 3_000_000_000

    let configuration: SessionConfiguration
    let scheduling: Scheduling
    let events: EventQueue
    let name: String
    /// By which name the device can be opened now; `nil` where it is not known to have another.
    let locate: () -> String?
    /// Frames that will still be taken, `nil` when that has no end; asked while no device delivers any.
    var framesWanted: () -> Int64? = { nil }
    private(set) var ending = SessionEnding.done

    var phase: Phase
    /// What goes out before anything else.
    var pending: [Packet] = []
    /// The first sound of a device that is back, while the gap before it goes out.
    var held: AudioPacket?
    var frameWatch: FrameWatch?
    var description: StreamDescription?
    /// Frames of the stream so far, and those of them that were lost.
    var position: Int64 = 0
    var lostFrames: Int64 = 0
    /// When the frame after the last one is captured, on the monotonic clock; `nil` before the first.
    var expected: Int64?
    /// A device that was found again and has not delivered a frame yet.
    var comeback: Comeback?
    var framesSinceClock: Int64 = 0
    /// What the card is, once it has been open; a test's `locate` stands for it.
    var identity: CardIdentity?
    let isLocated: Bool
    var isStopAsked = false
    var hasToldWaiting = false
    /// Why the last attempt failed.
    var lastError = ""
    private lazy var plugs = PlugWatch(configuration.liveness.deviceFolder, places: WatchedPlaces.current.places)
    /// Whether something may have changed since alsa-lib has read its configuration.
    private var isConfigurationOld = false
    private let idle = Doorbell()
    let numbers = Guarded(Numbers())

    /// Its absence goes on until its first frame: one that opens, delivers nothing and is lost again was never back.
    struct Comeback {
        var plan: ReconnectPlan
        /// By which name it was opened.
        var name: String
    }

    struct Numbers: Sendable {
        var counters: LoopCounters?
        /// Of devices that have been closed.
        var pastXruns: Int64 = 0
        /// What the last of them had learnt of its clock.
        var pastMilliPPM = Int.min
        var isWaiting = false
        var reconnects: Int64 = 0
    }

    /// Opens the device, unless it is to be waited for.
    ///
    /// - Parameters:
    ///   - opensAt: the wall clock's time before which the device is left alone; `nil` for now.
    ///   - locate: for tests; otherwise a card is found again by what its bus tells of it.
    init(
        _ name: String, _ configuration: SessionConfiguration, opensAt: Int64?, scheduling: Scheduling,
        events: EventQueue, locate: (() -> String?)? = nil
    ) throws(SessionFailure) {
        self.name = name
        self.configuration = configuration
        self.scheduling = scheduling
        self.events = events
        self.locate = locate ?? { nil }
        phase = .over
        isLocated = locate != nil
        if SimulationSpec.isSimulated(name) {
            // A name that can never be is no device that may still come.
            do throws(DeviceError) {
                _ = try SimulationSpec(name)
            } catch {
                throw .before(.deviceFailed(error.message))
            }
        }
        if let opensAt {
            phase = .asleep(until: opensAt)
            numbers.write { $0.isWaiting = true }
        } else if let patience = configuration.liveness.waitsForDevice {
            phase = .seeking(ReconnectPlan(patience, now: monotonicNanoseconds()))
        } else {
            do throws(DeviceError) {
                try open()
            } catch {
                throw .before(.deviceFailed(error.message))
            }
        }
    }

    // MARK: - Packets

    func next() -> Packet? {
        while true {
            if !pending.isEmpty { return pending.removeFirst() }
            if let audio = held {
                held = nil
                return take(audio)
            }
            switch phase {
            case .over: return nil
            case .asleep(let until):
                if isStopAsked { return finish(.stopped) }
                guard WallClock.nanoseconds() >= until else { return nil }
                phase = .seeking(
                    ReconnectPlan(
                        configuration.liveness.waitsForDevice ?? .nanoseconds(Self.armingNanoseconds),
                        now: monotonicNanoseconds()))
            case .seeking(let plan):
                if isStopAsked { return finish(.stopped) }
                guard step(plan) else { return nil }
            case .away(let plan):
                if isStopAsked {
                    fill(until: monotonicNanoseconds())
                    pending.append(finish(.stopped))
                    continue
                }
                if isWantedNoMore { return fillRest() }
                guard step(plan) else { return nil }
            case .running(let device):
                guard let packet = device.next() else {
                    return comeback != nil && isWantedNoMore ? fillRest() : lookForFrames()
                }
                if let packet = handle(packet, from: device) { return packet }
            }
        }
    }

    func wait() {
        switch phase {
        case .running(let device): device.wait()
        case .asleep(let until):
            let rest = until - WallClock.nanoseconds()
            // The wall clock may be set while we sleep, so it is looked at every second.
            idle.wait(milliseconds: Int32(min(max(rest / 1_000_000, 1), 1000)))
        case .seeking(let plan): wait(for: plan) { .seeking($0) }
        case .away(let plan): wait(for: plan) { .away($0) }
        case .over: idle.wait(milliseconds: 10)
        }
    }

    private func wait(for plan: ReconnectPlan, _ phase: (ReconnectPlan) -> Phase) {
        let now = monotonicNanoseconds()
        guard case .wait(let until) = plan.next(now: now) else { return }
        // Rounded up: a wait that ends a moment early would be followed by one of no time at all.
        guard plugs.wait(milliseconds: Int32(min((until - now) / 1_000_000 + 1, 1000))) else { return }
        isConfigurationOld = true
        var plan = plan
        plan.hurry(now: monotonicNanoseconds())
        self.phase = phase(plan)
    }

    /// Before an attempt: what a name stands for may be another thing now. A card's definitions are read with the card's
    /// driver's file, a server's where it runs, so that without this `default` would stay what it was when there was none.
    func renewConfiguration() {
        // Taken before it is looked, so that what comes meanwhile rings.
        if plugs.takeChanges() || !plugs.isWatching { isConfigurationOld = true }
        if isConfigurationOld { ALSADirectory.forgetConfiguration() }
        isConfigurationOld = false
    }

    func stop() {
        isStopAsked = true
        if case .running(let device) = phase { device.stop() }
    }

    func close() {
        if case .running(let device) = phase { device.close() }
    }

    // MARK: - Endings

    func finish(_ reason: EndReason) -> Packet {
        if case .running(let device) = phase { device.close() }
        phase = .over
        return .end(EndPacket(totalFrames: position, lostFrames: lostFrames, reason: reason))
    }

    func failed(_ message: String, _ ending: SessionEnding? = nil) -> Packet {
        if case .running(let device) = phase { device.close() }
        phase = .over
        self.ending = ending ?? .deviceFailed(message)
        return .end(
            EndPacket(totalFrames: position, lostFrames: lostFrames, reason: .error, code: 2, message: message))
    }

    private func fillRest() -> Packet? {
        fill(until: monotonicNanoseconds(), atMost: framesWanted() ?? .max)
        return pending.isEmpty ? nil : pending.removeFirst()
    }

    deinit { close() }
}
