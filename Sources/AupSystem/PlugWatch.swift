import Glibc

/// Notices sound cards that come and go: by the kernel's own news where they are to be had, and by the nodes in `/dev/snd`,
/// which may not be there before the first card.
///
/// A new card's nodes appear one by one, its `controlC` last, and get their permissions a moment later; whoever is woken
/// tries, and tries again at the next change. Where neither source is to be had, nothing is ever noticed, and the caller
/// looks by itself.
///
/// - Thread: control.
public final class PlugWatch {
    private let nodes: PathWatch
    private let kernel: KernelEvents

    /// - Parameters:
    ///   - folder: where nodes of sound cards appear; a test's own.
    ///   - hearsUse: also that PCMs are opened and closed: for whoever does not open them to look.
    ///   - places: what else may bring a device: the socket of a sound server.
    public init(_ folder: String = "/dev/snd", hearsUse: Bool = false, places: [PathWatch.Place] = []) {
        nodes = PathWatch([PathWatch.Place(folder, hearsUse ? .usedNodes(prefix: "pcm") : .nodes)] + places)
        kernel = KernelEvents(subsystem: "sound")
    }

    /// Whether there is anything that would tell.
    public var isWatching: Bool { nodes.isWatching || kernel.isListening }
    public var hearsKernel: Bool { kernel.isListening }
    public var watchesNodes: Bool { nodes.isWatching }

    /// Readable when something may have changed; negative ones poll passes over.
    public var numbers: [Int32] { [kernel.number, nodes.number] }

    /// Takes what was noticed; whether there was any.
    public func takeChanges() -> Bool {
        // Both, or what is left over rings again.
        let (told, seen) = (kernel.takeChanges(), !nodes.takeChanges().isEmpty)
        return told || seen
    }

    /// Waits for a change, at most so long; true when something changed. A signal ends the wait early.
    public func wait(milliseconds: Int32) -> Bool {
        let deadline = monotonicNanoseconds() + Int64(milliseconds) * 1_000_000
        while true {
            var entries = numbers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let rest = Int32(clamping: (deadline - monotonicNanoseconds() + 999_999) / 1_000_000)
            guard unsafe poll(&entries, nfds_t(entries.count), max(rest, 0)) > 0 else { return false }
            // Most of what the kernel says is of other devices.
            if takeChanges() { return true }
        }
    }
}
