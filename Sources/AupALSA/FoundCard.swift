import AupSound
import CALSA

/// A card with its PCMs, put together from all who know something of it.
///
/// - Thread: control.
struct FoundCard {
    var card: SoundCard
    var pcms: [CardPCM]
    private var usb: USBDescription?
    private var codecs: [HDAPins]

    /// Cards in the kernel's order.
    static func all(_ folders: HostFolders) -> [FoundCard] {
        let plugged = PluggedCard.all(folders)
        let listings = CardListing.all(folders)
        var numbers = Set(plugged.map(\.index) + listings.map(\.index))
        if numbers.isEmpty, folders.isHost { numbers = Set(ALSADirectory.numbers) }
        return numbers.sorted().map { number in
            FoundCard(
                number, plugged.first { $0.index == number }, among: plugged,
                listings.first { $0.index == number }, folders)
        }
    }

    private init(
        _ index: Int, _ plugged: PluggedCard?, among cards: [PluggedCard], _ listing: CardListing?,
        _ folders: HostFolders
    ) {
        var listing = listing
        pcms = CardPCM.all(card: index, folders)
        // alsa-lib's own view costs an open of the control device, and is needed only where procfs is hidden.
        if folders.isHost, listing == nil || pcms.contains(where: { $0.id.isEmpty }),
            let control = CardControl(card: index)
        {
            listing = listing ?? control.listing
            pcms = control.pcms
        }
        let id = plugged?.id ?? listing?.id ?? "\(index)"
        let identifier = plugged?.identifier(among: cards) ?? .name(id)
        card = SoundCard(
            index: index, id: id, driver: listing?.driver ?? "", name: listing?.name ?? id,
            longName: listing?.longName ?? "", identifier: DeviceIdentifier(identifier).word,
            place: plugged?.identity.place ?? "", product: plugged?.identity.product, serial: plugged?.identity.serial)
        usb =
            plugged?.bus == "usb"
            ? plugged?.folder.flatMap { folders.bytes("\($0)/descriptors") }.map { USBDescription($0) } : nil
        codecs = HDAPins.all(card: index, folders)
    }

    /// The card's PCMs, both directions of a number as one device.
    func devices(
        _ routes: DeviceInventory.DefaultRoutes, opensHardware: Bool,
        _ configuration: ALSAConfiguration?, _ folders: HostFolders
    ) -> [SoundDevice] {
        var devices: [SoundDevice] = []
        for number in Set(pcms.map(\.device)).sorted() {
            var device = SoundDevice(
                name: "hw:CARD=\(card.id),DEV=\(number)",
                identifier: DeviceIdentifier(card.identifier).map { identifier in
                    var identifier = identifier
                    identifier.device = number
                    return identifier.word
                }, description: "", kind: .hardware, isExclusive: true, card: card, device: number)
            for pcm in pcms where pcm.device == number {
                device.description = description(pcm)
                var side = side(pcm, name: device.name, opensHardware: opensHardware, configuration, folders)
                side.isDefault = routes.leads(to: card, pcm)
                if pcm.direction == .capture { device.capture = side } else { device.playback = side }
            }
            devices.append(device)
        }
        if opensHardware { CardMixer.tell(&devices, card: card.index) }
        return devices
    }

    private func side(
        _ pcm: CardPCM, name: String, opensHardware: Bool, _ configuration: ALSAConfiguration?,
        _ folders: HostFolders
    ) -> DeviceSide {
        var side = DeviceSide(
            form: FormFactor(
                pcm, driver: card.driver, cardName: "\(card.name) \(card.longName)", usb: usb, codecs: codecs),
            subdevices: pcm.subdevices, streams: pcm.streams)
        if side.isBusy {
            side.obstacle = "busy"
        } else if opensHardware {
            do throws(DeviceError) {
                side.abilities = try ALSADevice.abilities(
                    DeviceRequest(name: name, direction: pcm.direction), isAdvised: false)
            } catch {
                side.obstacle = Self.obstacle(error)
            }
        }
        if side.abilities == nil {
            let file = "\(folders.processes)/asound/card\(card.index)/stream\(pcm.device)"
            side.abilities = folders.text(file).flatMap { USBStreamFile.abilities($0, name: name, pcm.direction) }
        }
        if let abilities = side.abilities, let configuration {
            side.sharedFormat = configuration.sharedFormat(abilities)
        }
        return side
    }

    /// In a word or two, since it stands in a list.
    private static func obstacle(_ error: DeviceError) -> String {
        switch error {
        case .busy: "busy"
        case .denied: "permission denied"
        // A driver says so of a socket with nothing in it, a monitor's above all.
        case .unknown, .gone: "nothing there"
        case .unsupported: "offers nothing"
        case .broken: "does not open"
        }
    }

    /// The card's name, and the PCM's where that says more.
    private func description(_ pcm: CardPCM) -> String {
        let own = pcm.name.isEmpty ? pcm.id : pcm.name
        return own.isEmpty || own == "USB Audio" || card.name.contains(own) ? card.name : "\(card.name), \(own)"
    }
}
