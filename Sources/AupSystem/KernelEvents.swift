import CLinux
import Glibc

/// The kernel's own news of devices, heard through a netlink socket.
///
/// Not everywhere: a container has no such news, and a sandbox may refuse the socket. Then ``isListening`` is false and
/// nothing is ever heard.
///
/// - Thread: control.
public final class KernelEvents {
    private let descriptor: Descriptor?
    private let subsystem: String
    private var space = [UInt8](repeating: 0, count: KernelEvent.largestBytes)

    /// - Parameter subsystem: of which devices news are wanted.
    public init(subsystem: String) {
        self.subsystem = subsystem
        let number = aup_uevent_socket(UInt32(AUP_UEVENTS_KERNEL | AUP_UEVENTS_UDEV))
        descriptor = number >= 0 ? Descriptor(adopting: number) : nil
    }

    public var isListening: Bool { descriptor != nil }

    /// Readable when something was said; -1, which poll passes over, where nothing is heard.
    public var number: Int32 { descriptor?.number ?? -1 }

    /// Takes all that was said; whether any of it was of the subsystem, or the kernel said more than it kept.
    public func takeChanges() -> Bool {
        guard let descriptor else { return false }
        var hasChanged = false
        // As many as a hub full of cards brings; a flood beyond is taken at the next wake-up.
        for _ in 0..<1024 {
            let count = unsafe space.withUnsafeMutableBytes {
                unsafe aup_uevent_receive(descriptor.number, $0.baseAddress, UInt($0.count))
            }
            if count == -1 { break }
            if count == -2 || KernelEvent(space[..<max(count, 0)])?.subsystem == subsystem { hasChanged = true }
        }
        return hasChanged
    }
}
