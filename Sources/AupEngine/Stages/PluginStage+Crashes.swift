import AupPlugins
import AupSound
import AupSystem

/// What becomes of the sound when the process of a plugin ends.
///
/// The chain has put the plugin's input in the place of its output already, in the very block: no frame is missing.
extension PluginStage {
    /// To be called after every block.
    func mindLosses() throws(SessionFailure) {
        if let chain, chain.hasLost { try mind(chain) }
        // One that crashes before it is heard never is.
        if let new = swap?.chain, new.hasLost {
            tell(new)
            settleSwap(takesOver: false)
            startAgain()
        }
    }

    private func mind(_ chain: PluginChain) throws(SessionFailure) {
        let losses = chain.losses.filter { !toldLosses.contains($0.plugin) }
        guard let first = losses.first else { return }
        if plan.crashPolicy == .fail { throw .before(.failed(first.words + "; run without it")) }
        tell(chain)
        for loss in losses { toldLosses.insert(loss.plugin) }
        if plan.crashPolicy == .restart { startAgain() }
    }

    private func tell(_ chain: PluginChain) {
        for loss in chain.losses {
            shared.write { $0.crashes += 1 }
            events.post(
                .happened(
                    NamedEvent(
                        "plugin_crashed", "\(loss.words); the sound goes by it",
                        numbers: [("plugin", Double(loss.plugin + 1)), ("frame", Double(takenFrames))])))
        }
    }

    /// Has the chain made anew: beside the sound where somebody listens, here where nobody waits.
    private func startAgain() {
        guard mayStartAgain() else {
            return events.post(
                .warning(
                    "a plugin crashed \(ChainConfiguration.restartLimit + 1) times within "
                        + "\(ChainConfiguration.crashWindowSeconds) s and is not started again; the sound goes by it"))
        }
        guard isOffline else { return desk.requestRestart() }
        do throws(PluginError) {
            try desk.remake()
        } catch {
            events.post(.warning("the plugins cannot be started again: \(error.message)"))
        }
    }

    private func mayStartAgain() -> Bool {
        // Where nobody listens, time is the sound's.
        let now = isOffline ? takenFrames * 1_000_000_000 / Int64(source?.rate ?? 1) : monotonicNanoseconds()
        let window = Int64(ChainConfiguration.crashWindowSeconds) * 1_000_000_000
        restarts.removeAll { now - $0 >= window }
        guard restarts.count < ChainConfiguration.restartLimit else { return false }
        restarts.append(now)
        return true
    }
}
