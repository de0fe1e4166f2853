/// What the first bytes of an Opus packet say (RFC 6716, section 3).
///
/// - Thread: any.
public enum OpusPacketParts {
    /// Whether a packet holds a coarse copy of the one before it: in-band forward error correction (RFC 6716, section 2.1.7).
    ///
    /// Only packets with the modes for speech can. Their first frame begins with a bit for each 20 ms, which says that there
    /// is a voice, and behind them one that says that there is a copy; of stereo the same again (section 4.2.3). These bits
    /// are as likely as not, so they stand in the first byte as they are.
    public static func repeatsPrevious(_ packet: [UInt8]) -> Bool {
        guard let head = packet.first else { return false }
        let configuration = Int(head >> 3)
        // From 16 on there is no mode for speech.
        guard configuration < 16, let first = firstFrame(packet), first < packet.count else { return false }
        // 10, 20, 40 and 60 ms, or 10 and 20 where both modes are at work.
        let steps = configuration < 12 ? [1, 1, 2, 3][configuration & 3] : 1
        let bits = packet[first]
        let isStereo = head & 4 != 0
        return bits >> (7 - steps) & 1 == 1 || isStereo && bits >> (6 - 2 * steps) & 1 == 1
    }

    /// Where the first frame begins; `nil` where it is empty or there is none.
    private static func firstFrame(_ packet: [UInt8]) -> Int? {
        switch packet[0] & 3 {
        case 0, 1: return 1
        case 2: return length(packet, at: 1).flatMap { $0.length > 0 ? $0.next : nil }
        default:
            guard packet.count > 1 else { return nil }
            var place = 2
            if packet[1] & 0x40 != 0 {
                // 255 stands for 254 bytes of padding and another count.
                while place < packet.count, packet[place] == 255 { place += 1 }
                place += 1
            }
            guard packet[1] & 0x80 != 0 else { return place }
            // Of frames that differ all lengths but the last stand here.
            var first: Int?
            for number in 0..<max(0, Int(packet[1] & 0x3F) - 1) {
                guard let (length, next) = length(packet, at: place) else { return nil }
                if number == 0 { first = length }
                place = next
            }
            return first == 0 ? nil : place
        }
    }

    /// One or two bytes (section 3.2.1).
    private static func length(_ packet: [UInt8], at place: Int) -> (length: Int, next: Int)? {
        guard place < packet.count else { return nil }
        let first = Int(packet[place])
        guard first >= 252 else { return (first, place + 1) }
        guard place + 1 < packet.count else { return nil }
        return (first + 4 * Int(packet[place + 1]), place + 2)
    }
}
