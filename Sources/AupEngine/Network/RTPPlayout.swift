import AupNetwork
import AupSound
import AupSystem
import AupWire

/// What a jitter buffer gives as packets of a stream: each frame once, lost ones as gaps, silence where the source sent nothing.
///
/// ```
///   packet ─▶ [silence up to its timestamp] ─▶ sound          lost ─▶ gap         pause ─▶ silence in its time
/// ```
///
/// - Thread: transport.
final class RTPPlayout {
    private var scratch = ScratchBytes()
    private var payload: RTPPayload?
    /// What comes behind a silence that was given before it.
    private var held: JitterBuffer.Output?
    /// Frames given, the timestamp behind them, and when they were given.
    private(set) var position: Int64 = 0
    private var timestamp: Int64?
    private(set) var lastMoment: Int64
    /// Frames that are still to come before the sound and are none.
    private var lookAheadFrames: Int64 = 0
    private(set) var lostFrames: Int64 = 0
    private(set) var behindGap: [UInt8]?
    private(set) var isPause = false

    init(now: Int64) { lastMoment = now }

    /// - Parameter lookAheadFrames: of a codec, that come before the sound and whoever decodes leaves out.
    func begin(_ payload: RTPPayload, lookAheadFrames: Int64) {
        (self.payload, self.lookAheadFrames) = (payload, lookAheadFrames)
    }

    /// What was said about the last packet is not true of the next.
    func forget() { (behindGap, isPause) = (nil, false) }

    /// What waits behind a silence.
    func takeHeld() -> JitterBuffer.Output? {
        defer { held = nil }
        return held
    }

    /// Another source's timestamps begin anywhere; what lies between is a gap of the time that passed.
    ///
    /// - Returns: frames of the gap, where there was sound before; they may be none.
    func restart(_ now: Int64) -> Int64? {
        timestamp = nil
        guard let payload, position > 0 else { return nil }
        return TimeSpan.nanoseconds(max(0, now - lastMoment)).frames(rate: payload.rate)
    }

    /// Sound or a gap in its place; silence first where the source sent nothing for a while.
    func given(_ output: JitterBuffer.Output, _ reception: RTPReception?) -> Packet? {
        let place: Int64
        switch output {
        case .packet(let entry): place = entry.timestamp
        case .lost(_, let timestamp, _), .pause(let timestamp, _): place = timestamp
        case .nothing: return nil
        }
        if let expected = timestamp, place > expected {
            held = output
            return silence(place - expected)
        }
        switch output {
        case .packet(let entry): return sound(entry, reception)
        case .lost(let sequence, let timestamp, let frames): return lost(sequence, timestamp, frames, reception)
        case .pause(_, let frames): return pause(place + frames)
        case .nothing: return nil
        }
    }

    private func silence(_ frames: Int64) -> Packet {
        let packet = SilencePacket(position: position, captureTime: nil, frames: frames)
        advance(frames)
        return .silence(packet)
    }

    private func pause(_ end: Int64) -> Packet? {
        guard let expected = timestamp, end > expected else { return nil }
        isPause = true
        return silence(end - expected)
    }

    private func sound(_ entry: JitterBuffer.Entry, _ reception: RTPReception?) -> Packet? {
        guard let payload else { return nil }
        if timestamp == nil { timestamp = entry.timestamp }
        // Whatever was given already is not given again.
        let overlap = max(0, (timestamp ?? entry.timestamp) - entry.timestamp)
        let frames = entry.frames - overlap
        guard frames > 0 else { return nil }
        let first = (payload.frameBytes ?? 0) * Int(overlap)
        let count = payload.frameBytes.map { $0 * Int(frames) } ?? entry.payload.count
        let space = unsafe scratch.space(count)
        unsafe space.copyBytes(from: entry.payload[first..<(first + count)])
        if let format = payload.coding.sampleFormat {
            unsafe RTPPayload.swapBytes(space, bytesPerSample: format.bytesPerSample)
        }
        // Whoever decodes leaves them out, since the format says how many they are.
        let early = min(lookAheadFrames, frames)
        lookAheadFrames -= early
        let packet = unsafe AudioPacket(
            position: position, captureTime: reception?.earliestArrival(of: entry.timestamp + overlap + early),
            frames: Int(frames - early), payload: UnsafeRawBufferPointer(space))
        advance(frames)
        position -= early
        return .audio(packet)
    }

    private func lost(_ sequence: Int64, _ place: Int64, _ frames: Int64, _ reception: RTPReception?) -> Packet? {
        guard let expected = timestamp else { return nil }
        let count = place + frames - expected
        guard count > 0 else { return nil }
        behindGap = reception?.packet(sequence + 1)?.payload
        return gap(count)
    }

    func gap(_ frames: Int64) -> Packet {
        let packet = GapPacket(position: position, captureTime: nil, frames: frames, cause: .network, seenBy: "rtp")
        lostFrames += frames
        advance(frames)
        return .gap(packet)
    }

    private func advance(_ frames: Int64) {
        position += frames
        if let current = timestamp { timestamp = current + frames }
        lastMoment = monotonicNanoseconds()
    }
}
