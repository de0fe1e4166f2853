public import AupSound

/// What the header of a sound file says about the bytes behind it.
///
/// - Thread: any.
public struct SoundFileHeader: Equatable, Sendable {
    /// The containers that are read.
    public enum Container: String, Sendable {
        case wav = "WAV"
        case rf64 = "RF64"
        case au = "AU"
        case w64 = "W64"
    }

    public var container: Container
    /// The sound once ``storage`` has been undone.
    public var format: PCMFormat
    /// How the samples lie in the file.
    public var storage: SampleStorage
    /// Bytes of sound; `nil` means until the end of the input.
    public var dataBytes: UInt64?
    /// Bytes before the first sample.
    public var headerBytes: UInt64
    /// What it says about the sound in words, as far as that stands before the sound.
    public var tags: [SoundTag] = []

    /// Also for headerless sound, whose format somebody has said.
    public init(
        container: Container, format: PCMFormat, storage: SampleStorage, dataBytes: UInt64?, headerBytes: UInt64
    ) {
        self.container = container
        self.format = format
        self.storage = storage
        self.dataBytes = dataBytes
        self.headerBytes = headerBytes
    }

    /// Whole frames of sound; `nil` means until the end of the input.
    public var frames: UInt64? { dataBytes.map { $0 / UInt64(format.frameBytes) } }

    /// Whether samples must pass ``SampleStorage/convert(_:_:)`` because their bytes stand the other way round.
    public var isBigEndian: Bool { storage == .bigEndian }
}
