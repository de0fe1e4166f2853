import CAupPlugin
import Glibc

/// What the hints of a LADSPA port come to: range, default and scale.
///
/// Bounds marked SAMPLE_RATE are fractions of the rate; the literal defaults 0, 1, 100 and 440 are not. A toggle is 0 or 1
/// whatever bounds it declares. A logarithmic default needs two bounds above 0; without them it is the linear one. From
/// the hints' description in ladspa.h 1.1.
///
/// - Thread: any.
struct LADSPARange: Equatable {
    let bounds: ClosedRange<Double>
    let defaultValue: Double
    let scale: PluginParameter.Scale
    let scalesWithRate: Bool

    init(hints: Int32, lower: Float, upper: Float, rate: Double) {
        func has(_ hint: aup_ladspa_hint) -> Bool { UInt32(bitPattern: hints) & hint.rawValue != 0 }
        scalesWithRate = has(AUP_LADSPA_TIMES_RATE)
        let factor = scalesWithRate ? rate : 1
        var low = has(AUP_LADSPA_BOUNDED_BELOW) && lower.isFinite ? decimal(lower) * factor : nil
        var high = has(AUP_LADSPA_BOUNDED_ABOVE) && upper.isFinite ? decimal(upper) * factor : nil
        if let first = low, let last = high, first > last { (low, high) = (last, first) }
        let isLogarithmic = has(AUP_LADSPA_LOGARITHMIC)
        let wanted = Self.wanted(
            UInt32(bitPattern: hints) & AUP_LADSPA_DEFAULT.rawValue, low: low, high: high, isLogarithmic: isLogarithmic)
        if has(AUP_LADSPA_TOGGLED) {
            bounds = 0...1
            scale = .toggle
            defaultValue = wanted > 0 ? 1 : 0
            return
        }
        let isWhole = has(AUP_LADSPA_INTEGER)
        if isWhole {
            low = low.map { $0.rounded(.up) }
            high = high.map { $0.rounded(.down) }
        }
        // As a float it reaches the plugin, and as the shortest number that is that float it is shown.
        let value = isWhole ? wanted.rounded(.toNearestOrEven) : decimal(Float(wanted))
        // The author's default counts even where it lies beside the author's bounds.
        let first = min(low ?? -PluginParameter.unbounded, value)
        let last = max(high ?? PluginParameter.unbounded, value)
        bounds = min(first, last)...max(first, last)
        defaultValue = value
        scale = isWhole ? .integer : isLogarithmic && first > 0 ? .logarithmic : .linear
    }

    private static func wanted(_ hint: UInt32, low: Double?, high: Double?, isLogarithmic: Bool) -> Double {
        /// So much of the way from the upper bound to the lower one, in ratios where that can be.
        func between(_ share: Double) -> Double {
            guard let low, let high else { return low ?? high ?? 0 }
            return isLogarithmic && low > 0 && high > 0
                ? exp(log(low) * share + log(high) * (1 - share)) : low * share + high * (1 - share)
        }
        switch hint {
        case 0x40: return low ?? 0
        case 0x80: return between(0.75)
        case 0xC0: return between(0.5)
        case 0x100: return between(0.25)
        case 0x140: return high ?? 0
        case 0x200: return 0
        case 0x240: return 1
        case 0x280: return 100
        case 0x2C0: return 440
        // No default: 0 where that is allowed, else the bound next to it.
        default: return max(low ?? -.infinity, min(high ?? .infinity, 0))
        }
    }
}

/// The shortest decimal number that rounds to a float: an author who wrote 0.1 means 0.1, not 0.10000000149.
func decimal(_ number: Float) -> Double { Double("\(number)") ?? Double(number) }
