import AupOpus
import AupSound

/// Finds where the packets of one encoder may go on with those of another, which began later with the same sound.
///
///     earlier   a a a a a a a a a a a a a a
///     later           b b b b b a a a a a a a a …
///                               └───┬─ 0.62 s ─┘
///                                   join
///
/// Two encoders of one sound agree after a while, to the byte: what they remember fades, and choices are made alike. Where
/// both made the same packets for that long, a decoder that is led from one to the other cannot notice: it has forgotten
/// the rest, and nothing differs around the join. Encoders that never agree (a constrained rate carries its reserve along)
/// are joined where decoding tells that it is heard least.
///
/// - Thread: one at a time.
struct SeamFinder {
    /// How long both must agree, and how much of that lies before the join: half as much again as RFC 7845 (section 4.6) has
    /// a decoder run through to forget what it began with.
    static let agreementSeconds = 0.62
    static let settlingSeconds = 0.12
    /// What is listened to behind a join.
    static let hearingSeconds = 0.2
    /// Joins that are tried are so far apart.
    static let stepSeconds = 0.2
    /// An encoder that has just begun is not itself yet.
    static let onsetSeconds = 0.5

    /// How much worse an error is than a change.
    private static let errorWeight = 16.0

    /// A place to join at, and the power in what is heard behind it.
    struct Join: Equatable {
        /// The packet from which the later one goes on.
        var place: Int
        /// Of what differs from the later encoder's sound alone, because the decoder remembers the earlier one's: this is the
        /// seam.
        var error = 0.0
        /// Of what differs from the earlier encoder's: that the same sound was encoded another way, which is no seam.
        var change = 0.0
    }

    /// Packets of both, from the first of the later one on.
    private(set) var earlier: [PacketQueue.Item] = []
    private(set) var later: [PacketQueue.Item] = []
    private var compared = 0
    private var agreed = 0
    private let configuration: OpusConfiguration
    /// Packets of nothing are alike in all encoders: not a byte of sound.
    private let emptyBytes: Int

    init(_ configuration: OpusConfiguration, hasDiscontinuousTransmission: Bool) {
        self.configuration = configuration
        emptyBytes = hasDiscontinuousTransmission ? 2 * configuration.streams : 0
    }

    private func packets(_ seconds: Double) -> Int {
        max(2, Int((seconds * Double(OpusConfiguration.rate) / Double(configuration.frameSize)).rounded()))
    }

    /// Whether there are more of the earlier ones.
    var isAhead: Bool { earlier.count > later.count }

    mutating func add(earlier item: PacketQueue.Item) { earlier.append(item) }
    mutating func add(later item: PacketQueue.Item) { later.append(item) }

    /// The packet from which the later one goes on; `nil` as long as they do not agree.
    mutating func agreement() -> Int? {
        let wanted = packets(Self.agreementSeconds)
        while compared < min(earlier.count, later.count) {
            let isSame = earlier[compared].bytes == later[compared].bytes
            if !isSame {
                agreed = 0
            } else if later[compared].bytes.count > emptyBytes {
                agreed += 1
            }
            compared += 1
            if agreed == wanted { return compared - wanted + packets(Self.settlingSeconds) }
        }
        return nil
    }

    /// Where the later one goes on with the least that can be heard; `nil` where there is too little of one of them.
    func quietest() throws(OpusError) -> Join? {
        let hearing = packets(Self.hearingSeconds)
        let end = min(earlier.count, later.count) - hearing
        let first = packets(Self.onsetSeconds)
        guard first < end, let plain = configuration.withoutPreSkip else { return nil }
        let (before, after) = (try OpusDecoder(plain), try OpusDecoder(plain))
        let (joined, left, right) = (try OpusDecoder(plain), try OpusDecoder(plain), try OpusDecoder(plain))
        let step = max(1, packets(Self.stepSeconds))
        var best: (join: Join, cost: Double)?
        for place in 0..<end {
            if place >= first, (place - first) % step == 0 {
                joined.follow(before)
                left.follow(before)
                right.follow(after)
                var (error, change) = (0.0, 0.0)
                var cost: Double { Self.errorWeight * error + change }
                for index in place..<(place + hearing) {
                    let sound = unsafe try decode(later[index], joined)
                    error += unsafe difference(sound, try decode(later[index], right))
                    change += unsafe difference(sound, try decode(earlier[index], left))
                    if let best, cost >= best.cost { break }
                }
                if cost < best?.cost ?? .infinity {
                    let samples = Double(hearing * configuration.frameSize * configuration.channels)
                    best = (Join(place: place, error: error / samples, change: change / samples), cost)
                }
                if cost == 0 { break }
            }
            _ = unsafe try decode(earlier[place], before)
            _ = unsafe try decode(later[place], after)
        }
        return best?.join
    }

    private func decode(
        _ item: PacketQueue.Item, _ decoder: OpusDecoder
    ) throws(OpusError) -> UnsafeBufferPointer<Float> {
        do {
            return try unsafe item.bytes.withUnsafeBytes { bytes in
                unsafe try decoder.decode(bytes, frames: configuration.frameSize)
            }
        } catch let error as OpusError {
            throw error
        } catch {
            preconditionFailure("a decoder has errors of one kind: \(error)")
        }
    }

    private func difference(_ one: UnsafeBufferPointer<Float>, _ other: UnsafeBufferPointer<Float>) -> Double {
        var sum: Float = 0
        for index in 0..<min(one.count, other.count) {
            let difference = unsafe one[index] - other[index]
            sum += difference * difference
        }
        return Double(sum)
    }
}

extension OpusConfiguration {
    /// The same for a decoder that gives all it makes.
    fileprivate var withoutPreSkip: OpusConfiguration? {
        OpusConfiguration(
            channels: channels, preSkipFrames: 0, frameSize: frameSize, originalRate: originalRate,
            originalFormat: originalFormat, streams: streams, coupledStreams: coupledStreams, mapping: mapping,
            layout: layout)
    }
}
