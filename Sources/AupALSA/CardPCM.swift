import AupSound

/// One direction of a card's PCM device, as procfs or sysfs tells of it.
///
/// - Thread: control.
struct CardPCM: Sendable, Equatable {
    var card: Int
    var device: Int
    var direction: DeviceDirection
    /// The driver's words: `ALC257 Analog`, `HDMI 0`, `USB Audio`; empty where only sysfs was to be had.
    var id = ""
    var name = ""
    var subdevices = 1
    var streams: [DeviceStream] = []

    /// The PCMs of a card by number, playback before capture.
    static func all(card: Int, _ folders: HostFolders) -> [CardPCM] {
        let fromProcesses = folders.names("\(folders.processes)/asound/card\(card)", prefix: "pcm").compactMap {
            CardPCM(card: card, word: $0.dropFirst(3), folders)
        }
        // Containers often have no /proc/asound, and the devices all the same.
        let found =
            !fromProcesses.isEmpty
            ? fromProcesses
            : folders.names("\(folders.system)/class/sound", prefix: "pcmC\(card)D").compactMap { name in
                CardPCM(card: card, word: name.dropFirst("pcmC\(card)D".count))
            }
        return found.sorted { ($0.device, $0.isCapture ? 1 : 0) < ($1.device, $1.isCapture ? 1 : 0) }
    }

    private var isCapture: Bool { direction == .capture }

    init(card: Int, device: Int, direction: DeviceDirection) {
        self.card = card
        self.device = device
        self.direction = direction
    }

    /// `0p`, `3c`.
    private init?(card: Int, word: Substring) {
        guard let letter = word.last, letter == "p" || letter == "c", let device = Int(word.dropLast()) else {
            return nil
        }
        self.init(card: card, device: device, direction: letter == "c" ? .capture : .playback)
    }

    private init?(card: Int, word: Substring, _ folders: HostFolders) {
        self.init(card: card, word: word)
        let folder = "\(folders.processes)/asound/card\(card)/pcm\(word)"
        guard let text = folders.text("\(folder)/info") else { return }
        let info = KeyedLines(text)
        id = info["id"] ?? ""
        name = info["name"] ?? ""
        subdevices = max(info.number("subdevices_count") ?? 1, 1)
        // Looking at each of many takes time; where none is taken there is nothing to see.
        if info.number("subdevices_avail") == subdevices { return }
        streams = DeviceStream.held(in: folder, 0..<subdevices, folders)
    }
}

extension DeviceStream {
    /// The subdevices in a PCM's folder that somebody holds.
    static func held(in folder: String, _ subdevices: Range<Int>, _ folders: HostFolders) -> [DeviceStream] {
        // More than any driver has but a dummy's.
        subdevices.prefix(256).compactMap { DeviceStream(folder: "\(folder)/sub\($0)", $0, folders) }
    }

    /// `nil` where nobody holds the subdevice.
    private init?(folder: String, _ subdevice: Int, _ folders: HostFolders) {
        guard let text = folders.text("\(folder)/status"), !text.hasPrefix("closed") else { return nil }
        let status = KeyedLines(text)
        self.init(subdevice: subdevice, state: status["state"]?.lowercased() ?? "open")
        if let owner = status.number("owner_pid"), owner > 0 { setOwner(owner, folders) }
        guard let agreed = folders.text("\(folder)/hw_params"), !agreed.hasPrefix("closed") else { return }
        let parameters = KeyedLines(agreed)
        guard let format = parameters["format"], let rate = parameters.number("rate"),
            let channels = parameters.number("channels"), let period = parameters.number("period_size"),
            let buffer = parameters.number("buffer_size")
        else { return }
        configuration = Configuration(
            formatName: format, rate: rate, channels: channels, periodFrames: period, bufferFrames: buffer)
    }

    /// The kernel tells the thread that opened the stream; its process is what a person knows.
    private mutating func setOwner(_ thread: Int, _ folders: HostFolders) {
        let status = folders.text("\(folders.processes)/\(thread)/status").map(KeyedLines.init)
        process = status?.number("Tgid") ?? thread
        command = process.flatMap { folders.line("\(folders.processes)/\($0)/comm") }
    }
}
