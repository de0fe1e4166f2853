internal import AupSound
internal import Glibc

/// What the first packet of an Ogg Opus stream says, with the channels put into the order of WAV.
///
///     "OpusHead" version(1) channels(1) pre-skip(2) rate(4) gain(2) family(1) [streams(1) coupled(1) mapping(channels)]
///
/// Source: RFC 7845, section 5.1.
///
/// - Thread: any; a plain value.
struct OggOpusHead: Equatable {
    let configuration: OpusConfiguration
    /// What every sample is to be multiplied by.
    let gain: Float

    var preSkipFrames: Int64 { Int64(configuration.preSkipFrames) }
    /// Longer packets are none (RFC 7845, section 6).
    var mostPacketBytes: Int { 61_440 * configuration.streams }

    /// - Parameter place: of the packet in the file.
    init(_ packet: [UInt8], at place: Int64) throws(FileError) {
        func refuse(_ what: String, _ offset: Int) -> FileError {
            .malformed(container: "Ogg Opus", what: what, byteOffset: UInt64(place) + UInt64(offset))
        }
        guard packet.count >= 19 else { throw refuse("an identification header of \(packet.count) bytes", 0) }
        // Other versions up to 15 add to this one; the next ones are something else (section 5.1).
        guard packet[8] < 16 else {
            throw .unsupported(
                container: "Ogg Opus", what: "version \(packet[8])", byteOffset: UInt64(place) + 8)
        }
        let channels = Int(packet[9])
        guard channels > 0 else { throw refuse("no channels", 9) }
        let family = packet[18]
        var (streams, coupled) = (1, channels - 1)
        var mapping = (0..<UInt8(clamping: channels)).map { $0 }
        if family == 0 {
            guard channels <= 2 else { throw refuse("\(channels) channels, of which family 0 has 2 at most", 9) }
        } else {
            guard family != 3 else {
                throw .unsupported(
                    container: "Ogg Opus", what: "channel mapping family 3 (ambisonics)",
                    byteOffset: UInt64(place) + 18)
            }
            guard family != 1 || channels <= 8 else {
                throw refuse("\(channels) channels, of which family 1 has 8 at most", 9)
            }
            guard packet.count >= 21 + channels else { throw refuse("no mapping of its \(channels) channels", 18) }
            (streams, coupled) = (Int(packet[19]), Int(packet[20]))
            mapping = Array(packet[21..<21 + channels])
            guard streams > 0, coupled <= streams, streams + coupled <= 255 else {
                throw refuse("\(streams) streams, \(coupled) of them stereo", 19)
            }
            if let bad = mapping.firstIndex(where: { $0 != 255 && Int($0) >= streams + coupled }) {
                throw refuse("channel \(bad + 1) is decoded channel \(mapping[bad]), which is not there", 21 + bad)
            }
        }
        guard channels <= Limits.channels else {
            throw .unsupported(
                container: "Ogg Opus", what: "\(channels) channels, more than \(Limits.channels)",
                byteOffset: UInt64(place) + 9)
        }
        let order = family <= 1 ? Self.orders[channels] : nil
        if let order { mapping = order.sources.map { mapping[$0] } }
        let rate = Int(packet.little(12, 4))
        let made = OpusConfiguration(
            channels: channels, preSkipFrames: Int(packet.little(10, 2)), frameSize: 960,
            originalRate: Limits.rates.contains(rate) ? rate : nil, originalFormat: nil, streams: streams,
            coupledStreams: coupled, mapping: mapping, layout: order?.layout)
        guard let made else { throw refuse("it contradicts itself", 0) }
        configuration = made
        let decibels = Double(Int16(bitPattern: UInt16(packet.little(16, 2)))) / 256
        gain = decibels == 0 ? 1 : Float(pow(10, decibels / 20))
    }

    /// Vorbis order (section 5.1.1.2) as WAV's: which channel of the stream comes at each place.
    private static let orders: [Int: (sources: [Int], layout: ChannelLayout?)] = [
        1: ([0], nil), 2: ([0, 1], nil),
        3: ([0, 2, 1], ChannelLayout(list: "FL,FR,FC")),
        4: ([0, 1, 2, 3], ChannelLayout(list: "FL,FR,RL,RR")),
        5: ([0, 2, 1, 3, 4], ChannelLayout(list: "FL,FR,FC,RL,RR")),
        6: ([0, 2, 1, 5, 3, 4], ChannelLayout(list: "FL,FR,FC,LFE,RL,RR")),
        7: ([0, 2, 1, 6, 5, 3, 4], ChannelLayout(list: "FL,FR,FC,LFE,RC,SL,SR")),
        8: ([0, 2, 1, 7, 5, 6, 3, 4], ChannelLayout(list: "FL,FR,FC,LFE,RL,RR,SL,SR")),
    ]
}
