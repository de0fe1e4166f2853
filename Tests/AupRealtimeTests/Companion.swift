import Foundation
import Synchronization

/// A second thread of a test, which the test waits for.
final class Companion: Sendable {
    private let finished = DispatchSemaphore(value: 0)

    init(_ work: @escaping @Sendable () -> Void) {
        let finished = finished
        Thread.detachNewThread {
            work()
            finished.signal()
        }
    }

    func join() { finished.wait() }
}

/// Something that cannot be copied, on its way to another thread.
///
/// `@unchecked Sendable`, because only the thread it was made for opens it, once.
final class Parcel<Content: ~Copyable & Sendable>: @unchecked Sendable {
    private var content: Content?

    init(_ content: consuming Content) { self.content = consume content }

    func open() -> Content {
        guard let content = content.take() else { fatalError("a parcel is opened once") }
        return content
    }
}

/// One thread tells another to stop.
final class Flag: Sendable {
    private let raised = Atomic(false)
    var isRaised: Bool { raised.load(ordering: .acquiring) }
    func raise() { raised.store(true, ordering: .releasing) }
}

/// What a thread counted.
final class Counter: Sendable {
    private let value = Atomic(0)
    var count: Int { value.load(ordering: .acquiring) }
    func add() { value.add(1, ordering: .relaxed) }
}

/// Whether a script asks for a test that must fail, by a variable of the environment.
func isWanted(_ variable: String) -> Bool { ProcessInfo.processInfo.environment[variable] != nil }
