import AupNetwork
import AupSound

/// How a stream is given to others.
struct PublishingPlan: Sendable {
    var door: DoorPlan
    /// What a subscriber may be behind before it loses some, in time and in bytes.
    var queueNanoseconds: Int64 = 2_000_000_000
    var queueBytes = 16 << 20
}
