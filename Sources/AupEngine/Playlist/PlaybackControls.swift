import Synchronization

/// What a listener may wish while files play.
public enum PlaybackCommand: Equatable, Sendable {
    case togglePause
    /// Seconds, forwards or back, within the file that is heard.
    case seek(Double)
    case nextFile, previousFile
    case quit
}

/// Wishes to play from elsewhere, on their way from main to the transport thread.
///
/// - Thread: any but audio.
final class PlaybackControls: Sendable {
    enum Jump: Equatable, Sendable {
        case seek(Double)
        case file(Int)
    }

    /// More than fingers bring about while one jump is made.
    private static let capacity = 64
    private let jumps = Guarded<[Jump]>([])
    /// Whether there are any, for loops that cannot take a lock for every look.
    private let pending = Atomic<Bool>(false)

    var isJumpPending: Bool { pending.load(ordering: .relaxed) }

    func ask(_ jump: Jump) {
        jumps.write { if $0.count < Self.capacity { $0.append(jump) } }
        pending.store(true, ordering: .relaxed)
    }

    func takeJumps() -> [Jump] {
        var taken: [Jump] = []
        jumps.write { jumps in
            swap(&jumps, &taken)
            pending.store(false, ordering: .relaxed)
        }
        return taken
    }
}
