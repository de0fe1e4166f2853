internal import AupSound
import CLinux
import Glibc

extension Descriptor {
    /// Opens a FIFO for reading whether anybody writes or not (fifo(7)). Reads wait for whoever writes, and say that it
    /// is over where nobody does.
    public static func readingFIFO(_ path: String) throws(SystemError) -> Descriptor {
        let number = unsafe aup_open(FileName.bytes(path), O_RDONLY | O_NONBLOCK, 0)
        guard number >= 0 else { throw SystemError("open", path: path) }
        _ = fcntl(number, F_SETFL, 0)
        return Descriptor(adopting: number)
    }

    /// Whether there is something to read: not the end, which a FIFO without a writer is at.
    public func hasBytes(milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, milliseconds) > 0 && Int32(entry.revents) & Int32(POLLIN) != 0
    }
}
