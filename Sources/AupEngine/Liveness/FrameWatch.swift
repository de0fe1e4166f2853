/// Notices that no frames come from a device that is said to run. The time is told, nothing waits here.
///
/// - Thread: transport.
struct FrameWatch: Sendable, Equatable {
    /// A device's buffer lasts half a second and more, and a server that is slow to start takes one.
    static let patienceNanoseconds: Int64 = 1_500_000_000

    private var lastProgress: Int64
    private var hasFrames = false
    private var isTold = false

    /// The device was started.
    init(now: Int64) {
        lastProgress = now
    }

    /// Frames arrived; true when that ends an alarm.
    mutating func frames(now: Int64) -> Bool {
        lastProgress = now
        hasFrames = true
        defer { isTold = false }
        return isTold
    }

    /// The alarm to raise now, once for each time the frames stay away.
    mutating func alarm(now: Int64) -> LivenessConfiguration.Alarm? {
        guard !isTold, now - lastProgress >= Self.patienceNanoseconds else { return nil }
        isTold = true
        return hasFrames ? .frozen : .noFrames
    }

    /// How long nothing has come.
    func stillness(now: Int64) -> Int64 { now - lastProgress }
}
