import AupFiles

/// Keeps a recording's folder within what was asked: the oldest of its own files go, never others'.
///
/// - Thread: aup.hooks.
struct FolderKeeper {
    private let template: NameTemplate
    private let plan: RetentionPlan
    /// Oldest first; `nil` before the folder was looked at.
    private var files: [KeptFile]?
    private(set) var removed: Int64 = 0

    init(_ template: NameTemplate, _ plan: RetentionPlan) {
        self.template = template
        self.plan = plan
    }

    /// Files may have come or gone without us.
    mutating func forget() { files = nil }

    /// A file was finished; its sidecar lies beside it.
    mutating func add(_ file: KeptFile) {
        guard files != nil else { return }
        files?.append(file)
    }

    /// Removes what is too old or too much, and says what it was.
    ///
    /// - Parameter now: nanoseconds since 1970-01-01 UTC, of the recording.
    mutating func keep(now: Int64) -> [SessionEvent] {
        guard !plan.isEmpty else { return [] }
        let known = files ?? KeptFile.all(madeBy: template)
        let free = plan.freeBytes == nil ? nil : freeBytes(in: template.folder)
        let surplus = known.prefix(plan.surplus(known, now: now, free: free))
        files = Array(known.dropFirst(surplus.count))
        var events: [SessionEvent] = []
        for file in surplus where file.remove(madeBy: template) {
            removed += 1
            events.append(.fileRemoved(path: file.path, bytes: file.bytes))
        }
        return events
    }

    /// Sound and sidecars meet the full disk at once: the second to come finds the room that the first has made.
    private static let turn = Guarded(())

    /// Makes room on a full disk at once, on the thread that needs it: the oldest files go until so much is free.
    static func makeRoom(_ template: NameTemplate, bytes: Int64) -> [SessionEvent] {
        var events: [SessionEvent] = []
        turn.write { _ in events = makeRoomAlone(template, bytes: bytes) }
        return events
    }

    private static func makeRoomAlone(_ template: NameTemplate, bytes: Int64) -> [SessionEvent] {
        let files = KeptFile.all(madeBy: template)
        let plan = RetentionPlan(freeBytes: bytes)
        let count = plan.surplus(files, now: 0, free: freeBytes(in: template.folder), sparesNewest: false)
        return files.prefix(count).filter { $0.remove(madeBy: template) }
            .map { .fileRemoved(path: $0.path, bytes: $0.bytes) }
    }
}
