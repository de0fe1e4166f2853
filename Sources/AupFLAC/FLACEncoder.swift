public import AupSound
internal import CFLAC

/// Samples as frames of FLAC (RFC 9639), for where there is no file to seek in: how long the stream is nobody says.
///
/// 8 and 16 bits stay what they are; anything else becomes 24. Frames count from the first one on, so a stream that is joined
/// in the middle, or goes on over another connection, has the numbers that it would have had.
///
/// - Thread: one at a time; none that must not wait.
@safe public final class FLACEncoder {
    /// What ``take(_:frames:_:)`` wants: interleaved Int32 whose values lie within ``bits``.
    public let bits: Int
    public let channels: Int
    public let rate: Int
    private let encoder: OpaquePointer
    private var hasEnded = false

    /// Of the codec; more have no place in a frame.
    public static let channelLimit = 8

    /// What takes a frame of FLAC: its bytes, valid during the call, and the frames of sound in it.
    public typealias Taker = (UnsafeRawBufferPointer, Int) throws -> Void

    public init(_ format: PCMFormat) throws(FLACError) {
        if let why = unsafe aup_flac_missing() {
            throw FLACError(
                message:
                    "FLAC needs libFLAC, which cannot be opened (\(unsafe String(cString: why))); Debian's package is libflac12"
            )
        }
        guard format.channels <= Self.channelLimit else {
            throw FLACError(message: "FLAC has at most \(Self.channelLimit) channels, and these are \(format.channels)")
        }
        switch format.sampleFormat {
        case .u8, .s16, .alaw, .mulaw: bits = 16
        default: bits = 24
        }
        (channels, rate) = (format.channels, format.rate)
        var why: UnsafePointer<CChar>?
        // Level 5 is what flac(1) takes.
        guard let encoder = unsafe aup_flac_begin(Int32(channels), Int32(bits), Int32(rate), 5, &why) else {
            let reason = unsafe why.map { unsafe String(cString: $0) } ?? ""
            throw FLACError(message: "FLAC does not take \(format.summary) (\(reason))")
        }
        unsafe self.encoder = encoder
    }

    deinit { unsafe aup_flac_free(encoder) }

    /// STREAMINFO (RFC 9639, section 8.2), whose length and checksum are not known.
    public var streamInfo: [UInt8] {
        unsafe Array(UnsafeBufferPointer(start: aup_flac_info(encoder), count: Int(AUP_FLAC_INFO_BYTES)))
    }

    /// Takes samples and gives the frames of FLAC that are full.
    public func take(_ samples: UnsafePointer<Int32>, frames: Int, _ give: Taker) throws {
        guard frames > 0 else { return }
        guard unsafe aup_flac_take(encoder, samples, Int32(frames)) == 0 else {
            throw FLACError(message: "the FLAC encoder gave up")
        }
        try unsafe hand(give)
    }

    /// Gives what is left.
    public func finish(_ give: Taker) throws {
        guard !hasEnded else { return }
        hasEnded = true
        guard unsafe aup_flac_finish(encoder) == 0 else { throw FLACError(message: "the FLAC encoder gave up") }
        try unsafe hand(give)
    }

    private func hand(_ give: Taker) throws {
        var frame = unsafe aup_flac_frame()
        while unsafe aup_flac_next(encoder, &frame) != 0 {
            try unsafe give(
                UnsafeRawBufferPointer(start: frame.bytes, count: Int(frame.count)), Int(frame.samples))
        }
    }

    /// The packets that an Ogg stream of it begins with (RFC 9639, section 10.1).
    public static func headers(streamInfo: [UInt8], tags: [SoundTag]) -> [[UInt8]] {
        let vendor = unsafe aup_flac_missing() == nil ? unsafe String(cString: aup_flac_vendor()) : "aup"
        // The mapping's version 1.0, one packet of headers behind this one.
        let first = [0x7F] + Array("FLAC".utf8) + [1, 0, 0, 1] + Array("fLaC".utf8) + head(0, streamInfo) + streamInfo
        var comments = little(vendor.utf8.count) + Array(vendor.utf8) + little(tags.count)
        for tag in tags { comments += little(tag.text.utf8.count) + Array(tag.text.utf8) }
        // The block of kind 4, and the last one.
        return [first, head(0x84, comments) + comments]
    }

    private static func head(_ kind: UInt8, _ block: [UInt8]) -> [UInt8] {
        [
            kind, UInt8(truncatingIfNeeded: block.count >> 16), UInt8(truncatingIfNeeded: block.count >> 8),
            UInt8(truncatingIfNeeded: block.count),
        ]
    }

    private static func little(_ count: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } }
}

/// What the codec refuses. The message is one line: what, and what to do.
///
/// - Thread: any.
public struct FLACError: Error, Equatable, Sendable {
    public let message: String
}
