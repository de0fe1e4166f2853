public import AupSound

extension SimulatedDevice {
    /// The one direction that a simulation has.
    public static func direction(of name: String) throws(DeviceError) -> DeviceDirection {
        try SimulationSpec(name).source == .null ? .playback : .capture
    }

    /// All that a simulation can do: what its name leaves open.
    public static func abilities(
        _ request: DeviceRequest, file: SimulatedFile? = nil
    ) throws(DeviceError) -> DeviceAbilities {
        let spec = try SimulationSpec(request.name)
        let usual = try agree(spec, request, file)
        var found = DeviceAbilities(
            name: request.name, direction: request.direction, kind: .simulation, type: "sim")
        let sample = file?.format.sampleFormat ?? spec.format
        found.formats = sample.map { [$0] } ?? SampleFormat.allCases
        found.formatNames = found.formats.map(\.alsaName)
        found.rates = [(file?.format.rate ?? spec.rate).map { $0...$0 } ?? Limits.rates]
        found.channels = [(file?.format.channels ?? spec.channels).map { $0...$0 } ?? 1...Limits.channels]
        if let layout = file?.format.layout {
            found.channelMaps = [.init(freedom: .fixed, positions: layout.positions)]
        }
        found.accesses = [.readWrite]
        // What DeviceRequest.sizes(rate:) leaves of a wish.
        found.periodFrames = 16...Limits.bufferFrames / 2
        found.bufferFrames = 32...Limits.bufferFrames
        found.periods = 2...Limits.bufferFrames / 16
        found.traits.canPause = false
        found.traits.isBatch = false
        let sizes = request.sizes(rate: usual.rate)
        found.usual = DeviceConfiguration(
            format: usual, periodFrames: sizes.periodFrames, bufferFrames: sizes.bufferFrames, isMemoryMapped: false,
            name: request.name)
        return found
    }

    /// Whether a simulation takes a format exactly.
    public static func answer(
        _ wish: FormatWish, _ request: DeviceRequest, file: SimulatedFile? = nil
    ) throws(DeviceError) -> FormatAnswer {
        let all = try abilities(request, file: file)
        if let format = wish.sampleFormat, !all.formats.contains(format) {
            return .no("has no \(format.name); it offers \(all.formats.map(\.name).joined(separator: ", "))")
        }
        if let rate = wish.rate, !all.rates[0].contains(rate) {
            return .no("has no \(rate) Hz; it offers \(all.rates[0].lowerBound) Hz")
        }
        if let channels = wish.channels, !all.channels[0].contains(channels) {
            return .no("has no \(channels) channels; it offers \(all.channels[0].lowerBound)")
        }
        var asked = request
        (asked.sampleFormat, asked.rate, asked.channels) = (wish.sampleFormat, wish.rate, wish.channels)
        return .yes(try agree(try SimulationSpec(request.name), asked, file), isConverted: false)
    }
}
