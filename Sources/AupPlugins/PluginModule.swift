import CAupPlugin
import Glibc

/// A loaded shared object of native plugins, each checked against the contract of `aup_plugin.h`.
///
/// - Thread: control.
/// - Safety: `@unchecked Sendable` because everything is immutable after init and dlclose may run on any thread.
@safe public final class PluginModule: GuestModule, @unchecked Sendable {
    public let path: String
    public let plugins: [PluginDescription]
    let tables: [GuestTable]
    private let object: SharedObject

    /// Checks the file, loads it and reads its tables. No code of the guest runs but its constructors, whose text goes to
    /// standard error.
    ///
    /// - Throws: every ``PluginError/Code`` up to `malformed`.
    public convenience init(path: String) throws(PluginError) {
        try self.init(SharedObject(path: path))
    }

    init(_ object: SharedObject) throws(PluginError) {
        guard let symbol = unsafe object.symbol(Self.symbol) else { throw Self.withoutTable(object) }
        let reading = try unsafe ModuleReading(symbol.assumingMemoryBound(to: aup_module.self), path: object.path)
        plugins = reading.descriptions
        tables = unsafe reading.plugins.indices.map { index in
            unsafe GuestTable(reading.plugins[index], name: reading.descriptions[index].id)
        }
        path = object.path
        self.object = object
    }

    deinit {
        for table in tables { table.deallocate() }
    }

    static let symbol = "aup_module_v1"

    /// Says what else the module may be.
    static func withoutTable(_ object: SharedObject) -> PluginError {
        let others = [("ladspa_descriptor", "LADSPA"), ("lv2_descriptor", "LV2"), ("clap_entry", "CLAP")]
        let other = others.first { object.has($0.0) }.map {
            "; it is a plugin for \($0.1)" + ($0.1 == "LV2" ? ", which is named by its URI: lv2:URI" : "")
        }
        return PluginError(
            .notPlugin,
            "plugin '\(shown(object.path))' exports no 'aup_module_v1'"
                + (other ?? "; it is no aup plugin, or AUP_MODULE is missing in its source"))
    }
}
