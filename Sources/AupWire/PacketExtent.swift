internal import AupSound

/// One packet of a run of whole ones, as far as somebody needs it who carries them: its bytes, and what they stand for.
///
/// - Thread: any.
public struct PacketExtent: Equatable, Sendable {
    /// Header, payload and filling.
    public let bytes: Int
    /// Frames that it moves the position by.
    public let frames: Int64
    /// Whether those are lost.
    public let isGap: Bool

    /// All packets of a run that an encoder made: sound, silence, gaps and events of one format.
    ///
    /// - Parameter run: whole packets; what is no packet at its end is left out.
    public static func all(in run: UnsafeRawBufferPointer, of description: StreamDescription) -> [PacketExtent] {
        var found: [PacketExtent] = []
        var done = 0
        while run.count - done >= PacketHeader.size {
            let header = unsafe PacketHeader(load: run.baseAddress! + done)
            let size = PacketHeader.size + header.bodySize
            guard run.count - done >= size else { break }
            let payload = unsafe UnsafeRawBufferPointer(rebasing: run[(done + PacketHeader.size)..<(done + size)])
            found.append(unsafe PacketExtent(header, payload, size, description))
            done += size
        }
        return found
    }

    private init(
        _ header: PacketHeader, _ payload: UnsafeRawBufferPointer, _ size: Int, _ description: StreamDescription
    ) {
        bytes = size
        isGap = header.type == PacketType.gap.rawValue
        switch PacketType(rawValue: header.type) {
        case .audio:
            if let format = description.pcm {
                frames = Int64(Int(header.length) / format.frameBytes)
            } else {
                frames = unsafe Int64(UInt32(littleEndian: payload.loadUnaligned(as: UInt32.self)))
            }
        case .silence, .gap: frames = unsafe Int64(littleEndian: payload.loadUnaligned(as: Int64.self))
        default: frames = 0
        }
    }
}
