public import AupSound
internal import COpus

/// The two packets that an Ogg Opus stream begins with (RFC 7845, 5.1 and 5.2).
///
/// - Thread: any.
public struct OpusHeaders: Equatable, Sendable {
    public typealias Tag = SoundTag

    public var configuration: OpusConfiguration
    /// 0, 1 or 255: what the channels' order means.
    public var family: Int
    /// Decibels by which players are to change the level, -128 to 128 in steps of 1/256.
    public var outputGain = 0.0
    public var vendor: String
    public var tags: [Tag] = []

    public init(_ configuration: OpusConfiguration, family: Int, vendor: String) {
        self.configuration = configuration
        self.family = family
        self.vendor = vendor
    }

    /// As opusenc writes them: the vendor is the library that makes the packets.
    ///
    public init(_ configuration: OpusConfiguration, tags: [SoundTag] = []) {
        let vendor = unsafe aup_opus_missing() == nil ? unsafe String(cString: aup_opus_version()) : "aup"
        self.init(configuration, family: configuration.family, vendor: vendor)
        self.tags = tags
    }

    /// Both, the first for a page of its own.
    public var packets: [[UInt8]] {
        let order = OpusChannelOrder(channels: configuration.channels, layout: configuration.layout)
        return [identification(mapping: order.sources.map { configuration.mapping[$0] }), comments()]
    }

    /// OpusHead. Channels lie in the order of the family, whatever the order of the sound was.
    ///
    /// - Parameter mapping: of the channels in that order.
    func identification(mapping: [UInt8]) -> [UInt8] {
        var bytes = Array("OpusHead".utf8) + [1, UInt8(configuration.channels)]
        bytes += Self.little(UInt64(configuration.preSkipFrames), 2)
        bytes += Self.little(UInt64(configuration.originalRate ?? 0), 4)
        let gain = Int16(clamping: Int((outputGain * 256).rounded()))
        bytes += Self.little(UInt64(UInt16(bitPattern: gain)), 2)
        bytes.append(UInt8(family))
        if family != 0 {
            bytes += [UInt8(configuration.streams), UInt8(configuration.coupledStreams)] + mapping
        }
        return bytes
    }

    /// OpusTags.
    func comments() -> [UInt8] {
        func text(_ text: String) -> [UInt8] { Self.little(UInt64(text.utf8.count), 4) + Array(text.utf8) }
        var bytes = Array("OpusTags".utf8) + text(vendor) + Self.little(UInt64(tags.count), 4)
        for tag in tags { bytes += text("\(tag.key)=\(tag.value)") }
        return bytes
    }

    private static func little(_ number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }
}
