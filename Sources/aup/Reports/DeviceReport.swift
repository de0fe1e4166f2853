import AupEngine
import AupSound

/// `aup devices`: a table for people, an object a line for programs.
struct DeviceReport {
    let options: ListOptions
    let reports: AnswerOptions

    func list() {
        let devices = DeviceList.current(isComplete: options.all)
        if reports.json {
            for device in devices.devices { Printer.line(DeviceJSON.object(device).line, to: .standardOutput) }
        } else {
            for line in Self.table(devices) { Printer.line(Printer.printable(line), to: .standardOutput) }
        }
    }

    /// Inputs, outputs, and what there is without hardware; each device by what `-D` takes, then what it is.
    static func table(_ list: DeviceList) -> [String] {
        var lines: [String] = []
        let real = list.devices.filter { $0.kind != .simulation }
        if list.cards.isEmpty { lines.append("There is no sound card on this machine.") }
        for (title, direction) in [("Inputs", DeviceDirection.capture), ("Outputs", .playback)] {
            let rows = real.compactMap { DeviceRow($0, direction, among: list.devices) }
            guard !rows.isEmpty else { continue }
            lines += lines.isEmpty ? [title] : ["", title]
            lines += DeviceRow.aligned(rows)
        }
        let defaults = real.filter { $0.kind == .hardware }.flatMap { [$0.capture, $0.playback] }.compactMap(\.self)
            .filter(\.isDefault)
        if !defaults.isEmpty {
            // Who has a card's own name has it alone; what several share has one format for all.
            let isShared = real.contains { $0.name == "default" && $0.kind == .shared }
            let formats = isShared ? Set(defaults.compactMap(\.sharedFormat).map(DeviceRow.shared)).sorted() : []
            let together = formats.isEmpty ? "" : ", shared at " + formats.joined(separator: " and ")
            lines += ["", "* is where the device 'default' leads\(together)."]
        }
        let silent = list.devices.filter { $0.kind == .simulation }
        let sources = silent.filter { $0.capture != nil }.map(\.name).joined(separator: " ")
        let sinks = silent.filter { $0.playback != nil }.map(\.name).joined(separator: " ")
        lines += lines.isEmpty ? [] : [""]
        lines += ["Without a sound card: \(sources) for sound, \(sinks) to play into."]
        return lines
    }
}

/// A device in one direction, as a line of the table.
struct DeviceRow {
    /// The mark of the default, and what `-D` takes.
    var name: String
    var form: String
    var offer: String
    var state: String
    var description: String

    init?(_ device: SoundDevice, _ direction: DeviceDirection, among devices: [SoundDevice]) {
        guard let side = device.side(direction) else { return nil }
        name = (side.isDefault && device.kind == .hardware ? "* " : "  ") + (device.identifier ?? device.name)
        form = side.form == .unknown ? (device.kind == .hardware ? "" : device.kind.rawValue) : side.form.rawValue
        offer = side.abilities.map(Self.offer) ?? ""
        state = device.kind == .hardware ? Self.state(side) : side.obstacle ?? ""
        description = device.description
        if device.kind != .hardware { description += Self.goal(device, direction, devices) }
        if let volume = side.volume { description += Self.text(volume) }
    }

    /// Columns as wide as their widest cell, but for cells that are all too long.
    static func aligned(_ rows: [DeviceRow]) -> [String] {
        func width(_ cell: (DeviceRow) -> String) -> Int { min(rows.map { cell($0).count }.max() ?? 0, 48) }
        let widths = [width { $0.name }, width { $0.form }, width { $0.offer }, width { $0.state }]
        return rows.map { row in
            let cells = zip([row.name, row.form, row.offer, row.state], widths).filter { $1 > 0 }
            let start = cells.map { text, width in text + String(repeating: " ", count: max(width - text.count, 0)) }
            let line = (start + [row.description]).joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    /// `44.1-192k s16,s32 2ch`.
    private static func offer(_ offer: DeviceAbilities) -> String {
        let formats = offer.formats.map(\.name).joined(separator: ",")
        let channels = ends(offer.channelList.map(String.init))
        return "\(ends(offer.rateList.map(thousands)))k \(formats.isEmpty ? "?" : formats) \(channels)ch"
    }

    /// `48k s16 2ch`.
    static func shared(_ format: PCMFormat) -> String {
        "\(thousands(format.rate))k \(format.sampleFormat.name) \(format.channels)ch"
    }

    private static func ends(_ words: [String]) -> String {
        guard let first = words.first, let last = words.last, first != last else { return words.first ?? "?" }
        return words.count == 2 ? "\(first)/\(last)" : "\(first)-\(last)"
    }

    /// Hertz as kilohertz: `44.1`, `48`, `11.025`.
    private static func thousands(_ rate: Int) -> String {
        rate % 1000 == 0 ? "\(rate / 1000)" : "\(Double(rate) / 1000)"
    }

    private static func state(_ side: DeviceSide) -> String {
        guard !side.streams.isEmpty else { return side.obstacle ?? "free" }
        var holders: [String] = []
        for stream in side.streams {
            let name = stream.command ?? stream.process.map { "process \($0)" } ?? "somebody"
            let holder = stream.command != nil && stream.process != nil ? "\(name) (\(stream.process ?? 0))" : name
            if !holders.contains(holder) { holders.append(holder) }
        }
        var text = holders.count > 2 ? "\(holders[0]) and \(holders.count - 1) more" : holders.joined(separator: ", ")
        if side.streams.count == 1, let running = side.streams[0].configuration {
            text += ", \(thousands(running.rate))k \(running.sampleWord) \(running.channels)ch"
        }
        let left = side.subdevices - side.streams.count
        return left > 0 ? "\(left) of \(side.subdevices) free: \(text)" : text
    }

    /// Where a name leads: to a card of the list by the name it has there, to anything else by its type.
    private static func goal(_ device: SoundDevice, _ direction: DeviceDirection, _ devices: [SoundDevice]) -> String {
        if let card = device.card,
            let own = devices.first(where: { $0.kind == .hardware && $0.card?.index == card.index })
        {
            return " -> \(own.card?.identifier ?? card.id)"
        }
        guard let target = device.target, target != device.name else { return "" }
        return " -> \(target)"
    }

    private static func text(_ volume: DeviceVolume) -> String {
        if volume.isMuted == true { return " (\(volume.control) is muted)" }
        return volume.percent.map { " (\(volume.control) at \($0)%)" } ?? ""
    }
}
