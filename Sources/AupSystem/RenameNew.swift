internal import AupSound
internal import CLinux

/// Renames a file to a name that nobody has yet, in one atomic step.
///
/// - Returns: 0, or the errno: `EEXIST` when the name is taken.
/// - Thread: control; it may wait for the disk.
public func renameToNew(_ from: String, _ to: String) -> Int32 {
    unsafe aup_rename_new(FileName.bytes(from), FileName.bytes(to))
}
