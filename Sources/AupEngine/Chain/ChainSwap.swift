import AupPlugins

/// One chain takes over from another while sound runs: first it only listens, then it is led in.
///
/// ```
///   old  ████████████████████▓▓▒▒░░
///   new  ░ listens ░░░░░░░░░░░░▒▒▓▓████████
///        ├─ latency and tail ─┤├ 20 ms ┤
/// ```
///
/// What a plugin remembers is what it has heard: having heard the same for as long as its memory goes back, the new one is
/// in the state of the old one. A memory without end is followed for half a second.
///
/// - Thread: transport.
final class ChainSwap {
    let chain: PluginChain
    private let result: PlanarBuffer
    private var listensFor: Int
    private var faded = 0
    private let fadeFrames: Int

    /// Thousandths of a second that a new chain listens at most, besides its latency.
    static let listeningMilliseconds = 500
    /// Thousandths of a second of the way from one to the other.
    static let fadeMilliseconds = 20

    init(_ chain: PluginChain) {
        self.chain = chain
        let millisecond = Int(chain.rate) / 1000
        listensFor = chain.latencyFrames + min(chain.tailFrames ?? .max, Self.listeningMilliseconds * millisecond)
        fadeFrames = max(Self.fadeMilliseconds * millisecond, 1)
        result = PlanarBuffer(channels: chain.outputChannels, frames: PluginStage.blockFrames)
    }

    var isOver: Bool { faded == fadeFrames }

    /// Runs the new chain over a block and mixes it into what the old one made.
    func run(
        _ input: borrowing PlanarBuffer, into old: borrowing PlanarBuffer, frames: Int
    ) -> ChainStatus {
        let status = unsafe chain.process(input: input.planes, output: result.planes, frames: frames)
        if case .failed = status { return status }
        let heard = max(0, frames - listensFor)
        listensFor -= frames - heard
        guard heard > 0 else { return status }
        for channel in 0..<chain.outputChannels {
            let goal = unsafe old.planes[channel] + (frames - heard)
            let source = unsafe result.planes[channel] + (frames - heard)
            for frame in 0..<heard {
                let step = faded + frame + 1
                let new = unsafe source[frame]
                unsafe goal[frame] =
                    step >= fadeFrames
                    ? new : goal[frame] + (new - goal[frame]) * (Float(step) / Float(fadeFrames))
            }
        }
        faded = min(fadeFrames, faded + heard)
        return status
    }
}
