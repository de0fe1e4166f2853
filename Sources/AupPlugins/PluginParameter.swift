/// What can be set on a plugin: the key that is typed, the unit, the range.
///
/// - Thread: any.
public struct PluginParameter: Sendable, Equatable {
    /// How a value is to be understood; `aup_scale` of the header.
    public enum Scale: String, Sendable, Equatable {
        case linear, logarithmic, choice, integer, toggle, text, path
    }
    /// Place in the plugin's table.
    public let index: Int
    /// What the user types before `=`.
    public let key: String
    /// What a list shows.
    public let name: String
    /// Of every value: `dB`, `Hz`, `s`, `ms`, `%`, or empty.
    public let unit: String
    public let range: ClosedRange<Double>
    public internal(set) var defaultValue: Double
    public let scale: Scale
    /// Changes glide instead of jumping.
    public let isRamped: Bool
    /// Fixed once the plugin has been created.
    public let isStatic: Bool
    /// Written by the plugin, never set.
    public let isOutput: Bool
    public let isHidden: Bool
    /// One for each whole number of the range; empty unless `scale` is `choice`.
    public let labels: [String]
    /// For texts and paths.
    public let defaultText: String
    /// Its range and default are fractions of the rate; where no rate is known yet they are shown for 48 kHz.
    public internal(set) var scalesWithRate = false

    /// What stands for no bound: the largest number that a float holds.
    static let unbounded = Double(Float.greatestFiniteMagnitude)

    public var isText: Bool { scale == .text || scale == .path }
    /// Whether it can be set while the plugin runs.
    public var canChange: Bool { !isStatic && !isText && !isOutput }
}

/// One value as a user gave it.
public enum ParameterValue: Sendable, Equatable {
    /// In the unit of the parameter.
    case number(Double)
    case text(String)
}
