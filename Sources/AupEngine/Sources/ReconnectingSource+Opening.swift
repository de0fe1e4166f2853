import AupALSA
import AupSimulation
import AupSound
import AupSystem
import AupWire
import Synchronization

// Coming and going: attempts to open the device, and what its loss means.

extension ReconnectingSource {
    /// Does what the plan says; false when there is nothing to do but wait.
    func step(_ plan: ReconnectPlan) -> Bool {
        var plan = plan
        switch plan.next(now: monotonicNanoseconds()) {
        case .wait: return false
        case .giveUp:
            pending.append(failed(givenUpText(plan)))
            return true
        case .attempt:
            if !SimulationSpec.isSimulated(name) { renewConfiguration() }
            do throws(DeviceError) {
                try open()
            } catch {
                if case .unsupported = error {
                    let back = description == nil ? "" : "came back otherwise than it went: "
                    pending.append(failed(back + error.message))
                    return true
                }
                lastError = error.message
                if description == nil, configuration.liveness.waitsForDevice != nil { tellWaiting() }
                plan.failed(now: monotonicNanoseconds())
                if description == nil { phase = .seeking(plan) } else { phase = .away(plan) }
            }
            return true
        }
    }

    private func tellWaiting() {
        guard !hasToldWaiting else { return }
        hasToldWaiting = true
        numbers.write { $0.isWaiting = true }
        events.post(.happened(NamedEvent("waiting", "waiting for the device: \(lastError)")))
    }

    private func givenUpText(_ plan: ReconnectPlan) -> String {
        let seconds = (monotonicNanoseconds() - plan.since) / 1_000_000_000
        guard description == nil else { return "device '\(name)' was lost and did not come back within \(seconds) s" }
        return configuration.liveness.waitsForDevice == nil
            ? lastError : "waited \(seconds) s for the device in vain: \(lastError)"
    }

    /// By which name the device can be opened now.
    ///
    /// A card that is known by its identity is opened by no other means: while it is away, another one may stand under
    /// its number or its name.
    private func currentName() throws(DeviceError) -> String {
        guard description != nil else { return name }
        if isLocated { return locate() ?? name }
        guard let identity else { return name }
        guard let current = identity.currentName(of: name, system: configuration.liveness.systemFolder) else {
            throw .gone(name: name)
        }
        return current
    }

    func open() throws(DeviceError) {
        let current = try currentName()
        var request = configuration.deviceRequest(current, .capture)
        if let format = description?.pcm {
            request.sampleFormat = format.sampleFormat
            request.rate = format.rate
            request.channels = format.channels
            request.layout = format.layout
        }
        let device = try DeviceSource(request, command: configuration.command, scheduling: scheduling, events: events)
        if let format = description?.pcm, !device.isLike(format) {
            let now = device.configuration.format.summary
            device.close()
            throw .unsupported(
                name: request.name, what: "it is \(now) now and was \(format.summary); start a new recording")
        }
        if identity == nil, !isLocated {
            identity = CardIdentity(pcm: name, system: configuration.liveness.systemFolder)
        }
        if case .away(let plan) = phase {
            comeback = Comeback(plan: plan, name: current)
        }
        phase = .running(device)
        frameWatch = device.isLive ? FrameWatch(now: monotonicNanoseconds()) : nil
        numbers.write { [isAway = comeback != nil] in
            $0.counters = device.counters
            $0.isWaiting = isAway
        }
    }

    /// The first frame of a device that was away.
    func welcome(_ comeback: Comeback) {
        self.comeback = nil
        // What it says of its clock is worth nothing before it has been listened to for as long as the first time.
        framesSinceClock = 0
        numbers.write {
            $0.reconnects += 1
            $0.isWaiting = false
        }
        let moved = comeback.name == name ? "" : " as '\(comeback.name)'"
        events.post(.happened(NamedEvent("device-back", "device '\(name)' is back\(moved)")))
    }

    /// The device failed: an end, or a pause when it may come back.
    func lost(_ device: DeviceSource, _ end: EndPacket) -> Packet? {
        let message = device.ending.message ?? end.message
        let counters = device.counters
        numbers.write {
            $0.pastXruns += Int64(counters.xruns.load(ordering: .relaxed))
            let milliPPM = counters.clockMilliPPM.load(ordering: .relaxed)
            if milliPPM != .min { $0.pastMilliPPM = milliPPM }
            $0.counters = nil
        }
        if var plan = comeback?.plan, !isStopAsked {
            comeback = nil
            lastError = message
            plan.failed(now: monotonicNanoseconds())
            phase = .away(plan)
            return nil
        }
        guard let patience = configuration.liveness.reconnects, !isStopAsked, description != nil else {
            return failed(message)
        }
        events.post(.happened(NamedEvent("device-lost", "\(message); waiting for it to come back")))
        numbers.write { $0.isWaiting = true }
        phase = .away(ReconnectPlan(patience, now: monotonicNanoseconds()))
        return nil
    }
}
