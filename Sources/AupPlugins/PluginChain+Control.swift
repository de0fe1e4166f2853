import CAupPlugin
import Synchronization

/// The control side of a chain.
extension PluginChain {
    /// What one plugin of the chain is doing.
    public struct Report: Sendable, Equatable {
        public let id: String
        public let inputChannels: Int
        public let outputChannels: Int
        /// Guest instances: more than one where a mono plugin serves several channels.
        public let copies: Int
        public let latencyFrames: Int
        /// Samples it left NaN or infinite, which were made 0.
        public let nonFiniteSamples: Int
        /// Samples it left denormal, which were made 0.
        public let denormalSamples: Int
        /// The sound goes by it.
        public let isBypassed: Bool
        /// Output parameters that are to be shown.
        public let readings: [Reading]
    }

    /// What an output parameter last read.
    public struct Reading: Sendable, Equatable {
        public let key: String
        public let value: Double
        /// With its unit.
        public let text: String
    }

    /// What makes a chain of the same plugins sound the same: the values of all that can be set while it runs.
    public struct Settings: Sendable, Equatable {
        /// By plugin and key, in the parameter's unit; what is missing is as the spec says.
        public var values: [[String: Double]]
        public var isBypassed: [Bool]

        public init(values: [[String: Double]], isBypassed: [Bool]) {
            self.values = values
            self.isBypassed = isBypassed
        }
    }

    public var plugins: [PluginDescription] { instances.map(\.description) }

    /// What happens to channels, where that is not what one would expect: a line for each such plugin.
    public var channelNotes: [String] { instances.compactMap(\.channelNote) }

    /// - Thread: control, at any time.
    public var reports: [Report] {
        instances.enumerated().map { index, instance in
            let shared = unsafe nodes[index].shared
            return Report(
                id: instance.description.id, inputChannels: instance.inputs, outputChannels: instance.outputs,
                copies: instance.copies, latencyFrames: instance.latencyFrames,
                nonFiniteSamples: unsafe shared.pointee.nonFiniteSamples.load(ordering: .relaxed),
                denormalSamples: unsafe shared.pointee.denormalSamples.load(ordering: .relaxed),
                isBypassed: isBypassed(plugin: index), readings: readings(plugin: index))
        }
    }

    /// - Thread: control, at any time.
    public func readings(plugin: Int) -> [Reading] {
        instances[plugin].description.parameters.filter { $0.isOutput && !$0.isHidden }.map { parameter in
            let value = value(plugin: plugin, parameter: parameter.index)
            return Reading(key: parameter.key, value: value, text: parameter.format(value))
        }
    }

    /// - Thread: control, at any time.
    public var settings: Settings {
        Settings(
            values: instances.indices.map { plugin in
                var values: [String: Double] = [:]
                for parameter in instances[plugin].description.parameters where parameter.canChange {
                    values[parameter.key] = value(plugin: plugin, parameter: parameter.index)
                }
                return values
            },
            isBypassed: instances.indices.map { isBypassed(plugin: $0) })
    }

    /// Lets the sound go by a plugin, or takes it in again, over ``rampFrames`` from the next block on. The plugin runs on.
    ///
    /// - Thread: control, at any time.
    /// - Throws: ``PluginError/Code/layout`` where its output has other channels than its input.
    public func setBypass(plugin: Int, _ isBypassed: Bool) throws(PluginError) {
        let instance = instances[plugin]
        guard instance.canBeBypassed else {
            throw PluginError(
                .layout,
                "the sound cannot go by plugin '\(instance.description.id)', because it makes other channels of it")
        }
        unsafe nodes[plugin].shared.pointee.isBypassed.store(isBypassed, ordering: .relaxed)
    }

    /// - Thread: control, at any time.
    public func isBypassed(plugin: Int) -> Bool {
        unsafe nodes[plugin].shared.pointee.isBypassed.load(ordering: .relaxed)
    }

    /// Sets a parameter from text, as `key=value` does; it takes effect with the next block.
    ///
    /// - Thread: control, at any time; one at a time.
    /// - Parameter rampFrames: how long the way there takes; `nil` for the usual.
    /// - Returns: the value in the parameter's unit.
    @discardableResult
    public func set(plugin: Int, key: String, to text: String, rampFrames: Int? = nil) throws(PluginError) -> Double {
        let description = instances[plugin].description
        let (parameter, number) = try description.change(key, to: text)
        setParameter(plugin: plugin, parameter: parameter.index, to: number, rampFrames: rampFrames)
        return number
    }

    /// Sets a parameter to a plain value within its range.
    ///
    /// - Thread: control, at any time.
    public func setParameter(plugin: Int, parameter: Int, to value: Double, rampFrames: Int? = nil) {
        let known = instances[plugin].description.parameters[parameter]
        precondition(known.range.contains(value) && !known.isOutput)
        let node = unsafe nodes + plugin
        unsafe node.pointee.publishedRamp[parameter].store(rampFrames ?? -1, ordering: .relaxed)
        unsafe node.pointee.published[parameter].store(value.bitPattern, ordering: .relaxed)
        // Releasing: whoever sees the new count sees the value stored above.
        unsafe node.pointee.shared.pointee.changes.add(1, ordering: .releasing)
    }

    /// Begins with what another chain of the same plugins has come to: its values, without ramps, and its bypasses.
    ///
    /// - Thread: control, or the one that processes.
    public func adopt(_ settings: Settings) {
        for (plugin, values) in settings.values.enumerated() where plugin < instances.count {
            for parameter in instances[plugin].description.parameters where parameter.canChange {
                guard let value = values[parameter.key] else { continue }
                setParameter(
                    plugin: plugin, parameter: parameter.index,
                    to: min(max(value, parameter.range.lowerBound), parameter.range.upperBound), rampFrames: 0)
            }
            try? setBypass(plugin: plugin, settings.isBypassed[plugin])
        }
    }

    /// What a parameter was set to, or what an output parameter last read.
    ///
    /// - Thread: control, at any time.
    public func value(plugin: Int, key: String) throws(PluginError) -> Double {
        value(plugin: plugin, parameter: try instances[plugin].description.parameter(named: key).index)
    }

    /// The same by the parameter's place.
    public func value(plugin: Int, parameter: Int) -> Double {
        Double(bitPattern: unsafe nodes[plugin].published[parameter].load(ordering: .relaxed))
    }

    /// The plugins whose processes have ended, and why: ``hasLost``.
    ///
    /// - Thread: the one that processes, between blocks.
    public var losses: [(plugin: Int, words: String)] {
        (0..<nodeCount).compactMap { index in
            guard unsafe nodes[index].isLost else { return nil }
            return (index, instances[index].lastWords ?? "plugin '\(instances[index].description.id)' lost its process")
        }
    }

    /// What guests said through their host's log since the last time: `gain: text`.
    ///
    /// - Thread: control, at any time.
    public func takeMessages() -> [String] {
        instances.flatMap { instance in instance.takeLog().map { "\(instance.description.id): \($0)" } }
    }

    /// What a failed status means; `nil` for the others.
    public func error(for status: ChainStatus) -> PluginError? {
        guard case .failed(let plugin, let code) = status else { return nil }
        if let words = instances[plugin].lastWords { return PluginError(.failed, words + "; run without it") }
        return PluginError(
            .failed,
            "plugin '\(instances[plugin].description.id)' failed in process: \(PluginInstance.words(forStatus: code))")
    }
}
