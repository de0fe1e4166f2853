import AupSound

extension ALSADirectory {
    /// What alsa-lib opens for a name of `-D`: of an identifier the card's PCM, of any other name that itself.
    static func pcmName(_ name: String, folders: HostFolders = .current) throws(DeviceError) -> String {
        guard let identifier = DeviceIdentifier(name) else { return name }
        let cards = PluggedCard.all(folders)
        let found = cards.filter { $0.answers(to: identifier.card) }
        if found.count == 1 { return identifier.name(card: found[0].id) }
        // Without sysfs a card is still known by its short name.
        if cards.isEmpty, case .name(let id) = identifier.card { return identifier.name(card: id) }
        guard found.isEmpty else {
            let words = found.map { card in
                var exact = identifier
                exact.card = card.identifier(among: cards)
                return "'\(exact.word)'"
            }
            throw .broken(
                name: name, what: "\(found.count) cards answer to that; say which: \(words.joined(separator: " or "))")
        }
        throw .unknown(name: name, remedy: remedy(name, among: NearName.cards(folders)))
    }

    private static func remedy(_ name: String, among cards: [NearName.Card]) -> String {
        let listing = "'aup devices' lists what is there"
        if cards.isEmpty { return "this machine has no sound card; 'sim:sine' and 'sim:null' need none, \(listing)" }
        return NearName.of(name, among: cards).map { "did you mean '\($0)'? \(listing)" } ?? listing
    }
}
