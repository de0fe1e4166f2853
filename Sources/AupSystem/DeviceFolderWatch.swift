import Glibc

/// Notices sound cards that come and go, where the kernel shows them in `/dev/snd`.
///
/// A new card's nodes appear one by one and get their permissions a moment later; whoever is woken tries, and tries
/// again at the next change. Where there is no such folder, as in a container, nothing is ever noticed, and the caller
/// looks by itself.
///
/// - Thread: control.
public final class DeviceFolderWatch: Sendable {
    private let descriptor: Descriptor?

    public init(_ folder: String = "/dev/snd") {
        let number = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard number >= 0 else {
            descriptor = nil
            return
        }
        let inbox = Descriptor(adopting: number)
        let changes = UInt32(IN_CREATE) | UInt32(IN_ATTRIB) | UInt32(IN_DELETE)
        descriptor = unsafe inotify_add_watch(number, folder, changes) >= 0 ? inbox : nil
    }

    /// Whether there is a folder to watch.
    public var isWatching: Bool { descriptor != nil }

    /// Waits for a change, at most so long; true when something changed. A signal ends the wait early.
    public func wait(milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor?.number ?? -1, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&entry, 1, milliseconds) > 0, let descriptor else { return false }
        // What changed does not matter, only that it did: all records are taken at once.
        var records = [UInt8](repeating: 0, count: 4096)
        while unsafe records.withUnsafeMutableBytes({
            unsafe read(descriptor.number, $0.baseAddress, $0.count)
        }) > 0 {}
        return true
    }
}
