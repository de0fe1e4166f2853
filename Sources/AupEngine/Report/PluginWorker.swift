import AupPlugins
import AupSystem
import Glibc

/// What a process does that was started for one plugin.
public enum PluginWorker {
    /// Serves the host that left a file as standard input, until it has had enough or is gone.
    ///
    /// - Parameters:
    ///   - copiesFiles: the plugin's file may be written over while it runs.
    ///   - blockLimitMilliseconds: how long it may take for one block.
    ///   - realtimePriority: of the host's audio thread; what waits for this process stands below it.
    /// - Returns: whether there was one.
    /// - Thread: main.
    public static func serve(copiesFiles: Bool, blockLimitMilliseconds: Int, realtimePriority: Int?) -> Bool {
        CrashReport.install(exitCode: 1)
        CrashReport.prepareThread()
        // What guests print must not look like a stream.
        dup2(2, 1)
        guard let file = try? MemoryFile(standardInput: ()),
            let service = GuestService(
                file, copiesFiles: copiesFiles,
                keepTime: { Scheduling(priority: realtimePriority).promoteCurrentThread(isAudio: false) }),
            // It runs until the process ends.
            (try? WorkerThread(name: "aup.watch") { watch(blockLimitMilliseconds) }) != nil
        else { return false }
        service.run()
        return true
    }

    private static func watch(_ blockLimitMilliseconds: Int) {
        while true {
            usleep(1_000_000)
            CrashReport.look(blockLimitMilliseconds: blockLimitMilliseconds)
        }
    }
}
