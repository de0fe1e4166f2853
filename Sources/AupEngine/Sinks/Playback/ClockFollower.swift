import AupRealtime
import AupSound
import AupSystem

/// Follows a live source's clock at a playback device: collects what both sides say of their time, and lets the
/// ``DriftController`` decide.
///
/// The audio thread marks its place in the queue each time it has looked at the device; the transport marks a packet
/// when it comes. Stalls and underruns are the ``PlaybackPacer``'s, which sees the queue as it is: the controller only
/// leaves out or fills in what has crept up beyond five milliseconds.
///
/// - Thread: transport; the marks come from the audio thread through a ring.
final class ClockFollower {
    /// Marks that may wait: with a period of 10 ms two seconds.
    static let markCapacity = 256

    private let configuration: DeviceConfiguration
    private var controller: DriftController
    private var marks: PeriodRing.Consumer
    private var playedFrames: Int64 = 0

    init(sourceRate: Int, configuration: DeviceConfiguration, marks: consuming PeriodRing.Consumer) {
        self.configuration = configuration
        controller = Self.controller(sourceRate, configuration)
        self.marks = marks
    }

    private static func controller(_ sourceRate: Int, _ configuration: DeviceConfiguration) -> DriftController {
        let periodFrames = configuration.periodFrames
        let rate = configuration.format.rate
        return DriftController(
            sourceRate: sourceRate, deviceRate: rate, sourcePeriodFrames: max(periodFrames * sourceRate / rate, 1),
            devicePeriodFrames: periodFrames)
    }

    /// The stream goes on at another rate: its clock is learnt anew.
    func restart(sourceRate: Int) {
        controller = Self.controller(sourceRate, configuration)
    }

    var ratio: Double { controller.ratio }
    var isEngaged: Bool { controller.isEngaged }

    /// What is known of the two clocks.
    var status: DriftStatus {
        DriftStatus(
            partsPerMillion: controller.partsPerMillion, isLocked: controller.state == .locked,
            isEngaged: controller.isEngaged, errorFrames: controller.errorFrames)
    }

    /// A packet came at this time; all that was ever queued for the device, or will be of what is still inside.
    func arrived(frames: Int, writtenFrames: Double, timeNanoseconds: Int64) -> DriftController.CatchUp {
        while let mark = marks.pop() {
            if mark.cause != 0 { controller.deviceStopped() }
            controller.read(
                frames: Int(mark.position - playedFrames), skipped: Int(mark.lostBefore),
                timeNanoseconds: mark.captureTimeNanoseconds)
            playedFrames = mark.position
        }
        return controller.wrote(frames: frames, writtenFrames: writtenFrames, timeNanoseconds: timeNanoseconds)
    }
}

/// What a session shows of a source's clock against its device's.
public struct DriftStatus: Sendable, Equatable {
    /// How much faster the source runs; `nil` until known.
    public var partsPerMillion: Double?
    /// Whether the clocks are known and the latency is led to its target.
    public var isLocked: Bool
    /// Whether the sound is stretched: not while equal clocks need none of it.
    public var isEngaged: Bool
    /// The latency less its target, in frames of the device.
    public var errorFrames: Double
}
