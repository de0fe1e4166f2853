import CAupPlugin

/// A shared object with CLAP plugins.
///
/// Parameters and ports are only known to an instance, so each plugin is created once to be read and let go of again.
///
/// - Thread: control.
/// - Safety: `@unchecked Sendable` because everything is immutable after init, and the last reference goes on control.
@safe final class CLAPModule: GuestModule, @unchecked Sendable {
    static let symbol = "clap_entry"
    static let pluginLimit = 1024

    let path: String
    let plugins: [PluginDescription]
    let tables: [GuestTable]
    let refusals: [String: PluginError]
    private let adapters: [UnsafeMutablePointer<aup_clap_plugin>]
    private let opened: OpenedEntry

    /// The entry between its open and its close, which stand round everything else.
    @safe private final class OpenedEntry {
        let entry: UnsafePointer<aup_clap_entry>
        let factory: UnsafePointer<aup_clap_factory>
        let object: SharedObject

        init(_ object: SharedObject) throws(PluginError) {
            guard let symbol = unsafe object.symbol(CLAPModule.symbol) else { throw PluginModule.withoutTable(object) }
            self.object = object
            unsafe entry = UnsafePointer(symbol.assumingMemoryBound(to: aup_clap_entry.self))
            let version = unsafe entry.pointee.version
            guard version.major == 1 else {
                throw PluginError(
                    .version,
                    "plugin '\(shown(object.path))' was built for version \(version.major) of CLAP, this is a host of version 1"
                )
            }
            let entry = unsafe self.entry
            let factory = try unsafe GuestText.diverted { () throws(PluginError) in
                unsafe object.path.withCString { unsafe aup_clap_open(entry, $0) }
            }
            guard let factory = unsafe factory else {
                throw PluginError(
                    .malformed,
                    "plugin '\(shown(object.path))': it does not start, or makes no plugins; its author must mend it")
            }
            unsafe self.factory = unsafe factory
        }

        deinit { unsafe object.path.withCString { unsafe aup_clap_close(entry, $0) } }
    }

    init(_ object: SharedObject) throws(PluginError) {
        let opened = try OpenedEntry(object)
        let path = object.path
        let count = unsafe path.withCString { unsafe aup_clap_count(opened.factory, $0) }
        guard count >= 1, count <= UInt32(Self.pluginLimit) else {
            throw PluginError(
                .malformed,
                "plugin '\(shown(path))': it offers \(count) plugins where 1 to \(Self.pluginLimit) are allowed")
        }
        var plugins: [PluginDescription] = []
        var refusals: [String: PluginError] = [:]
        var adapters = unsafe [UnsafeMutablePointer<aup_clap_plugin>]()
        var first: PluginError?
        for index in 0..<count {
            let descriptor = unsafe path.withCString { unsafe aup_clap_at(opened.factory, $0, index) }
            guard let descriptor = unsafe descriptor, let id = unsafe guestText(descriptor.pointee.id), !id.isEmpty
            else {
                first = first ?? PluginError(.malformed, "plugin '\(shown(path))', number \(index + 1): it has no id")
                continue
            }
            var why: UnsafePointer<CChar>?
            let adapter = try unsafe GuestText.diverted { () throws(PluginError) in
                unsafe aup_clap_adapt(opened.factory, id, UInt32(ModuleReading.parameterLimit), &why)
            }
            guard let adapter = unsafe adapter else {
                let reason = unsafe guestText(why) ?? "no reason given"
                let refusal = PluginError(.malformed, "plugin '\(shown(id))' in '\(shown(path))': \(reason)")
                refusals[id] = refusal
                first = first ?? refusal
                continue
            }
            unsafe adapters.append(adapter)
            plugins.append(unsafe CLAPReading(adapter, descriptor, id: id, path: path).description())
        }
        guard !plugins.isEmpty else {
            throw first ?? PluginError(.malformed, "plugin '\(shown(path))': it offers no plugin")
        }
        self.path = path
        self.opened = opened
        self.plugins = plugins
        self.refusals = refusals
        unsafe self.adapters = unsafe adapters
        tables = unsafe adapters.indices.map { index in
            let table = unsafe UnsafeRawPointer(adapters[index]).assumingMemoryBound(to: aup_plugin.self)
            return unsafe GuestTable(table, name: plugins[index].id)
        }
    }

    deinit {
        for table in tables { table.deallocate() }
        for index in unsafe adapters.indices { unsafe aup_clap_release(adapters[index]) }
    }
}
