/// What an AIFF or AIFF-C file says of its length: libsndfile gives what is there and tells of nothing that is missing.
///
///     "FORM" size(4) "AIFF" { name(4) size(4) body [pad] } …    COMM: channels(2) frames(4) bits(2) …    SSND: sound
///
/// Source: Apple Computer, "Audio Interchange File Format", version 1.3 (1989); all numbers are big-endian.
struct AIFFHeader {
    /// `nil` where the writer did not know, because it could not go back.
    let frames: Int64?
    /// Where the sound ends.
    let soundEnd: Int64

    /// Whether a file ends before its sound does.
    func isCut(_ input: ByteInput) -> Bool { input.fileBytes.map { frames != nil && $0 < soundEnd } ?? false }

    /// Chunks before the sound: no file has so many.
    private static let mostChunks = 256

    /// `nil` where the sound is not found in a pipe's beginning or comes before what describes it.
    init?(_ input: ByteInput) {
        func bytes(_ place: Int64, _ count: Int) -> [UInt8]? {
            var bytes = [UInt8](repeating: 0, count: count)
            let taken = unsafe bytes.withUnsafeMutableBytes {
                unsafe input.read(at: place, into: $0.baseAddress!, count: count)
            }
            return taken == count ? bytes : nil
        }
        var place: Int64 = 12
        var stated: Int64?
        for _ in 0..<Self.mostChunks {
            guard let head = bytes(place, 8) else { return nil }
            let size = Int64(head.big(4, 4))
            if head.span.starts("COMM", at: 0), let body = bytes(place + 8, 6) { stated = Int64(body.big(2, 4)) }
            if head.span.starts("SSND", at: 0) {
                guard let stated else { return nil }
                frames = Self.isUnknown(size) ? nil : stated
                soundEnd = place + 8 + size
                return
            }
            place += 8 + size + size % 2
        }
        return nil
    }

    /// Sox rounds 0x7F000000 down to whole frames; others write the largest number with or without a sign.
    private static func isUnknown(_ size: Int64) -> Bool {
        size == 0 || (0x7EFF_F000...0x8000_0008).contains(size) || size >= 0xFFFF_F000
    }
}
