import AupALSA
import AupFiles
import AupSimulation
import AupSound

/// A sound card or a simulation of one: the one interface through which every session opens, runs and closes devices.
///
/// - Thread: control. While an audio thread uses the ``port``, nobody calls anything here but ``configuration``.
enum AudioDevice {
    case alsa(ALSADevice)
    case simulated(SimulatedDevice)

    /// Opens what the name says: `sim:…` a simulation, anything else an ALSA PCM.
    static func open(_ request: DeviceRequest) throws(DeviceError) -> AudioDevice {
        guard SimulationSpec.isSimulated(request.name) else { return .alsa(try ALSADevice(request)) }
        guard request.direction == .capture, case .file(let path) = try SimulationSpec(request.name).source else {
            return .simulated(try SimulatedDevice(request))
        }
        return .simulated(try SimulatedDevice(request, file: try SoundFileLoader.load(path, for: request.name)))
    }

    /// The same device by name alone: whether a clock paces it. A simulation at full speed has none.
    static func isPaced(_ name: String) -> Bool {
        guard SimulationSpec.isSimulated(name), let spec = try? SimulationSpec(name) else { return true }
        return spec.pace == .realtime
    }

    var configuration: DeviceConfiguration {
        switch self {
        case .alsa(let device): device.configuration
        case .simulated(let device): device.configuration
        }
    }

    var port: DevicePort {
        switch self {
        case .alsa(let device): .alsa(device.port)
        case .simulated(let device): .simulated(device.port)
        }
    }

    /// What poll must watch, in the port's order.
    var pollDescriptors: [(descriptor: Int32, events: Int16)] {
        switch self {
        case .alsa(let device): device.pollDescriptors.map { ($0.descriptor, $0.events) }
        case .simulated(let device): device.pollDescriptors.map { ($0, DevicePoll.readable) }
        }
    }

    func prepare(isLive: Bool) throws(DeviceError) {
        switch self {
        case .alsa(let device): try device.prepare(isLive: isLive)
        case .simulated(let device): try device.prepare(isLive: isLive)
        }
    }

    func start() throws(DeviceError) {
        switch self {
        case .alsa(let device): try device.start()
        case .simulated(let device): try device.start()
        }
    }

    /// Plays what is left; false when it was cut short.
    func drain(shouldStop: () -> Bool) -> Bool {
        switch self {
        case .alsa(let device): device.drain(shouldStop: shouldStop) == .drained
        case .simulated(let device): device.drain(shouldStop: shouldStop)
        }
    }

    func close() {
        switch self {
        case .alsa(let device): device.close()
        case .simulated(let device): device.close()
        }
    }
}
