public import AupSystem

/// What an audio thread would get here: a thread of its own that asks as the audio thread does, and then ends.
public struct RealtimeTrial: Sendable {
    public let facts: RealtimeFacts
    public let service: RealtimeServiceFacts
    public let wantedPriority: Int
    /// `nil` where no thread could be started.
    public let outcome: RealtimePromotion.Outcome?
    /// Whether memory could be kept from being paged out.
    public let locksMemory: Bool
    public let advice: [RealtimeAdvice]

    /// As much as a long latency's ring of many channels takes.
    private static let lockedBytes = 4 << 20

    /// Tries it. A grant by rtkit lowers RLIMIT_RTTIME of this process for good, so this is for a process that ends soon.
    ///
    /// - Thread: control.
    public static func run(priority: Int = RealtimePromotion.usualPriority) -> RealtimeTrial {
        // Before the trial, which changes limits.
        let facts = RealtimeFacts.current()
        let service = RealtimeServiceFacts.current()
        let scheduling = Scheduling(priority: priority)
        let thread = try? WorkerThread(name: "aup.realtime") { scheduling.promoteCurrentThread(isAudio: true) }
        thread?.join()
        let memory = UnsafeMutableRawPointer.allocate(byteCount: lockedBytes, alignment: 4096)
        defer { unsafe memory.deallocate() }
        let locks = unsafe MemoryLock.lock(memory, lockedBytes)
        if locks { unsafe MemoryLock.unlock(memory, lockedBytes) }
        return RealtimeTrial(
            facts: facts, service: service, wantedPriority: priority, outcome: scheduling.result, locksMemory: locks,
            advice: scheduling.result.map {
                RealtimeAdvice.all(facts, service, wanted: priority, outcome: $0)
            } ?? [])
    }
}
