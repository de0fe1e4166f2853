public import AupSound

/// A sound file that is being recorded: it opens at every instant, and a kill costs at most the last second.
///
/// Sound goes to `NAME.part` and the file gets its name when it is whole. Nothing is ever replaced unless asked.
///
/// - Thread: control, one at a time; every verb may wait for the disk.
public protocol RecordingFile: AnyObject {
    var path: String { get }
    /// Where the sound lies until ``finish(as:)``.
    var partPath: String { get }
    /// What ``append(_:)`` takes: the sample format the container holds, the channels in its order.
    var format: PCMFormat { get }
    /// For each channel of the file, the channel of the stream it comes from; `nil` when the order is the same.
    var channelSources: [Int]? { get }
    /// Whole frames taken.
    var frames: UInt64 { get }
    /// Bytes on the disk so far.
    var byteCount: Int64 { get }

    /// What is said about the sound, as far as the container has a place for it. Call it before the first sound.
    func setTags(_ tags: [SoundTag]) throws(FileError)
    /// Where the container can say so: when the first sample was taken. Call it before the first second is over.
    func setStart(_ start: RecordingStart)
    /// Adds whole frames of ``format``. After an error the file holds whole frames and still opens.
    func append(_ bytes: UnsafeRawBufferPointer) throws(FileError)
    /// Makes the file on the disk say what it holds: call it once a second of sound.
    func refreshHeader() throws(FileError)
    /// Waits until the disk has what was written.
    func sync() throws(FileError)
    /// Completes the file and gives it its name, or another one that was found meanwhile.
    func finish(as path: String?) throws(FileError)
}

extension RecordingContainer {
    /// Whether each frame takes the same room, and how much is known before the file is begun.
    public var isMeasuredAhead: Bool { self == .wav }
}

extension RecordingFile {
    public func finish() throws(FileError) { try finish(as: nil) }
}

/// When the disk is told to keep what it was given.
///
/// - Thread: any.
public enum FsyncPolicy: Equatable, Sendable {
    /// Left to the system: after a power cut the last half minute and the name may be missing.
    case never
    /// Once, before the file gets its name.
    case finish
    /// Also while recording.
    case every(seconds: Int)

    /// Reads `never`, `finish` or seconds, 1 to 3600.
    public init?(_ word: String) {
        switch word {
        case "never": self = .never
        case "finish": self = .finish
        default:
            guard let seconds = Int(word), (1...3600).contains(seconds) else { return nil }
            self = .every(seconds: seconds)
        }
    }
}

/// What a recording is kept in.
///
/// - Thread: any.
public enum RecordingContainer: String, CaseIterable, Sendable {
    case wav, w64, caf, aiff, flac, ogg, opus, mp3

    /// The container that the ending of a name stands for.
    public init?(fileName: String) {
        let name = fileName[(fileName.lastIndex(of: "/").map { fileName.index(after: $0) } ?? fileName.startIndex)...]
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
        switch name[name.index(after: dot)...].lowercased() {
        case "wav", "wave", "rf64", "bwf": self = .wav
        case "w64": self = .w64
        case "caf": self = .caf
        case "aif", "aiff", "aifc": self = .aiff
        case "flac": self = .flac
        case "ogg", "oga": self = .ogg
        case "opus": self = .opus
        case "mp3": self = .mp3
        default: return nil
        }
    }

    /// What people call it.
    public var name: String {
        switch self {
        case .wav: "WAV"
        case .w64: "W64"
        case .caf: "CAF"
        case .aiff: "AIFF"
        case .flac: "FLAC"
        case .ogg: "Ogg Vorbis"
        case .opus: "Ogg Opus"
        case .mp3: "MP3"
        }
    }

    /// Begins a file at `NAME.part`; an Ogg Opus file is begun as a ``PageFile``, since its packets are made elsewhere.
    ///
    /// - Parameters:
    ///   - broadcast: what a `bext` chunk is to say; only WAV has one.
    ///   - longBytes: where WAV becomes RF64; tests make it small.
    public func create(
        path: String, format: PCMFormat, overwrite: Bool, fsync: FsyncPolicy = .finish,
        broadcast: BroadcastExtension? = nil, longBytes: UInt64 = WAVHeader.longBytes
    ) throws(FileError) -> any RecordingFile {
        precondition(self != .opus, "packets of Opus are no samples")
        guard self == .wav else {
            if broadcast != nil { throw .unwritable(container: name, what: "a bext chunk; only WAV does") }
            if self == .ogg {
                return try VorbisFile(path: path, format: format, overwrite: overwrite, fsync: fsync)
            }
            return try LibrarySoundFile(
                path: path, container: self, format: format, overwrite: overwrite, fsync: fsync)
        }
        return try CrashSafeWAVFile(
            path: path, format: format, overwrite: overwrite, fsync: fsync, broadcast: broadcast, longBytes: longBytes)
    }
}
