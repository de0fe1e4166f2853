import CAupPlugin
import Synchronization

/// What both sides of a node share: changes go down, counts come up.
@safe struct ChainNodeShared: ~Copyable {
    /// Grows by one with each change of a parameter. Released after the value was stored, acquired before it is read.
    let changes = Atomic<UInt32>(0)
    /// Whether the sound is to go by the plugin.
    let isBypassed = Atomic<Bool>(false)
    /// Samples that were NaN or infinite and were made 0.
    let nonFiniteSamples = Atomic<Int>(0)
    /// Samples that were denormal and were made 0.
    let denormalSamples = Atomic<Int>(0)
}

/// A plugin as the audio thread sees it: plain pointers and numbers, so that touching it neither counts references nor
/// locks.
@safe struct ChainNode {
    /// Events that a guest which wants them is given in one block, besides one for each parameter at its first frame.
    static var eventLimit: Int {
        @_noLocks get { 256 }
    }
    /// Frames of one step where a parameter that cannot ramp by itself is led from value to value.
    static var stairFrames: Int {
        @_noLocks get { 64 }
    }

    let table: UnsafePointer<aup_plugin>
    let name: UnsafePointer<CChar>
    let handles: UnsafePointer<UnsafeMutableRawPointer>
    let copies: Int
    let inputs: Int
    let outputs: Int
    let worksInPlace: Bool
    let isFedByOne: Bool
    /// Inputs from here on hear silence.
    let firstSilentInput: Int
    let silence: UnsafeMutablePointer<Float>
    /// The side chain's channels lie behind the inputs.
    let sideFirst: Int
    let sideChannels: Int
    /// Where the stage's channels go; `nil` where all of them go through the plugin.
    let route: ChainRoute?
    let keepsDenormals: Bool
    let wantsEvents: Bool
    /// Blocks are cut for changes at multiples of this.
    let cutFrames: Int
    let hasReadings: Bool
    let parameterCount: Int
    /// Each by index of the parameter.
    let isRamped: UnsafeMutablePointer<Bool>
    let isStepped: UnsafeMutablePointer<Bool>
    let isOutput: UnsafeMutablePointer<Bool>
    let value: UnsafeMutablePointer<Double>
    let valueEnd: UnsafeMutablePointer<Double>
    let target: UnsafeMutablePointer<Double>
    let readings: UnsafeMutablePointer<Double>
    /// Of a parameter on its way: where it began, how many frames the way has, how many are behind it.
    let wayStart: UnsafeMutablePointer<Double>
    let wayFrames: UnsafeMutablePointer<Int>
    let wayDone: UnsafeMutablePointer<Int>
    /// The parameters that are on their way, in no order.
    let moving: UnsafeMutablePointer<Int>
    let events: UnsafeMutablePointer<aup_event>
    /// Bit patterns: the wanted value of an input, the last reading of an output.
    let published: UnsafeMutablePointer<Atomic<UInt64>>
    /// Frames the way to the wanted value is to take; negative for the chain's own.
    let publishedRamp: UnsafeMutablePointer<Atomic<Int>>
    let shared: UnsafeMutablePointer<ChainNodeShared>
    /// What the sound that goes by needs; `nil` where it cannot.
    let bypass: ChainBypass?
    var seenChanges: UInt32 = 0
    var eventCount = 0
    var movingCount = 0
    /// Of the events, those that change the values only once their block is over.
    var lateEvents = 0
    /// How much of the plugin is heard, 0 to the chain's frames of a fade.
    var wetFrames: Int
    /// 1 where it comes in, -1 where it goes.
    var wetStep = 1
    /// Where the ring of the bypass stands.
    var dryPlace = 0
    /// Its process may end while this one goes on.
    let isIsolated: Bool
    /// Its process has ended: the input is heard in its place.
    var isLost = false

    /// - Thread: control. `deallocate` gives everything back.
    init(_ instance: PluginInstance, maxFrames: Int, fadeFrames: Int, isBypassed: Bool) {
        let parameters = instance.description.parameters
        unsafe table = UnsafePointer(instance.table.copy)
        unsafe name = UnsafePointer(instance.table.name)
        unsafe handles = UnsafePointer(instance.handles)
        copies = instance.copies
        inputs = instance.inputs
        outputs = instance.outputs
        // A guest that may be lost in the midst of a block must leave the input as it was.
        worksInPlace =
            instance.description.worksInPlace && instance.inputs == instance.outputs && !instance.isFedByOne
            && instance.route == nil && !instance.isIsolated
        isIsolated = instance.isIsolated
        isFedByOne = instance.isFedByOne
        firstSilentInput = instance.inputs - instance.silentInputs
        let silentFrames = instance.silentInputs > 0 ? instance.longestFrames : 0
        unsafe silence = .allocate(capacity: silentFrames)
        unsafe silence.initialize(repeating: 0, count: silentFrames)
        sideChannels = instance.sideChannels
        sideFirst = (instance.route?.inputs.count ?? 0) - instance.sideChannels
        route = instance.route.map { ChainRoute($0, delayFrames: instance.latencyFrames) }
        keepsDenormals = instance.keepsDenormals
        wantsEvents = instance.description.wantsEvents
        // Some plugins of other interfaces count time in fours and take a shorter block for none (LSP 1.2.5).
        cutFrames = instance.description.interface == .native ? 1 : 4
        hasReadings = parameters.contains(where: \.isOutput)
        parameterCount = parameters.count
        let room = parameters.count + 1
        unsafe isRamped = .allocate(capacity: room)
        unsafe isStepped = .allocate(capacity: room)
        unsafe isOutput = .allocate(capacity: room)
        unsafe value = .allocate(capacity: room)
        unsafe valueEnd = .allocate(capacity: room)
        unsafe target = .allocate(capacity: room)
        unsafe readings = .allocate(capacity: room)
        unsafe wayStart = .allocate(capacity: room)
        unsafe wayFrames = .allocate(capacity: room)
        unsafe wayDone = .allocate(capacity: room)
        unsafe moving = .allocate(capacity: room)
        unsafe events = .allocate(capacity: room + Self.eventLimit)
        unsafe published = .allocate(capacity: room)
        unsafe publishedRamp = .allocate(capacity: room)
        unsafe shared = .allocate(capacity: 1)
        unsafe shared.initialize(to: ChainNodeShared())
        let isBypassed = isBypassed && instance.canBeBypassed
        unsafe shared.pointee.isBypassed.store(isBypassed, ordering: .relaxed)
        unsafe events.initialize(repeating: aup_event(), count: room + Self.eventLimit)
        bypass =
            instance.canBeBypassed || instance.isIsolated
            ? ChainBypass(
                channels: instance.outputs,
                sources: instance.route?.given.count
                    ?? (instance.isFedByOne ? 1 : instance.inputs - instance.silentInputs),
                maxFrames: maxFrames, delayFrames: instance.latencyFrames) : nil
        wetFrames = isBypassed ? 0 : fadeFrames
        // One more than needed, because a guest without parameters may still look at the first.
        for index in 0..<room {
            let known = index < parameters.count
            let initial = known ? instance.initialValues[index] : 0
            let ramps = known && parameters[index].isRamped && !instance.description.wantsEvents
            unsafe isRamped.advanced(by: index).initialize(to: ramps)
            unsafe isStepped.advanced(by: index).initialize(
                to: known && !ramps && [.linear, .logarithmic].contains(parameters[index].scale))
            unsafe isOutput.advanced(by: index).initialize(to: known && parameters[index].isOutput)
            unsafe value.advanced(by: index).initialize(to: initial)
            unsafe valueEnd.advanced(by: index).initialize(to: initial)
            unsafe target.advanced(by: index).initialize(to: initial)
            unsafe readings.advanced(by: index).initialize(to: initial)
            unsafe wayStart.advanced(by: index).initialize(to: initial)
            unsafe wayFrames.advanced(by: index).initialize(to: 0)
            unsafe wayDone.advanced(by: index).initialize(to: 0)
            unsafe moving.advanced(by: index).initialize(to: 0)
            unsafe published.advanced(by: index).initialize(to: Atomic(initial.bitPattern))
            unsafe publishedRamp.advanced(by: index).initialize(to: Atomic(-1))
        }
    }

    func deallocate() {
        unsafe silence.deallocate()
        unsafe isRamped.deallocate()
        unsafe isStepped.deallocate()
        unsafe isOutput.deallocate()
        unsafe value.deallocate()
        unsafe valueEnd.deallocate()
        unsafe target.deallocate()
        unsafe readings.deallocate()
        unsafe wayStart.deallocate()
        unsafe wayFrames.deallocate()
        unsafe wayDone.deallocate()
        unsafe moving.deallocate()
        unsafe events.deallocate()
        unsafe published.deinitialize(count: parameterCount + 1)
        unsafe published.deallocate()
        unsafe publishedRamp.deinitialize(count: parameterCount + 1)
        unsafe publishedRamp.deallocate()
        unsafe shared.deinitialize(count: 1)
        unsafe shared.deallocate()
        bypass?.deallocate()
        route?.deallocate()
    }
}
