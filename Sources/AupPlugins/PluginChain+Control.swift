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
                denormalSamples: unsafe shared.pointee.denormalSamples.load(ordering: .relaxed))
        }
    }

    /// Sets a parameter from text, as `key=value` does; it takes effect with the next block.
    ///
    /// - Thread: control, at any time; one at a time.
    public func set(plugin: Int, key: String, to text: String) throws(PluginError) {
        let description = instances[plugin].description
        let parameter = try description.parameter(named: key)
        guard !parameter.isStatic, !parameter.isText else {
            throw PluginError(
                .value,
                "plugin '\(description.id)': \(key) is fixed while it runs; start the chain again with the new value")
        }
        guard case .number(let number) = try parameter.parse(text, plugin: description.id) else { return }
        setParameter(plugin: plugin, parameter: parameter.index, to: number)
    }

    /// Sets a parameter to a plain value within its range.
    ///
    /// - Thread: control, at any time.
    public func setParameter(plugin: Int, parameter: Int, to value: Double) {
        let known = instances[plugin].description.parameters[parameter]
        precondition(known.range.contains(value) && !known.isOutput)
        let node = unsafe nodes + plugin
        unsafe node.pointee.published[parameter].store(value.bitPattern, ordering: .relaxed)
        // Releasing: whoever sees the new count sees the value stored above.
        unsafe node.pointee.shared.pointee.changes.add(1, ordering: .releasing)
    }

    /// What a parameter was set to, or what an output parameter last read.
    ///
    /// - Thread: control, at any time.
    public func value(plugin: Int, key: String) throws(PluginError) -> Double {
        let parameter = try instances[plugin].description.parameter(named: key)
        return Double(bitPattern: unsafe nodes[plugin].published[parameter.index].load(ordering: .relaxed))
    }

    /// What guests said through their host's log since the last time: `gain: text`.
    ///
    /// - Thread: control, at any time.
    public func takeMessages() -> [String] {
        instances.flatMap { instance in instance.host.log.take().map { "\(instance.description.id): \($0)" } }
    }

    /// What a failed status means; `nil` for the others.
    public func error(for status: ChainStatus) -> PluginError? {
        guard case .failed(let plugin, let code) = status else { return nil }
        return PluginError(
            .failed,
            "plugin '\(instances[plugin].description.id)' failed in process: \(PluginInstance.words(forStatus: code))")
    }
}
