import AupEngine
import AupSound

/// `aup devices`.
enum DeviceReport {
    static func list(_ options: ReportOptions) {
        let devices = DeviceList.current()
        if options.json {
            for device in devices.entries { Printer.line(json(device), to: .standardOutput) }
        } else {
            table(devices)
        }
    }

    private static func json(_ device: DeviceList.Entry) -> String {
        var object = JSONText()
        object.add("name", device.name)
        object.add("description", device.description)
        object.add("capture", device.canCapture)
        object.add("playback", device.canPlay)
        object.add("exclusive", device.isExclusive)
        object.add("simulated", device.isSimulated)
        return object.line
    }

    private static func table(_ devices: DeviceList) {
        if devices.cards.isEmpty {
            Printer.line("no sound card; sim:sine and sim:null work without one", to: .standardOutput)
        }
        for card in devices.cards {
            Printer.line("card \(card.index) \(card.id): \(card.name)", to: .standardOutput)
        }
        let width = min(devices.entries.map(\.name.count).max() ?? 0, 40)
        for device in devices.entries {
            let direction = device.canCapture ? (device.canPlay ? "both    " : "capture ") : "playback"
            let name = device.name + String(repeating: " ", count: max(width - device.name.count, 0))
            Printer.line("\(direction)  \(name)  \(device.description)", to: .standardOutput)
        }
    }
}
