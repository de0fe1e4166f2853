/// A change of one parameter at one frame of the sound that enters a chain.
///
/// - Thread: any; a plain value.
public struct ChainChange: Sendable, Equatable {
    /// Counted as ``PluginChain/clock`` counts. The plugin's own latency and that of the plugins before it are seen to by
    /// the chain: the change is heard with this frame of the input.
    public var frame: Int64
    /// Place in the chain, from 0.
    public var plugin: Int
    /// Place in the plugin's table.
    public var parameter: Int
    /// In the parameter's unit, within its range.
    public var value: Double
    /// Frames the way there takes; 0 jumps, negative is the chain's own ``PluginChain/rampFrames`` where the parameter
    /// ramps, and a jump where it does not.
    public var rampFrames: Int

    public init(frame: Int64, plugin: Int, parameter: Int, value: Double, rampFrames: Int = -1) {
        self.frame = frame
        self.plugin = plugin
        self.parameter = parameter
        self.value = value
        self.rampFrames = rampFrames
    }
}
