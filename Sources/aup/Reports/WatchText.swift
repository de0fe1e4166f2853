import AupEngine
import AupSound

/// An announcement of a watch, for people and for programs.
enum WatchText {
    // MARK: - For people

    /// `added    usb:046d:0825:A77  microphone  USB Microphone  (hw:CARD=Mic,DEV=0)`.
    static func line(_ news: DeviceNews.Announcement) -> String {
        let kind = news.kind.rawValue
        var line = kind + String(repeating: " ", count: 9 - kind.count) + subject(news)
        if news.untold > 0 { line += " (and \(news.untold) more changes since it was last told of)" }
        return line
    }

    static func line(_ sources: DeviceWatch.Sources) -> String {
        var ways: [String] = []
        if sources.kernel { ways.append("the kernel's news") }
        if sources.nodes { ways.append("/dev/snd") }
        if sources.controls > 0 {
            ways.append("controls of \(sources.controls) card\(sources.controls == 1 ? "" : "s")")
        }
        return "watching " + (ways.isEmpty ? "by looking" : ways.joined(separator: ", "))
    }

    private static func subject(_ news: DeviceNews.Announcement) -> String {
        switch news.subject {
        case .server(let server): return "server \(server.name)  \(server.socket)"
        case .standard(let direction, let name):
            let was = news.changes.first?.before.map { ", was \($0)" } ?? ""
            return "\(direction.word) \(name ?? "nothing")\(news.kind == .present ? "" : was)"
        case .device(let device):
            let name = device.identifier ?? device.name
            guard news.kind != .changed else {
                let changes = news.changes.map { "\($0.name) \($0.before ?? "-") -> \($0.now ?? "-")" }
                return "\(name)  \(changes.joined(separator: ", "))"
            }
            let forms = forms(device)
            let opened = device.identifier == nil ? "" : "  (\(device.name))"
            return "\(name)  \(forms.isEmpty ? "" : forms.joined(separator: ", ") + "  ")\(device.description)\(opened)"
        }
    }

    // MARK: - For programs

    static func object(_ news: DeviceNews.Announcement) -> String {
        var object = begun(news.kind.rawValue)
        switch news.subject {
        case .server(let server):
            object.add("kind", "sound-server")
            object.add("name", server.name)
            object.add("socket", server.socket)
        case .standard(let direction, let name):
            object.add("kind", "default")
            object.add("direction", direction.word)
            object.add("name", name)
            if news.kind != .present { object.add("before", news.changes.first?.before) }
        case .device(let device):
            object.add("kind", device.kind.rawValue)
            object.add("name", device.name)
            object.add("id", device.identifier)
            object.add("description", device.description)
            object.add("capture", device.capture != nil)
            object.add("playback", device.playback != nil)
            object.add("forms", forms(device))
            if news.kind == .changed {
                let changes = news.changes.map { change in
                    var entry = JSONText()
                    entry.add("what", change.name)
                    entry.add("before", change.before)
                    entry.add("after", change.now)
                    return entry
                }
                object.add("changes", objects: changes)
            }
        }
        if news.untold > 0 { object.add("untold", news.untold) }
        return object.line
    }

    static func object(_ sources: DeviceWatch.Sources) -> String {
        var object = begun("watching")
        object.add("kernel", sources.kernel)
        object.add("nodes", sources.nodes)
        object.add("controls", sources.controls)
        return object.line
    }

    private static func begun(_ event: String) -> JSONText {
        var object = JSONText()
        object.add("event", event)
        object.add("time", DeviceWatch.secondsNow)
        return object
    }

    // MARK: -

    private static func forms(_ device: SoundDevice) -> [String] {
        var forms: [String] = []
        for side in [device.capture, device.playback] {
            guard let form = side?.form, form != .unknown, !forms.contains(form.rawValue) else { continue }
            forms.append(form.rawValue)
        }
        return forms
    }
}
