import AupSound
import CALSA

/// Where a PCM's name leads, by alsa-lib's configuration alone: nothing is opened, no server is started or waited for.
///
///     default ─ empty ─► plug ─► asym ─► dmix ─► hw        a card, shared
///     default ─ pulse                                     a server
///
/// - Thread: control.
struct PCMRoute: Equatable {
    /// The types on the way, from the name on: `plug`, `dmix`, `hw`.
    var types: [String] = []
    /// The card at the end, by number or short name, where there is one.
    var card: String?
    var device = 0

    /// Types that let several programs have one card.
    private static let sharing: Set = ["dmix", "dsnoop", "dshare"]
    /// Types that are a server's client.
    static let servers: Set = ["pulse", "pipewire", "jack", "bluealsa", "shm"]

    var kind: SoundDevice.Kind {
        if types == ["hw"] { return .hardware }
        if types.contains(where: Self.servers.contains) { return .server }
        return types.contains(where: Self.sharing.contains) ? .shared : .plugin
    }

    /// Whether one program at a time may have it.
    var isExclusive: Bool { types.last == "hw" && kind != .shared }

    /// `hw:0,0`, or the type at the end.
    var target: String? { card.map { "hw:\($0),\(device)" } ?? types.last }

    var form: FormFactor {
        switch types.last {
        case "bluealsa", "shm": .network
        case let last? where Self.servers.contains(last): .server
        case "null", "file": .virtual
        default: .unknown
        }
    }

    /// To a server, by the type of its client.
    init(server type: String) { types = [type] }

    /// `nil` where the configuration has no such name.
    init?(_ name: String, _ direction: DeviceDirection) {
        guard let configuration = ALSAConfiguration() else { return nil }
        self.init(name, direction, configuration)
    }

    init?(_ name: String, _ direction: DeviceDirection, _ configuration: ALSAConfiguration) {
        guard let definition = configuration.definition(name, kind: "pcm") else { return nil }
        follow(definition, direction, configuration, depth: 0)
        guard !types.isEmpty else { return nil }
    }

    /// Goes on from a definition. Because a configuration may go round in a circle, twelve steps are the most.
    private mutating func follow(
        _ node: ALSANode, _ direction: DeviceDirection, _ configuration: ALSAConfiguration,
        depth: Int
    ) {
        guard depth < 12 else { return }
        if let name = node.text {
            guard let next = configuration.definition(name, kind: "pcm") else { return }
            follow(next, direction, configuration, depth: depth + 1)
            return
        }
        guard let type = node["type"]?.text else { return }
        types.append(type)
        if type == "hw" {
            card = node["card"]?.scalar ?? "0"
            device = node["device"]?.scalar.flatMap { Int($0) } ?? 0
            return
        }
        if type == "asym" {
            guard let half = node[direction == .capture ? "capture" : "playback"] else { return }
            slave(half, direction, configuration, depth)
        } else if let slave = node["slave"] {
            self.slave(slave, direction, configuration, depth)
        } else if let slaves = node["slaves"], let first = slaves.first {
            self.slave(first, direction, configuration, depth)
        }
    }

    /// A slave is a name of `pcm_slave`, or has a `pcm`; the half of an `asym` may also be a name of a PCM.
    private mutating func slave(
        _ node: ALSANode, _ direction: DeviceDirection, _ configuration: ALSAConfiguration,
        _ depth: Int
    ) {
        if let pcm = node["pcm"] {
            follow(pcm, direction, configuration, depth: depth + 1)
        } else if let name = node.text, let definition = configuration.definition(name, kind: "pcm_slave"),
            let pcm = definition["pcm"]
        {
            follow(pcm, direction, configuration, depth: depth + 1)
        } else {
            follow(node, direction, configuration, depth: depth + 1)
        }
    }
}
