/// Whether rtkit is there, and what it gives at most.
public struct RealtimeServiceFacts: Sendable, Equatable {
    public internal(set) var isThere = false
    /// Why not, in a line.
    public internal(set) var reason = ""
    /// The highest priority it gives, for SCHED_RR.
    public internal(set) var priority: Int64?
    /// What it lets a thread run without a wait, microseconds.
    public internal(set) var runningTime: Int64?
    public internal(set) var niceLevel: Int64?

    public init() {}

    /// Asks the service, which the bus starts where it is installed.
    ///
    /// - Thread: control; waits for the bus, half a second an answer at most.
    public static func current() -> RealtimeServiceFacts {
        var facts = RealtimeServiceFacts()
        let service = RealtimeKit.open()
        defer { service.kit?.close() }
        guard let kit = service.kit else {
            facts.reason = service.reason
            return facts
        }
        let (priority, why) = kit.number("MaxRealtimePriority")
        facts.isThere = priority != nil
        facts.reason = priority == nil ? why : ""
        facts.priority = priority
        guard facts.isThere else { return facts }
        facts.runningTime = kit.number("RTTimeUSecMax").value
        facts.niceLevel = kit.number("MinNiceLevel").value
        return facts
    }
}
