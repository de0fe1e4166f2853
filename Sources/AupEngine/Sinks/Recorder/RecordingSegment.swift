import AupFiles
import AupSound

/// One file of a recording, from its first frame to its name.
protocol RecordingSegment: PacketSink {
    /// Where it lies once it is whole.
    var finishedPath: String? { get }
    /// Bytes on the disk so far.
    var byteCount: Int64 { get }
    /// Bytes that may yet come of sound that was taken and of the next packets.
    func reserveBytes(for format: PCMFormat) -> Int64
    /// When its first frame was, nanoseconds since 1970-01-01 UTC, for a file that says so.
    func noteStart(_ moment: Int64)
    /// Why it could not be written to its end.
    var failure: FileError? { get }
}

extension RecordingSink: RecordingSegment {
    /// What a codec has in hand and may still write: two blocks of FLAC, which are larger than pages of Ogg, and a header.
    func reserveBytes(for format: PCMFormat) -> Int64 { 2 * 4096 * Int64(format.frameBytes) + 8192 }
}

/// The last of a line when it writes files: more than packets is asked of it.
///
/// - Thread: any, but ``settle()``: transport.
protocol RecordingTail: PacketSink {
    /// Ends the file here; false where there are no files.
    func startNextFile() -> Bool
    func complete(_ status: inout SessionStatus)
    /// After the last packet or a failure: waits for what finished files still want.
    func settle()
}
