import AupSound

extension FormFactor {
    /// What a card's PCM is in one direction.
    ///
    /// What the hardware says of itself counts first (a USB device's terminals, an HDA codec's pins), then the words of
    /// driver and port, then nothing.
    init(_ pcm: CardPCM, driver: String, cardName: String, usb: USBDescription?, codecs: [HDAPins]) {
        let words = "\(pcm.id) \(pcm.name)".lowercased()
        let card = cardName.lowercased()
        if Self.isVirtual(driver: driver.lowercased()) {
            self = .virtual
        } else if ["ravenna", "aes67", "dante", "avb", "snd-net"].contains(where: {
            "\(driver) \(card)".lowercased().contains($0)
        }) {
            self = .network
        } else if ["hdmi", "displayport", "display port"].contains(where: { words.contains($0) })
            || card.contains("hdmi") && codecs.isEmpty && usb == nil
        {
            self = .hdmi
        } else if ["digital", "iec958", "s/pdif", "spdif", "adat", "toslink"].contains(where: { words.contains($0) }),
            !words.contains("digital mic")
        {
            self = .digital
        } else if card.contains("headset") || words.contains("headset") {
            self = .headset
        } else if let form = usb?.form(pcm.direction) {
            self = form
        } else if let form = codecs.first(where: { pcm.id.hasPrefix($0.chip) })?.analogForm(pcm.direction) {
            self = form
        } else {
            self = Self.byWords(words, pcm.direction) ?? Self.byWords(card, pcm.direction) ?? .unknown
        }
    }

    /// Drivers of cards that are no hardware, by the names that they give.
    private static func isVirtual(driver: String) -> Bool {
        ["dummy", "loopback", "virtio", "virmidi", "snd-pcmtest", "pcmtest"].contains { driver.contains($0) }
    }

    private static func byWords(_ text: String, _ direction: DeviceDirection) -> FormFactor? {
        let words = text.split { !$0.isLetter && !$0.isNumber }
        let capture: [(FormFactor, (Substring) -> Bool)] = [
            (.internal, { $0.hasPrefix("dmic") }), (.microphone, { $0 == "webcam" || $0.hasPrefix("camera") }),
            (.microphone, isMicrophone), (.line, isLine),
        ]
        let playback: [(FormFactor, (Substring) -> Bool)] = [
            (.headphones, { $0.hasPrefix("headphone") }), (.loudspeaker, { $0.contains("speaker") }), (.line, isLine),
        ]
        if direction == .capture, text.contains("internal mic") { return .internal }
        return (direction == .capture ? capture : playback).first { words.contains(where: $0.1) }?.0
    }

    /// `Mic`, `Mic1`, `microphone`; Microsoft makes other things too, and so does whoever makes semiconductors.
    private static func isMicrophone(_ word: Substring) -> Bool {
        word.hasPrefix("mic") && (!word.hasPrefix("micro") || word.hasPrefix("microphone"))
    }

    private static func isLine(_ word: Substring) -> Bool {
        word.hasPrefix("linein") || word.hasPrefix("lineout")
            || word.hasPrefix("line") && word.dropFirst(4).allSatisfy(\.isNumber)
    }
}
