import AupSystem
import CAupPlugin
import Glibc

/// The host's side of one worker process.
///
/// - Thread: control. The audio thread uses the seats, between ``create(_:)`` and deinit.
@safe final class GuestWorker {
    private let file: MemoryFile
    private let child: ChildProcess
    private let shared: OpaquePointer
    private let isolation: Isolation
    /// For messages, until the plugin has said its name.
    private let reference: String
    /// One for each copy of the plugin, as the audio thread wants them.
    private(set) var seats: UnsafeMutablePointer<aup_worker_seat>?

    /// Starts the process; nothing is loaded yet.
    init(_ reference: String, _ isolation: Isolation) throws(PluginError) {
        do throws(SystemError) {
            file = try MemoryFile(name: "aup-worker")
            try file.write([0], at: WorkerText.place + WorkerText.limitBytes - 1)
            child = try ChildProcess(isolation.words, input: file)
        } catch {
            throw PluginError(
                .failed, "plugin '\(shown(reference))': no process can be started for it: \(error.reason)")
        }
        guard let shared = unsafe aup_worker_open(file.number, child.number) else {
            child.kill()
            throw PluginError(.failed, "plugin '\(shown(reference))': no memory can be shared with its process")
        }
        unsafe self.shared = shared
        self.isolation = isolation
        self.reference = reference
        unsafe aup_worker_set_limit(shared, UInt32(clamping: isolation.blockLimitMilliseconds))
    }

    deinit {
        unsafe aup_worker_ask(
            shared, AUP_WORKER_LEAVE.rawValue, UInt32(Isolation.leaveLimitMilliseconds))
        child.kill()
        while child.status() == nil { usleep(500) }
        unsafe aup_worker_close(shared)
        if let seats = unsafe seats { unsafe seats.deallocate() }
    }

    /// Asks what the plugin is.
    func describe(_ request: WorkerRequest) throws(PluginError) -> PluginDescription {
        let lines = try ask(AUP_WORKER_DESCRIBE, request)
        guard let path = lines.first,
            let description = PluginScan(lines: Array(lines.dropFirst()), path: path)?.plugins.first
        else { throw misunderstood }
        return description
    }

    /// Has the plugin created, once.
    func create(_ request: WorkerRequest) throws(PluginError) -> InstanceFacts {
        precondition(unsafe seats == nil && request.setup != nil)
        guard let facts = InstanceFacts(lines: try ask(AUP_WORKER_CREATE, request)),
            facts.route?.fits(facts, stage: request.setup!.channels) ?? true
        else { throw misunderstood }
        var plan = facts.workerPlan(maxFrames: request.setup!.maxFrames)
        let code = unsafe aup_worker_map(shared, file.number, &plan)
        guard code == 0 else {
            throw PluginError(
                .failed, "plugin '\(facts.description.id)': \(SystemError("shared memory", code: code).message)")
        }
        let made = UnsafeMutablePointer<aup_worker_seat>.allocate(capacity: facts.copies)
        for copy in 0..<facts.copies {
            unsafe made.advanced(by: copy).initialize(
                to: aup_worker_seat(worker: shared, copy: UInt32(copy), reserved: 0))
        }
        unsafe seats = unsafe made
        return facts
    }

    /// Why the process is no more: `plugin 'gain' crashed in process at frame 4096 (SIGSEGV)`; `nil` while it runs.
    func lastWords(_ id: String) -> String? {
        guard unsafe aup_worker_is_gone(shared) != 0 else { return nil }
        let said = unsafe String(cString: aup_worker_last_words(shared))
        if !said.isEmpty {
            var words = Substring(said).drop { $0 == "\n" }
            if words.hasPrefix("aup: ") { words = words.dropFirst("aup: ".count) }
            for end in ["\n", "; run without it"] where words.hasSuffix(end) { words = words.dropLast(end.count) }
            return shown(String(words))
        }
        let name = "plugin '\(shown(id))'"
        let place = unsafe seats == nil ? "" : " at frame \(unsafe aup_worker_position(shared))"
        if unsafe aup_worker_is_late(shared) != 0 {
            return unsafe seats == nil
                ? "\(name) does not come back within \(Isolation.createLimitMilliseconds / 1000) s"
                : "\(name) does not come back from process\(place) within \(isolation.blockLimitMilliseconds) ms"
        }
        // Just ended, but perhaps not known yet.
        var status = child.status()
        for _ in 0..<200 where status == nil {
            usleep(500)
            status = child.status()
        }
        return "\(name) lost its process\(place) (status \(status.map(String.init) ?? "unknown"))"
    }

    /// What guests said through their host's log since the last time.
    func takeLog() -> [String] {
        var space = [CChar](repeating: 0, count: 2048)
        let count = unsafe aup_worker_take_log(shared, &space, space.count)
        return space.prefix(count).split(separator: 10).map { line in
            visible(String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
    }

    private var misunderstood: PluginError {
        PluginError(.failed, "plugin '\(shown(reference))': its process answers what cannot be understood")
    }

    private func ask(_ wish: aup_worker_wish, _ request: WorkerRequest) throws(PluginError) -> [String] {
        let text = WorkerText.bytes(request.lines())
        guard text.count <= WorkerText.limitBytes else {
            throw PluginError(.value, "plugin '\(shown(reference))': its settings are longer than 4 MiB")
        }
        let status: Int32
        let lines: [String]
        do throws(SystemError) {
            (status, lines) = try exchange(wish, text)
        } catch {
            throw PluginError(.failed, "plugin '\(shown(reference))': its process: \(error.message)")
        }
        if status == 0 { return lines }
        if let words = lastWords(reference) { throw PluginError(.failed, words + "; run without it") }
        throw WorkerText.error(lines) ?? misunderstood
    }

    private func exchange(
        _ wish: aup_worker_wish, _ text: [UInt8]
    ) throws(SystemError) -> (status: Int32, lines: [String]) {
        try file.write(text, at: WorkerText.place)
        unsafe aup_worker_set_text_bytes(shared, UInt64(text.count))
        let status = unsafe aup_worker_ask(shared, wish.rawValue, UInt32(Isolation.createLimitMilliseconds))
        if status == AUP_WORKER_GONE { return (status, []) }
        // Bounded, because a guest may have written there.
        let bytes = min(unsafe aup_worker_text_bytes(shared), UInt64(WorkerText.limitBytes))
        return (status, WorkerText.lines(try file.read(Int(bytes), at: WorkerText.place)))
    }
}

extension InstanceFacts {
    /// How the memory for sound is cut, in both processes alike.
    func workerPlan(maxFrames: Int) -> aup_worker_plan {
        let parameters = UInt32(description.parameters.count)
        return aup_worker_plan(
            inputs: UInt32(inputs / copies), outputs: UInt32(outputs / copies), sides: UInt32(sideChannels),
            frames: UInt32(maxFrames),
            parameters: parameters, events: parameters + 1 + UInt32(ChainNode.eventLimit))
    }
}
