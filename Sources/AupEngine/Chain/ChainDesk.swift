import AupPlugins
import AupSound
import Synchronization

/// Where a chain of plugins is made, and where others than the transport find it.
///
/// - Thread: any but audio.
final class ChainDesk: @unchecked Sendable {
    // @unchecked because the library is only used under its lock; everything else is constant or locked.
    let specs: [PluginSpec]
    private let library = PluginLibrary()
    private let loading = Mutex(())
    private let current = Guarded<PluginChain?>(nil)
    private let startsBypassed: Bool

    /// - Parameter startsBypassed: the sound goes by every plugin at first.
    init(_ specs: [PluginSpec], startsBypassed: Bool = false) {
        self.specs = specs
        self.startsBypassed = startsBypassed
    }

    /// What a chain is made for.
    struct Setup: Sendable, Equatable {
        var rate: Int
        var channels: Int
        var isOffline: Bool
    }

    /// The chain that sounds; `nil` before the first format.
    var chain: PluginChain? { current.read { $0 } }

    /// What each plugin of the chain is, before there is a format to make it for: mistakes are told early.
    ///
    /// - Throws: the first mistake in the words of the chain.
    func descriptions() throws(PluginError) -> [PluginDescription] {
        try loading.withLock { _ throws(PluginError) in
            var descriptions: [PluginDescription] = []
            for spec in specs {
                let description = try library.find(spec.reference).description
                for setting in spec.settings {
                    _ = try description.parameter(named: setting.key).parse(setting.value, plugin: description.id)
                }
                descriptions.append(description)
            }
            return descriptions
        }
    }

    /// A chain with the values and bypasses of the one that sounds, if there is one.
    func make(_ setup: Setup) throws(PluginError) -> PluginChain {
        let first = PluginChain.Settings(
            values: .init(repeating: [:], count: specs.count), isBypassed: .init(repeating: true, count: specs.count))
        let settings = chain?.settings ?? (startsBypassed ? first : nil)
        return try loading.withLock { _ throws(PluginError) in
            try PluginChain(
                specs: specs, library: library, rate: setup.rate, maxFrames: PluginStage.blockFrames,
                channels: setup.channels, isOffline: setup.isOffline, settings: settings)
        }
    }

    /// The chain that is about to take over.
    var incoming: PluginChain? { nil }

    func reload() throws(PluginError) {
        throw PluginError(.usage, "plugins are made anew with --watch")
    }

    func forgetRetired() {}

    /// Says which chain sounds from now on.
    func seat(_ chain: PluginChain) { current.write { $0 = chain } }
}
