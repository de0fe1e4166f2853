import AupNetwork
import AupSystem
import Synchronization

/// Somebody who was let in to give a stream.
///
/// - Thread: any.
final class Sender: Sendable {
    let descriptor: Descriptor
    /// How messages call it: `process 12`.
    let name: String
    /// What was read behind the greeting.
    let firstBytes: [UInt8]
    /// What it calls its stream; `nil` where it does not.
    let stream: String?
    private let lastHeard: Atomic<Int64>
    private let isOustedFlag = Atomic<Bool>(false)

    init(_ descriptor: Descriptor, name: String, firstBytes: [UInt8], stream: String?, now: Int64) {
        self.descriptor = descriptor
        self.name = name
        self.firstBytes = firstBytes
        self.stream = stream
        lastHeard = Atomic(now)
    }

    /// Its place was given to another.
    var isOusted: Bool { isOustedFlag.load(ordering: .relaxed) }
    func oust() { isOustedFlag.store(true, ordering: .relaxed) }

    func heard(_ now: Int64) { lastHeard.store(now, ordering: .relaxed) }

    /// For how long nothing came of it; what came and was not read yet counts as heard.
    func silence(_ now: Int64) -> Int64 {
        descriptor.waitReadable(milliseconds: 0) ? 0 : now - lastHeard.load(ordering: .relaxed)
    }
}
