import CLinux
import Glibc
import Synchronization

/// A named POSIX thread that the Engine starts, wakes from blocking calls and joins.
///
/// - Thread: control; joined exactly once, by the thread that made it.
public final class WorkerThread {
    private let handle: pthread_t
    private let hasEnded: EndFlag
    private var isJoined = false

    private final class EndFlag: Sendable {
        let value = Atomic<Bool>(false)
    }

    private final class Entry {
        let name: String
        let body: @Sendable () -> Void
        let hasEnded: EndFlag
        let bell: Doorbell?

        init(name: String, body: @escaping @Sendable () -> Void, hasEnded: EndFlag, bell: Doorbell?) {
            self.name = name
            self.body = body
            self.hasEnded = hasEnded
            self.bell = bell
        }
    }

    /// Starts the thread. The name is cut to 15 bytes, which is what Linux keeps.
    ///
    /// - Parameter bell: rung once ``isFinished`` is true. A body that rings as the last thing it does rings too early:
    ///   who hears it and finds the thread not finished would wait for a second ring, which never comes.
    public init(name: String, bell: Doorbell? = nil, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        let ended = EndFlag()
        let entry = unsafe Unmanaged.passRetained(Entry(name: name, body: body, hasEnded: ended, bell: bell))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                let entry = unsafe Unmanaged<Entry>.fromOpaque(argument!).takeRetainedValue()
                unsafe aup_name_thread(String(entry.name.prefix(15)))
                entry.body()
                entry.hasEnded.value.store(true, ordering: .releasing)
                entry.bell?.ring()
                return nil
            }, entry.toOpaque())
        guard code == 0 else {
            unsafe entry.release()
            throw SystemError("pthread_create", code: code)
        }
        handle = thread
        hasEnded = ended
    }

    public var isFinished: Bool { hasEnded.value.load(ordering: .acquiring) }

    /// Takes the thread out of a blocking system call with EINTR. One kick may come a moment before the call it is
    /// meant for, so whoever waits for the end kicks again every few milliseconds.
    public func kick() {
        guard !isJoined, !isFinished else { return }
        pthread_kill(handle, aup_wake_signal())
    }

    public func join() {
        guard !isJoined else { return }
        isJoined = true
        pthread_join(handle, nil)
    }

    /// Makes kicks possible; called once, before the first thread starts.
    public static func installWakeHandler() {
        aup_install_wake_handler()
    }
}
