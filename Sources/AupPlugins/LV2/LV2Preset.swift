import CAupPlugin
import CLilv
import Glibc

/// Values somebody gave a name: `preset=Name` makes them the defaults, and what else is set wins.
///
/// - Thread: control.
struct LV2Preset {
    static let key = "preset"
    /// Presets of one plugin; some synthesizers have some hundreds.
    private static let limit = 1024

    let label: String
    private let uri: String
    private let world: LV2World

    static func all(of reading: LV2Reading) -> [LV2Preset] {
        var uris = unsafe [UnsafePointer<CChar>?](repeating: nil, count: limit)
        var labels = unsafe uris
        let found = unsafe aup_lilv_presets(reading.world.pointer, reading.plugin, &uris, &labels, Int32(limit))
        var presets: [LV2Preset] = []
        for index in 0..<min(Int(found), limit) {
            guard let uri = unsafe guestText(uris[index]) else { continue }
            presets.append(LV2Preset(label: unsafe guestText(labels[index]) ?? uri, uri: uri, world: reading.world))
        }
        return presets.sorted { $0.label < $1.label }
    }

    static func named(_ name: String, of reading: LV2Reading) throws(PluginError) -> LV2Preset {
        let presets = all(of: reading)
        if let found = presets.first(where: { $0.label.lowercased() == name.lowercased() || $0.uri == name }) {
            return found
        }
        let names = presets.map(\.label)
        throw reading.error(
            .value,
            "preset=\(shown(name)): no such preset" + suggestion(nearMatches(to: name, among: names)) + "; there are "
                + names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", ..." : ""))
    }

    /// So that an instance can be given the state of the one that is named.
    ///
    /// - Returns: `false` when memory is short.
    static func give(
        _ presets: [LV2Preset], to adapter: UnsafeMutablePointer<aup_lv2_plugin>, parameter: Int
    ) -> Bool {
        let texts = unsafe presets.map { unsafe (strdup($0.label), strdup($0.uri)) }
        defer {
            for index in unsafe texts.indices {
                unsafe free(texts[index].0)
                unsafe free(texts[index].1)
            }
        }
        let given = unsafe texts.map { unsafe aup_lv2_preset(label: $0.0, uri: $0.1) }
        return unsafe aup_lv2_take_presets(adapter, given, UInt32(given.count), UInt32(parameter)) != 0
    }

    /// What `--info` shows beside the ports.
    static func parameter(index: Int, _ presets: [LV2Preset]) -> PluginParameter {
        PluginParameter(
            index: index, key: key, name: "Preset", unit: "", range: 0...0, defaultValue: 0, scale: .text,
            isRamped: false,
            isStatic: true, isOutput: false, isHidden: false, labels: presets.map(\.label), defaultText: "")
    }

    /// The same plugin with this preset's values for defaults, each within its range.
    func applied(to description: PluginDescription) -> PluginDescription {
        let room = LV2Reading.portLimit
        var symbols = unsafe [UnsafePointer<CChar>?](repeating: nil, count: room)
        var values = [Double](repeating: 0, count: room)
        let count = unsafe aup_lilv_preset(world.pointer, uri, aup_lv2_map(), &symbols, &values, Int32(room))
        var wanted: [String: Double] = [:]
        for index in 0..<Int(count) {
            if let symbol = unsafe guestText(symbols[index]) { wanted[symbol] = values[index] }
        }
        var changed = description
        changed.parameters = description.parameters.map { parameter in
            guard let value = wanted[parameter.key], value.isFinite, !parameter.isOutput else { return parameter }
            var set = parameter
            set.defaultValue = min(max(parameter.range.lowerBound, decimal(Float(value))), parameter.range.upperBound)
            return set
        }
        return changed
    }
}
