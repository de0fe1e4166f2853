import AupSound

extension AudioDevice {
    /// Opens a device for sound of a format: as it is if the device can do that, else with another rate, else with
    /// other channels, else with both of its own choice. What was asked for by name is never given up.
    static func open(
        _ request: DeviceRequest, for format: PCMFormat
    ) throws(DeviceError) -> AudioDevice {
        var exact = request
        exact.sampleFormat = request.sampleFormat ?? format.sampleFormat
        exact.rate = format.rate
        exact.channels = format.channels
        exact.layout = request.layout ?? format.layout
        do throws(DeviceError) {
            return try open(exact)
        } catch {
            guard case .unsupported = error else { throw error }
            for (keepsRate, keepsChannels) in [(false, true), (true, false), (false, false)] {
                guard keepsRate || request.rate == nil, keepsChannels || request.channels == nil else { continue }
                var other = exact
                if !keepsRate { other.rate = nil }
                if !keepsChannels {
                    other.channels = nil
                    other.layout = request.layout
                }
                do throws(DeviceError) {
                    return try open(other)
                } catch let second {
                    guard case .unsupported = second else { throw second }
                }
            }
            // The first refusal says what was wanted and what there is.
            throw error
        }
    }
}

extension PCMFormat {
    /// The layout, or what the count alone means.
    var usualLayout: ChannelLayout? { layout ?? ChannelLayout.standard(channels: channels) }
}
