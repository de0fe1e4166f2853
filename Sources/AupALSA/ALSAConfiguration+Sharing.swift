import AupSound

extension ALSAConfiguration {
    /// What alsa-lib's own sharing (dmix, dsnoop) would run hardware at that can do this, by the configuration's defaults.
    ///
    /// Source of the order of formats where the configuration leaves them open: snd_pcm_direct_initialize_slave in
    /// alsa-lib's pcm_direct.c.
    func sharedFormat(_ abilities: DeviceAbilities) -> PCMFormat? {
        let asked = value("defaults.pcm.dmix.format").flatMap { SampleFormat(name: $0) }
        let order = (asked.map { [$0] } ?? []) + [.s32, .s16, .s24, .s24Packed, .u8]
        guard let format = order.first(where: abilities.formats.contains),
            let rate = nearest("rate", ALSADevice.usualRate, abilities.rates),
            let channels = nearest("channels", ALSADevice.usualChannels, abilities.channels)
        else { return nil }
        return PCMFormat(format, rate: rate, channels: channels)
    }

    private func nearest(_ key: String, _ usual: Int, _ offered: [ClosedRange<Int>]) -> Int? {
        let wanted = value("defaults.pcm.dmix.\(key)").flatMap { Int($0) } ?? usual
        let ends = offered.map { min(max(wanted, $0.lowerBound), $0.upperBound) }
        return ends.min { abs($0 - wanted) < abs($1 - wanted) }
    }
}
