import AupFiles
import AupSound
import AupSystem
import Glibc

extension SessionConfiguration {
    /// Takes the lock that was asked for; `nil` where none was. It is held as long as the value lives.
    func takeLock() throws(SessionFailure) -> FileLock? {
        guard let path = scheduling.lockPath else { return nil }
        let since = CalendarZone.utc.civil(WallClock.nanoseconds() / 1_000_000_000 * 1_000_000_000).text
        do throws(FileLock.Refusal) {
            return try FileLock(path, holder: "aup \(command), process \(getpid()), since \(since) UTC")
        } catch {
            switch error {
            case .held(let holder):
                let who = holder.isEmpty ? "another process" : holder
                throw .before(.failed("--lock \(path) is held by \(who); nothing was recorded here"))
            case .failed(let reason):
                throw .before(.failed("--lock \(reason.message); give a file that can be written"))
            }
        }
    }
}
