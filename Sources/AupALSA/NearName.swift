import AupSound

/// What a mistyped name of a device most likely meant: an identifier, a card's short name, its name, or a PCM.
///
/// - Thread: any.
enum NearName {
    /// What a card may be called by somebody who types.
    struct Card: Equatable {
        var index: Int
        var id: String
        var name: String
        var identifier: DeviceIdentifier.Card
    }

    static func cards(_ folders: HostFolders) -> [Card] {
        let plugged = PluggedCard.all(folders)
        let listings = CardListing.all(folders)
        guard !plugged.isEmpty else {
            return listings.map { Card(index: $0.index, id: $0.id, name: $0.name, identifier: .name($0.id)) }
        }
        return plugged.map { card in
            let name = listings.first { $0.index == card.index }?.name
            return Card(
                index: card.index, id: card.id, name: name ?? card.id, identifier: card.identifier(among: plugged))
        }
    }

    /// In the way in which it was asked: of an identifier another one, of `hw:X` another card, and of a word that is
    /// neither, the card that is called so.
    static func of(_ name: String, among cards: [Card]) -> String? {
        if var identifier = DeviceIdentifier(name) {
            // Of one make, another one is nearer than any slip of the pen.
            if case .usb(let product, _, _) = identifier.card,
                let same = cards.first(where: { $0.identifier.product == product })
            {
                identifier.card = same.identifier
                return identifier.word
            }
            if case .name(let id) = identifier.card {
                guard let near = nearest(id, cards.map { ($0.id, $0) }) else { return nil }
                identifier.card = .name(near.id)
                return identifier.word
            }
            guard let near = nearest(identifier.card.word, cards.map { ($0.identifier.word, $0) }) else { return nil }
            identifier.card = near.identifier
            return identifier.word
        }
        if let hardware = CardIdentity.HardwareName(name) {
            // A number that there is no card of says nothing of which was meant.
            guard Int(hardware.card) == nil, !cards.contains(where: { $0.id == hardware.card }) else { return nil }
            return nearest(hardware.card, cards.map { ($0.id, $0) }).map { hardware.with(card: $0.id) }
        }
        guard !name.contains(":") else { return nil }
        let called = cards.first { card in
            let wanted = name.lowercased()
            return card.id.lowercased() == wanted || wanted.count >= 3 && card.name.lowercased().contains(wanted)
        }
        let near = called ?? nearest(name, cards.flatMap { [($0.id, $0), ($0.name, $0)] })
        return near.map { DeviceIdentifier($0.identifier).word }
    }

    private static func nearest(_ text: String, _ candidates: [(name: String, card: Card)]) -> Card? {
        let name = nearest(text, among: candidates.map(\.name))
        return candidates.first { $0.name == name }?.card
    }

    /// At most two slips away: `hw:CARD=Device_1` is no slip of `hw:CARD=Speaker_2`, however long both are.
    static func nearest(_ text: String, among names: [String]) -> String? {
        NearWord.near(text, among: names, atMost: 2, isBeginningEnough: false).first
    }
}

extension DeviceIdentifier.Card {
    /// `046d:0825` of a USB card.
    var product: String? {
        guard case .usb(let product, _, _) = self else { return nil }
        return product
    }
}
