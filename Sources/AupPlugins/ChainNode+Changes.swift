import CAupPlugin
import Synchronization

// MARK: - Audio thread

extension ChainNode {
    /// Takes over what the control side has set since the last block: ramps begin, everything else jumps.
    @_noLocks
    mutating func takeChanges(rampFrames: Int) {
        let changes = unsafe shared.pointee.changes.load(ordering: .acquiring)
        guard changes != seenChanges else { return }
        seenChanges = changes
        for index in 0..<parameterCount where unsafe !isOutput[index] {
            let wanted = Double(bitPattern: unsafe published[index].load(ordering: .relaxed))
            guard wanted != (unsafe target[index]) else { continue }
            let asked = unsafe publishedRamp[index].load(ordering: .relaxed)
            change(index, to: wanted, asked: asked, rampFrames: rampFrames, at: 0)
        }
    }

    /// Takes over a change that was scheduled.
    @_noLocks
    mutating func take(_ change: ChainChange, rampFrames: Int, at offset: Int) {
        // For whoever asks what the parameter is set to, and so that the control side's last value does not come back.
        unsafe published[change.parameter].store(change.value.bitPattern, ordering: .relaxed)
        self.change(
            change.parameter, to: change.value, asked: change.rampFrames, rampFrames: rampFrames, at: offset)
    }

    /// - Parameters:
    ///   - asked: frames of the way, negative for the usual.
    ///   - offset: frames of the guest's next block before the change; 0 but for guests that want events.
    @_noLocks
    private mutating func change(_ index: Int, to wanted: Double, asked: Int, rampFrames: Int, at offset: Int) {
        unsafe target[index] = wanted
        if wantsEvents {
            unsafe events[eventCount] = aup_event(
                frame: UInt32(truncatingIfNeeded: offset), param: UInt32(truncatingIfNeeded: index), value: wanted)
            eventCount += 1
            if offset > 0 {
                lateEvents += 1
            } else {
                unsafe value[index] = wanted
                unsafe valueEnd[index] = wanted
            }
            return
        }
        let ramps = unsafe isRamped[index]
        let frames = asked < 0 ? (ramps ? rampFrames : 0) : asked
        let canMove = unsafe ramps || isStepped[index]
        guard frames > 0, canMove, wanted != (unsafe value[index]) else {
            stopMoving(index)
            unsafe value[index] = wanted
            unsafe valueEnd[index] = wanted
            return
        }
        if unsafe wayFrames[index] == 0 {
            unsafe moving[movingCount] = index
            movingCount += 1
        }
        unsafe wayStart[index] = value[index]
        unsafe wayFrames[index] = frames
        unsafe wayDone[index] = 0
    }

    @_noLocks
    private mutating func stopMoving(_ index: Int) {
        guard unsafe wayFrames[index] != 0 else { return }
        unsafe wayFrames[index] = 0
        for place in 0..<movingCount where unsafe moving[place] == index {
            movingCount -= 1
            unsafe moving[place] = moving[movingCount]
            return
        }
    }

    /// Frames that may be handed on in one piece while parameters are on their way.
    ///
    /// One where a parameter ramps: what a guest makes of a longer stretch depends on where the stretch is cut, and
    /// then a change would not sound the same in blocks of another length. The call costs little beside that.
    @_noLocks
    func movingFrames(atMost frames: Int) -> Int {
        var count = frames
        for place in 0..<movingCount {
            let index = unsafe moving[place]
            if unsafe isRamped[index] { return 1 }
            let done = unsafe wayDone[index]
            count = min(count, min(Self.stairFrames - done % Self.stairFrames, unsafe wayFrames[index] - done))
        }
        if count < frames, count % cutFrames != 0 { count = min(frames, (count / cutFrames + 1) * cutFrames) }
        return count
    }

    /// Where each parameter stands when the next frames are over.
    @_noLocks
    func setWayEnds(frames: Int) {
        for place in 0..<movingCount {
            let index = unsafe moving[place]
            guard unsafe isRamped[index] else { continue }
            unsafe valueEnd[index] = wayValue(index, after: wayDone[index] + frames)
        }
    }

    /// Goes on by so many frames; whoever has arrived stays.
    @_noLocks
    mutating func finishWays(frames: Int) {
        var place = 0
        while place < movingCount {
            let index = unsafe moving[place]
            let done = unsafe wayDone[index] + frames
            unsafe wayDone[index] = done
            let hasArrived = unsafe done >= wayFrames[index]
            // Between two steps of a stair nothing moves.
            let isStep = done / Self.stairFrames != (done - frames) / Self.stairFrames
            if unsafe hasArrived || isRamped[index] || isStep {
                unsafe value[index] = wayValue(index, after: done)
                unsafe valueEnd[index] = value[index]
            }
            if hasArrived {
                unsafe wayFrames[index] = 0
                movingCount -= 1
                unsafe moving[place] = moving[movingCount]
            } else {
                place += 1
            }
        }
    }

    /// The straight line from where the way began. A function of the frame's number in it alone, so that it is the same
    /// however the sound is cut.
    @_noLocks
    private func wayValue(_ index: Int, after done: Int) -> Double {
        let length = unsafe wayFrames[index]
        let goal = unsafe target[index]
        if done >= length { return goal }
        let start = unsafe wayStart[index]
        return start + (goal - start) * (Double(done) / Double(length))
    }

    /// What the last block's later events leave behind.
    @_noLocks
    mutating func finishEvents() {
        if lateEvents > 0 {
            for place in 0..<eventCount {
                let event = unsafe events[place]
                unsafe value[Int(event.param)] = event.value
                unsafe valueEnd[Int(event.param)] = event.value
            }
            lateEvents = 0
        }
        eventCount = 0
    }

    /// Ends every way at once.
    @_noLocks
    mutating func jumpToTargets() {
        movingCount = 0
        for index in 0..<parameterCount {
            unsafe wayFrames[index] = 0
            unsafe value[index] = target[index]
            unsafe valueEnd[index] = target[index]
        }
    }
}
