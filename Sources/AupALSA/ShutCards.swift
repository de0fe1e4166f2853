import AupSound
import Glibc

/// Cards that the kernel has and this user may not open.
///
/// alsa-lib passes over a card whose control device it cannot open, so that its names lead nowhere (ENOENT, ENODEV), as if
/// there was none. What is missing then is the permission, and not the card.
///
/// - Thread: control.
struct ShutCards: Sendable {
    private let cards: [PluggedCard]
    private let shut: Set<Int>

    /// - Parameter isShut: by a card's number; otherwise the nodes are asked, without being opened.
    init(_ folders: HostFolders = .current, isShut: ((Int) -> Bool)? = nil) {
        cards = PluggedCard.all(folders)
        let refuses = isShut ?? { Self.refuses("\(folders.nodes)/controlC\($0)") }
        shut = Set(cards.map(\.index).filter(refuses))
    }

    /// Whether this is why alsa-lib finds nothing behind a PCM's name: the card that it tells is shut; or it tells none, as
    /// `default` does, and no card is open.
    func explain(_ name: String) -> Bool {
        guard !shut.isEmpty else { return false }
        if let identifier = DeviceIdentifier(name) {
            return cards.contains { $0.answers(to: identifier.card) && shut.contains($0.index) }
        }
        guard let hardware = CardIdentity.HardwareName(name) else { return shut.count == cards.count }
        return cards.contains { (hardware.card == $0.id || hardware.card == "\($0.index)") && shut.contains($0.index) }
    }

    /// By the rights that open(2) goes by, which are not those of access(2).
    private static func refuses(_ path: String) -> Bool {
        guard unsafe faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0 else { return false }
        return errno == EACCES || errno == EPERM
    }
}
