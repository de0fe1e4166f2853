import AupALSA
import AupFiles
import AupSimulation
import AupSound

// Questions that need no running device.
extension AudioDevice {
    /// The directions to try: what was asked for, else the one of a simulation; of a PCM nobody knows before it was tried.
    static func directions(
        of name: String, asked: DeviceDirection?
    ) throws(DeviceError) -> [DeviceDirection] {
        if let asked { return [asked] }
        guard SimulationSpec.isSimulated(name) else { return [.capture, .playback] }
        return [try SimulatedDevice.direction(of: name)]
    }

    static func abilities(_ request: DeviceRequest) throws(DeviceError) -> DeviceAbilities {
        guard SimulationSpec.isSimulated(request.name) else { return try ALSADevice.abilities(request) }
        return try SimulatedDevice.abilities(request, file: try simulatedFile(request))
    }

    static func answer(_ wish: FormatWish, _ request: DeviceRequest) throws(DeviceError) -> FormatAnswer {
        guard SimulationSpec.isSimulated(request.name) else { return try ALSADevice.answer(wish, request) }
        return try SimulatedDevice.answer(wish, request, file: try simulatedFile(request))
    }

    private static func simulatedFile(_ request: DeviceRequest) throws(DeviceError) -> SimulatedFile? {
        guard request.direction == .capture, case .file(let path) = try SimulationSpec(request.name).source else {
            return nil
        }
        return try SoundFileLoader.load(path, for: request.name)
    }
}
