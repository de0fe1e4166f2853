import AupSound

/// What a USB device says of its sockets: the terminals of its audio function.
///
/// sysfs has the descriptors as the device sent them. Of an audio control interface (class 1, subclass 1) the class-specific
/// descriptors (type 0x24) of subtype 2 and 3 are terminals:
///
///     byte  0       1     2        3           4 5
///           length  0x24  subtype  terminal's  its type
///                                  number
///
/// Sources: USB Device Class Definition for Audio Devices 1.0, 4.3.2, and 2.0, 4.7.2; Terminal Types 1.0, tables 2-2 to 2-6.
struct USBDescription: Sendable, Equatable {
    /// Types of terminals that sound comes in by, the USB stream itself excepted.
    var inputs: [UInt16] = []
    var outputs: [UInt16] = []

    init(_ bytes: [UInt8]) {
        var rest = bytes[...]
        var isAudioControl = false
        while let length = rest.first, length >= 2, rest.count >= Int(length) {
            let one = Array(rest.prefix(Int(length)))
            rest = rest.dropFirst(Int(length))
            if one[1] == 4, one.count >= 7 { isAudioControl = one[5] == 1 && one[6] == 1 }
            guard isAudioControl, one[1] == 0x24, one.count >= 6 else { continue }
            let type = UInt16(one[4]) | UInt16(one[5]) << 8
            // 0x01xx is the way to and from the host.
            guard type >> 8 != 1 else { continue }
            if one[2] == 2 { inputs.append(type) }
            if one[2] == 3 { outputs.append(type) }
        }
    }

    func form(_ direction: DeviceDirection) -> FormFactor? {
        // A microphone with a socket for headphones is no headset: only what the device itself says counts.
        (direction == .capture ? inputs : outputs).lazy.compactMap { Self.form($0) }.first
    }

    private static func form(_ type: UInt16) -> FormFactor? {
        switch type {
        case 0x0200...0x02FF: .microphone
        case 0x0302: .headphones
        case 0x0300...0x03FF: .loudspeaker
        case 0x0400...0x04FF: .headset
        case 0x0602, 0x0605...0x0607: .digital
        case 0x0601, 0x0603, 0x0604: .line
        default: nil
        }
    }
}
