import AupALSA
import AupSound
import AupSystem

/// The machine as a watch sees it: the inventory by names and states, the cards' volumes, and who listens.
///
/// No PCM is opened, so that a stream that runs is not disturbed and no hardware is woken.
///
/// - Thread: main.
final class WatchedHost {
    /// What can be seen in passing, to notice that there is more to see.
    struct Glance: Equatable {
        var nodes: [String]
        var servers: [SoundServer]
    }

    let folders = HostFolders.current
    /// The cards of the last look, by number.
    private(set) var cards: Set<Int> = []
    /// What could be seen in passing at the last look; `nil` before the first.
    private(set) var seen: Glance?
    private var isConfigurationOld = false

    /// alsa-lib's configuration has to be read anew at the next look.
    func configurationChanged() { isConfigurationOld = true }

    func look(_ servers: [SoundServer]) -> DeviceSnapshot {
        let present = nodeNames
        let now = Glance(nodes: (present ?? []).sorted(), servers: listening(servers))
        // Also for other cards or servers: what the configuration says of a card, it has read from that card's driver's file.
        if isConfigurationOld || (seen ?? now) != now { ALSADirectory.forgetConfiguration() }
        isConfigurationOld = false
        seen = now
        var devices = DeviceInventory.read(.names, folders: folders).devices.filter { device in
            // The control comes last: before, not all of the card's PCMs are there. Where there is no folder, nobody knows.
            guard let present, let card = device.card, device.kind == .hardware else { return true }
            return present.contains("controlC\(card.index)")
        }
        // What is drawn has no controls that could be opened.
        cards = folders.isHost ? Set(devices.compactMap { $0.kind == .hardware ? $0.card?.index : nil }) : []
        for card in cards { CardControls.readVolumes(into: &devices, card: card) }
        return DeviceSnapshot(devices: devices, servers: now.servers)
    }

    func glance(_ servers: [SoundServer]) -> Glance {
        Glance(nodes: (nodeNames ?? []).sorted(), servers: listening(servers))
    }

    /// Whether a card has nodes of PCMs and none of its control: it comes, or goes, at this moment.
    var hasHalfACard: Bool {
        guard let names = nodeNames else { return false }
        return names.contains { name in
            guard name.hasPrefix("pcmC") else { return false }
            return !names.contains("controlC\(name.dropFirst(4).prefix { $0.isNumber })")
        }
    }

    private func listening(_ servers: [SoundServer]) -> [SoundServer] {
        let there = ListeningSockets.among(servers.map(\.socket), processes: folders.processes)
        return servers.filter { there.contains($0.socket) }
    }

    /// `nil` where there is no folder.
    private var nodeNames: Set<String>? { FolderNames.all(folders.nodes).map { Set($0) } }
}
