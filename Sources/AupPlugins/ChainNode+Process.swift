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
            unsafe target[index] = wanted
            if unsafe isRamped[index] {
                rampFramesLeft = rampFrames
            } else {
                unsafe value[index] = wanted
                unsafe valueEnd[index] = wanted
            }
            if wantsEvents {
                unsafe events[eventCount] = aup_event(frame: 0, param: UInt32(truncatingIfNeeded: index), value: wanted)
                eventCount += 1
            }
        }
    }

    /// Runs the guest over a block, cut where a ramp ends, so that a ramp sounds the same however the sound is cut.
    ///
    /// - Returns: the guest's status, the worst of all copies.
    @_noLocks
    mutating func process(
        from: UnsafePointer<UnsafeMutablePointer<Float>>, fromOffset: Int,
        to: UnsafePointer<UnsafeMutablePointer<Float>>, toOffset: Int, frames: Int, position: UInt64,
        inScratch: UnsafeMutablePointer<UnsafePointer<Float>?>,
        outScratch: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
    ) -> Int32 {
        var at = 0
        var status = Int32(1)
        while at < frames {
            let count = rampFramesLeft > 0 ? min(frames - at, rampFramesLeft) : frames - at
            setRampEnds(frames: count)
            for copy in 0..<copies {
                let inWidth = inputs / copies
                let outWidth = outputs / copies
                for channel in 0..<inWidth {
                    let source = isFedByOne ? 0 : copy * inWidth + channel
                    if source < firstSilentInput {
                        unsafe inScratch[channel] = UnsafePointer(from[source] + (fromOffset + at))
                    } else {
                        unsafe inScratch[channel] = UnsafePointer(silence)
                    }
                }
                for channel in 0..<outWidth {
                    unsafe outScratch[channel] = to[copy * outWidth + channel] + (toOffset + at)
                }
                var block = unsafe aup_block()
                unsafe block.size = UInt32(truncatingIfNeeded: MemoryLayout<aup_block>.size)
                unsafe block.frames = UInt32(truncatingIfNeeded: count)
                unsafe block.position = position &+ UInt64(truncatingIfNeeded: at)
                unsafe block.in = UnsafePointer(inScratch)
                unsafe block.out = UnsafePointer(outScratch)
                unsafe block.in_channels = UInt32(truncatingIfNeeded: inWidth)
                unsafe block.out_channels = UInt32(truncatingIfNeeded: outWidth)
                unsafe block.value = UnsafePointer(value)
                unsafe block.value_end = UnsafePointer(valueEnd)
                unsafe block.out_value = readings
                unsafe block.events = UnsafePointer(events)
                unsafe block.event_count = UInt32(truncatingIfNeeded: eventCount)
                unsafe block.event_stride = UInt32(truncatingIfNeeded: MemoryLayout<aup_event>.stride)
                let one = unsafe aup_guest_process(table, name, handles[copy], &block, keepsDenormals ? 1 : 0)
                if one < status { status = one }
            }
            if status < 0 { return status }
            finishRamp(frames: count)
            eventCount = 0
            at += count
        }
        if hasReadings { publishReadings() }
        return status
    }

    /// Where each ramp stands when the next `frames` are over.
    @_noLocks
    private func setRampEnds(frames: Int) {
        guard rampFramesLeft > 0 else { return }
        for index in 0..<parameterCount where unsafe isRamped[index] {
            let from = unsafe value[index]
            let goal = unsafe target[index]
            unsafe valueEnd[index] =
                frames == rampFramesLeft ? goal : from + (goal - from) * (Double(frames) / Double(rampFramesLeft))
        }
    }

    @_noLocks
    private mutating func finishRamp(frames: Int) {
        guard rampFramesLeft > 0 else { return }
        rampFramesLeft -= frames
        for index in 0..<parameterCount { unsafe value[index] = valueEnd[index] }
    }

    /// Ends every ramp at once.
    @_noLocks
    mutating func jumpToTargets() {
        rampFramesLeft = 0
        for index in 0..<parameterCount {
            unsafe value[index] = target[index]
            unsafe valueEnd[index] = target[index]
        }
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
