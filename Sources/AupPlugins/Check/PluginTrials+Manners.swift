import CAupPlugin
import Glibc
import Synchronization

/// Whether a guest keeps to its buffers and leaves the process as it was.
extension PluginTrials {
    func bounds() throws(PluginError) {
        let found = try found()
        let isNative = found.description.interface == .native
        // Other interfaces promise nothing for lengths that are no multiple of 4, and some guests read vectors.
        let blocks: [UInt32] = isNative ? [64, 1024, 1, 255, 7, 512, 33] : [64, 1024, 4, 256, 12, 512, 36]
        for guarded in [AUP_GUARD_BEHIND, AUP_GUARD_BEFORE] {
            let trial = try trial(found, placement: .init(guarded: guarded))
            _ = try trial.run(frames: 24000, blocks: blocks)
        }
        tell(CheckFinding("buffers", .ok, "nothing outside them in 48000 frames"))
    }

    func calls() throws(PluginError) {
        let found = try found()
        let trial = try trial(found)
        aup_call_watch_begin()
        let blocks: [UInt32] = [64, 1024, 256]
        _ = try trial.run(frames: 24000, blocks: blocks)
        let mayWait = found.description.interface == .native && !found.description.isRealtimeSafe
        let kinds = [("allocation", AUP_CALL_ALLOCATES), ("locks", AUP_CALL_LOCKS), ("system calls", AUP_CALL_SYSTEM)]
        for (check, kind) in kinds {
            let count = aup_call_watch_count(Int32(kind.rawValue))
            guard count > 0, let first = unsafe aup_call_watch_first(Int32(kind.rawValue)) else {
                tell(CheckFinding(check, .ok, "none in process"))
                continue
            }
            let name = unsafe String(cString: first)
            let seen = "\(Self.plain(name)) in process, \(count) such call\(count == 1 ? "" : "s") in 24000 frames"
            tell(CheckFinding(check, mayWait ? .ok : .failed, seen + (mayWait ? "; it says that it may" : "")))
        }
    }

    /// C++ calls them otherwise.
    private static func plain(_ name: String) -> String {
        if name.hasPrefix("_Zn") { return "operator new" }
        return name.hasPrefix("_Zd") ? "operator delete" : name
    }

    func state() throws(PluginError) {
        // Something to close for guests that close what is not theirs.
        let spare = unsafe fcntl(open("/dev/null", O_RDONLY | O_CLOEXEC), F_DUPFD_CLOEXEC, 100)
        defer { close(spare) }
        let before = ProcessState()
        // It stays loaded meanwhile: threads that it left behind would be without their code.
        let found = try found()
        defer { withExtendedLifetime(found) {} }
        let changedFloats = try liveAndDie(found)
        let after = ProcessState()
        tell("descriptors", before.descriptorComplaint(after), else: "as they were")
        tell("signals", before.signalComplaint(after), else: "as they were")
        tell("locale", before.locale == after.locale ? nil : "it changes the locale to \(after.locale)")
        tell(
            "directory",
            before.directory != after.directory
                ? "it changes the working directory to \(after.directory)"
                : before.mask != after.mask ? "it changes the mask of new files' modes" : nil)
        tell(
            "floating point",
            changedFloats ? "it leaves process with other settings (rounding, denormals) than it was called with" : nil,
            else: "as it was")
        tell(
            "threads",
            after.threads > before.threads ? "\(after.threads - before.threads) still there after the end" : nil)
    }

    private func liveAndDie(_ found: PluginLibrary.Found) throws(PluginError) -> Bool {
        let trial = try trial(found)
        _ = try trial.run(frames: 4800, blocks: [256])
        trial.reset()
        return trial.changedFloats
    }

    func text() throws(PluginError) {
        // Both go to one file, and what a guest writes where is known by when: diverted calls come out at 2.
        let (out, errors) = (aup_spare_file(), aup_spare_file())
        guard out >= 0, errors >= 0 else { throw PluginError(.failed, "there is no memory to try it in") }
        fflush(nil)
        dup2(out, 1)
        dup2(errors, 2)
        GuestText.isDiverted.store(false, ordering: .relaxed)
        _ = try liveAndDie(found())
        fflush(nil)
        let bytes = Int(lseek(out, 0, SEEK_END))
        guard bytes > 0 else {
            let words = Int(lseek(errors, 0, SEEK_END))
            return tell(
                CheckFinding("standard output", .ok, words > 0 ? "\(words) bytes on standard error" : "nothing"))
        }
        var start = [UInt8](repeating: 0, count: min(bytes, 60))
        _ = unsafe pread(out, &start, start.count, 0)
        let line = String(decoding: start, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
        tell(CheckFinding("standard output", .failed, "\(bytes) bytes: '\(line)'"))
    }
}
