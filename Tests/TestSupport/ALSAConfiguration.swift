import Foundation
import Synchronization

/// The one ALSA configuration of this process, which tests share by taking turns.
enum ALSAConfiguration {
    /// Runs `body` with these variables set. One at a time: others wait.
    static func use<Result>(_ variables: [String: String], _ body: () throws -> Result) rethrows -> Result {
        try turn.withLock { _ in
            for (name, value) in variables { unsafe setenv(name, value, 1) }
            return try body()
        }
    }

    private static let turn = Mutex(())
}
