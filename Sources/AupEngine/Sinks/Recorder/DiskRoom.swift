import AupFiles
import AupSystem
import Synchronization

/// Room on the disk for the sound that comes next, made by letting a recording's oldest files go.
///
/// It is looked after before the disk is full, because a codec cannot tell which of its frames a full one did not take.
///
/// - Thread: transport, but for ``removedFiles``.
final class DiskRoom {
    /// Room that there is to be at the least: what seconds of sound need.
    static let leastBytes: Int64 = 4 << 20
    /// How often room is looked for while finished files get their sidecars, each time after this wait: for a second.
    private static let attempts = 20
    private static let waitMilliseconds: Int32 = 50
    private static let looksPerSecond: Int64 = 4

    private let template: NameTemplate
    private let bytes: Int64
    private let aftercare: Aftercare
    private let events: EventQueue
    private var framesSinceLook: Int64 = 0
    private let removed = Atomic<Int>(0)

    init(_ template: NameTemplate, _ configuration: RecorderConfiguration, _ aftercare: Aftercare, events: EventQueue) {
        self.template = template
        bytes = max(configuration.minFreeBytes ?? 0, Self.leastBytes)
        self.aftercare = aftercare
        self.events = events
    }

    /// Any thread's.
    var removedFiles: Int64 { Int64(removed.load(ordering: .relaxed)) }

    /// So many frames were written: now and then looks whether room is left.
    func keep(for frames: Int64, rate: Int) {
        framesSinceLook += frames
        guard framesSinceLook * Self.looksPerSecond >= Int64(rate) else { return }
        framesSinceLook = 0
        _ = make()
    }

    /// Removes the oldest files until there is room; false when there is none to be had.
    func make() -> Bool {
        for _ in 0..<Self.attempts {
            guard let free = freeBytes(in: template.folder), free < bytes else { return true }
            let gone = FolderKeeper.makeRoom(template, bytes: bytes)
            gone.forEach(events.post)
            removed.wrappingAdd(gone.count, ordering: .relaxed)
            // A file that was just finished may go too, but is not known before it has its sidecar.
            guard !gone.isEmpty || aftercare.waitForFile(milliseconds: Self.waitMilliseconds) else { break }
        }
        // Half, because a sidecar may have taken some of the room since.
        return freeBytes(in: template.folder).map { $0 >= bytes / 2 } ?? true
    }
}
