public import AupSound
import CALSA

/// Every card there is, and every name that `-D` takes, with what can be told of it.
///
/// The kernel's cards come from procfs and sysfs, names from alsa-lib's hints. Names of the configuration are followed on
/// paper; only hardware is ever opened, and only where it is free: whoever runs goes on undisturbed.
///
/// - Thread: control.
public struct DeviceInventory: Sendable {
    /// How much is looked at.
    public enum Detail: Sendable {
        /// Names, places, forms and who holds what: files are read, nothing is opened.
        case names
        /// Also what free hardware can do, and the cards' volumes.
        case capabilities
    }

    public var cards: [SoundCard] = []
    /// Hardware by card and number, then the configuration's names.
    public var devices: [SoundDevice] = []

    /// - Parameters:
    ///   - isComplete: also the names that hardly anybody looks for; see ``HintedName/isUsual``.
    ///   - folders: where the kernel tells of its cards. Where it is not this machine's, nothing is opened.
    public static func read(
        _ detail: Detail = .capabilities, isComplete: Bool = false, folders: HostFolders = .current
    ) -> DeviceInventory {
        var inventory = DeviceInventory()
        let found = FoundCard.all(folders)
        inventory.cards = found.map(\.card)
        let names = ALSADirectory.entries.map { HintedName($0) }.filter { isComplete || $0.isUsual }
        // The library reads its files once for its hints, and once more for whoever wants to follow a name.
        let configuration = found.isEmpty && names.allSatisfy(\.isServer) ? nil : ALSAConfiguration()
        let opensHardware = detail == .capabilities && folders.isHost && configuration?.isHardwareItself == true
        let routes = DefaultRoutes(configuration)
        for card in found {
            inventory.devices += card.devices(routes, opensHardware: opensHardware, configuration, folders)
        }
        inventory.add(names, routes, configuration)
        return inventory
    }

    /// The configuration's names, without those of the hardware.
    private mutating func add(_ names: [HintedName], _ routes: DefaultRoutes, _ configuration: ALSAConfiguration?) {
        let taken = Set(devices.map(\.name))
        var names = names.filter { !taken.contains($0.entry.name) }
        if !names.contains(where: { $0.entry.name == "default" }), routes.capture != nil || routes.playback != nil {
            let entry = ALSADirectory.Entry(
                name: "default", description: "Default Audio Device", canCapture: routes.capture != nil,
                canPlay: routes.playback != nil)
            names.insert(HintedName(entry), at: 0)
        }
        for name in names { devices.append(name.device(configuration, cards)) }
    }

    /// Where `default` leads in each direction; `nil` where nothing that is there stands behind it.
    struct DefaultRoutes {
        var capture: PCMRoute?
        var playback: PCMRoute?

        init(_ configuration: ALSAConfiguration?) {
            guard let configuration else { return }
            capture = PCMRoute("default", .capture, configuration)
            playback = PCMRoute("default", .playback, configuration)
        }

        func leads(to card: SoundCard, _ pcm: CardPCM) -> Bool {
            guard let route = pcm.direction == .capture ? capture : playback, let name = route.card else {
                return false
            }
            return (name == card.id || name == "\(card.index)") && route.device == pcm.device
        }
    }
}

extension ALSAConfiguration {
    /// Whether `hw` means the kernel's own devices, as everywhere but where somebody has put something in its place.
    var isHardwareItself: Bool { definition("hw:CARD=0,DEV=0", kind: "pcm")?["type"]?.text == "hw" }
}
