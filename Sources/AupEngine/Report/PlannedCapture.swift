import AupFiles
public import AupSound
import AupSystem

/// What a capture would do if it ran now: `--check`. Looks at the device, opens nothing for writing.
public struct PlannedCapture: Sendable {
    public struct Moment: Sendable, Equatable {
        public var local: String
        public var utc: String
    }

    public var device: String
    /// What the device would agree to; `nil` when it could not be opened.
    public var agreed: DeviceConfiguration?
    public var deviceProblem: String?
    /// Somebody else holds the device now, which says nothing about then.
    public var isDeviceBusy = false
    /// `nil`: at once, and until it is ended.
    public var start: Moment?
    public var end: Moment?
    public var isLate = false
    public var durationSeconds: Double?
    public var outputs: [PlannedOutput]
    public var lockPath: String?
    /// Who holds the lock now.
    public var lockHolder: String?

    /// - Returns: the plan, or what makes it impossible.
    public static func make(_ configuration: SessionConfiguration) -> Result<PlannedCapture, Refusal> {
        make(configuration, now: WallClock.nanoseconds())
    }

    /// Why there is no plan.
    public struct Refusal: Error, Sendable {
        public var ending: SessionEnding
    }

    static func make(_ configuration: SessionConfiguration, now: Int64) -> Result<PlannedCapture, Refusal> {
        var plan = PlannedCapture(device: configuration.input.name, outputs: [])
        do throws(SessionFailure) {
            let window = try configuration.window(now: now)
            try configuration.checkOutputs()
            let start = max(window?.start ?? now, now)
            for output in configuration.outputs {
                plan.outputs.append(try PlannedOutput(output, configuration, start: start))
            }
            plan.start = window?.start.map { moment($0) }
            plan.end = window?.end.map { moment($0) }
            plan.isLate = window?.isLate ?? false
        } catch {
            if case .before(let ending) = error { return .failure(Refusal(ending: ending)) }
        }
        plan.lockPath = configuration.scheduling.lockPath
        plan.lockHolder = plan.lockPath.flatMap { FileLock.holder($0) }
        do throws(DeviceError) {
            let device = try AudioDevice.open(configuration.deviceRequest(configuration.input.name, .capture))
            plan.agreed = device.configuration
            device.close()
        } catch {
            plan.deviceProblem = error.message
            if case .busy = error { plan.isDeviceBusy = true }
        }
        let rate = plan.agreed?.format.rate ?? configuration.rate
        if case .frames(let frames)? = configuration.duration {
            plan.durationSeconds = rate.map { Double(frames) / Double($0) }
        } else {
            plan.durationSeconds = configuration.duration.map { Double($0.nanoseconds(rate: 48_000)) / 1e9 }
        }
        return .success(plan)
    }

    private static func moment(_ unixNanoseconds: Int64) -> Moment {
        Moment(
            local: CalendarZone.local.civil(unixNanoseconds).text,
            utc: CalendarZone.utc.civil(unixNanoseconds).text + " UTC")
    }
}
