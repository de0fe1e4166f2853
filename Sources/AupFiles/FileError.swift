/// What went wrong with a sound file or a foreign stream, named by what the user can do about it.
///
/// Every text is one line: what was wrong, at which byte or path, and what to do. Whoever knows the name of the
/// input puts it in front.
///
/// - Thread: control.
public enum FileError: Error, Equatable, Sendable {
    /// These bytes are no sound that aup reads.
    case refused(seen: String, remedy: String)
    /// A header contradicts itself or its format's rules.
    case malformed(container: String, what: String, byteOffset: UInt64)
    /// A sound header in order, of a kind that is not read.
    case unsupported(container: String, what: String, byteOffset: UInt64)
    /// The input ended inside the header.
    case truncated(container: String, byteOffset: UInt64)
    /// A format that this container cannot hold.
    case unwritable(container: String, what: String)
    /// The name is taken and nobody asked to overwrite.
    case exists(path: String)
    /// The folder of the name is not there.
    case missingFolder(path: String)
    case denied(path: String)
    /// No room on the disk, in the quota or under the size limit; the frames are what the file holds and plays, `nil`
    /// where a codec had some of them in hand.
    case full(path: String, frames: UInt64?)
    /// The container ends here; the frames are what the file holds and plays.
    case outgrown(path: String, container: String, frames: UInt64)
    /// A library that this container needs is not there, or not as it should be.
    case missingLibrary(container: String, library: String, package: String, why: String)
    /// The same for a container that is read.
    case missingReader(container: String, library: String, package: String, why: String)
    /// A library that knows this container could make nothing of it.
    case undecodable(container: String, why: String)
    /// A file that cannot be given tags, and is as it was.
    case untagged(path: String, why: String, remedy: String)
    /// No room on the disk, in the quota or under the size limit for the changed file beside the old one, which is as it
    /// was.
    case noRoomToTag(path: String)
    /// Anything else the system said.
    case broken(path: String, doing: String, errno: Int32)

    /// One line: what was wrong, where, and what to do.
    public var message: String {
        switch self {
        case .refused(let seen, let remedy): return "this is \(seen); \(remedy)"
        case .malformed(let container, let what, let byteOffset):
            return "\(container) header at byte \(byteOffset): \(what); the file is damaged, "
                + "or give --raw with -f -r -c to read it as headerless PCM"
        case .unsupported(let container, let what, let byteOffset):
            return
                "\(container) header at byte \(byteOffset): \(what), which aup does not read; convert it to PCM first"
        case .truncated(let container, let byteOffset):
            return
                "\(container) header ends too early, at byte \(byteOffset): the input was cut off; look at what writes it"
        case .unwritable(let container, let what):
            return
                "\(container) cannot hold \(what); choose another container (.aup holds all), or another format: -f, -r and -c "
                + "where it is captured, -f and -r of aup encode"
        case .exists(let path): return "\(path) is there already; choose another name, remove it or give --overwrite"
        case .missingFolder(let path): return "\(path): there is no such folder; make it first"
        case .denied(let path): return "\(path): permission denied; choose a folder you may write to"
        case .full(let path, 0): return "\(path): no room left, and nothing was written; make room or record elsewhere"
        case .full(let path, let frames):
            let kept = frames.map { "the \($0) frames in it are" } ?? "what is in it is"
            let plays = frames == nil ? "plays" : "play"
            return "\(path): no room left; \(kept) safe and \(plays); make room or record elsewhere"
        case .outgrown(let path, let container, let frames):
            return "\(path): \(container) ends at 4 GiB; the \(frames) frames in it are safe and play; "
                + "record longer in WAV, W64, CAF or FLAC"
        case .missingLibrary(let container, let library, let package, let why):
            return "\(container) is written by \(library): \(why); install it (Debian: \(package)), or record WAV"
        case .missingReader(let container, let library, let package, let why):
            return "\(container) is read by \(library): \(why); install it (Debian: \(package))"
        case .undecodable(let container, let why):
            return "this begins like \(container), but cannot be decoded: \(why); the file is damaged or of a kind "
                + "that is not read; try another decoder, for example ffmpeg"
        case .untagged(let path, let why, let remedy): return "\(path): \(why); it is left as it was; \(remedy)"
        case .noRoomToTag(let path):
            return "\(path): no room left for a second one with the new tags beside it; it is left as it was; make room"
        case .broken(let path, let doing, let errno):
            return "\(path): \(doing) failed: \(systemText(errno)); look at the disk it lies on"
        }
    }
}
