import CAupPlugin
import Synchronization

/// What both sides of a node share: changes go down, counts come up.
@safe struct ChainNodeShared: ~Copyable {
    /// Grows by one with each change of a parameter. Released after the value was stored, acquired before it is read.
    let changes = Atomic<UInt32>(0)
    /// Samples that were NaN or infinite and were made 0.
    let nonFiniteSamples = Atomic<Int>(0)
    /// Samples that were denormal and were made 0.
    let denormalSamples = Atomic<Int>(0)
}

/// A plugin as the audio thread sees it: plain pointers and numbers, so that touching it neither counts references nor
/// locks.
@safe struct ChainNode {
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
    let keepsDenormals: Bool
    let wantsEvents: Bool
    let hasReadings: Bool
    let parameterCount: Int
    /// Each by index of the parameter.
    let isRamped: UnsafeMutablePointer<Bool>
    let isOutput: UnsafeMutablePointer<Bool>
    let value: UnsafeMutablePointer<Double>
    let valueEnd: UnsafeMutablePointer<Double>
    let target: UnsafeMutablePointer<Double>
    let readings: UnsafeMutablePointer<Double>
    let events: UnsafeMutablePointer<aup_event>
    /// Bit patterns: the wanted value of an input, the last reading of an output.
    let published: UnsafeMutablePointer<Atomic<UInt64>>
    let shared: UnsafeMutablePointer<ChainNodeShared>
    var seenChanges: UInt32 = 0
    var eventCount = 0
    var rampFramesLeft = 0

    /// - Thread: control. `deallocate` gives everything back.
    init(_ instance: PluginInstance) {
        let parameters = instance.description.parameters
        unsafe table = UnsafePointer(instance.table.copy)
        unsafe name = UnsafePointer(instance.table.name)
        unsafe handles = UnsafePointer(instance.handles)
        copies = instance.copies
        inputs = instance.inputs
        outputs = instance.outputs
        worksInPlace =
            instance.description.worksInPlace && instance.inputs == instance.outputs && !instance.isFedByOne
        isFedByOne = instance.isFedByOne
        firstSilentInput = instance.inputs - instance.silentInputs
        let silentFrames = instance.silentInputs > 0 ? instance.longestFrames : 0
        unsafe silence = .allocate(capacity: silentFrames)
        unsafe silence.initialize(repeating: 0, count: silentFrames)
        keepsDenormals = instance.keepsDenormals
        wantsEvents = instance.description.wantsEvents
        hasReadings = parameters.contains(where: \.isOutput)
        parameterCount = parameters.count
        // One more than needed, because a guest without parameters may still look at the first.
        let room = parameters.count + 1
        unsafe isRamped = .allocate(capacity: room)
        unsafe isOutput = .allocate(capacity: room)
        unsafe value = .allocate(capacity: room)
        unsafe valueEnd = .allocate(capacity: room)
        unsafe target = .allocate(capacity: room)
        unsafe readings = .allocate(capacity: room)
        unsafe events = .allocate(capacity: room)
        unsafe published = .allocate(capacity: room)
        unsafe shared = .allocate(capacity: 1)
        unsafe shared.initialize(to: ChainNodeShared())
        for index in 0..<room {
            let known = index < parameters.count
            let initial = known ? instance.initialValues[index] : 0
            unsafe isRamped.advanced(by: index).initialize(
                to: known && parameters[index].isRamped && !instance.description.wantsEvents)
            unsafe isOutput.advanced(by: index).initialize(to: known && parameters[index].isOutput)
            unsafe value.advanced(by: index).initialize(to: initial)
            unsafe valueEnd.advanced(by: index).initialize(to: initial)
            unsafe target.advanced(by: index).initialize(to: initial)
            unsafe readings.advanced(by: index).initialize(to: initial)
            unsafe events.advanced(by: index).initialize(to: aup_event())
            unsafe published.advanced(by: index).initialize(to: Atomic(initial.bitPattern))
        }
    }

    func deallocate() {
        unsafe silence.deallocate()
        unsafe isRamped.deallocate()
        unsafe isOutput.deallocate()
        unsafe value.deallocate()
        unsafe valueEnd.deallocate()
        unsafe target.deallocate()
        unsafe readings.deallocate()
        unsafe events.deallocate()
        unsafe published.deinitialize(count: parameterCount + 1)
        unsafe published.deallocate()
        unsafe shared.deinitialize(count: 1)
        unsafe shared.deallocate()
    }
}
