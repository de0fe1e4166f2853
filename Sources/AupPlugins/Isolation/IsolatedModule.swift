import CAupPlugin
import Glibc
import Synchronization

/// One plugin that lives in processes of its own: one for each instance.
///
/// - Thread: control.
/// - Safety: `@unchecked Sendable` because a worker is only taken and put back under the lock, and the rest is immutable.
@safe final class IsolatedModule: GuestModule, @unchecked Sendable {
    let path: String
    let plugins: [PluginDescription]
    let tables: [GuestTable]
    private let reference: String
    private let isolation: Isolation
    /// Of the file when it was looked at.
    private let facts: FileFacts?
    /// A process that has found the plugin and created nothing yet.
    private let spare: Mutex<Spare>

    private struct Spare: @unchecked Sendable {
        // @unchecked because it is handed from thread to thread, never shared.
        var worker: GuestWorker?
    }

    /// Finds the plugin, in a process of its own.
    init(_ reference: String, _ isolation: Isolation) throws(PluginError) {
        let worker = try GuestWorker(reference, isolation)
        let description = try worker.describe(WorkerRequest(reference))
        self.reference = reference
        self.isolation = isolation
        path = description.path
        facts = FileFacts(description.path)
        plugins = [description]
        tables = unsafe [GuestTable(aup_worker_plugin(), name: description.id)]
        spare = Mutex(Spare(worker: worker))
    }

    deinit {
        for table in tables { table.deallocate() }
    }

    /// Whether the file is still the one that was looked at.
    var isCurrent: Bool { facts == FileFacts(path) }

    func description(_ index: Int, rate: Double) throws(PluginError) -> PluginDescription {
        try description(index, rate: rate, settings: [])
    }

    func description(
        _ index: Int, rate: Double, settings: [PluginSpec.Setting]
    ) throws(PluginError) -> PluginDescription {
        // Only a preset and the rate can make another description.
        let presets = settings.filter { $0.key == LV2Preset.key }
        let mayDiffer = plugins[0].parameters.contains(where: \.scalesWithRate) && rate != 48000
        guard mayDiffer || !presets.isEmpty else { return plugins[0] }
        var request = WorkerRequest(reference)
        request.rate = rate
        request.settings = presets
        let worker = try takeWorker()
        let description = try worker.describe(request)
        putBack(worker)
        return description
    }

    /// A process with an instance in it.
    func create(
        _ settings: [PluginSpec.Setting], _ setup: PluginInstance.Setup
    ) throws(PluginError) -> (worker: GuestWorker, facts: InstanceFacts) {
        var request = WorkerRequest(reference)
        request.rate = setup.rate
        request.settings = settings
        request.setup = setup
        let worker = try takeWorker()
        return (worker, try worker.create(request))
    }

    private func takeWorker() throws(PluginError) -> GuestWorker {
        let kept = spare.withLock { spare in
            defer { spare.worker = nil }
            return spare
        }
        if let worker = kept.worker { return worker }
        return try GuestWorker(reference, isolation)
    }

    private func putBack(_ worker: GuestWorker) {
        let kept = Spare(worker: worker)
        spare.withLock { $0 = kept }
    }
}

/// Plugins in processes of their own.
extension PluginLibrary {
    func findIsolated(_ reference: String, _ isolation: Isolation) throws(PluginError) -> Found {
        if let known = isolated[reference], known.isCurrent { return Found(module: known, index: 0) }
        let module = try IsolatedModule(reference, isolation)
        isolated[reference] = module
        return Found(module: module, index: 0)
    }
}
