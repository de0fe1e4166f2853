internal import CLinux

/// Gives a file the extended attributes of another one, access lists among them, as far as the system lets it.
///
/// - Thread: control; it may wait for the disk.
public func copyAttributes(from: Int32, to: Int32) { aup_copy_attributes(from, to) }
