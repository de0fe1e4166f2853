import AupPlugins
import AupSound

/// What is wished of a chain while it sounds.
///
/// - Thread: aup.control.
extension ChainDesk {
    func soundingChain() throws(PluginError) -> PluginChain {
        guard let chain else {
            throw PluginError(.value, "the chain is made with the first sound, and none has come yet")
        }
        return chain
    }

    /// Sets a parameter; it takes effect with the next block.
    func set(_ word: String, to text: String, ramp: TimeSpan?) throws(PluginError) {
        let chain = try soundingChain()
        let (plugin, key) = try ChainAddress.parameter(word, in: chain.plugins)
        let frames = ramp.map { Int(clamping: $0.frames(rate: Int(chain.rate))) }
        try chain.set(plugin: plugin, key: key, to: text, rampFrames: frames)
        // A chain that is about to take over begins with this value too, if it still has such a parameter.
        _ = try? incoming?.set(plugin: plugin, key: key, to: text, rampFrames: 0)
    }

    /// Lets sound go by a plugin, or by all that it can go by.
    ///
    /// - Parameter state: `nil` turns round what is.
    func bypass(_ word: String?, _ state: Bool?) throws(PluginError) {
        let chain = try soundingChain()
        let places = try word.map { word throws(PluginError) in [try ChainAddress.plugin(word, in: chain.plugins)] }
        let all = Array(chain.plugins.indices)
        // All of them together: out if any is in.
        let isAnyIn = (places ?? all).contains { !chain.isBypassed(plugin: $0) }
        for place in places ?? all {
            do throws(PluginError) {
                try chain.setBypass(plugin: place, state ?? isAnyIn)
                try incoming?.setBypass(plugin: place, state ?? isAnyIn)
            } catch {
                // What was not named does not have to be able to.
                if places != nil || chain.plugins.count == 1 { throw error }
            }
        }
    }
}
