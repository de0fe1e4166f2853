import Glibc

/// Users and groups of this machine by name (getpwnam(3)).
///
/// - Thread: control, one at a time.
public enum AccountName {
    public static func user(_ name: String) -> UInt32? { unsafe getpwnam(name).map { unsafe $0.pointee.pw_uid } }
    public static func group(_ name: String) -> UInt32? { unsafe getgrnam(name).map { unsafe $0.pointee.gr_gid } }
}
