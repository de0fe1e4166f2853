import AupSound

/// The sockets of an HDA codec, as its maker's firmware and the kernel's corrections describe them.
///
/// From sysfs, `/sys/class/sound/hwCNDM`: `/proc/asound/cardN/codec#M` says the same, and wakes the codec to be asked. A line is
/// a pin and its configuration, of which bits 31 and 30 are the connection and 23 to 20 the use:
///
///     0x12 0x90a60130        a fixed microphone, inside
///     0x21 0x04211020        a jack for headphones
///
/// Source: Intel, High Definition Audio Specification 1.0a, 7.3.3.31 (Configuration Default).
struct HDAPins: Sendable, Equatable {
    struct Pin: Sendable, Equatable {
        var number: UInt32
        var configuration: UInt32

        /// 0 a jack, 1 nothing, 2 fixed inside, 3 both.
        var connection: UInt32 { configuration >> 30 }
        /// 0 line out, 1 loudspeaker, 2 headphones, 4 S/PDIF out, 8 line in, 9 auxiliary, 10 microphone.
        var use: UInt32 { configuration >> 20 & 15 }
    }

    /// `ALC257`, with which the names of the codec's PCMs begin.
    var chip: String
    var pins: [Pin] = []

    /// - Parameter texts: lists of pins, of which a later one corrects those before.
    init(chip: String, _ texts: [String]) {
        self.chip = chip
        for line in texts.flatMap({ $0.split(separator: "\n") }) {
            let words = line.split(separator: " ").compactMap { word in
                word.hasPrefix("0x") ? UInt32(word.dropFirst(2), radix: 16) : nil
            }
            guard words.count == 2 else { continue }
            pins.removeAll { $0.number == words[0] }
            pins.append(Pin(number: words[0], configuration: words[1]))
        }
    }

    /// All codecs of a card.
    static func all(card: Int, _ folders: HostFolders) -> [HDAPins] {
        let sound = "\(folders.system)/class/sound"
        return folders.names(sound, prefix: "hwC\(card)D").sorted().compactMap { name in
            guard let chip = folders.line("\(sound)/\(name)/chip_name") else { return nil }
            let files = ["init_pin_configs", "driver_pin_configs", "user_pin_configs"]
            return HDAPins(chip: chip, files.compactMap { folders.text("\(sound)/\(name)/\($0)") })
        }
    }

    /// What an analogue device of this codec is: what is built in comes first, since it is there without a plug.
    func analogForm(_ direction: DeviceDirection) -> FormFactor? {
        let uses: [(use: UInt32, form: FormFactor)] =
            direction == .capture
            ? [(10, .microphone), (8, .line), (9, .line)] : [(1, .loudspeaker), (0, .line), (2, .headphones)]
        let own = pins.filter { pin in pin.connection != 1 && uses.contains { $0.use == pin.use } }
        if own.contains(where: { $0.connection >= 2 }) { return .internal }
        return uses.first { use in own.contains { $0.use == use.use } }?.form
    }
}
