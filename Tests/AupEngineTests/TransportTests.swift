import AupSound
import AupSystem
import Testing

@testable import AupEngine

/// Whole lines in this process, so that sanitizers see the audio threads, the rings and the plugins at work.
@Suite(.serialized) struct `A transport and its threads` {
    private func run(_ change: (inout SessionConfiguration) -> Void) -> (SessionEnding, SessionStatus) {
        var configuration = SessionConfiguration(
            command: "test", input: .device("sim:noise"), outputs: [.device("sim:null")])
        configuration.realtimePriority = nil
        change(&configuration)
        let transport = Transport(
            configuration, stop: StopRequest(), scheduling: Scheduling(priority: configuration.realtimePriority),
            events: EventQueue(bell: Doorbell()))
        transport.run()
        return (transport.ending, transport.status)
    }

    @Test func `a device is heard at another device, every frame of it`() {
        let (ending, status) = run { $0.duration = .frames(24_000) }
        #expect(ending == .done)
        #expect(status.frames == 24_000)
        #expect(status.playedFrames + status.skippedFrames == 24_000)
        #expect(status.lostFrames == 0)
    }

    @Test func `at full speed nobody loses a frame either`() {
        let (ending, status) = run {
            $0.input = .device("sim:noise?pace=fast")
            $0.outputs = [.device("sim:null?pace=fast")]
            $0.duration = .frames(2_000_000)
        }
        #expect(ending == .done)
        #expect(status.playedFrames == 2_000_000)
        #expect(status.lostFrames == 0)
    }

    @Test func `an xrun of the source becomes one gap of about its length`() {
        // At this rate the quickest restart there is loses frames.
        let (ending, status) = run {
            $0.input = .device("sim:noise?rate=384000&xrun=76800f")
            $0.duration = .frames(192_000)
        }
        #expect(ending == .done)
        #expect(status.gaps == 1)
        #expect(status.xruns >= 1)
        #expect(status.frames + status.lostFrames == 192_000)
    }

    @Test func `a device that goes away ends the session as such`() {
        let (ending, _) = run { $0.input = .device("sim:noise?unplug=9600f") }
        guard case .deviceFailed(let text) = ending else {
            Issue.record("ended with \(ending)")
            return
        }
        #expect(text.contains("gone"))
    }

    @Test func `a converted device hears what was asked for`() {
        let (ending, status) = run {
            $0.input = .device("sim:noise?pace=fast")
            $0.outputs = [.device("sim:null?pace=fast&format=s24")]
            $0.volume = 0.5
            $0.measuresLevels = true
            $0.duration = .frames(48_000)
        }
        #expect(ending == .done)
        #expect(status.playedFrames == 48_000)
        let before = status.inputPeakDecibels ?? 0
        let after = status.outputPeakDecibels ?? 0
        #expect(abs(before - after - 6.0206) < 0.001)
    }
}
