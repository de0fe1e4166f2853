import AupPlugins

/// What a report says of a plugin.
public struct PluginFacts: Sendable {
    public struct Parameter: Sendable {
        public let key: String
        public let name: String
        public let unit: String
        public let minimum: Double
        public let maximum: Double
        public let defaultValue: Double
        /// The default with its unit.
        public let defaultText: String
        /// Both ends of the range with their units, where it is one of numbers and has two ends.
        public let endTexts: (lowest: String, highest: String)?
        public let scale: String
        public let labels: [String]
        /// What may be given: a range with its unit, or the labels.
        public let expectation: String
        /// Written by the plugin, never set.
        public let isOutput: Bool
        /// The range is for 48 kHz and grows with the rate.
        public let scalesWithRate: Bool
    }

    public let id: String
    public let name: String
    public let version: String
    public let vendor: String
    public let path: String
    /// What it was written for: `native`, `ladspa`, `lv2`, `clap`.
    public let interface: String
    /// What names it on a command line.
    public let reference: String
    public let layouts: String
    /// Each combination of channel counts: in, out, side chain; in and out both 0 are any number, the same on both sides.
    public let channelCounts: [(inputs: Int, outputs: Int, side: Int)]
    public let parameters: [Parameter]

    init(_ plugin: PluginDescription) {
        id = plugin.id
        name = plugin.name
        version = plugin.version
        vendor = plugin.vendor
        path = plugin.path
        interface = plugin.interface.rawValue
        reference = plugin.reference
        layouts = plugin.layoutSummary
        channelCounts = plugin.layouts.map { ($0.inputs, $0.outputs, $0.side) }
        parameters = plugin.parameters.filter { !$0.isHidden }.map {
            Parameter(
                key: $0.key, name: $0.name, unit: $0.unit, minimum: $0.range.lowerBound, maximum: $0.range.upperBound,
                defaultValue: $0.defaultValue, defaultText: $0.isText ? $0.defaultText : $0.format($0.defaultValue),
                endTexts: $0.endTexts, scale: $0.scale.rawValue, labels: $0.labels, expectation: $0.expectation,
                isOutput: $0.isOutput, scalesWithRate: $0.scalesWithRate)
        }
    }
}

/// The plugins that can be found.
///
/// - Thread: control.
public enum PluginCatalog {
    public enum Entry: Sendable {
        case plugin(PluginFacts)
        /// A file on the search path that cannot be used, and why.
        case broken(String)
    }

    public struct NotFound: Error {
        public let message: String
    }

    /// Says which words make this program look at one file with ``scan(_:into:)``: before anything else here.
    public static func scanInProcesses(_ words: [String]) { PluginScanner.useProcesses(words) }

    /// Looks at one plugin file and writes what it saw to another.
    public static func scan(_ path: String, into result: String) -> Bool {
        CrashReport.install(exitCode: 1)
        return PluginScanner.scan(path, into: result)
    }

    /// - Parameter interface: `native`, `ladspa`, `lv2` or `clap`; `nil` for all of them.
    public static func all(of interface: String? = nil) -> [Entry] {
        CrashReport.install(exitCode: 1)
        return PluginDirectory.all(of: interface.flatMap { .init(rawValue: $0) }).flatMap { entry -> [Entry] in
            if let error = entry.error { return [.broken(error.message)] }
            return entry.plugins.map { .plugin(PluginFacts($0)) }
        }
    }

    /// The names of native ones that lie on the search path; none is looked at.
    public static func names() -> [String] {
        PluginSearch.standard().files().compactMap { $0.split(separator: "/").last.map { String($0.dropLast(3)) } }
    }

    /// What can be named of an interface, `native`, `ladspa`, `lv2` or `clap`, and what each calls itself.
    public static func names(of interface: String) -> [(reference: String, name: String)] {
        CrashReport.install(exitCode: 1)
        guard let interface = PluginDescription.Interface(rawValue: interface) else { return [] }
        return PluginNameList.entries(of: interface).map { ($0.reference, $0.name) }
    }

    public static func find(_ name: String) throws(NotFound) -> PluginFacts {
        CrashReport.install(exitCode: 1)
        do throws(PluginError) {
            return PluginFacts(try PluginLibrary().find(name).description)
        } catch {
            throw NotFound(message: error.message)
        }
    }
}
