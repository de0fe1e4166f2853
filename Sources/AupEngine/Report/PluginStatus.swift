import AupPlugins

/// What one plugin of a chain is doing.
public struct PluginStatus: Sendable, Equatable {
    public struct Reading: Sendable, Equatable {
        public let key: String
        public let value: Double
        /// With its unit.
        public let text: String
    }

    public let id: String
    public let inputChannels: Int
    public let outputChannels: Int
    /// How many of it run: more than one where it takes fewer channels than there are.
    public let copies: Int
    public let latencyFrames: Int
    /// Samples it left as no number, which were made 0.
    public let nonFiniteSamples: Int
    public let isBypassed: Bool
    /// What it measures.
    public let readings: [Reading]

    init(_ report: PluginChain.Report) {
        id = report.id
        inputChannels = report.inputChannels
        outputChannels = report.outputChannels
        copies = report.copies
        latencyFrames = report.latencyFrames
        nonFiniteSamples = report.nonFiniteSamples
        isBypassed = report.isBypassed
        readings = report.readings.map { Reading(key: $0.key, value: $0.value, text: $0.text) }
    }
}
