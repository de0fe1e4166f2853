public import AupSystem
import CAupPlugin
import Glibc

/// The worker's side: finds, creates and runs one plugin for a host that it shares a file with.
///
/// - Thread: the main one of a process that does nothing else; guests run on it.
@safe public final class GuestService {
    private let file: MemoryFile
    private let shared: OpaquePointer
    private let library: PluginLibrary
    private var instance: PluginInstance?
    /// Called when the plugin is created for sound that somebody hears: whoever waits for it keeps time.
    private let keepTime: () -> Void
    /// What the guest said and the host has not taken yet.
    private var log: [UInt8] = []

    /// - Parameters:
    ///   - file: what was handed over by the host.
    ///   - copiesFiles: the plugin's file may be written over while it runs.
    ///   - keepTime: gives this thread the priority of one that keeps time.
    /// - Returns: `nil` where the file is not one of a host's.
    public init?(_ file: MemoryFile, copiesFiles: Bool, keepTime: @escaping () -> Void) {
        self.file = file
        self.keepTime = keepTime
        library = PluginLibrary(copiesFiles: copiesFiles)
        guard let bytes = try? file.read(1, at: WorkerText.place + WorkerText.limitBytes - 1),
            bytes.count == 1, let shared = unsafe aup_worker_open(file.number, 0)
        else { return nil }
        unsafe self.shared = shared
        // From here on a crash is told to the host.
        unsafe aup_worker_speak_last(shared)
    }

    /// Does what the host asks for until that is enough, or the host is gone.
    public func run() {
        while true {
            switch unsafe aup_worker_wait(shared) {
            case AUP_WORKER_PROCESS.rawValue: unsafe aup_worker_answer(shared, process())
            case AUP_WORKER_RESET.rawValue: unsafe aup_worker_answer(shared, reset())
            case AUP_WORKER_DESCRIBE.rawValue: unsafe aup_worker_answer(shared, reply(describe))
            case AUP_WORKER_CREATE.rawValue: unsafe aup_worker_answer(shared, reply(create))
            default:
                instance = nil
                unsafe aup_worker_answer(shared, 0)
                return
            }
            passOnLog()
        }
    }

    private func process() -> Int32 {
        let copy = unsafe Int(aup_worker_copy(shared))
        guard let instance, copy < instance.copies else { return AUP_E_INTERNAL.rawValue }
        return unsafe aup_worker_run(
            shared, instance.table.copy, instance.table.name, instance.handles[copy], instance.keepsDenormals ? 1 : 0)
    }

    private func reset() -> Int32 {
        let copy = unsafe Int(aup_worker_copy(shared))
        guard let instance, copy < instance.copies else { return AUP_E_INTERNAL.rawValue }
        unsafe aup_guest_reset(instance.table.copy, instance.table.name, instance.handles[copy])
        return 0
    }

    // MARK: - Finding and creating

    /// Reads the request, and writes what came of it.
    private func reply(_ body: (WorkerRequest) throws(PluginError) -> [String]) -> Int32 {
        var status: Int32 = 0
        var lines: [String]
        do throws(PluginError) {
            lines = try body(request())
        } catch {
            lines = WorkerText.lines(error)
            status = AUP_E_INVALID.rawValue
        }
        var bytes = WorkerText.bytes(lines)
        if bytes.count > WorkerText.limitBytes {
            bytes = WorkerText.bytes(
                WorkerText.lines(PluginError(.malformed, "the plugin describes itself in more than 4 MiB")))
            status = AUP_E_INVALID.rawValue
        }
        guard (try? file.write(bytes, at: WorkerText.place)) != nil else {
            return AUP_E_INTERNAL.rawValue
        }
        unsafe aup_worker_set_text_bytes(shared, UInt64(bytes.count))
        return status
    }

    private func request() throws(PluginError) -> WorkerRequest {
        let count = min(unsafe aup_worker_text_bytes(shared), UInt64(WorkerText.limitBytes))
        let bytes = try? file.read(Int(count), at: WorkerText.place)
        guard let request = bytes.flatMap({ WorkerRequest(lines: WorkerText.lines($0)) }) else {
            throw PluginError(.failed, "the plugin's process was asked for what it does not understand")
        }
        return request
    }

    private func describe(_ request: WorkerRequest) throws(PluginError) -> [String] {
        let found = try library.find(request.reference)
        let description = try found.module.description(found.index, rate: request.rate, settings: request.settings)
        return [description.path] + PluginScan(path: description.path, plugins: [description]).lines()
    }

    private func create(_ request: WorkerRequest) throws(PluginError) -> [String] {
        guard let setup = request.setup, instance == nil else {
            throw PluginError(.failed, "a plugin's process creates it once")
        }
        let made = try PluginInstance(library.find(request.reference), settings: request.settings, setup: setup)
        var plan = made.facts.workerPlan(maxFrames: setup.maxFrames)
        let code = unsafe aup_worker_map(shared, file.number, &plan)
        guard code == 0 else {
            throw PluginError(
                .failed,
                "plugin '\(made.description.id)': no memory for its sound: \(SystemError("mmap", code: code).reason)")
        }
        instance = made
        if !setup.isOffline { keepTime() }
        return made.facts.lines()
    }

    private func passOnLog() {
        guard let instance else { return }
        for line in instance.host.log.take() where log.count < 4096 { log += Array((line + "\n").utf8) }
        guard !log.isEmpty else { return }
        let count = min(log.count, 2048)
        if unsafe aup_worker_put_log(shared, log.map { CChar(bitPattern: $0) }, count) != 0 { log.removeFirst(count) }
    }
}
