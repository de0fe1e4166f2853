import AupWire

extension Packet {
    /// Where the frames of a packet lie and when the first one was captured; `nil` for a packet without frames.
    var span: (position: Int64, frames: Int64, captureTime: Int64?)? {
        switch self {
        case .audio(let audio): (audio.position, Int64(audio.frames), audio.captureTime)
        case .silence(let silence): (silence.position, silence.frames, silence.captureTime)
        case .gap(let gap): (gap.position, gap.frames, gap.captureTime)
        case .format, .event, .end: nil
        }
    }

    /// Some of the frames of a packet that has frames, at a place of the stream; a view of the same memory.
    func part(first: Int64, count: Int64, rate: Int, position: Int64) -> Packet {
        guard let span, span.frames != count || span.position != position else { return self }
        switch self {
        case .audio(let audio):
            return .audio(audio.part(first: Int(first), count: Int(count), rate: rate, position: position))
        case .silence(let silence):
            return .silence(
                SilencePacket(
                    position: position, captureTime: later(silence.captureTime, by: first, rate: rate), frames: count))
        case .gap(let gap):
            return .gap(
                GapPacket(
                    position: position, captureTime: later(gap.captureTime, by: first, rate: rate), frames: count,
                    cause: gap.cause, seenBy: gap.seenBy))
        case .format, .event, .end: return self
        }
    }
}

extension AudioPacket {
    /// Some of the frames of a packet, at a place of the stream; a view of the same memory. Of PCM if not all of them.
    func part(first: Int, count: Int, rate: Int, position: Int64) -> AudioPacket {
        let isWhole = first == 0 && count == frames && position == self.position
        guard !isWhole, frames > 0 else { return self }
        // Elsewhere, but all of it; a packet of a codec cannot be divided.
        if first == 0, count == frames {
            return unsafe AudioPacket(
                position: position, captureTime: captureTime, frames: frames, payload: payload)
        }
        let frameBytes = unsafe payload.count / frames
        return unsafe AudioPacket(
            position: position, captureTime: later(captureTime, by: Int64(first), rate: rate), frames: count,
            payload: UnsafeRawBufferPointer(rebasing: payload[(first * frameBytes)..<((first + count) * frameBytes)]))
    }
}

private func later(_ time: Int64?, by frames: Int64, rate: Int) -> Int64? {
    guard let time else { return nil }
    // Split, because a gap may be so long that the product does not fit; one of centuries has no later time at all.
    let rest = frames % Int64(rate) * 1_000_000_000 / Int64(rate)
    let (whole, isLong) = (frames / Int64(rate)).multipliedReportingOverflow(by: 1_000_000_000)
    let (begin, isLate) = time.addingReportingOverflow(whole)
    let (moment, isBeyond) = begin.addingReportingOverflow(rest)
    return isLong || isLate || isBeyond ? nil : moment
}
