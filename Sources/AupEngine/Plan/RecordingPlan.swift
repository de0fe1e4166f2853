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

    public init() {}

    /// The words of ``setContainer(_:)``.
    public static let containerNames = RecordingContainer.allCases.map(\.rawValue)

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
