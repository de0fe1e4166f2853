import AupSound
import CAupPlugin
import Synchronization

/// Plugins one after another, ready to turn sound into sound.
///
/// ```
///   input ─▶ gain ─▶ bank A ─▶ reverb ─▶ bank B ─▶ … ─▶ output      planar float32, scrubbed after every plugin
/// ```
///
/// All memory is allocated by init. A plugin that takes one channel is created once for each, one that takes two once for
/// each two, and one channel is given to all that a plugin takes; otherwise it must offer a layout that fits. Changes of
/// ramp parameters glide over ``rampFrames``, from the next block on or from the frame that ``schedule(_:)`` was told.
///
/// - Thread: init, set, describe and deinit on control; ``process(input:output:frames:)`` on one audio thread. Only
///   ``set(plugin:key:to:)``, the readings and the counts may run at the same time as process.
/// - Safety: `@unchecked Sendable` because what both threads touch is atomic and the rest belongs to one of them.
@safe public final class PluginChain: @unchecked Sendable {
    /// The longest block a guest ever sees.
    public static let longestBlockFrames = 4096

    public let rate: Double
    public let maxFrames: Int
    public let inputChannels: Int
    public let outputChannels: Int
    /// Frames by which output lags input.
    public let latencyFrames: Int
    /// Frames that still sound after the input fell silent; `nil` for ever.
    public let tailFrames: Int?
    /// Frames a ramp takes: ten milliseconds, too short to hear as a fade and too long to hear as a click.
    public let rampFrames: Int

    let instances: [PluginInstance]
    /// Frames by which the input of each plugin lags that of the chain.
    let latenciesBefore: [Int]
    let nodes: UnsafeMutablePointer<ChainNode>
    let nodeCount: Int
    let bankA: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
    let bankB: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
    let inScratch: UnsafeMutablePointer<UnsafePointer<Float>?>
    let outScratch: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
    private let memory: UnsafeMutableRawPointer
    /// Frames since init or ``reset()``.
    var position: UInt64 = 0
    /// A plugin's process has ended, and its input is heard in its place.
    ///
    /// - Thread: the one that processes.
    public internal(set) var hasLost = false
    /// What the next frame that enters is counted as; scheduled changes go by it.
    public internal(set) var clock: Int64 = 0
    /// Changes in the order of their frames; those before `nextChange` are over.
    var scheduled: UnsafeMutablePointer<ChainChange>
    var changeCount = 0
    var nextChange = 0

    /// Finds, loads and creates every plugin.
    ///
    /// - Parameters:
    ///   - rate: frames per second.
    ///   - maxFrames: the longest block that is handed on in one piece, 1 to 4096; longer ones are cut.
    ///   - channels: of the input; each plugin's output is the next one's input.
    ///   - seed: equal seeds give equal sound.
    ///   - isOffline: nobody listens, so quality goes before speed.
    ///   - keepsDenormals: numbers below 1.2e-38 stay what they are, for results that match another host's to the bit.
    ///   - settings: of a chain of the same specs, whose values and bypasses this one begins with.
    public init(
        specs: [PluginSpec], library: PluginLibrary = PluginLibrary(), rate: Int, maxFrames: Int, channels: Int,
        seed: UInt64 = 0, isOffline: Bool = false, settings: Settings? = nil, keepsDenormals: Bool = false
    ) throws(PluginError) {
        precondition(maxFrames >= 1 && (1...Limits.channels).contains(channels) && Limits.rates.contains(rate))
        guard specs.count <= Limits.chainLength else {
            throw PluginError(.usage, "a chain of \(specs.count) plugins; at most \(Limits.chainLength) fit")
        }
        self.rate = Double(rate)
        self.maxFrames = min(maxFrames, Self.longestBlockFrames)
        inputChannels = channels
        rampFrames = max(rate / 100, 1)
        var width = channels
        var widest = channels
        var instances: [PluginInstance] = []
        for (index, spec) in specs.enumerated() {
            let setup = PluginInstance.Setup(
                rate: Double(rate), maxFrames: self.maxFrames, channels: width,
                seed: seed &+ UInt64(index) &* 0xD1B5_4A32_D192_ED03, isOffline: isOffline,
                carried: settings?.values[index] ?? [:], keepsDenormals: keepsDenormals)
            let instance = try PluginInstance(library.find(spec.reference), settings: spec.settings, setup: setup)
            width = instance.stageOutputs
            widest = max(widest, width, instance.inputs + instance.sideChannels, instance.outputs)
            instances.append(instance)
        }
        self.instances = instances
        outputChannels = width
        var latencies = [0]
        for instance in instances { latencies.append(latencies[latencies.count - 1] + instance.latencyFrames) }
        latencyFrames = latencies.removeLast()
        latenciesBefore = latencies
        tailFrames = instances.reduce(Int?(0)) { sum, instance in
            guard let sum, let tail = instance.tailFrames else { return nil }
            return sum + tail
        }
        nodeCount = instances.count
        unsafe nodes = .allocate(capacity: max(nodeCount, 1))
        for (index, instance) in instances.enumerated() {
            unsafe nodes.advanced(by: index).initialize(
                to: ChainNode(
                    instance, maxFrames: self.maxFrames, fadeFrames: rampFrames,
                    isBypassed: settings?.isBypassed[index] ?? false))
        }
        // Each channel begins on a cache line of its own, so that vector loads never straddle two.
        let stride = (self.maxFrames * MemoryLayout<Float>.stride + 63) & ~63
        unsafe memory = .allocate(byteCount: 2 * widest * stride, alignment: 64)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: 2 * widest * stride)
        unsafe bankA = .allocate(capacity: widest)
        unsafe bankB = .allocate(capacity: widest)
        for channel in 0..<widest {
            let first = unsafe memory.advanced(by: channel * stride).assumingMemoryBound(to: Float.self)
            let second = unsafe memory.advanced(by: (widest + channel) * stride).assumingMemoryBound(to: Float.self)
            unsafe bankA.advanced(by: channel).initialize(to: first)
            unsafe bankB.advanced(by: channel).initialize(to: second)
        }
        unsafe inScratch = .allocate(capacity: widest)
        unsafe inScratch.initialize(repeating: nil, count: widest)
        unsafe outScratch = .allocate(capacity: widest)
        unsafe outScratch.initialize(repeating: nil, count: widest)
        unsafe scheduled = .allocate(capacity: 1)
    }

    deinit {
        for index in 0..<nodeCount { unsafe nodes[index].deallocate() }
        unsafe nodes.deallocate()
        unsafe bankA.deallocate()
        unsafe bankB.deallocate()
        unsafe inScratch.deallocate()
        unsafe outScratch.deallocate()
        unsafe memory.deallocate()
        unsafe scheduled.deallocate()
    }
}
