import AupALSA

/// The devices there are, for `aup devices`.
///
/// - Thread: control.
public struct DeviceList: Sendable {
    public struct Card: Sendable {
        public let index: Int
        public let id: String
        public let name: String
    }

    /// One name that `-D` takes.
    public struct Entry: Sendable {
        public let name: String
        public let description: String
        public let canCapture: Bool
        public let canPlay: Bool
        /// One program at a time.
        public let isExclusive: Bool
        public let isSimulated: Bool
    }

    public let cards: [Card]
    public let entries: [Entry]

    /// What alsa-lib lists now, and the simulations, which are always there.
    public static func current() -> DeviceList {
        let cards = ALSADirectory.cards.map { Card(index: $0.index, id: $0.id, name: $0.name) }
        let found = ALSADirectory.entries.map { entry in
            Entry(
                name: entry.name, description: entry.description.split(separator: "\n").joined(separator: ", "),
                canCapture: entry.canCapture, canPlay: entry.canPlay, isExclusive: entry.isExclusive,
                isSimulated: false)
        }
        return DeviceList(cards: cards, entries: found + simulations)
    }

    private static let simulations = [
        ("sim:sine", "Simulated: a sine, 1 kHz at -20 dBFS", true), ("sim:noise", "Simulated: white noise", true),
        ("sim:sweep", "Simulated: 20 Hz to 20 kHz", true), ("sim:impulse", "Simulated: a click a second", true),
        ("sim:silence", "Simulated: silence", true), ("sim:null", "Simulated: plays into nothing", false),
    ].map {
        Entry(name: $0.0, description: $0.1, canCapture: $0.2, canPlay: !$0.2, isExclusive: false, isSimulated: true)
    }
}
