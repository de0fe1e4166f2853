import AupEngine
import AupSound

/// What a shell offers for devices and endpoints: those that are there, in the direction that is wanted.
enum EndpointCompletion {
    private struct Direction {
        var isInput = true
        var isOutput = true
    }

    /// What `-D` takes.
    static func devices(_ question: LiveCompletion.Question) -> [Offer] {
        var direction = Direction()
        switch (question.command, question.option) {
        case ("capture", _): direction.isOutput = false
        case ("play", _), (_, "--to"): direction.isInput = false
        default: break
        }
        if question.typed.hasPrefix("sim:") { return simulations(question.typed, direction) }
        let named = named(direction)
        // A name is being typed, and devices need not be looked for.
        return question.typed.hasPrefix("@") ? named : names(direction, question.typed) + named
    }

    /// What `-i`, `-o` and the addresses of `stream` take.
    static func endpoints(_ question: LiveCompletion.Question) -> [Offer] {
        let typed = question.typed
        let direction = Direction(
            isInput: ["--input", "--connect", "--receive"].contains(question.option),
            isOutput: ["--output", "--listen", "--send"].contains(question.option))
        let kinds = kinds(question, direction)
        guard let kind = kinds.first(where: { typed.hasPrefix($0.value) }) else {
            let takesNames = question.option == "--input" || question.option == "--output"
            let hasFiles = takesNames && !isDeviceOnly(question)
            return kinds + (takesNames ? named(direction) : []) + (hasFiles ? [.files] : [])
        }
        switch kind.value {
        case "alsa:":
            if typed.hasPrefix("alsa:@") { return named(direction, behind: "alsa:") }
            return names(direction, typed.dropFirst("alsa:".count)).filter { !$0.value.hasPrefix("sim:") }.map {
                Offer(value: "alsa:" + $0.value, note: $0.note)
            }
        case "sim:": return simulations(typed, direction)
        case "unix:": return sockets(typed)
        case "tcp:": return [Offer(value: "tcp:localhost:", note: "this machine alone; a port follows")]
        case "rtp:" where direction.isInput: return FolderEntries.offers(typed, behind: "rtp:", .ending(["sdp"]))
        default: return []
        }
    }

    /// `unix:PATH`.
    static func sockets(_ typed: String) -> [Offer] {
        guard typed.hasPrefix("unix:") else { return [Offer(value: "unix:", note: "a socket in the file system")] }
        return FolderEntries.offers(typed, behind: "unix:", .sockets)
    }

    private static func isDeviceOnly(_ question: LiveCompletion.Question) -> Bool {
        question.command == "capture" && question.option == "--input"
            || question.command == "play" && question.option == "--output"
    }

    private static func kinds(_ question: LiveCompletion.Question, _ direction: Direction) -> [Offer] {
        let unix = Offer(value: "unix:", note: "a socket in the file system")
        let tcp = Offer(value: "tcp:", note: "a socket of HOST:PORT")
        let rtp = Offer(value: "rtp:", note: direction.isInput ? "HOST:PORT or FILE.sdp" : "packets to HOST:PORT")
        let icecast = Offer(value: "icecast://", note: "HOST/MOUNT of a server")
        switch question.option {
        case "--receive", "--send": return [unix, tcp]
        case "--connect": return [unix, tcp, rtp]
        case "--listen": return [unix, tcp, rtp, icecast]
        default:
            let alsa = Offer(value: "alsa:", note: "a sound card")
            let simulated =
                direction.isInput
                ? Offer(value: "sim:", note: "a simulated device")
                : Offer(value: "sim:null", note: "plays into nothing")
            let devices = [alsa, simulated]
            guard !isDeviceOnly(question) else { return devices }
            return devices + [unix, tcp, rtp] + (direction.isOutput ? [icecast] : [])
        }
    }

    /// Names, and what stays of each when it is plugged in elsewhere. Nothing is opened for it. What a list of devices leaves
    /// out is offered once there is a letter, when somebody knows what he wants.
    private static func names(_ direction: Direction, _ typed: some StringProtocol) -> [Offer] {
        DeviceList.named(isComplete: !typed.isEmpty).devices.filter { device in
            direction.isInput && device.capture != nil || direction.isOutput && device.playback != nil
        }.flatMap { device in
            [Offer(value: device.name, note: device.description)]
                + (device.identifier.map { [Offer(value: $0, note: device.description)] } ?? [])
        }
    }

    /// What the configuration calls devices. Which direction they have is known of simulated ones alone.
    private static func named(_ direction: Direction, behind prefix: String = "") -> [Offer] {
        ConfiguredNames.devices().filter { _, device in
            guard device.hasPrefix("sim:") else { return true }
            return device.hasPrefix("sim:null") ? direction.isOutput : direction.isInput
        }.map { Offer(value: "\(prefix)@\($0.name)", note: $0.device) }
    }

    // MARK: - sim:

    /// Signals and files; behind a `?` options, behind an `=` their values where there are few.
    private static func simulations(_ typed: String, _ direction: Direction) -> [Offer] {
        guard let mark = typed.lastIndex(of: "?") else {
            let names = names(direction, typed).filter { $0.value.hasPrefix("sim:") }
            return names
                + (direction.isInput
                    ? FolderEntries.offers(typed, behind: "sim:", .ending(["wav", "flac", "au", "aiff", "caf", "w64"]))
                    : [])
        }
        let end = typed[mark...].lastIndex(of: "&") ?? mark
        let before = String(typed[...end])
        let option = typed[typed.index(after: end)...]
        if let sign = option.firstIndex(of: "=") {
            let key = String(option[..<sign])
            return values[key, default: []].map { Offer(value: before + key + "=" + $0) }
        }
        return options.map { Offer(value: before + $0.key + "=", note: $0.note) }
    }

    private static let options: [(key: String, note: String)] = [
        ("freq", "hertz of the sine (1000)"), ("level", "peak in dBFS (-20)"), ("rate", "what the device has"),
        ("channels", "what the device has"), ("format", "what the device has"),
        ("ppm", "clock error in parts per million"), ("pace", "realtime, or fast"),
        ("xrun", "frames or times at which it stops"), ("unplug", "when it vanishes"),
        ("replug", "when it can be opened again"), ("seed", "of the noise (1)"),
    ]

    private static let values: [String: [String]] = [
        "format": SampleFormat.allCases.map(\.name), "pace": ["realtime", "fast"],
        "rate": ["44100", "48000", "96000"], "channels": ["1", "2"],
    ]
}
