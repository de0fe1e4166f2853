/// The codec for whoever reads Opus packets out of a container of his own, and knows no codec.
///
/// - Thread: any.
public struct OpusCodec: Sendable {
    /// Why there is no decoder. The message is one line.
    public struct Refusal: Error, Equatable, Sendable {
        public let message: String
        /// The codec's library is not installed; else the stream is none that it takes.
        public let isLibraryMissing: Bool

        public init(message: String, isLibraryMissing: Bool) {
            self.message = message
            self.isLibraryMissing = isLibraryMissing
        }
    }

    private let make: @Sendable (OpusConfiguration) throws(Refusal) -> any OpusPacketDecoder

    public init(_ make: @escaping @Sendable (OpusConfiguration) throws(Refusal) -> any OpusPacketDecoder) {
        self.make = make
    }

    public func decoder(_ configuration: OpusConfiguration) throws(Refusal) -> any OpusPacketDecoder {
        try make(configuration)
    }
}

/// What makes sound of Opus packets.
///
/// - Thread: one at a time.
public protocol OpusPacketDecoder: AnyObject {
    /// The interleaved sound of a packet, at most so many frames of it; valid until the decoder is asked again.
    func decode(_ packet: UnsafeRawBufferPointer, frames: Int) throws -> UnsafeBufferPointer<Float>
    /// A guess at the sound of a packet that is lost, at most 120 ms of it; valid until the decoder is asked again.
    func conceal(frames: Int) -> UnsafeBufferPointer<Float>
    /// Begins anew, as before the first packet.
    func reset()
}

/// What the first byte of an Opus packet says of its length (RFC 6716, 3.1 and 3.2).
///
/// - Thread: any.
public enum OpusPacketLength {
    /// No packet is longer: 120 ms.
    public static let longest = 5760

    /// Frames at 48 kHz; `nil` for what is no packet: empty, without frames, or longer than 120 ms.
    public static func frames(_ packet: some RandomAccessCollection<UInt8>) -> Int? {
        guard let first = packet.first else { return nil }
        let configuration = Int(first >> 3)
        let frame =
            switch configuration {
            case 0..<12: [480, 960, 1920, 2880][configuration & 3]
            case 12..<16: [480, 960][configuration & 1]
            default: [120, 240, 480, 960][configuration & 3]
            }
        let count: Int
        switch first & 3 {
        case 0: count = 1
        case 1, 2: count = 2
        default:
            guard packet.count > 1 else { return nil }
            count = Int(packet[packet.index(after: packet.startIndex)] & 0x3F)
        }
        let frames = frame * count
        return frames > 0 && frames <= longest ? frames : nil
    }
}
