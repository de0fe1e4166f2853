import CAupPlugin

/// A shared object with LADSPA plugins.
///
/// One plugin that breaks the contract does not take the others with it: it is refused by name.
///
/// - Thread: control.
/// - Safety: `@unchecked Sendable` because everything is immutable after init and dlclose may run on any thread.
@safe final class LADSPAModule: GuestModule, @unchecked Sendable {
    static let symbol = "ladspa_descriptor"
    /// Plugins of one file; the longest list there is has some 130.
    static let pluginLimit = 1024

    let path: String
    let plugins: [PluginDescription]
    let tables: [GuestTable]
    private let readings: [LADSPAReading]
    private let adapters: [UnsafeMutablePointer<aup_ladspa_plugin>]
    let refusals: [String: PluginError]
    private let object: SharedObject

    /// - Throws: `malformed` when the list makes no sense or none of its plugins can be used.
    init(_ object: SharedObject) throws(PluginError) {
        path = object.path
        self.object = object
        guard let symbol = unsafe object.symbol(Self.symbol) else { throw PluginModule.withoutTable(object) }
        let readings = try unsafe Self.list(symbol, object.path)
        var good: [LADSPAReading] = []
        var plugins: [PluginDescription] = []
        var refusals: [String: PluginError] = [:]
        var first: PluginError?
        for reading in readings {
            do throws(PluginError) {
                let description = try reading.description(rate: 48000)
                guard !plugins.contains(where: { $0.id == description.id }) else { continue }
                plugins.append(description)
                good.append(reading)
            } catch {
                first = first ?? error
                if let label = reading.label { refusals[label] = error }
            }
        }
        guard !plugins.isEmpty else {
            throw first ?? PluginError(.notPlugin, "plugin '\(shown(path))': its list of LADSPA plugins is empty")
        }
        self.plugins = plugins
        self.readings = good
        self.refusals = refusals
        let adapters = try unsafe good.map { reading throws(PluginError) in
            guard let adapter = unsafe aup_ladspa_adapt(reading.guest, Int64(reading.latencyPort ?? -1)) else {
                throw PluginError(.failed, "plugin '\(shown(object.path))': out of memory")
            }
            return unsafe adapter
        }
        unsafe self.adapters = unsafe adapters
        tables = unsafe adapters.indices.map { index in
            let table = unsafe UnsafeRawPointer(adapters[index]).assumingMemoryBound(to: aup_plugin.self)
            return unsafe GuestTable(table, name: plugins[index].id)
        }
    }

    deinit {
        for table in tables { table.deallocate() }
        for index in unsafe adapters.indices { unsafe aup_ladspa_release(adapters[index]) }
    }

    func description(_ index: Int, rate: Double) throws(PluginError) -> PluginDescription {
        try readings[index].description(rate: rate)
    }

    private static func list(
        _ symbol: UnsafeMutableRawPointer, _ path: String
    ) throws(PluginError) -> [LADSPAReading] {
        var readings: [LADSPAReading] = []
        var seen: Set<UInt> = []
        func endless() -> PluginError {
            PluginError(.malformed, "plugin '\(shown(path))': its list of LADSPA plugins does not end")
        }
        while true {
            let found = try unsafe GuestText.diverted { () throws(PluginError) in
                unsafe path.withCString { unsafe aup_ladspa_at(symbol, $0, UInt(readings.count)) }
            }
            guard let found = unsafe found else { return readings }
            guard seen.insert(UInt(bitPattern: found)).inserted, readings.count < pluginLimit else { throw endless() }
            readings.append(unsafe LADSPAReading(found, number: readings.count + 1, path: path))
        }
    }
}
