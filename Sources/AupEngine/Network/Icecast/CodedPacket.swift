import AupSound

/// What packets of a codec belong to: the encoder that made them, and what is said about the sound.
final class CodedHeading: Sendable {
    enum Codec: Sendable {
        case opus(OpusConfiguration)
        case flac(streamInfo: [UInt8], rate: Int, channels: Int)
    }

    let codec: Codec
    /// Packets of one encoder follow each other without a seam, whatever is said about them.
    let encoder: Int
    let tags: [SoundTag]

    init(_ codec: Codec, encoder: Int, tags: [SoundTag]) {
        (self.codec, self.encoder, self.tags) = (codec, encoder, tags)
    }

    var rate: Int {
        switch codec {
        case .opus: OpusConfiguration.rate
        case .flac(_, let rate, _): rate
        }
    }

    var channels: Int {
        switch codec {
        case .opus(let configuration): configuration.channels
        case .flac(_, _, let channels): channels
        }
    }

    /// What a decoder must hear before it is what it would have been (RFC 7845, section 4.6: 80 ms); FLAC needs nothing.
    var leadFrames: Int {
        switch codec {
        case .opus: 3840
        case .flac: 0
        }
    }
}

/// A packet that a decoder is to hear but nobody else: it stands for no sound.
struct LeadPacket: Sendable {
    let bytes: [UInt8]
    let length: Int
}

/// One packet of a codec on its way.
struct CodedPacket: Sendable {
    let bytes: [UInt8]
    /// Frames of sound that it stands for, and that it decodes to.
    let frames: Int
    let length: Int
    let heading: CodedHeading
    /// Set where sound was lost before it: what a decoder should hear first.
    var lead: [LeadPacket]?

    var nanoseconds: Int64 { Int64(frames) * 1_000_000_000 / Int64(heading.rate) }
}
