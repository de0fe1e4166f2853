/// Where the channels of a stage go that is not simply sent through a plugin: some to it, some to its side chain, some by
/// it, held back as long as the plugin holds the others.
///
/// ```
///   stage  1 ─────▶ plugin ─────▶ 1        channels=1,3 side=2
///          2 ──┬──▶ its key
///              └──▶ latency ────▶ 2
///          3 ─────▶ plugin ─────▶ 3
/// ```
///
/// - Thread: control makes it, audio uses it. A copyable value inside a node; the node owns.
@safe struct ChainRoute {
    /// Which channels of the stage go where.
    struct Plan: Equatable {
        /// What the node reads, as channels of the stage: the plugin's inputs, then a native's side chain.
        var inputs: [Int]
        /// Channels of the stage that the plugin is given as sound: what is heard in its place.
        var given: [Int]
        /// Where each output of the plugin goes.
        var outputs: [Int]
        /// What goes by, and where to.
        var passing: [(from: Int, to: Int)]
        /// Channels that leave the stage.
        var width: Int

        static func == (one: Plan, other: Plan) -> Bool {
            one.inputs == other.inputs && one.given == other.given && one.outputs == other.outputs
                && one.width == other.width
                && one.passing.elementsEqual(other.passing) { $0 == $1 }
        }

        /// Gives every output its place: that of the input with its number where there are as many, else the places of the
        /// inputs from the first on. Places without an output go; outputs without a place come last.
        init(inputs: [Int], given: [Int], passing: [Int], outputs count: Int) {
            self.inputs = inputs
            self.given = given
            let places = count == given.count ? given : Array(given.sorted().prefix(count))
            let kept = (places + passing).sorted()
            var outputs = places.map { place in kept.firstIndex(of: place)! }
            while outputs.count < count { outputs.append(passing.count + outputs.count) }
            self.outputs = outputs
            self.passing = passing.map { from in (from: from, to: kept.firstIndex(of: from)!) }
            width = passing.count + count
        }
    }

    /// What the guest reads, what is heard in its place, and what it writes.
    let from: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
    let dry: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
    let to: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
    let passes: Bool
    private let inputCount: Int
    private let dryCount: Int
    private let outputCount: Int
    private let passingCount: Int
    private let delayFrames: Int
    /// Channels of the stage: inputs, those given, outputs, then from and to of what goes by.
    private let places: UnsafeMutablePointer<Int>
    /// A ring of `delayFrames` for each channel that goes by, and where it stands.
    private let held: UnsafeMutablePointer<Float>
    private let slot: UnsafeMutablePointer<Int>

    init(_ plan: Plan, delayFrames: Int) {
        inputCount = plan.inputs.count
        dryCount = plan.given.count
        outputCount = plan.outputs.count
        passingCount = plan.passing.count
        passes = !plan.passing.isEmpty
        self.delayFrames = delayFrames
        let all = plan.inputs + plan.given + plan.outputs + plan.passing.map(\.from) + plan.passing.map(\.to)
        unsafe places = .allocate(capacity: all.count)
        for (index, place) in all.enumerated() { unsafe places.advanced(by: index).initialize(to: place) }
        let room = max(passingCount * delayFrames, 1)
        unsafe held = .allocate(capacity: room)
        unsafe held.initialize(repeating: 0, count: room)
        unsafe slot = .allocate(capacity: 1)
        unsafe slot.initialize(to: 0)
        // Filled before each block.
        unsafe from = .allocate(capacity: max(inputCount, 1))
        unsafe dry = .allocate(capacity: max(dryCount, 1))
        unsafe to = .allocate(capacity: max(outputCount, 1))
    }

    func deallocate() {
        unsafe from.deallocate()
        unsafe dry.deallocate()
        unsafe to.deallocate()
        unsafe places.deallocate()
        unsafe held.deallocate()
        unsafe slot.deallocate()
    }

    // MARK: - Audio thread

    /// Points ``from``, ``dry`` and ``to`` at the channels of a stage.
    @_noLocks
    func aim(
        _ stage: UnsafePointer<UnsafeMutablePointer<Float>>, _ result: UnsafePointer<UnsafeMutablePointer<Float>>
    ) {
        for index in 0..<inputCount { unsafe from[index] = stage[places[index]] }
        for index in 0..<dryCount { unsafe dry[index] = stage[places[inputCount + index]] }
        for index in 0..<outputCount { unsafe to[index] = result[places[inputCount + dryCount + index]] }
    }

    /// Sends on what goes by, late by the plugin's latency.
    @_noLocks
    func pass(
        _ stage: UnsafePointer<UnsafeMutablePointer<Float>>, _ stageOffset: Int,
        to result: UnsafePointer<UnsafeMutablePointer<Float>>, _ resultOffset: Int, frames: Int
    ) {
        let first = inputCount + dryCount + outputCount
        let begin = unsafe slot.pointee
        for index in 0..<passingCount {
            let source = unsafe stage[places[first + index]] + stageOffset
            let goal = unsafe result[places[first + passingCount + index]] + resultOffset
            guard delayFrames > 0 else {
                for frame in 0..<frames { unsafe goal[frame] = source[frame] }
                continue
            }
            let ring = unsafe held + index * delayFrames
            var now = begin
            for frame in 0..<frames {
                let old = unsafe ring[now]
                unsafe ring[now] = source[frame]
                unsafe goal[frame] = old
                now += 1
                if now == delayFrames { now = 0 }
            }
        }
        if delayFrames > 0 { unsafe slot.pointee = (begin + frames) % delayFrames }
    }

    @_noLocks
    func clear() {
        for index in 0..<(passingCount * delayFrames) { unsafe held[index] = 0 }
        unsafe slot.pointee = 0
    }
}
