import Synchronization

/// A value behind a lock, for what control threads share. Never touched by an audio thread.
final class Guarded<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) {
        mutex = Mutex(value)
    }

    func read<Result: Sendable>(_ body: (Value) -> Result) -> Result { mutex.withLock { body($0) } }
    func write(_ body: (inout Value) -> Void) { mutex.withLock { body(&$0) } }
    func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result { mutex.withLock { body(&$0) } }
}
