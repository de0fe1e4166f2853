import CAupPlugin
import Glibc

/// A loaded file of plugins, whatever interface they were written for: the one thing that chains know.
///
/// Behind it every plugin is a table of our own ABI. A native one brings the table; for the others an adapter in C
/// translates, without allocating, so that whatever runs, replicates, ramps and guards natives does the same for all.
///
/// ```
///   PluginModule   aup_module_v1      ─┐
///   LADSPAModule   ladspa_descriptor  ─┼─▶ descriptions + tables ─▶ PluginInstance ─▶ ChainNode
///   …                                 ─┘
/// ```
///
/// - Thread: control.
protocol GuestModule: AnyObject, Sendable {
    var path: String { get }
    /// As far as they do not depend on the rate; where they do, for 48 kHz.
    var plugins: [PluginDescription] { get }
    /// By index of `plugins`; they live as long as the module.
    var tables: [GuestTable] { get }
    /// What a plugin says for one rate: ranges and defaults may be fractions of it.
    func description(_ index: Int, rate: Double) throws(PluginError) -> PluginDescription
    /// The same where settings may name a preset: its values are the defaults then.
    func description(
        _ index: Int, rate: Double, settings: [PluginSpec.Setting]
    ) throws(PluginError) -> PluginDescription
    /// Why those that the file lists and that are not in `plugins` cannot be used, by id.
    var refusals: [String: PluginError] { get }
}

extension GuestModule {
    func description(_ index: Int, rate: Double) throws(PluginError) -> PluginDescription { plugins[index] }
    func description(
        _ index: Int, rate: Double, settings: [PluginSpec.Setting]
    ) throws(PluginError) -> PluginDescription { try description(index, rate: rate) }
    var refusals: [String: PluginError] { [:] }
}

/// What a plugin is created and run with.
@safe struct GuestTable {
    /// In the length this host knows; on the heap because the audio thread reads it through a pointer.
    let copy: UnsafeMutablePointer<aup_plugin>
    /// The guest's own, or the adapter's.
    let original: UnsafePointer<aup_plugin>
    /// For breadcrumbs and messages.
    let name: UnsafeMutablePointer<CChar>

    init(_ original: UnsafePointer<aup_plugin>, name: String) {
        unsafe self.original = unsafe original
        unsafe copy = .allocate(capacity: 1)
        unsafe copy.initialize(to: aup_plugin_copy(original))
        unsafe self.name = unsafe strdup(name)
    }

    func deallocate() {
        unsafe copy.deallocate()
        unsafe free(name)
    }
}
