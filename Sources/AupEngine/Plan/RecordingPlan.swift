import AupFiles
public import AupSound
import Glibc

/// What files a session writes are kept in, and how safely.
public struct RecordingPlan: Sendable {
    /// `nil` leaves it to the ending of the name.
    var container: RecordingContainer?
    var fsync = FsyncPolicy.finish
    /// How Opus is made, in files and in streams.
    public var opus = OpusSettings()
    /// Whether WAV files say when and by whom they were made.
    public var hasBroadcast = false
    /// Free text in that chunk.
    public var description = ""
    /// Sound in one page of an Ogg Opus file, and with it what a kill may cost: one of ``pageLengths``.
    public var pageNanoseconds: Int64 = 500_000_000
    /// What the files say about their sound, instead of what the input says by the same keys; an empty value only takes that
    /// away.
    public var tags: [SoundTag] = []
    /// Whether what the input says about itself goes on into the files.
    public var copiesTags = true

    /// A packet, and what RFC 7845 (section 6) advises at most.
    public static let pageLengths: ClosedRange<Int64> = 20_000_000...1_000_000_000

    public init() {}

    /// The words of ``setContainer(_:)``.
    public static let containerNames = RecordingContainer.allCases.map(\.rawValue)

    var pageFrames: Int { Int(TimeSpan.nanoseconds(pageNanoseconds).frames(rate: OpusConfiguration.rate)) }

    /// False when there is no such container.
    public mutating func setContainer(_ word: String) -> Bool {
        guard let container = RecordingContainer(rawValue: word.lowercased()) else { return false }
        self.container = container
        return true
    }

    /// `never`, `finish` or seconds, 1 to 3600; false for anything else.
    public mutating func setFsync(_ word: String) -> Bool {
        guard let policy = FsyncPolicy(word) else { return false }
        fsync = policy
        return true
    }

    /// Where WAV becomes RF64. Tests that kill a recording at that moment cannot wait for 4 GiB, so they say a number
    /// in the environment; nobody else has a reason to.
    let longBytes: UInt64 =
        unsafe getenv("AUP_TEST_RF64_BYTES").flatMap { unsafe UInt64(String(cString: $0)) } ?? WAVHeader.longBytes
}
