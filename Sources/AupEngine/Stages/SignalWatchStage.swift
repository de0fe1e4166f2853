import AupSound
import AupWire

/// Watches the signal of a device that passes, tells what is wrong with it, and ends the session where that was asked.
///
/// An alarm stands in the stream too, as the event `alarm`: its name when it begins, `over` when it ends.
final class SignalWatchStage: PacketSink {
    private let liveness: LivenessConfiguration
    private let name: String
    private let isSimulated: Bool
    private let events: EventQueue
    private let next: any PacketSink
    private var watch: SignalWatch?
    private var rate = 48_000

    init(_ liveness: LivenessConfiguration, name: String, isSimulated: Bool, events: EventQueue, next: any PacketSink) {
        self.liveness = liveness
        self.name = name
        self.isSimulated = isSimulated
        self.events = events
        self.next = next
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description):
            rate = description.rate
            let alarms = liveness.alarms(isSimulated: isSimulated)
            watch = description.pcm.map { format in
                SignalWatch(
                    frameBytes: format.frameBytes, silenceByte: format.sampleFormat.silenceByte,
                    silenceFrames: alarms.silence?.frames(rate: rate), stuckFrames: alarms.stuck?.frames(rate: rate))
            }
        case .audio(let audio):
            let changes = unsafe watch?.look(audio.payload, frames: audio.frames) ?? []
            for change in changes { try tell(change, audio) }
        default: break
        }
        try next.take(packet)
    }

    func flush() throws(SessionFailure) { try next.flush() }

    private func tell(_ change: SignalWatch.Change, _ audio: AudioPacket) throws(SessionFailure) {
        let event: NamedEvent
        let value: String
        switch change {
        case .raised(let alarm):
            let what = alarm == .silence ? "delivers nothing but zeros" : "delivers the same sound over and over"
            event = NamedEvent(
                alarm.rawValue, "device '\(name)' \(what)", numbers: [("position", Double(audio.position))])
            value = alarm.rawValue
            if liveness.exits.contains(alarm) {
                events.post(.happened(event))
                throw .before(.thresholdExceeded("\(event.text); --exit-on \(alarm.rawValue) ends this session"))
            }
        case .cleared(let alarm):
            event = NamedEvent(
                "\(alarm.rawValue)-over", "device '\(name)' delivers sound again",
                numbers: [("position", Double(audio.position))])
            value = "over"
        }
        events.post(.happened(event))
        try next.take(
            .event(
                EventPacket(position: audio.position, captureTime: audio.captureTime, key: "alarm", value: value)))
    }
}
