import CAupPlugin

/// What a block came to.
public enum ChainStatus: Sendable, Equatable {
    case running
    /// Only silence follows, whatever comes in.
    case done
    /// A plugin gave up: its place in the chain and the number it returned. The block is silent.
    case failed(plugin: Int, code: Int32)
}

// MARK: - Audio thread

extension PluginChain {
    /// Runs the chain over planar sound. `input` and `output` may be the same buffers where the channel counts agree;
    /// otherwise they must not overlap.
    ///
    /// - Thread: audio.
    /// - Parameters:
    ///   - input: ``inputChannels`` pointers to `frames` samples; left as it is unless it is also the output.
    ///   - output: ``outputChannels`` pointers; every sample is written, none is NaN, infinite or denormal.
    ///   - frames: any number; more than ``maxFrames`` are cut into blocks of that.
    @_noLocks
    public func process(
        input: UnsafePointer<UnsafeMutablePointer<Float>>, output: UnsafePointer<UnsafeMutablePointer<Float>>,
        frames: Int
    ) -> ChainStatus {
        for index in 0..<nodeCount { unsafe nodes[index].takeChanges(rampFrames: rampFrames) }
        var status = ChainStatus.running
        var at = 0
        while at < frames {
            let count = min(frames - at, maxFrames)
            status = unsafe processBlock(input: input, output: output, offset: at, frames: count)
            if case .failed = status { return unsafe silenced(output, from: at, to: frames, status) }
            at += count
        }
        return status
    }

    /// The same in place; the chain must not change the channel count.
    ///
    /// - Thread: audio.
    @_noLocks
    public func process(inPlace channels: UnsafePointer<UnsafeMutablePointer<Float>>, frames: Int) -> ChainStatus {
        let isSquare = inputChannels == outputChannels
        precondition(isSquare)
        return unsafe process(input: channels, output: channels, frames: frames)
    }

    /// Back to the state after init, with the parameters as they are now set.
    ///
    /// - Thread: audio, or control while nothing processes.
    @_noLocks
    public func reset() {
        position = 0
        for index in 0..<nodeCount {
            unsafe nodes[index].takeChanges(rampFrames: rampFrames)
            unsafe nodes[index].reset()
            unsafe nodes[index].route?.clear()
        }
    }

    @_noLocks
    private func processBlock(
        input: UnsafePointer<UnsafeMutablePointer<Float>>, output: UnsafePointer<UnsafeMutablePointer<Float>>,
        offset: Int, frames: Int
    ) -> ChainStatus {
        var from = unsafe input
        var fromOffset = offset
        var isDone = false
        let firstChange = nextChange
        while nextChange < changeCount, unsafe scheduled[nextChange].frame < clock + Int64(frames) { nextChange += 1 }
        let changes = unsafe UnsafePointer(scheduled) + firstChange
        for index in 0..<nodeCount {
            let isLast = index == nodeCount - 1
            let isCallers = index == 0
            let worksInPlace = unsafe nodes[index].worksInPlace
            var to = unsafe from == UnsafePointer(bankA) ? UnsafePointer(bankB) : UnsafePointer(bankA)
            var toOffset = 0
            // The caller's output, unless a guest that cannot would then have to write over what it reads.
            if isLast, unsafe !isCallers || worksInPlace || input[0] != output[0] {
                unsafe to = unsafe output
                toOffset = offset
            } else if !isLast, !isCallers, worksInPlace {
                unsafe to = unsafe from
            }
            // What the guest reads and writes: the stage, or the channels of it that are the guest's.
            let route = unsafe nodes[index].route
            var (heard, dry, made) = unsafe (from, from, to)
            if let route {
                unsafe route.aim(from, to)
                unsafe (heard, dry, made) = unsafe (
                    UnsafePointer(route.from), UnsafePointer(route.dry), UnsafePointer(route.to)
                )
            }
            var mixes = unsafe nodes[index].keepDry(dry, offset: fromOffset, frames: frames, fade: rampFrames)
            let status = unsafe nodes[index].process(
                from: heard, fromOffset: fromOffset, to: made, toOffset: toOffset, frames: frames, position: position,
                changes: changes, changeCount: nextChange - firstChange, index: index, clock: clock,
                rampFrames: rampFrames, inScratch: inScratch, outScratch: outScratch)
            if status < 0 { return .failed(plugin: index, code: status) }
            if unsafe nodes[index].isLost {
                unsafe nodes[index].hearDryOnly()
                mixes = true
                hasLost = true
            }
            unsafe nodes[index].scrub(made, offset: toOffset, frames: frames)
            if mixes { unsafe nodes[index].mixDry(into: made, offset: toOffset, frames: frames, fade: rampFrames) }
            isDone = status == 1 && !mixes
            if let route {
                unsafe route.pass(from, fromOffset, to: to, toOffset, frames: frames)
                isDone = isDone && !route.passes
            }
            unsafe from = unsafe to
            fromOffset = toOffset
        }
        position &+= UInt64(truncatingIfNeeded: frames)
        clock &+= Int64(truncatingIfNeeded: frames)
        if unsafe from != output { unsafe copy(from, fromOffset, to: output, offset, frames: frames) }
        return isDone ? .done : .running
    }

    @_noLocks
    private func copy(
        _ from: UnsafePointer<UnsafeMutablePointer<Float>>, _ fromOffset: Int,
        to: UnsafePointer<UnsafeMutablePointer<Float>>, _ toOffset: Int, frames: Int
    ) {
        for channel in 0..<outputChannels {
            let source = unsafe from[channel] + fromOffset
            let goal = unsafe to[channel] + toOffset
            for frame in 0..<frames { unsafe goal[frame] = source[frame] }
        }
    }

    @_noLocks
    private func silenced(
        _ output: UnsafePointer<UnsafeMutablePointer<Float>>, from: Int, to: Int, _ status: ChainStatus
    ) -> ChainStatus {
        for channel in 0..<outputChannels {
            for frame in from..<to { unsafe output[channel][frame] = 0 }
        }
        return status
    }
}
