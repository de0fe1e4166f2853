public import AupSound

/// What there is at one moment, as far as somebody who watches wants to know.
///
/// - Thread: any.
public struct DeviceSnapshot: Sendable, Equatable {
    public var devices: [SoundDevice]
    /// Sound servers that listen now.
    public var servers: [SoundServer]

    public init(devices: [SoundDevice] = [], servers: [SoundServer] = []) {
        self.devices = devices
        self.servers = servers
    }

    /// Where the device `default` leads: hardware by its identifier, anything else by what its definition says.
    func defaultName(_ direction: DeviceDirection) -> String? {
        let real = devices.first { $0.kind == .hardware && $0.side(direction)?.isDefault == true }
        if let real { return real.identifier ?? real.name }
        return devices.first { $0.name == "default" && $0.side(direction) != nil }?.target
    }
}

/// A sound server's socket, at which somebody listens.
///
/// - Thread: any.
public struct SoundServer: Sendable, Equatable {
    /// `pulse`, `pipewire`.
    public var name: String
    public var socket: String

    public init(name: String, socket: String) {
        self.name = name
        self.socket = socket
    }
}

extension SoundDevice {
    /// What a device is told by as long as it is watched.
    var watchedName: String { identifier ?? name }

    /// What flaps together: a loose plug takes all PCMs of a card with it.
    var watchedGroup: String { card.map { "card \($0.place.isEmpty ? $0.id : $0.place)" } ?? "name \(name)" }

    /// What may change of a device while it is there, in words.
    var watchedFacts: [(name: String, value: String)] {
        var facts: [(name: String, value: String)] = [("name", name), ("description", description)]
        if let target { facts.append(("target", target)) }
        for (word, side) in [("input", capture), ("output", playback)] {
            guard let side else { continue }
            facts.append(("\(word)_form", side.form.rawValue))
            if kind == .hardware, identifier != nil { facts.append(("\(word)_holder", Self.holders(side))) }
            guard let volume = side.volume else { continue }
            if let percent = volume.percent { facts.append(("\(word)_volume", "\(percent)%")) }
            if let isMuted = volume.isMuted { facts.append(("\(word)_muted", isMuted ? "yes" : "no")) }
        }
        return facts
    }

    private static func holders(_ side: DeviceSide) -> String {
        var names: [String] = []
        for stream in side.streams {
            let who = [stream.command, stream.process.map { "\($0)" }].compactMap(\.self).joined(separator: " ")
            if !names.contains(who) { names.append(who.isEmpty ? "somebody" : who) }
        }
        return names.isEmpty ? "nobody" : names.prefix(3).joined(separator: ", ")
    }
}
