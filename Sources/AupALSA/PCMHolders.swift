public import AupSound

/// Who holds a card's PCM, and at what it runs, as the kernel tells everybody: nothing is opened for it.
///
/// From `/proc/asound/cardN/pcmDd/subS/status` and `hw_params` beside it, and `/proc/PID`.
///
/// - Thread: control.
public enum PCMHolders {
    /// Those of the PCM that a name leads to; none where it leads to no card's hardware.
    ///
    /// - Parameter name: as `-D` takes it: also an identifier, or a name of the configuration behind which a card stands.
    public static func of(
        _ name: String, _ direction: DeviceDirection, folders: HostFolders = .current
    ) -> [DeviceStream] {
        guard let place = Place(name, direction, folders) else { return [] }
        let isNumbered = place.card.allSatisfy { $0.isASCII && $0.isNumber }
        let card = "\(folders.processes)/asound/\(isNumbered ? "card" : "")\(place.card)"
        let folder = "\(card)/pcm\(place.device)\(direction == .capture ? "c" : "p")"
        let info = folders.text("\(folder)/info").map(KeyedLines.init)
        let all = 0..<max(info?.number("subdevices_count") ?? 1, 1)
        return DeviceStream.held(in: folder, place.subdevice.map { $0..<($0 + 1) } ?? all, folders)
    }

    /// A PCM of a card; which of its subdevices, where that was said.
    private struct Place {
        var card: String
        var device: Int
        var subdevice: Int?

        init?(_ name: String, _ direction: DeviceDirection, _ folders: HostFolders) {
            // An identifier stands for a card's name; what is none is looked at as it is.
            let known = (try? ALSADirectory.pcmName(name, folders: folders)) ?? name
            if let hardware = CardIdentity.HardwareName(known) {
                let numbers = hardware.rest.split(separator: ",").map {
                    $0.split(separator: "=").last.flatMap { Int($0) }
                }
                (card, device) = (hardware.card, numbers.first.flatMap { $0 } ?? 0)
                subdevice = numbers.count > 1 ? numbers[1].flatMap { $0 >= 0 ? $0 : nil } : nil
            } else if let route = PCMRoute(known, direction), let card = route.card {
                (self.card, device) = (card, route.device)
            } else {
                return nil
            }
        }
    }
}
