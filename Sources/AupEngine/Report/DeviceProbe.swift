import AupALSA
public import AupSound

/// What each direction of a device answered to a question that is asked without running it.
///
/// - Thread: control.
public struct DeviceAnswers<Answer: Sendable>: Sendable {
    /// One direction. Either it answered, or there is a problem.
    public struct Side: Sendable {
        public var direction: DeviceDirection
        public var answer: Answer?
        public var problem: DeviceProblem?
    }

    public let name: String
    /// Only directions that the device has, or the one that was asked for; never empty.
    public private(set) var sides: [Side] = []

    /// - Parameter direction: `nil` asks each direction that the device has.
    init(
        _ name: String, _ direction: DeviceDirection?,
        _ ask: (DeviceDirection) throws(DeviceError) -> Answer
    ) {
        self.name = name
        var absent: [Side] = []
        do throws(DeviceError) {
            for each in try AudioDevice.directions(of: name, asked: direction) {
                do throws(DeviceError) {
                    sides.append(Side(direction: each, answer: try ask(each)))
                } catch {
                    let side = Side(direction: each, problem: DeviceProblem(error))
                    switch error {
                    // What a PCM says to a direction that it does not have; some plugins stumble over it.
                    case .unknown, .broken: absent.append(side)
                    default: sides.append(side)
                    }
                }
            }
        } catch {
            absent.append(Side(direction: .capture, problem: DeviceProblem(error)))
        }
        if sides.isEmpty { sides = Array(absent.prefix(1)) }
    }

    /// Whether at least one direction answered.
    public var isAnswered: Bool { sides.contains { $0.answer != nil } }
    public var problems: [DeviceProblem] { sides.compactMap(\.problem) }
}

/// Why a device could not be asked.
///
/// - Thread: any.
public struct DeviceProblem: Sendable, Equatable {
    /// One line.
    public var message: String
    public var isBusy = false
    /// Who holds it, where the kernel tells; only of a busy one.
    public var holder: DeviceStream?

    init(_ error: DeviceError) {
        message = error.message
        guard case .busy(_, let holder) = error else { return }
        isBusy = true
        self.holder = holder
    }
}

/// Looks at devices without running them: `aup devices --probe` and `--supports`.
///
/// - Thread: control.
public enum DeviceProbe {
    public static func abilities(
        _ name: String, _ direction: DeviceDirection?
    ) -> DeviceAnswers<DeviceAbilities> {
        DeviceAnswers(name, direction) { side throws(DeviceError) in
            try AudioDevice.abilities(DeviceRequest(name: name, direction: side))
        }
    }

    public static func support(
        of wish: FormatWish, by name: String, _ direction: DeviceDirection?
    ) -> DeviceAnswers<FormatAnswer> {
        DeviceAnswers(name, direction) { side throws(DeviceError) in
            try AudioDevice.answer(wish, DeviceRequest(name: name, direction: side))
        }
    }
}
