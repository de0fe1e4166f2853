import AupSound
import CALSA

extension ChannelMap {
    /// The layouts an open device knows, before one is chosen.
    static func orders(_ pcm: OpaquePointer) -> [DeviceAbilities.MapOffer] {
        guard let list = unsafe snd_pcm_query_chmaps(pcm) else { return [] }
        defer { unsafe snd_pcm_free_chmaps(list) }
        var offers: [DeviceAbilities.MapOffer] = []
        var index = 0
        // Each is `enum type; unsigned int channels; unsigned int pos[];`, and the list ends with a null.
        while let entry = unsafe list[index], offers.count < mostOffers {
            index += 1
            let words = UnsafeRawPointer(entry)
            let word = { (at: Int) in unsafe words.load(fromByteOffset: 4 * at, as: UInt32.self) }
            let count = Int(word(1))
            guard (1...Limits.channels).contains(count) else { continue }
            let freedom: DeviceAbilities.MapOffer.Freedom =
                switch word(0) {
                case SND_CHMAP_TYPE_VAR.rawValue: .variable
                case SND_CHMAP_TYPE_PAIRED.rawValue: .paired
                default: .fixed
                }
            let positions = (0..<count).map { ChannelPosition(rawValue: UInt8(truncatingIfNeeded: word(2 + $0))) }
            offers.append(.init(freedom: freedom, positions: positions.map { $0 ?? .unknown }))
        }
        return offers
    }

    /// HDMI drivers list a few dozen.
    private static let mostOffers = 256
}
