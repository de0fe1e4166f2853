import AupSound

/// A name of the configuration, and what it is to somebody who looks for a device.
struct HintedName {
    let entry: ALSADirectory.Entry
    /// What stands before the colon.
    let stem: String
    /// The card that is named in it.
    let card: String?

    init(_ entry: ALSADirectory.Entry) {
        self.entry = entry
        let colon = entry.name.firstIndex(of: ":") ?? entry.name.endIndex
        stem = String(entry.name[..<colon])
        let key = entry.name.firstRange(of: "CARD=")
        card = key.map { String(entry.name[$0.upperBound...].prefix { $0 != "," }) }
    }

    /// alsa-lib's and alsa-plugins' own names, which are there on every machine and lead to no device of their own: rate
    /// converters, mixers of channels, ways around a card that has a line of its own, and servers that hardly run.
    static let parts: Set = [
        "null", "lavrate", "lavrate_medium", "lavrate_high", "samplerate", "samplerate_medium", "samplerate_best",
        "samplerate_order", "samplerate_linear", "speexrate", "speexrate_medium", "speexrate_best", "speex", "jack",
        "oss",
        "upmix", "vdownmix", "usbstream", "usb_stream", "arcam_av", "a52", "dca", "iec958", "spdif", "hdmi", "front",
        "rear", "center_lfe", "side", "modem", "phoneline", "dmix", "dsnoop", "hw", "plughw", "plug", "shm", "tee",
        "file",
        "sysdefault", "rate_convert", "asym", "aloop",
    ]

    /// Whether it is shown without being asked for.
    var isUsual: Bool {
        if entry.name == "default" { return true }
        if card != nil, stem == "default" { return false }
        return !Self.parts.contains(stem) && !stem.hasPrefix("surround")
    }

    /// Whether the name alone says that it is a server's client.
    var isServer: Bool { PCMRoute.servers.contains(entry.name) }

    /// Names that lead to the card that they name, by the way that is said for each: no need to follow them.
    private static let shared: Set = ["default", "sysdefault", "dmix", "dsnoop"]

    func device(_ configuration: ALSAConfiguration?, _ cards: [SoundCard]) -> SoundDevice {
        var device = SoundDevice(
            name: entry.name, description: entry.description, kind: .plugin, isExclusive: entry.isExclusive,
            isUsual: isUsual)
        if let card {
            device.card = cards.first { $0.id == card }
            device.kind = Self.shared.contains(stem) ? .shared : .plugin
            device.isExclusive = device.kind != .shared
        }
        for direction in [DeviceDirection.capture, .playback] where entry.supports(direction) {
            var side = DeviceSide(form: .unknown, isDefault: entry.name == "default")
            if isServer {
                let route = PCMRoute(server: entry.name)
                device.kind = route.kind
                device.target = route.target
                side.form = route.form
            } else if card == nil, let configuration, let route = PCMRoute(entry.name, direction, configuration) {
                device.kind = route.kind
                device.isExclusive = route.isExclusive
                device.target = route.target
                device.card = cards.first { $0.id == route.card || "\($0.index)" == route.card }
                side.form = route.form
            }
            if direction == .capture { device.capture = side } else { device.playback = side }
        }
        return device
    }
}
