import CAupPlugin
import CLilv

/// One port of an LV2 plugin as its Turtle describes it.
///
/// - Thread: control.
struct LV2Port {
    let symbol: String
    let name: String
    let unit: String
    let minimumBytes: Int
    private let bits: UInt32
    private let initial: Double
    private let minimum: Double
    private let maximum: Double

    init(_ facts: aup_lilv_port) {
        symbol = unsafe guestText(facts.symbol) ?? ""
        name = unsafe guestText(facts.name) ?? symbol
        let given = unsafe guestText(facts.unit)
        unit = given.map(Self.unit) ?? PortName(name).unit
        minimumBytes = Int(min(unsafe facts.minimum_bytes, 1 << 24))
        bits = unsafe facts.bits
        // Turtle's numbers arrive as floats; the decimal is what stands there.
        func plain(_ value: Double) -> Double { value.isFinite ? decimal(Float(value)) : .nan }
        (initial, minimum, maximum) = unsafe (plain(facts.initial), plain(facts.minimum), plain(facts.maximum))
    }

    private func has(_ bit: aup_lilv_port_bits) -> Bool { bits & bit.rawValue != 0 }

    var isLatency: Bool { has(AUP_LILV_LATENCY) }
    var isSide: Bool { has(AUP_LILV_SIDE) }

    var isSound: Bool { has(AUP_LILV_AUDIO) }

    /// What comes out of it other than sound, in words; `nil` for inputs and sound.
    var outputKind: String? {
        guard has(AUP_LILV_OUTPUT), !isSound else { return nil }
        return has(AUP_LILV_CONTROL) ? "readings" : has(AUP_LILV_CV) ? "control voltages" : "events such as MIDI"
    }

    /// `nil` for a port of a kind nobody knows here and that must be connected.
    ///
    /// - Parameter hearsVoltages: ports of control voltages, samples like those of sound, are its sound.
    func kind(hearsVoltages: Bool) -> aup_lv2_kind? {
        let isInput = has(AUP_LILV_INPUT)
        if hearsVoltages, has(AUP_LILV_CV) { return isInput ? AUP_LV2_AUDIO_IN : AUP_LV2_AUDIO_OUT }
        if has(AUP_LILV_CONTROL) { return isInput ? AUP_LV2_CONTROL_IN : AUP_LV2_CONTROL_OUT }
        if isSpareInput { return AUP_LV2_NOTHING }
        if has(AUP_LILV_AUDIO) { return isInput ? AUP_LV2_AUDIO_IN : AUP_LV2_AUDIO_OUT }
        if has(AUP_LILV_CV) { return isInput ? AUP_LV2_CV_IN : AUP_LV2_CV_OUT }
        if has(AUP_LILV_ATOM) { return isInput ? AUP_LV2_ATOM_IN : AUP_LV2_ATOM_OUT }
        if has(AUP_LILV_EVENT) { return isInput ? AUP_LV2_EVENT_IN : AUP_LV2_EVENT_OUT }
        return has(AUP_LILV_OPTIONAL) ? AUP_LV2_NOTHING : nil
    }

    /// A sound input that may stay open: a side chain's, or the right one of a pair.
    var isSpareInput: Bool { has(AUP_LILV_AUDIO) && has(AUP_LILV_OPTIONAL) && has(AUP_LILV_INPUT) }

    /// It has a part to play, such as the right channel.
    var isDesignated: Bool { has(AUP_LILV_DESIGNATED) }

    var isVoltage: Bool { has(AUP_LILV_CV) }

    var isControl: Bool { has(AUP_LILV_CONTROL) }

    /// - Parameter labels: named values, in order.
    func parameter(
        index: Int, key: String, labels: [(value: Double, label: String)], rate: Double
    ) -> PluginParameter {
        var low = minimum.isNaN ? nil : minimum
        var high = maximum.isNaN ? nil : maximum
        var wanted = initial.isNaN ? max(low ?? -.infinity, min(high ?? .infinity, 0)) : initial
        let scalesWithRate = has(AUP_LILV_TIMES_RATE)
        if scalesWithRate {
            // The specification does not say whether a default is a fraction too. One within the bounds is.
            if wanted >= low ?? -.infinity, wanted <= high ?? .infinity { wanted *= rate }
            low = low.map { $0 * rate }
            high = high.map { $0 * rate }
        }
        var scale = PluginParameter.Scale.linear
        var names: [String] = []
        if has(AUP_LILV_TOGGLED) {
            (low, high, wanted, scale) = (0, 1, wanted > 0 ? 1 : 0, .toggle)
        } else if has(AUP_LILV_ENUMERATION), let first = labels.first?.value, first == first.rounded(),
            labels.indices.allSatisfy({ labels[$0].value == first + Double($0) }),
            labels.contains(where: { $0.value == wanted })
        {
            (low, high, scale) = (first, first + Double(labels.count - 1), .choice)
            names = labels.map(\.label)
        } else if has(AUP_LILV_INTEGER) || has(AUP_LILV_ENUMERATION) && wanted == wanted.rounded() {
            (low, high, scale) = (low?.rounded(.up), high?.rounded(.down), .integer)
            wanted = wanted.rounded(.toNearestOrEven)
        } else if has(AUP_LILV_LOGARITHMIC), let low, low > 0, wanted > 0 {
            scale = .logarithmic
        }
        let first = min(low ?? -PluginParameter.unbounded, wanted)
        let last = max(high ?? PluginParameter.unbounded, wanted)
        return PluginParameter(
            index: index, key: key, name: name, unit: scale == .toggle || scale == .choice ? "" : unit,
            range: min(first, last)...max(first, last), defaultValue: wanted, scale: scale, isRamped: false,
            isStatic: false,
            isOutput: has(AUP_LILV_OUTPUT), isHidden: has(AUP_LILV_HIDDEN) && !has(AUP_LILV_OUTPUT), labels: names,
            defaultText: "", scalesWithRate: scalesWithRate)
    }

    /// The last word of a URI of the units extension, or a symbol of the plugin's own.
    private static func unit(_ text: String) -> String {
        guard let hash = text.lastIndex(of: "#"), text.hasPrefix("http") else { return PortName.unit(text) ?? text }
        let word = String(text[text.index(after: hash)...])
        return ["pc": "%", "coef": "", "bar": "bars", "beat": "beats", "semitone12TET": "semitones"][word]
            ?? PortName.unit(word) ?? word
    }
}
