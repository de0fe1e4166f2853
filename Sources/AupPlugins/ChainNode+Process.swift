import CAupPlugin
import Synchronization

// MARK: - Audio thread

extension ChainNode {
    /// Runs the guest over a block, cut where parameters change, so that a change sounds the same however the sound is
    /// cut.
    ///
    /// - Parameters:
    ///   - changes: what is scheduled for the chain in this block, in the order of frames.
    ///   - index: this node's place in the chain.
    ///   - clock: what frame 0 of the block is counted as.
    /// - Returns: the guest's status, the worst of all copies.
    @_noLocks
    mutating func process(
        from: UnsafePointer<UnsafeMutablePointer<Float>>, fromOffset: Int,
        to: UnsafePointer<UnsafeMutablePointer<Float>>, toOffset: Int, frames: Int, position: UInt64,
        changes: UnsafePointer<ChainChange>, changeCount: Int, index: Int, clock: Int64, rampFrames: Int,
        inScratch: UnsafeMutablePointer<UnsafePointer<Float>?>,
        outScratch: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
    ) -> Int32 {
        if isLost { return 0 }
        var at = 0
        var due = 0
        var status = Int32(1)
        while at < frames {
            var count = frames - at
            while due < changeCount {
                let offset = unsafe Int(changes[due].frame - clock) - at
                if unsafe changes[due].plugin == index {
                    // A guest that wants events is told the frame; for any other the block ends here.
                    let isFull = eventCount >= parameterCount + Self.eventLimit
                    let cut = offset / cutFrames * cutFrames
                    if cut > 0, !wantsEvents || isFull {
                        count = min(count, cut)
                        break
                    }
                    if isFull { finishEvents() }
                    unsafe take(changes[due], rampFrames: rampFrames, at: max(offset, 0))
                }
                due += 1
            }
            if movingCount > 0 {
                count = movingFrames(atMost: count)
                setWayEnds(frames: count)
            }
            let one = unsafe processPiece(
                from: from, fromOffset: fromOffset + at, to: to, toOffset: toOffset + at, frames: count,
                position: position &+ UInt64(truncatingIfNeeded: at), inScratch: inScratch, outScratch: outScratch)
            if one < status { status = one }
            if status == AUP_WORKER_GONE, isIsolated {
                isLost = true
                return 0
            }
            if status < 0 { return status }
            if movingCount > 0 { finishWays(frames: count) }
            if eventCount > 0 { finishEvents() }
            at += count
        }
        if hasReadings { publishReadings() }
        return status
    }

    @_noLocks
    private func processPiece(
        from: UnsafePointer<UnsafeMutablePointer<Float>>, fromOffset: Int,
        to: UnsafePointer<UnsafeMutablePointer<Float>>, toOffset: Int, frames: Int, position: UInt64,
        inScratch: UnsafeMutablePointer<UnsafePointer<Float>?>,
        outScratch: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
    ) -> Int32 {
        let inWidth = inputs / copies
        let outWidth = outputs / copies
        var status = Int32(1)
        for copy in 0..<copies {
            for channel in 0..<inWidth {
                let source = isFedByOne ? 0 : copy * inWidth + channel
                if source < firstSilentInput {
                    unsafe inScratch[channel] = UnsafePointer(from[source] + fromOffset)
                } else {
                    unsafe inScratch[channel] = UnsafePointer(silence)
                }
            }
            for channel in 0..<sideChannels {
                unsafe inScratch[inWidth + channel] = UnsafePointer(from[sideFirst + channel] + fromOffset)
            }
            for channel in 0..<outWidth {
                unsafe outScratch[channel] = to[copy * outWidth + channel] + toOffset
            }
            var block = unsafe aup_block()
            unsafe block.size = UInt32(truncatingIfNeeded: MemoryLayout<aup_block>.size)
            unsafe block.frames = UInt32(truncatingIfNeeded: frames)
            unsafe block.position = position
            unsafe block.in = UnsafePointer(inScratch)
            unsafe block.out = UnsafePointer(outScratch)
            unsafe block.side = sideChannels > 0 ? UnsafePointer(inScratch + inWidth) : nil
            unsafe block.side_channels = UInt32(truncatingIfNeeded: sideChannels)
            unsafe block.in_channels = UInt32(truncatingIfNeeded: inWidth)
            unsafe block.out_channels = UInt32(truncatingIfNeeded: outWidth)
            unsafe block.value = UnsafePointer(value)
            unsafe block.value_end = UnsafePointer(valueEnd)
            unsafe block.out_value = readings
            unsafe block.events = UnsafePointer(events)
            unsafe block.event_count = UInt32(truncatingIfNeeded: eventCount)
            unsafe block.event_stride = UInt32(truncatingIfNeeded: MemoryLayout<aup_event>.stride)
            let one =
                isIsolated
                ? unsafe aup_worker_process(handles[copy], &block)
                : unsafe aup_guest_process(table, name, handles[copy], &block, keepsDenormals ? 1 : 0)
            if one < status { status = one }
        }
        return status
    }

    /// Takes the input of a block for ``mixDry(into:offset:frames:fade:)``, before the guest may write over it.
    ///
    /// - Returns: whether there will be something to mix.
    @_noLocks
    mutating func keepDry(
        _ from: UnsafePointer<UnsafeMutablePointer<Float>>, offset: Int, frames: Int, fade: Int
    ) -> Bool {
        guard let bypass else { return false }
        let isWanted = unsafe isLost || shared.pointee.isBypassed.load(ordering: .relaxed)
        let mixes = isWanted || wetFrames < fade
        // What a plugin's latency holds back is always kept, since nobody knows when it will be asked for; so is what a
        // plugin hears that may be lost with its process.
        if mixes || bypass.delayFrames > 0 || isIsolated {
            dryPlace = unsafe bypass.keep(from, offset: offset, frames: frames, place: dryPlace)
        }
        wetStep = isWanted ? -1 : 1
        return mixes
    }

    /// Back to what the guest was when it was created.
    @_noLocks
    mutating func reset() {
        jumpToTargets()
        for copy in 0..<copies {
            if isIsolated {
                unsafe aup_worker_reset(handles[copy])
            } else {
                unsafe aup_guest_reset(table, name, handles[copy])
            }
        }
        dryPlace = 0
        bypass?.clear()
    }

    /// Puts the input in the place of a guest whose process has ended, from this block on.
    @_noLocks
    mutating func hearDryOnly() {
        wetFrames = 0
        wetStep = 0
    }

    @_noLocks
    mutating func mixDry(
        into to: UnsafePointer<UnsafeMutablePointer<Float>>, offset: Int, frames: Int, fade: Int
    ) {
        guard let bypass else { return }
        wetFrames = unsafe bypass.mix(
            into: to, offset: offset, frames: frames, wet: wetFrames, fade: fade, step: wetStep)
    }

    @_noLocks
    private func publishReadings() {
        for index in 0..<parameterCount where unsafe isOutput[index] {
            unsafe published[index].store(readings[index].bitPattern, ordering: .relaxed)
        }
    }

    /// Makes every NaN, infinite and denormal sample 0 and counts them: they must not reach the next plugin's memory,
    /// where they would stay, nor a device. Denormal ones stay where that was asked for.
    @_noLocks
    func scrub(_ channels: UnsafePointer<UnsafeMutablePointer<Float>>, offset: Int, frames: Int) {
        for channel in 0..<outputs {
            let samples = unsafe channels[channel] + offset
            var huge: UInt32 = 0
            var tiny: UInt32 = 0
            for frame in 0..<frames {
                let bits = unsafe samples[frame].bitPattern
                let exponent = bits & 0x7F80_0000
                huge &+= exponent == 0x7F80_0000 ? 1 : 0
                tiny &+= exponent == 0 && bits & 0x007F_FFFF != 0 ? 1 : 0
            }
            if keepsDenormals { tiny = 0 }
            guard huge | tiny != 0 else { continue }
            for frame in 0..<frames {
                let bits = unsafe samples[frame].bitPattern
                let exponent = bits & 0x7F80_0000
                if exponent == 0x7F80_0000 || (exponent == 0 && !keepsDenormals) {
                    unsafe samples[frame] = Float(bitPattern: bits & 0x8000_0000)
                }
            }
            unsafe shared.pointee.nonFiniteSamples.add(Int(truncatingIfNeeded: huge), ordering: .relaxed)
            unsafe shared.pointee.denormalSamples.add(Int(truncatingIfNeeded: tiny), ordering: .relaxed)
        }
    }
}
