import AupNetwork
import AupSound

/// How a stream is given to others.
struct PublishingPlan: Sendable {
    var door: DoorPlan
    /// What a subscriber may be behind before it loses some, in time and in bytes; time `nil` follows from the latency.
    var queueNanoseconds: Int64?
    var queueBytes: Int
    /// The latency that is wanted, where somebody says so.
    var latencyNanoseconds: Int64?
    /// Whether each subscriber is told of.
    var tellsEach = false

    var pace: DeliveryPace.Bounds { DeliveryPace.Bounds(latency: latencyNanoseconds, queue: queueNanoseconds) }
}
