/// Changes at exact frames.
extension PluginChain {
    /// Changes that may wait in one chain. Each takes 40 bytes.
    public static let changeLimit = 1_000_000

    /// Lets changes take effect at their frames; those whose frame is over take effect with the next block. Changes of one
    /// parameter at one frame count in their order.
    ///
    /// - Thread: the one that processes, between blocks; allocates.
    /// - Parameter isOnlyFuture: leaves out what would have taken effect before the clock.
    /// - Returns: false when there is no room for them, and none was taken.
    @discardableResult
    public func schedule(_ changes: [ChainChange], isOnlyFuture: Bool = false) -> Bool {
        var waiting: [ChainChange] = []
        for index in nextChange..<changeCount { unsafe waiting.append(scheduled[index]) }
        guard waiting.count + changes.count <= Self.changeLimit else { return false }
        for var change in changes {
            let known = instances[change.plugin].description.parameters[change.parameter]
            precondition(known.range.contains(change.value) && known.canChange)
            // What enters the chain now reaches this plugin so much later.
            change.frame += Int64(latenciesBefore[change.plugin])
            if !isOnlyFuture || change.frame >= clock { waiting.append(change) }
        }
        // Swift's sort is stable, though it does not promise so; the place makes it a promise.
        let order = waiting.indices.sorted { (waiting[$0].frame, $0) < (waiting[$1].frame, $1) }
        unsafe scheduled.deallocate()
        unsafe scheduled = .allocate(capacity: max(order.count, 1))
        for (place, index) in order.enumerated() {
            unsafe scheduled.advanced(by: place).initialize(to: waiting[index])
        }
        changeCount = order.count
        nextChange = 0
        return true
    }

    /// Changes that still wait.
    ///
    /// - Thread: the one that processes.
    public var waitingChanges: Int { changeCount - nextChange }

    /// Lets the next frame that enters count as `frame`. What is scheduled for frames before it takes effect without a
    /// ramp, as if the sound between had passed.
    ///
    /// - Thread: the one that processes, between blocks.
    public func seek(to frame: Int64) {
        clock = frame
        while nextChange < changeCount, unsafe scheduled[nextChange].frame < frame {
            var change = unsafe scheduled[nextChange]
            change.rampFrames = 0
            unsafe nodes[change.plugin].take(change, rampFrames: 0, at: 0)
            nextChange += 1
        }
    }
}
