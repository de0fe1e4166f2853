import AupSound
import CAupPlugin
import CLilv

/// What an LV2 plugin's Turtle says about it; no code of it runs.
///
/// - Thread: control.
@safe struct LV2Reading {
    /// Ports of one plugin.
    static let portLimit = 4096

    let uri: String
    let world: LV2World
    /// Paths.
    let bundle: String?
    let library: String?
    let plugin: UnsafeRawPointer

    init(_ plugin: UnsafeRawPointer, uri: String, world: LV2World) {
        unsafe self.plugin = unsafe plugin
        self.uri = uri
        self.world = world
        bundle = unsafe Self.path(aup_lilv_text(world.pointer, plugin, Int32(AUP_LILV_BUNDLE.rawValue)))
        library = unsafe Self.path(aup_lilv_text(world.pointer, plugin, Int32(AUP_LILV_LIBRARY.rawValue)))
    }

    /// What the plugin is to a chain, and how each of its ports is served.
    struct Plan {
        let description: PluginDescription
        let ports: [aup_lv2_port]
        let latencyPort: Int?
        /// Begins with a state of its own.
        let loadsDefaultState: Bool
        let presets: [LV2Preset]
    }

    /// - Throws: `malformed`, `layout`, or `unloadable` when it needs a feature that is not here.
    func plan(rate: Double) throws(PluginError) -> Plan {
        try checkFeatures()
        let count = Int(unsafe aup_lilv_port_count(plugin))
        guard count <= Self.portLimit else {
            throw error(.malformed, "it has \(count) ports where at most \(Self.portLimit) are allowed")
        }
        var ports: [aup_lv2_port] = []
        var parameters: [PluginParameter] = []
        var inputs = 0
        var outputs = 0
        var spareInputs: [Int] = []
        var sideInputs: [Int] = []
        var latencyPort: Int?
        var keys = DistinctKeys()
        let described = (0..<count).map { index in
            unsafe LV2Port(aup_lilv_port_at(world.pointer, plugin, UInt32(index)))
        }
        // What has no sound but voltages, such as an envelope, is run with these for sound, as its twins of LADSPA are.
        let hearsVoltages =
            !described.contains(where: \.isSound)
            && described.contains { $0.kind(hearsVoltages: true) == AUP_LV2_AUDIO_OUT }
        for (index, port) in described.enumerated() {
            guard let kind = port.kind(hearsVoltages: hearsVoltages) else {
                throw error(.malformed, "its port '\(port.symbol)' is of a kind this host does not know")
            }
            if kind == AUP_LV2_AUDIO_IN {
                if port.isSide { sideInputs.append(inputs) }
                inputs += 1
            }
            if kind == AUP_LV2_AUDIO_OUT { outputs += 1 }
            if port.isSpareInput { spareInputs.append(index) }
            if kind == AUP_LV2_CONTROL_OUT, port.isLatency { latencyPort = index }
            ports.append(
                aup_lv2_port(
                    kind: kind.rawValue, parameter: UInt32(parameters.count),
                    bytes: UInt32(max(8192, port.minimumBytes))))
            if port.isControl || port.isVoltage && !hearsVoltages {
                let key = keys.next(port.symbol, fallback: "c\(parameters.count)")
                parameters.append(port.parameter(index: parameters.count, key: key, labels: labels(index), rate: rate))
            }
        }
        // The right channel of Calf's plugins, for one, may stay open, and then the left one is heard on both sides. What
        // is more than the outputs are side chains, which do stay open.
        let pairs = spareInputs.prefix(max(0, outputs - inputs))
        for index in pairs { ports[index].kind = AUP_LV2_AUDIO_IN.rawValue }
        // Where more inputs than outputs must be heard, as with its vocoder, only those with a part to play are.
        for index in spareInputs.dropFirst(pairs.count) where sideInputs.isEmpty && described[index].isDesignated {
            ports[index].kind = AUP_LV2_AUDIO_IN.rawValue
            inputs += 1
        }
        let presets = LV2Preset.all(of: self)
        if !presets.isEmpty, !parameters.contains(where: { $0.key == LV2Preset.key }) {
            parameters.append(LV2Preset.parameter(index: parameters.count, presets))
        }
        guard inputs + pairs.count <= Limits.channels, outputs <= Limits.channels else {
            throw error(
                .malformed,
                "it has \(inputs) inputs and \(outputs) outputs where at most \(Limits.channels) are allowed")
        }
        guard outputs > 0 else {
            let kinds = Set(described.compactMap(\.outputKind)).sorted()
            throw error(
                .layout,
                "it has no sound output, so nothing can follow it"
                    + (kinds.isEmpty ? "" : "; what comes out of it are " + kinds.joined(separator: " and ")))
        }
        func text(_ which: aup_lilv_text) -> String? {
            unsafe guestText(aup_lilv_text(world.pointer, plugin, Int32(which.rawValue)))
        }
        let isHardRealtime = has("http://lv2plug.in/ns/lv2core#hardRTCapable")
        var layouts = [PluginDescription.Layout(inputs: inputs, outputs: outputs, side: 0)]
        if !pairs.isEmpty { layouts.insert(.init(inputs: inputs + pairs.count, outputs: outputs, side: 0), at: 0) }
        // Only where one is asked for: without, all inputs are alike, as other hosts have it.
        let hasSide = pairs.isEmpty && !sideInputs.isEmpty && sideInputs.count < inputs
        if hasSide {
            layouts.append(.init(inputs: inputs - sideInputs.count, outputs: outputs, side: sideInputs.count))
        }
        var description = PluginDescription(
            path: library ?? "", id: uri, name: text(AUP_LILV_NAME) ?? uri, version: "",
            vendor: text(AUP_LILV_AUTHOR) ?? "",
            tags: [], parameters: parameters, layouts: layouts,
            worksInPlace: false, wantsEvents: false, isBlockInvariant: false, isRealtimeSafe: isHardRealtime,
            interface: .lv2)
        if hasSide { description.sideInputs = sideInputs }
        return Plan(
            description: description, ports: ports, latencyPort: latencyPort,
            loadsDefaultState: has("http://lv2plug.in/ns/ext/state#loadDefaultState"), presets: presets)
    }

    private func has(_ feature: String) -> Bool { unsafe aup_lilv_has_feature(world.pointer, plugin, feature) != 0 }

    private func checkFeatures() throws(PluginError) {
        var texts = unsafe [UnsafePointer<CChar>?](repeating: nil, count: 64)
        let count = unsafe aup_lilv_required(world.pointer, plugin, &texts, Int32(texts.count))
        // Promises about the plugin, which ask nothing of a host.
        var known: Set<String> = [
            "http://lv2plug.in/ns/lv2core#hardRTCapable", "http://lv2plug.in/ns/lv2core#inPlaceBroken",
        ]
        var index = UInt32(0)
        while let feature = unsafe aup_lv2_feature(index) {
            known.insert(unsafe String(cString: feature))
            index += 1
        }
        for position in 0..<Int(count) {
            guard let wanted = unsafe guestText(texts[position]), !known.contains(wanted) else { continue }
            throw error(.unloadable, "it needs the feature \(wanted), which this host does not have")
        }
    }

    private func labels(_ port: Int) -> [(value: Double, label: String)] {
        let room = 256
        var values = [Double](repeating: 0, count: room)
        var texts = unsafe [UnsafePointer<CChar>?](repeating: nil, count: room)
        let count = unsafe aup_lilv_points(world.pointer, plugin, UInt32(port), &values, &texts, Int32(room))
        var named: [(value: Double, label: String)] = []
        for point in 0..<min(Int(count), room) { named.append((values[point], unsafe guestText(texts[point]) ?? "")) }
        return named.sorted { $0.value < $1.value }
    }

    func error(_ code: PluginError.Code, _ what: String) -> PluginError {
        PluginError(code, "plugin '\(shown(uri))': \(what)")
    }

    private static func path(_ text: UnsafePointer<CChar>?) -> String? {
        unsafe text.map { unsafe String(cString: $0) }
    }
}
