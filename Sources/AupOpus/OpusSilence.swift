public import AupSound

/// Opus packets that decode to silence, for where there is nothing to encode: a gap in a stream that is only copied.
///
/// Each stream's frame is one of CELT at full bandwidth whose first bit says that it is silence, two bytes 0xFF 0xFE: what
/// libopus itself makes of zeros in that mode. All streams but the last say their length (RFC 6716, appendix B).
///
/// - Thread: any.
public enum OpusSilence {
    /// Lengths of such packets at 48 kHz, the longest first (RFC 6716, 3.1: configurations 31 to 28).
    public static let frameSizes = [960, 480, 240, 120]
    private static let lastConfiguration: UInt8 = 31

    /// - Parameter size: the index of one of ``frameSizes``.
    public static func packet(_ configuration: OpusConfiguration, size: Int) -> [UInt8] {
        var packet: [UInt8] = []
        for stream in 0..<configuration.streams {
            let isStereo: UInt8 = stream < configuration.coupledStreams ? 4 : 0
            packet.append((lastConfiguration - UInt8(size)) << 3 | isStereo)
            if stream < configuration.streams - 1 { packet.append(2) }
            packet += [0xFF, 0xFE]
        }
        return packet
    }
}
