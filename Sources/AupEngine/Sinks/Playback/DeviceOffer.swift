import AupResampling
import AupSound

extension AudioDevice {
    /// Opens a device for sound of a format: at its rate if the device can do that, else at the one that suits it best;
    /// with its channels, else with channels of the device's own choice. What was asked for by name is never given up.
    static func open(
        _ request: DeviceRequest, for format: PCMFormat
    ) throws(DeviceError) -> AudioDevice {
        let device = try open(request, for: format, rate: request.rate)
        guard device.configuration.format.rate != format.rate, !Resampler.isAvailable else { return device }
        // Without the library that brings sound to other rates a PCM that does so itself is better than none.
        device.close()
        if let other = try? open(request, for: format, rate: format.rate) { return other }
        return try open(request, for: format, rate: request.rate)
    }

    private static func open(
        _ request: DeviceRequest, for format: PCMFormat, rate: Int?
    ) throws(DeviceError) -> AudioDevice {
        var exact = request
        exact.sampleFormat = request.sampleFormat ?? format.sampleFormat
        exact.rate = rate
        exact.soundRate = format.rate
        exact.channels = format.channels
        exact.layout = request.layout ?? format.layout
        do throws(DeviceError) {
            return try open(exact)
        } catch {
            guard case .unsupported = error, request.channels == nil else { throw error }
            var other = exact
            other.channels = nil
            other.layout = request.layout
            do throws(DeviceError) {
                return try open(other)
            } catch let second {
                guard case .unsupported = second else { throw second }
            }
            // The first refusal says what was wanted and what there is.
            throw error
        }
    }
}

extension PCMFormat {
    /// The layout of sound, or what the count alone means in files.
    var usualLayout: ChannelLayout? { layout ?? .usual(channels: channels) }

    /// The layout of a device, or what the count alone means to ALSA.
    var deviceLayout: ChannelLayout? { layout ?? .standard(channels: channels) }
}
