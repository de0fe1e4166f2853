import AupALSA
public import AupSound
import AupSystem

/// The devices there are: cards, the configuration's names, and simulations, which are always there.
///
/// - Thread: control.
public struct DeviceList: Sendable {
    public let cards: [SoundCard]
    /// Hardware first, then names of the configuration, then simulations.
    public let devices: [SoundDevice]

    /// What is there now, with what free hardware can do and how loud the cards are set.
    ///
    /// - Parameter isComplete: also the names that hardly anybody looks for: alsa-lib's converters, and further ways to
    ///   cards that are listed already.
    public static func current(isComplete: Bool = false) -> DeviceList {
        list(.read(.capabilities, isComplete: isComplete))
    }

    /// The same by name, place and state alone: nothing is opened, so that a list that is made again and again, or while
    /// somebody types, costs little and wakes no hardware.
    public static func named(isComplete: Bool = false) -> DeviceList {
        list(.read(.names, isComplete: isComplete))
    }

    /// The endpoint that somebody meant who named a device without saying that it is one: `alsa:default` of `default`, or
    /// the nearest there is.
    public static func endpointMeant(by word: String, _ direction: DeviceDirection) -> String? {
        if ALSADirectory.names(direction).contains(word) { return "alsa:\(word)" }
        return ALSADirectory.nearest(to: word, direction).map { "alsa:\($0)" }
    }

    private static func list(_ inventory: DeviceInventory) -> DeviceList {
        DeviceList(cards: inventory.cards, devices: inventory.devices.map(looked) + simulations)
    }

    /// Of a server's client also whether there is such a server: its name is there wherever the plugin is installed.
    private static func looked(_ device: SoundDevice) -> SoundDevice {
        guard device.kind == .server else { return device }
        let sockets = WatchedPlaces.current.servers.filter { $0.name == device.target }.map(\.socket)
        guard !sockets.isEmpty,
            ListeningSockets.among(sockets, processes: HostFolders.current.processes).isEmpty
        else { return device }
        var device = device
        device.capture?.obstacle = "not running"
        device.playback?.obstacle = "not running"
        return device
    }

    private static let simulations = [
        ("sim:sine", "a sine, 1 kHz at -20 dBFS", true), ("sim:noise", "white noise", true),
        ("sim:sweep", "20 Hz to 20 kHz", true), ("sim:impulse", "a click a second", true),
        ("sim:silence", "silence", true), ("sim:null", "plays into nothing", false),
    ].map { name, description, isCapture in
        SoundDevice(
            name: name, description: description, kind: .simulation, isExclusive: false,
            capture: isCapture ? DeviceSide(form: .virtual) : nil,
            playback: isCapture ? nil : DeviceSide(form: .virtual))
    }
}
