import AupPlugins
import AupRealtime
import AupSound
import AupWire

/// Sound through the chain, and what the chain still holds when there is no more.
extension PluginStage {
    func run(_ audio: AudioPacket) throws(SessionFailure) {
        guard let source, let output else { return }
        var done = 0
        while done < audio.frames {
            let count = min(audio.frames - done, Self.blockFrames)
            let bytes = unsafe UnsafeRawBufferPointer(
                rebasing: audio.payload[(done * source.frameBytes)..<((done + count) * source.frameBytes)])
            let space = unsafe scratch.space(count * output.frameBytes)
            if isBypassed {
                unsafe exactCopy.convert(bytes, into: space, samples: count * source.channels)
            } else {
                try unsafe process(bytes, into: space, frames: count)
            }
            let time = audio.captureTime.map { $0 + Int64(done) * 1_000_000_000 / Int64(source.rate) }
            try unsafe hand(on: space, frames: count, captureTime: time)
            done += count
        }
    }

    private func process(
        _ bytes: UnsafeRawBufferPointer, into space: UnsafeMutableRawBufferPointer, frames: Int
    ) throws(SessionFailure) {
        guard let source, let output, let chain else { return }
        takeOffer()
        let invalid = unsafe deinterleaver.deinterleave(
            from: bytes.baseAddress!, to: input.planes, channels: source.channels, frames: frames)
        let status = unsafe chain.process(input: input.planes, output: result.planes, frames: frames)
        if let error = chain.error(for: status) { throw .before(.failed(error.message)) }
        isDone = status == .done
        runSwap(frames: frames)
        try mindLosses()
        if pendingLatency == 0, chain.latencyFrames == 0, source.channels == output.channels,
            input.isEqual(to: result, channels: source.channels, frames: frames), invalid == 0
        {
            unsafe exactCopy.convert(bytes, into: space, samples: frames * source.channels)
            return
        }
        let clipped = unsafe interleaver.interleave(
            from: result.planes, to: space.baseAddress!, channels: output.channels, frames: frames)
        if clipped + invalid > 0 {
            shared.write { status in
                status.clippedSamples += Int64(clipped)
                status.invalidSamples += Int64(invalid)
            }
        }
    }

    /// Runs silence through the chain.
    ///
    /// - Parameter tail: of the frames, the last ones that are left out when the chain says that it is done.
    func runSilence(_ frames: Int64, tail: Int64 = 0) throws(SessionFailure) {
        guard let source else { return }
        var silence = ScratchBytes()
        let space = unsafe silence.space(Self.blockFrames * source.frameBytes)
        unsafe space.initializeMemory(as: UInt8.self, repeating: source.sampleFormat.silenceByte)
        var rest = frames
        while rest > 0, !(isDone && rest <= tail) {
            let count = Int(min(rest, Int64(Self.blockFrames)))
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: space[..<(count * source.frameBytes)])
            try run(unsafe AudioPacket(position: position, captureTime: nil, frames: count, payload: bytes))
            rest -= Int64(count)
        }
    }

    /// Hands on what came out of the chain, without the frames that are only its latency.
    private func hand(
        on space: UnsafeMutableRawBufferPointer, frames: Int, captureTime: Int64?
    ) throws(SessionFailure) {
        guard let output else { return }
        let dropped = min(pendingLatency, frames)
        pendingLatency -= dropped
        guard dropped < frames else { return }
        let payload = unsafe UnsafeRawBufferPointer(rebasing: space[(dropped * output.frameBytes)...])
        try next.take(
            .audio(
                unsafe AudioPacket(
                    position: position, captureTime: captureTime, frames: frames - dropped, payload: payload)))
        position += Int64(frames - dropped)
    }

    /// Frames of silence that bring out all that came in.
    private var heldFrames: Int64 {
        guard let chain, !isBypassed else { return 0 }
        // Where nothing came in there is nothing to wait for.
        return pendingLatency < chain.latencyFrames ? Int64(chain.latencyFrames) : 0
    }

    /// Calls for the frames that the chain's latency still holds, with silence; what follows begins with a new latency.
    func callForLatency() throws(SessionFailure) {
        guard let chain, heldFrames > 0 else { return }
        try runSilence(heldFrames)
        // One that took over meanwhile is the one to begin anew.
        self.chain?.reset()
        swap?.chain.reset()
        pendingLatency = chain.latencyFrames
    }

    // MARK: - The end

    /// Lets the chain sound on after the last frame.
    func ringOut(_ reason: EndReason) throws(SessionFailure) {
        guard let chain, !isBypassed, takenFrames > 0 else { return }
        // Whoever stops what they hear wants it to stop.
        let tail = isHeard && reason != .normal && plan.tail == .own ? 0 : tailFrames(chain)
        let frames = heldFrames + tail
        guard frames > 0 else { return }
        try runSilence(frames, tail: tail)
        tellMessages(chain)
        self.chain?.reset()
        swap?.chain.reset()
        pendingLatency = chain.latencyFrames
    }

    private func tailFrames(_ chain: PluginChain) -> Int64 {
        let rate = Int64(chain.rate)
        switch plan.tail {
        case .off: return 0
        case .length(let span): return span.frames(rate: Int(rate))
        case .own:
            let limit =
                chain.tailFrames == nil ? ChainConfiguration.endlessTailSeconds : ChainConfiguration.longestTailSeconds
            let longest = Int64(limit) * rate
            if let own = chain.tailFrames, own <= longest { return Int64(own) }
            events.post(
                .happened(
                    NamedEvent(
                        "tail",
                        "the chain sounds on "
                            + (chain.tailFrames == nil ? "for ever" : "longer than a minute")
                            + ", and is cut \(limit) s after its input; --tail TIME says otherwise",
                        numbers: [("seconds", Double(limit))])))
            return longest
        }
    }
}
