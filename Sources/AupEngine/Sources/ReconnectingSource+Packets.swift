import AupSound
import AupSystem
import AupWire
import Synchronization

// How a device's packets become the stream's: places that go on after a pause, and the gap in between.

extension ReconnectingSource {
    /// A packet of the device as it goes out; `nil` when something else must be looked at first.
    func handle(_ packet: Packet, from device: DeviceSource) -> Packet? {
        switch packet {
        case .format(let format):
            device.firstPosition = position
            guard description == nil else { return nil }
            description = format
            return packet
        case .audio(let audio):
            if frameWatch?.frames(now: monotonicNanoseconds()) == true {
                events.post(.happened(NamedEvent("frames-back", "device '\(name)' delivers frames again")))
            }
            guard let comeback else { return take(audio) }
            welcome(comeback)
            held = audio
            if device.isLive, let time = audio.captureTime { fill(until: time) }
            device.firstPosition = position - audio.position
            return nil
        case .gap(let gap):
            return .gap(advance(gap.frames, cause: gap.cause, seenBy: gap.seenBy))
        case .end(let end):
            if case .deviceFailed = device.ending { return lost(device, end) }
            if comeback != nil {
                comeback = nil
                fill(until: monotonicNanoseconds())
                if !pending.isEmpty {
                    pending.append(finish(end.reason))
                    return pending.removeFirst()
                }
            }
            return finish(end.reason)
        case .silence, .event: return packet
        }
    }

    func take(_ audio: AudioPacket) -> Packet {
        let rate = Int64(description?.rate ?? 48_000)
        let frames = Int64(audio.frames)
        let packet = unsafe AudioPacket(
            position: position, captureTime: audio.captureTime, frames: audio.frames, payload: audio.payload)
        position += frames
        if let time = audio.captureTime { expected = time + frames * 1_000_000_000 / rate }
        framesSinceClock += frames
        if framesSinceClock >= 60 * rate, description?.isLive == true { noteClock() }
        return .audio(packet)
    }

    private func advance(_ frames: Int64, cause: GapCause, seenBy: String) -> GapPacket {
        let packet = GapPacket(position: position, captureTime: nil, frames: frames, cause: cause, seenBy: seenBy)
        position += frames
        lostFrames += frames
        if let time = expected { expected = time + frames * 1_000_000_000 / Int64(description?.rate ?? 48_000) }
        return packet
    }

    /// Puts the time since the last frame into a gap.
    func fill(until time: Int64, atMost limit: Int64 = .max) {
        let frames = min(framesAway(at: time), limit)
        guard frames > 0 else { return }
        let origin = "\(configuration.command) \(name)"
        events.post(.gap(position: position, frames: frames, cause: .device, origin: origin))
        pending.append(.gap(advance(frames, cause: .device, seenBy: origin)))
    }

    /// How many frames there would have been by now.
    private func framesAway(at time: Int64) -> Int64 {
        guard let expected, let rate = description?.rate, time > expected else { return 0 }
        return Int64((Double(time - expected) * Double(rate) / 1e9).rounded())
    }

    /// Whether all that is wanted lies in the time without a device.
    var isWantedNoMore: Bool {
        guard let wanted = framesWanted() else { return false }
        return framesAway(at: monotonicNanoseconds()) >= wanted
    }

    /// Nothing is at hand: whether that is a fault.
    func lookForFrames() -> Packet? {
        guard let alarm = frameWatch?.alarm(now: monotonicNanoseconds()) else { return nil }
        let text =
            alarm == .noFrames
            ? "device '\(name)' is open and delivers no frames" : "device '\(name)' stands still: no more frames come"
        events.post(.happened(NamedEvent(alarm.rawValue, text)))
        guard configuration.liveness.exits.contains(alarm) else { return nil }
        return failed(text)
    }

    /// Once a minute: how the device's clock goes.
    private func noteClock() {
        framesSinceClock = 0
        guard let milliPPM = numbers.read({ $0.counters })?.clockMilliPPM.load(ordering: .relaxed), milliPPM != .min
        else { return }
        pending.append(
            .event(
                EventPacket(
                    position: position, captureTime: expected, key: "clock_ppm",
                    value: levelText(Double(milliPPM) / 1000))))
    }

    /// What is known of the device, for whoever reports.
    func complete(_ status: inout SessionStatus) {
        let numbers = numbers.read { $0 }
        if numbers.pastMilliPPM != .min { status.deviceClockPPM = Double(numbers.pastMilliPPM) / 1000 }
        if let counters = numbers.counters { status.add(counters) }
        status.xruns += numbers.pastXruns
        status.reconnects = numbers.reconnects
        status.isWaiting = numbers.isWaiting
    }
}

extension DeviceSource {
    /// Whether sound of this device can go on where that of another format stopped.
    func isLike(_ format: PCMFormat) -> Bool {
        let own = configuration.format
        return own.sampleFormat == format.sampleFormat && own.rate == format.rate && own.channels == format.channels
    }
}
