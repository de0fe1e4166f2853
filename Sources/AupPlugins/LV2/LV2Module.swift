import CAupPlugin
import CLilv

/// One LV2 plugin: its bundle's words and its binary.
///
/// - Thread: control.
/// - Safety: `@unchecked Sendable` because everything is immutable after init and dlclose may run on any thread.
@safe final class LV2Module: GuestModule, @unchecked Sendable {
    let path: String
    let plugins: [PluginDescription]
    let tables: [GuestTable]
    private let reading: LV2Reading
    private let adapter: UnsafeMutablePointer<aup_lv2_plugin>
    private let object: SharedObject

    init(_ reading: LV2Reading) throws(PluginError) {
        let plan = try reading.plan(rate: 48000)
        guard let path = reading.library, let bundle = reading.bundle else {
            throw reading.error(.malformed, "its bundle names no binary; its author must mend it")
        }
        let object = try SharedObject(path: path)
        let folder = bundle.hasSuffix("/") ? bundle : bundle + "/"
        let descriptor = try unsafe GuestText.diverted { () throws(PluginError) in
            unsafe aup_lv2_find(
                object.symbol("lv2_descriptor"), object.symbol("lv2_lib_descriptor"), reading.uri, folder)
        }
        guard let descriptor = unsafe descriptor else {
            throw reading.error(.malformed, "its bundle promises it, but '\(shown(path))' does not have it")
        }
        if let lacking = unsafe aup_lv2_lacking(descriptor) {
            throw reading.error(.malformed, "its \(unsafe String(cString: lacking)) is NULL; its author must mend it")
        }
        let adapter = unsafe aup_lv2_adapt(
            descriptor, reading.uri, folder, plan.ports, UInt32(plan.ports.count), Int32(plan.latencyPort ?? -1))
        guard let adapter = unsafe adapter else { throw reading.error(.failed, "out of memory") }
        unsafe adapter.pointee.restore = aup_lilv_restore
        // The reading below keeps the world alive as long as the adapter.
        unsafe adapter.pointee.keeper = UnsafeMutableRawPointer(reading.world.pointer)
        unsafe adapter.pointee.begins_with_state = plan.loadsDefaultState ? 1 : 0
        if let parameter = plan.description.parameters.last, parameter.key == LV2Preset.key, parameter.isText,
            unsafe !LV2Preset.give(plan.presets, to: adapter, parameter: parameter.index)
        {
            unsafe aup_lv2_release(adapter)
            throw reading.error(.failed, "out of memory")
        }
        self.path = path
        self.object = object
        self.reading = reading
        unsafe self.adapter = unsafe adapter
        plugins = [plan.description]
        let table = unsafe UnsafeRawPointer(adapter).assumingMemoryBound(to: aup_plugin.self)
        tables = unsafe [GuestTable(table, name: plan.description.id)]
    }

    deinit {
        for table in tables { table.deallocate() }
        unsafe aup_lv2_release(adapter)
    }

    func description(_ index: Int, rate: Double) throws(PluginError) -> PluginDescription {
        try reading.plan(rate: rate).description
    }

    func description(
        _ index: Int, rate: Double, settings: [PluginSpec.Setting]
    ) throws(PluginError) -> PluginDescription {
        let description = try description(index, rate: rate)
        guard let setting = settings.last(where: { $0.key == LV2Preset.key }),
            description.parameters.last?.key == LV2Preset.key, description.parameters.last?.isText == true
        else { return description }
        return try LV2Preset.named(setting.value, of: reading).applied(to: description)
    }
}
