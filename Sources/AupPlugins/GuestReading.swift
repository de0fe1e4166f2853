import AupSound
import CAupPlugin
import Glibc

/// Reads one plugin of a module.
@safe struct GuestReading {
    private let original: UnsafePointer<aup_plugin>
    private let path: String
    private let label: String

    init(_ plugin: UnsafePointer<aup_plugin>, number: Int, path: String) {
        unsafe original = unsafe plugin
        self.path = path
        label = "plugin '\(shown(path))', number \(number)"
    }

    func description() throws(PluginError) -> PluginDescription {
        let size = unsafe original.pointee.size
        guard ModuleReading.isSane(size, least: aup_plugin_least_size()) else {
            throw malformed("its table says it has \(size) bytes")
        }
        var plugin = unsafe aup_plugin_copy(original)
        guard unsafe plugin.create != nil, unsafe plugin.destroy != nil, unsafe plugin.process != nil else {
            throw malformed("create, destroy or process is NULL")
        }
        let id = try unsafe text(plugin.id, "id", limit: ModuleReading.keyBytes)
        guard !id.isEmpty, id.utf8.allSatisfy({ Self.isKeyByte($0) || $0 == 45 || $0 == 46 }) else {
            throw malformed("the id '\(id)' is not made of [a-z0-9_.-]")
        }
        let flags = unsafe plugin.flags
        func has(_ flag: aup_plugin_flags) -> Bool { flags & flag.rawValue != 0 }
        return PluginDescription(
            path: path, id: id, name: try unsafe text(plugin.name, "name"),
            version: try unsafe text(plugin.version, "version"), vendor: try unsafe text(plugin.vendor, "vendor"),
            tags: try unsafe text(plugin.tags, "tags").split(separator: " ").map(String.init),
            parameters: try unsafe parameters(&plugin), layouts: try unsafe layouts(&plugin),
            worksInPlace: has(AUP_IN_PLACE), wantsEvents: has(AUP_WANT_EVENTS),
            isBlockInvariant: has(AUP_BLOCK_INVARIANT), isRealtimeSafe: !has(AUP_NOT_REALTIME))
    }

    private func layouts(_ plugin: inout aup_plugin) throws(PluginError) -> [PluginDescription.Layout] {
        let (count, stride) = unsafe (plugin.layout_count, plugin.layout_stride)
        guard count >= 1, count <= UInt32(ModuleReading.layoutLimit), unsafe plugin.layouts != nil else {
            throw malformed("it has \(count) layouts where 1 to \(ModuleReading.layoutLimit) are allowed")
        }
        guard ModuleReading.isSane(stride, least: aup_layout_least_stride()) else {
            throw malformed("its layouts are said to be \(stride) bytes apart")
        }
        var layouts: [PluginDescription.Layout] = []
        for index in 0..<count {
            let layout = unsafe aup_layout_copy(&plugin, index)
            guard layout.in <= UInt32(Limits.channels), layout.out <= UInt32(Limits.channels),
                layout.side <= UInt32(Limits.channels), (layout.in == 0) == (layout.out == 0)
            else {
                throw malformed("layout \(index + 1) is \(layout.in) to \(layout.out) channels")
            }
            layouts.append(.init(inputs: Int(layout.in), outputs: Int(layout.out), side: Int(layout.side)))
        }
        return layouts
    }

    private func parameters(_ plugin: inout aup_plugin) throws(PluginError) -> [PluginParameter] {
        let (count, stride) = unsafe (plugin.param_count, plugin.param_stride)
        if count == 0 { return [] }
        guard count <= UInt32(ModuleReading.parameterLimit), unsafe plugin.params != nil else {
            throw malformed("it has \(count) parameters where at most \(ModuleReading.parameterLimit) are allowed")
        }
        guard ModuleReading.isSane(stride, least: aup_param_least_stride()) else {
            throw malformed("its parameters are said to be \(stride) bytes apart")
        }
        var parameters: [PluginParameter] = []
        var keys: Set<String> = []
        for index in 0..<count {
            let parameter = try unsafe parameter(aup_param_copy(&plugin, index), index: Int(index))
            guard keys.insert(parameter.key).inserted else {
                throw malformed("two parameters have the key '\(parameter.key)'")
            }
            parameters.append(parameter)
        }
        return parameters
    }

    private func parameter(_ raw: aup_param, index: Int) throws(PluginError) -> PluginParameter {
        let key = try unsafe text(raw.key, "key of parameter \(index + 1)", limit: ModuleReading.keyBytes)
        guard !key.isEmpty, key.utf8.allSatisfy(Self.isKeyByte) else {
            throw malformed("the parameter key '\(key)' is not made of [a-z0-9_]")
        }
        let scales: [PluginParameter.Scale] = [.linear, .logarithmic, .choice, .integer, .toggle, .text, .path]
        let scaleNumber = unsafe raw.scale
        guard scaleNumber < UInt32(scales.count) else {
            throw malformed("parameter '\(key)' has the scale \(scaleNumber)")
        }
        let scale = scales[Int(scaleNumber)]
        let (low, high, initial) = unsafe (raw.min, raw.max, raw.def)
        guard low.isFinite, high.isFinite, initial.isFinite, low <= initial, initial <= high else {
            throw malformed("parameter '\(key)' has the range \(low) to \(high) and the default \(initial)")
        }
        switch scale {
        case .logarithmic where low <= 0: throw malformed("parameter '\(key)' is logarithmic but begins at \(low)")
        case .toggle where low != 0 || high != 1: throw malformed("parameter '\(key)' is a toggle but not from 0 to 1")
        default: break
        }
        if [.choice, .integer, .toggle].contains(scale), [low, high, initial].contains(where: { $0 != $0.rounded() }) {
            throw malformed("parameter '\(key)' takes whole numbers but its range has others")
        }
        let flags = unsafe raw.flags
        func has(_ flag: aup_param_flags) -> Bool { flags & flag.rawValue != 0 }
        return PluginParameter(
            index: index, key: key, name: try unsafe text(raw.name, "name of parameter '\(key)'"),
            unit: try unsafe text(raw.unit, "unit of parameter '\(key)'", limit: 16), range: low...high,
            defaultValue: initial, scale: scale, isRamped: has(AUP_PARAM_RAMP), isStatic: has(AUP_PARAM_STATIC),
            isOutput: has(AUP_PARAM_OUTPUT), isHidden: has(AUP_PARAM_HIDDEN),
            labels: scale == .choice ? try unsafe labels(raw, key: key) : [],
            defaultText: unsafe raw.text_def == nil
                ? "" : try unsafe text(raw.text_def, "default of '\(key)'", limit: 4096))
    }

    private func labels(_ raw: aup_param, key: String) throws(PluginError) -> [String] {
        let count = unsafe raw.max - raw.min + 1
        guard count <= Double(ModuleReading.parameterLimit), let pointers = unsafe raw.labels else {
            throw malformed("parameter '\(key)' is a choice without labels")
        }
        var labels: [String] = []
        for index in 0..<Int(count) {
            labels.append(try unsafe text(pointers[index], "label \(index + 1) of parameter '\(key)'"))
        }
        return labels
    }

    /// A text of the guest: there, of bounded length, without control characters, bad UTF-8 repaired.
    private func text(
        _ pointer: UnsafePointer<CChar>?, _ what: String, limit: Int = ModuleReading.textBytes
    ) throws(PluginError) -> String {
        guard let pointer = unsafe pointer else { throw malformed("its \(what) is NULL") }
        let length = unsafe strnlen(pointer, limit + 1)
        guard length <= limit else { throw malformed("its \(what) is longer than \(limit) bytes") }
        let bytes = unsafe UnsafeBufferPointer(start: pointer, count: length)
        return visible(String(decoding: unsafe bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    private func malformed(_ what: String) -> PluginError {
        PluginError(.malformed, "\(label): \(what); its author must mend it (see aup_plugin.h)")
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == 95
    }
}
