import AupPlugins
import AupSound
import AupSystem
import Synchronization

/// Where a chain of plugins is made, and where others than the transport find it.
///
/// - Thread: any but audio.
final class ChainDesk: @unchecked Sendable {
    // @unchecked because the library is only used under its lock; everything else is constant or locked.
    let specs: [PluginSpec]
    /// Rings when there is something for the thread beside the chain to do.
    let bell = Doorbell()
    private let library: PluginLibrary
    private let loading = Mutex(())
    private let seats = Guarded(Seats())
    private let startsBypassed: Bool
    private let canReload: Bool
    private let keepsDenormals: Bool

    private struct Seats {
        /// The chain that sounds, and what it was made for.
        var current: PluginChain?
        var setup: Setup?
        /// The one that is about to take over, and whether the transport has seen it.
        var incoming: PluginChain?
        var isOffered = false
        /// Chains whose plugins are to be destroyed where that may take its time.
        var retired: [PluginChain] = []
    }

    /// - Parameters:
    ///   - startsBypassed: the sound goes by every plugin at first.
    ///   - canReload: files may be rebuilt while their plugins run.
    ///   - keepsDenormals: plugins see and leave numbers below 1.2e-38 as they are.
    ///   - isolation: each plugin lives in a process of its own.
    init(
        _ specs: [PluginSpec], startsBypassed: Bool = false, canReload: Bool = false, keepsDenormals: Bool = false,
        isolation: Isolation? = nil
    ) {
        self.keepsDenormals = keepsDenormals
        self.specs = specs
        self.startsBypassed = startsBypassed
        self.canReload = canReload
        library = PluginLibrary(copiesFiles: canReload, isolation: isolation)
    }

    /// What a chain is made for.
    struct Setup: Sendable, Equatable {
        var rate: Int
        var channels: Int
        var isOffline: Bool
    }

    /// The chain that sounds; `nil` before the first format.
    var chain: PluginChain? { seats.read { $0.current } }
    /// The chain that is about to take over.
    var incoming: PluginChain? { seats.read { $0.incoming } }

    /// What each plugin of the chain is, before there is a format to make it for: mistakes are told early.
    ///
    /// - Throws: the first mistake in the words of the chain.
    func descriptions() throws(PluginError) -> [PluginDescription] {
        try loading.withLock { _ throws(PluginError) in
            try PluginChecker.check(specs, library)
            var descriptions: [PluginDescription] = []
            for spec in specs { descriptions.append(try library.find(spec.reference).description) }
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
                channels: setup.channels, isOffline: setup.isOffline, settings: settings,
                keepsDenormals: keepsDenormals)
        }
    }

    /// Says which chain sounds from now on.
    ///
    /// - Thread: transport.
    func seat(_ chain: PluginChain, _ setup: Setup? = nil) {
        seats.write { seats in
            if let old = seats.current, old !== chain { seats.retired.append(old) }
            if let incoming = seats.incoming, incoming !== chain, setup != nil { seats.retired.append(incoming) }
            // Where another reload came meanwhile, that one is still to take over.
            if setup != nil || seats.incoming === chain {
                seats.incoming = nil
                seats.isOffered = false
            }
            seats.current = chain
            seats.setup = setup ?? seats.setup
        }
        bell.ring()
    }

    // MARK: - Making the plugins anew

    /// The files of the chain's plugins, each once.
    var files: [String] {
        var files: [String] = []
        for plugin in chain?.plugins ?? (try? descriptions()) ?? [] where !files.contains(plugin.path) {
            files.append(plugin.path)
        }
        return files
    }

    /// Makes the chain again from its files as they are now and offers it to the transport.
    ///
    /// - Thread: aup.control.
    /// - Throws: why it cannot be, and then the old one stays.
    func reload() throws(PluginError) {
        guard canReload else {
            throw PluginError(.usage, "plugins are made anew with --watch; start the process with it")
        }
        try remake()
    }

    /// The same without being asked for with `--watch`: after a crash nothing of the old files runs any more.
    ///
    /// - Thread: aup.control, or the transport where nobody listens.
    func remake() throws(PluginError) {
        let sounding = try soundingChain()
        guard let setup = seats.read({ $0.setup }) else { return }
        let made = try make(setup)
        guard made.outputChannels == sounding.outputChannels else {
            throw PluginError(
                .layout,
                "the chain now makes \(made.outputChannels) channels of \(made.inputChannels) instead of "
                    + "\(sounding.outputChannels); the old one goes on, start the process again")
        }
        guard made.latencyFrames == sounding.latencyFrames else {
            throw PluginError(
                .layout,
                "the chain now holds \(made.latencyFrames) frames back instead of \(sounding.latencyFrames); the old one "
                    + "goes on, start the process again")
        }
        seats.write { seats in
            if let unseen = seats.incoming, seats.isOffered { seats.retired.append(unseen) }
            seats.incoming = made
            seats.isOffered = true
        }
        hasOffer.store(true, ordering: .releasing)
    }

    /// A plugin's process has ended, and the chain is to be made anew.
    private let wantsRestart = Atomic<Bool>(false)

    /// - Thread: transport.
    func requestRestart() {
        wantsRestart.store(true, ordering: .releasing)
        bell.ring()
    }

    /// - Thread: aup.control.
    func takeRestartRequest() -> Bool { wantsRestart.exchange(false, ordering: .acquiring) }

    /// Looked at for every block, so that no lock is taken where nothing is offered.
    private let hasOffer = Atomic<Bool>(false)

    /// A chain that is to take over.
    ///
    /// - Thread: transport.
    func takeOffer() -> PluginChain? {
        guard hasOffer.load(ordering: .acquiring), hasOffer.exchange(false, ordering: .acquiring) else { return nil }
        var taken: PluginChain?
        seats.write { seats in
            taken = seats.isOffered ? seats.incoming : nil
            seats.isOffered = false
        }
        return taken
    }

    /// Gives a chain back that will not be run again.
    ///
    /// - Thread: transport.
    func retire(_ chain: PluginChain) {
        seats.write { seats in
            seats.retired.append(chain)
            if seats.incoming === chain { seats.incoming = nil }
        }
        bell.ring()
    }

    /// Destroys what was given back.
    ///
    /// - Thread: aup.control.
    func forgetRetired() {
        var retired: [PluginChain] = []
        seats.write { seats in
            retired = seats.retired
            seats.retired = []
        }
        // Here, outside of the lock: a plugin may take its time.
        retired.removeAll()
    }
}
