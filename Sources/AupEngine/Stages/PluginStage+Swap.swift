import AupPlugins
import AupSound

/// A chain that was made anew takes over from the one that sounds.
extension PluginStage {
    /// Takes what was offered, before a block.
    func takeOffer() {
        guard let chain, let source, let offered = desk.takeOffer() else { return }
        if swap != nil { settleSwap(takesOver: false) }
        // Made for a format that is over, it would play at another speed.
        guard offered.rate == chain.rate, offered.inputChannels == source.channels,
            offered.outputChannels == chain.outputChannels, offered.latencyFrames == chain.latencyFrames
        else { return desk.retire(offered) }
        // What has changed since it was made.
        offered.adopt(chain.settings)
        offered.seek(to: chain.clock)
        scheduleAutomation(offered, isOnlyFuture: true)
        swap = ChainSwap(offered)
        tellMessages(offered)
    }

    /// Runs the one that takes over beside the one that sounds.
    func runSwap(frames: Int) {
        guard let swap else { return }
        let status = swap.run(input, into: result, frames: frames)
        if let error = swap.chain.error(for: status) {
            events.post(.warning("\(error.message); the old one goes on"))
            settleSwap(takesOver: false)
        } else if swap.isOver {
            settleSwap(takesOver: true)
        }
    }

    /// Ends a take-over where the sound has a break anyway, or where it cannot be.
    func settleSwap(takesOver: Bool) {
        guard let new = swap?.chain else { return }
        swap = nil
        guard takesOver, !new.hasLost else { return desk.retire(new) }
        chain = new
        toldLosses = []
        desk.seat(new)
        shared.write { $0.reloads += 1 }
        events.post(.happened(NamedEvent("reloaded", "the plugins were made anew")))
    }
}
