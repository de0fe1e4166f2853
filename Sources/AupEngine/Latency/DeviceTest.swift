import AupALSA
public import AupSound
import AupSystem
import Glibc
import Synchronization

/// What a device test is to do.
public struct DeviceTestPlan: Sendable {
    public var name: String
    /// `nil` tests each direction that the device has, both at once.
    public var direction: DeviceDirection?
    public var sampleFormat: SampleFormat?
    public var rate: Int?
    public var channels: Int?
    public var layout: ChannelLayout?
    public var period: TimeSpan?
    public var buffer: TimeSpan?
    public var duration = TimeSpan.nanoseconds(5_000_000_000)
    /// Of the tone's peaks, in dBFS.
    public var levelDecibels = -20.0

    public init(name: String) { self.name = name }

    func request(_ direction: DeviceDirection) -> DeviceRequest {
        var request = DeviceRequest(name: name, direction: direction)
        (request.sampleFormat, request.rate, request.channels) = (sampleFormat, rate, channels)
        (request.layout, request.period, request.buffer) = (layout, period, buffer)
        return request
    }
}

/// All that a test found out.
public struct DeviceTestReport: Sendable {
    public var sides: [DeviceTestResult]
    /// What the audio threads ran as: wake-ups depend on it.
    public var scheduling: String?
    /// One line where they could not be what they should.
    public var warning: String?
}

/// Runs a device for a while and watches what it does: a tone goes out, what comes in is counted.
///
///     main:   signals, the time, the end
///     audio:  look, note, move a period           ── aup.audio, one a direction
///
/// A test runs once.
///
/// - Thread: main.
public final class DeviceTest {
    private let plan: DeviceTestPlan
    private let signals = SignalInbox()
    private let bell = Doorbell()
    private let scheduling = Scheduling(priority: RealtimePromotion.usualPriority)
    /// Which is being opened.
    private var direction = DeviceDirection.capture

    /// To be made before any thread is.
    public init(_ plan: DeviceTestPlan) { self.plan = plan }

    /// One direction that runs.
    private struct Side {
        let direction: DeviceDirection
        let device: AudioDevice
        let counters = LoopCounters()
        let audioBell = Doorbell()
        let looks: DeviceLooks
        var thread: WorkerThread?
    }

    /// What ended a test, in one line.
    public struct Failure: Error, Sendable {
        public var message: String
    }

    /// - Parameter forced: called on a second ending signal; does not return.
    /// - Returns: what was found, or what went wrong with the device.
    public func run(forced: (Int32) -> Never) -> Result<DeviceTestReport, Failure> {
        var sides: [Side] = []
        do throws(DeviceError) {
            try openAll(&sides)
            for side in sides { try side.device.prepare(isLive: false) }
            for index in sides.indices { try start(&sides[index]) }
        } catch {
            finish(sides, forced: forced)
            return .failure(Failure(message: error.message))
        }
        wait(sides)
        finish(sides, forced: forced)
        if let failure = sides.lazy.compactMap(failure).first { return .failure(failure) }
        let outcome = scheduling.result
        return .success(
            DeviceTestReport(sides: sides.map(result), scheduling: outcome?.summary, warning: outcome?.warning))
    }

    /// Every direction that the device has; a direction that it has and that cannot be had now is an error.
    private func openAll(_ sides: inout [Side]) throws(DeviceError) {
        var absence: DeviceError?
        for next in try AudioDevice.directions(of: plan.name, asked: plan.direction) {
            direction = next
            do throws(DeviceError) {
                let device = try AudioDevice.open(plan.request(direction))
                let looks = DeviceLooks(capacity: looksCapacity(device.configuration))
                sides.append(Side(direction: direction, device: device, looks: looks))
            } catch {
                switch error {
                case .unknown, .broken: absence = absence ?? error
                default: throw error
                }
            }
        }
        if sides.isEmpty, let absence { throw absence }
    }

    /// Room for twice the wake-ups that a clock would bring. A device without one would fill any room; for hours of short
    /// periods a million is enough, and the test is over when it is full.
    private func looksCapacity(_ configuration: DeviceConfiguration) -> Int {
        let frames = plan.duration.frames(rate: configuration.format.rate)
        return Int(min(frames / Int64(configuration.periodFrames) * 2 + 64, 1 << 20))
    }

    private func start(_ side: inout Side) throws(DeviceError) {
        let loop = DeviceTestLoop(
            side.device, side.direction, levelDecibels: plan.levelDecibels, looks: side.looks,
            counters: side.counters, bell: bell, audioBell: side.audioBell, scheduling: scheduling)
        do throws(SystemError) {
            side.thread = try WorkerThread(name: "aup.audio", bell: bell) { loop.run() }
        } catch {
            throw .broken(name: plan.name, what: error.message)
        }
    }

    /// Until the time is over, a signal says so, or a thread has ended by itself.
    private func wait(_ sides: [Side]) {
        let rate = sides[0].device.configuration.format.rate
        let end = monotonicNanoseconds() + plan.duration.nanoseconds(rate: rate)
        while !sides.contains(where: { $0.thread?.isFinished ?? true }) {
            let left = end - monotonicNanoseconds()
            if left <= 0 || waitForNews(milliseconds: min(left / 1_000_000 + 1, 1000)) != nil { return }
        }
    }

    /// Lets every thread come to its end, the last of the tone be heard, and the devices go.
    private func finish(_ sides: [Side], forced: (Int32) -> Never) {
        for side in sides {
            side.counters.stop()
            side.audioBell.ring()
        }
        while sides.contains(where: { !($0.thread?.isFinished ?? true) }) {
            if let number = waitForNews(milliseconds: 100) { forced(number) }
        }
        for side in sides {
            side.thread?.join()
            let isWell = side.thread != nil && side.counters.failure.load(ordering: .acquiring) == 0
            if isWell, side.looks.count > 0 { _ = side.device.drain { self.waitForNews(milliseconds: 0) != nil } }
            side.device.close()
        }
    }

    /// The signal that ends this, if one came.
    private func waitForNews(milliseconds: Int64) -> Int32? {
        var entries = [
            pollfd(fd: signals.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: bell.number, events: Int16(POLLIN), revents: 0),
        ]
        _ = unsafe poll(&entries, 2, Int32(clamping: milliseconds))
        if entries[1].revents != 0 { bell.answer() }
        while let arrival = signals.next() {
            if case .finish(let number) = arrival { return number }
        }
        return nil
    }

    private func failure(_ side: Side) -> Failure? {
        let name = side.device.configuration.name
        let code = side.counters.failure.load(ordering: .acquiring)
        guard code == 0 else { return Failure(message: "device '\(name)' \(LoopFailure.reason(code))") }
        guard side.looks.count == 0 else { return nil }
        let word = side.direction == .capture ? "gave" : "took"
        return Failure(message: "device '\(name)' \(word) not one period; is something it waits for missing?")
    }

    private func result(_ side: Side) -> DeviceTestResult {
        var result = DeviceTestResult(
            side.direction, side.device.configuration, side.looks.all, isCutShort: side.looks.isFull)
        result.frames = Int64(side.counters.frames.load(ordering: .relaxed))
        result.lostFrames = Int64(side.counters.lostFrames.load(ordering: .relaxed))
        result.xruns = Int64(side.counters.xruns.load(ordering: .relaxed))
        return result
    }
}
