import AupSound

/// What the USB driver tells of a PCM without being asked to open it: `/proc/asound/cardN/streamM`.
///
///     Yeti Stereo Microphone at usb-0000:00:14.0-2, full speed : USB Audio
///
///     Capture:
///       Status: Running
///       Interface 2
///         Altset 1
///         Format: S16_LE
///         Channels: 2
///         Rates: 8000, 44100, 48000           or   8000 - 48000 (continuous)
///         Channel map: FL FR
enum USBStreamFile {
    /// What a PCM offers in one direction, over all its settings; `nil` where there is nothing.
    static func abilities(_ text: String, name: String, _ direction: DeviceDirection) -> DeviceAbilities? {
        var isOurs = false
        var found = DeviceAbilities(name: name, direction: direction, origin: .driver, kind: .card, type: "HW")
        var channels: Set<Int> = []
        for line in text.split(separator: "\n") {
            if !line.hasPrefix(" ") {
                isOurs = line.hasPrefix(direction == .capture ? "Capture:" : "Playback:")
                continue
            }
            guard isOurs, let colon = line.firstIndex(of: ":") else { continue }
            let value = trimmed(line[line.index(after: colon)...])
            switch trimmed(line[..<colon]) {
            case "Format":
                for name in value.split(separator: " ") where !found.formatNames.contains(String(name)) {
                    found.formatNames.append(String(name))
                }
            case "Channels": if let count = Int(value), (1...Limits.channels).contains(count) { channels.insert(count) }
            case "Rates": found.rates += Self.rates(value).filter { !found.rates.contains($0) }
            case "Channel map":
                let names = value.split(separator: " ").joined(separator: ",")
                guard let layout = ChannelLayout(list: names) else { break }
                let offer = DeviceAbilities.MapOffer(freedom: .fixed, positions: layout.positions)
                if !found.channelMaps.contains(offer) { found.channelMaps.append(offer) }
            default: break
            }
        }
        guard !found.formatNames.isEmpty, !channels.isEmpty, !found.rates.isEmpty else { return nil }
        found.formats = SampleFormat.allCases.filter { found.formatNames.contains($0.alsaName) }
        found.rates.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
        found.channels = channels.sorted().map { $0...$0 }
        return found
    }

    private static func rates(_ text: String) -> [ClosedRange<Int>] {
        let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
        if text.contains("continuous") {
            guard numbers.count >= 2, numbers[0] <= numbers[1] else { return [] }
            let range = numbers[0]...numbers[1]
            return range.overlaps(Limits.rates) ? [range.clamped(to: Limits.rates)] : []
        }
        return numbers.filter { Limits.rates.contains($0) }.map { $0...$0 }
    }
}
