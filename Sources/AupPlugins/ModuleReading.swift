import CAupPlugin

/// Reads the table of a module and refuses what breaks the contract, before any code of the guest is called.
///
/// A pointer that is neither NULL nor valid cannot be found out; everything that can be is: sizes, strides, counts,
/// patterns, ranges.
///
/// - Thread: control.
@safe struct ModuleReading {
    /// Limits on what a module may bring.
    static let pluginLimit = 64
    static let parameterLimit = 1024
    static let layoutLimit = 64
    /// Bytes of a key or id.
    static let keyBytes = 64
    /// Bytes of a name shown to users.
    static let textBytes = 256
    /// Bytes of a struct or stride; ours are far below, a guest's above is no number at all.
    static let structBytes: UInt32 = 4096

    let plugins: [UnsafePointer<aup_plugin>]
    let descriptions: [PluginDescription]

    init(_ module: UnsafePointer<aup_module>, path: String) throws(PluginError) {
        let file = shown(path)
        func malformed(_ what: String) -> PluginError {
            PluginError(.malformed, "plugin '\(file)': \(what); its author must build it again with aup_plugin.h")
        }
        guard unsafe module.pointee.magic == UInt32(AUP_MAGIC) else {
            throw malformed("'aup_module_v1' does not begin as the table of an aup plugin")
        }
        let major = unsafe module.pointee.abi_major
        guard major == UInt32(AUP_ABI_MAJOR) else {
            throw PluginError(
                .version,
                "plugin '\(file)' was built for version \(major) of the plugin interface, this is version \(AUP_ABI_MAJOR); "
                    + (major > UInt32(AUP_ABI_MAJOR) ? "use a newer aup" : "build it again"))
        }
        let size = unsafe module.pointee.size
        guard Self.isSane(size, least: aup_module_least_size()) else {
            throw malformed("its module says it has \(size) bytes")
        }
        let count = unsafe module.pointee.plugin_count
        guard count >= 1, count <= UInt32(Self.pluginLimit), let list = unsafe module.pointee.plugins else {
            throw malformed("it offers \(count) plugins where 1 to \(Self.pluginLimit) are allowed")
        }
        var plugins = unsafe [UnsafePointer<aup_plugin>]()
        var descriptions: [PluginDescription] = []
        for index in 0..<Int(count) {
            guard let plugin = unsafe list[index] else { throw malformed("plugin number \(index + 1) is NULL") }
            let description = try unsafe GuestReading(plugin, number: index + 1, path: path).description()
            guard !descriptions.contains(where: { $0.id == description.id }) else {
                throw malformed("two plugins have the id '\(description.id)'")
            }
            unsafe plugins.append(plugin)
            descriptions.append(description)
        }
        unsafe self.plugins = unsafe plugins
        self.descriptions = descriptions
    }

    static func isSane(_ size: UInt32, least: UInt32) -> Bool { size >= least && size <= structBytes && size % 8 == 0 }
}
