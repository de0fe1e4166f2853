import AupSound
import AupSystem
import AupWire
import Foundation
import TestSupport
import Testing

@testable import AupEngine

/// A sink that remembers numbers and nothing else.
private final class FrameCounter: PacketSink {
    private(set) var totalFrames: Int64 = 0
    private(set) var packets = 0

    func take(_ packet: Packet) throws(SessionFailure) {
        packets += 1
        totalFrames += packet.span?.frames ?? 0
    }

    func flush() throws(SessionFailure) {}
}

/// A meter between a source and a sink, packet by packet.
@Suite struct `A meter in a line` {
    /// The stage, what it handed on and what it said.
    private final class Line {
        let events = EventQueue(bell: Doorbell())
        let stop = StopRequest()
        let recorder = FrameCounter()
        let stage: MeterStage
        let format: PCMFormat
        var position: Int64 = 0

        init(
            rate: Int = 48_000, channels: Int = 2, isLive: Bool = true,
            _ change: (inout MeteringConfiguration) throws -> Void
        ) throws {
            var configuration = MeteringConfiguration()
            try change(&configuration)
            stage = try MeterStage(configuration, stop: stop, events: events, next: recorder)
            format = try #require(PCMFormat(.f32, rate: rate, channels: channels))
            try stage.take(
                .format(StreamDescription(format, isLive: isLive, clock: .monotonicOfThisBoot, source: "test")))
        }

        /// A tone of 1 kHz with a level for each channel, in packets of so many frames.
        func tone(_ decibels: [Double], frames: Int, packet: Int = 480, captured: Int64? = nil) throws {
            var done = 0
            while done < frames {
                let count = min(packet, frames - done)
                let samples = (0..<count).flatMap { frame in
                    let wave = sin(2 * Double.pi * 1000 * Double(Int(position) + frame) / Double(format.rate))
                    return decibels.map { Float(amplitude(decibels: $0) * wave) }
                }
                try unsafe samples.withUnsafeBytes { bytes in
                    try stage.take(
                        .audio(
                            unsafe AudioPacket(position: position, captureTime: captured, frames: count, payload: bytes)
                        ))
                }
                position += Int64(count)
                done += count
            }
        }

        func silence(_ frames: Int64) throws {
            try stage.take(.silence(SilencePacket(position: position, captureTime: nil, frames: frames)))
            position += frames
        }

        func end() throws { try stage.take(.end(EndPacket(totalFrames: position, lostFrames: 0, reason: .normal))) }

        /// What was said of alarms: `alarm`, `alarm-over`, …, and of readings.
        func heard() -> (alarms: [String], readings: [MeterReading]) {
            var (alarms, readings): ([String], [MeterReading]) = ([], [])
            for event in events.takeAll() {
                switch event {
                case .happened(let named): alarms.append(named.name)
                case .measured(let reading): readings.append(reading)
                default: break
                }
            }
            return (alarms, readings)
        }
    }

    @Test(arguments: [Int64.min, .min + 1, -1, 1, .max])
    func `takes any capture time there can be`(time: Int64) throws {
        let line = try Line { $0.interval = .frames(4800) }
        try line.tone([-20, -20], frames: 4800, captured: time)
        try line.end()
        #expect(line.heard().readings.count == 1)
        #expect(line.recorder.packets == 12)
    }

    @Test func `compares capture times with its own clock, and no others`() throws {
        let line = try Line { $0.interval = .frames(480) }
        try line.tone([-20, -20], frames: 480, captured: monotonicNanoseconds() - 5_000_000_000)
        let own = try #require(line.heard().readings.last?.latencyNanoseconds)
        #expect(own >= 5_000_000_000)
        let clock = ClockIdentity(kind: .monotonic, boot: Array(repeating: 7, count: 16))
        let other = StreamDescription(line.format, isLive: true, clock: clock, source: "elsewhere")
        try line.stage.take(.format(other))
        try line.tone([-20, -20], frames: 480, captured: monotonicNanoseconds() - 5_000_000_000)
        let reading = try #require(line.heard().readings.last)
        #expect(reading.latencyNanoseconds == nil)
    }

    @Test func `tells the age of packets whatever their stamps`() throws {
        let meter = PassageMeter(target: 20_000_000)
        let format = try #require(PCMFormat(.s16, rate: 8000, channels: 1))
        meter.see(StreamDescription(format, isLive: true, clock: .monotonicOfThisBoot, source: ""))
        for time in [Int64.min, .max, 0, 1] {
            meter.passed(frames: 1 << 53, captured: time, began: 1_000_000, nanoseconds: 1)
        }
        #expect(meter.status.packets == 4)
        // Neither before all time nor of a time to come.
        #expect(meter.status.age.count == 2)
    }

    @Test func `an alarm on a level ends when the sound is no longer so`() throws {
        for word in ["true_peak>-10", "sample_peak>-10", "rms>-20", "dc>0.5", "crest>20"] {
            let line = try Line { $0.alarms = [try AlarmExpression(word)] }
            try line.tone([-40, -40], frames: 48_000)
            #expect(line.heard().alarms.isEmpty, "\(word)")
            if word.hasPrefix("dc") || word.hasPrefix("crest") {
                // One sample of all is the peak, and a constant is nothing but offset.
                var samples = [Float](repeating: word.hasPrefix("dc") ? 0.8 : 0.001, count: 4800 * 2)
                if word.hasPrefix("crest") {
                    for index in stride(from: 0, to: samples.count, by: 4800) { samples[index] = 1 }
                }
                try unsafe samples.withUnsafeBytes { bytes in
                    try line.stage.take(
                        .audio(
                            unsafe AudioPacket(position: line.position, captureTime: nil, frames: 4800, payload: bytes))
                    )
                }
            } else {
                try line.tone([-3, -40], frames: 4800)
            }
            try line.tone([-40, -40], frames: 9600)
            #expect(line.heard().alarms == ["alarm", "alarm-over"], "\(word)")
        }
    }

    @Test func `an alarm does not hear the end as something of its own`() throws {
        let line = try Line { $0.alarms = [try AlarmExpression("rms<-30"), try AlarmExpression("true_peak>-10")] }
        // Ends on a reading, and a frame behind one.
        for frames in [48_000, 1] { try line.tone([-6, -6], frames: frames) }
        try line.end()
        #expect(line.heard().alarms == ["alarm"])
    }

    @Test func `a verdict is of the whole`() throws {
        let line = try Line { $0.refusals = [try AlarmExpression("true_peak>-10")] }
        try line.tone([-3, -3], frames: 4800)
        try line.tone([-40, -40], frames: 48_000)
        try line.end()
        let reading = try #require(line.stage.latest)
        var configuration = MeteringConfiguration()
        configuration.refusals = [try AlarmExpression("true_peak>-10")]
        #expect(configuration.verdict(reading) != nil)
    }

    @Test func `makes its last reading once, also without an end`() throws {
        let line = try Line { _ in }
        try line.tone([-20, -20], frames: 48_100)
        #expect(line.stage.latest == nil)
        line.stage.conclude()
        let reading = try #require(line.stage.latest)
        #expect(reading.hasEnded && reading.frames == 48_100)
        line.stage.conclude()
        try line.end()
        #expect(line.stage.latest == reading)
    }

    @Test func `a silence as long as a stream can be does not hold it up`() throws {
        let line = try Line {
            $0.isWatched = true
            $0.alarms = [try AlarmExpression("silence>10s")]
        }
        try line.tone([-20, -20], frames: 48_000)
        try line.silence(1 << 53 - 200_000)
        try line.tone([-20, -20], frames: 48_000)
        try line.end()
        let (alarms, _) = line.heard()
        #expect(alarms == ["alarm", "alarm-over"])
        let reading = try #require(line.stage.latest)
        #expect(reading.frames == 1 << 53 - 104_000)
        #expect(abs((reading.integrated ?? 0) + 20) < 1)
    }

    @Test func `who asks for the end need not wait for lines of silence`() throws {
        let line = try Line { $0.interval = .nanoseconds(10_000_000) }
        line.stop.finish()
        try line.silence(1 << 53)
        try line.end()
        #expect(line.stage.latest?.frames == 1 << 53)
    }

    @Test func `a line is of its interval, whoever else looks`() throws {
        for isWatched in [false, true] {
            let line = try Line {
                $0.interval = .nanoseconds(1_000_000_000)
                $0.isWatched = isWatched
            }
            // The same in both, and then in one alone, which is like nothing.
            try line.tone([-20, -20], frames: 24_000)
            try line.tone([-20, -.infinity], frames: 24_000)
            try line.tone([-.infinity, -20], frames: 48_000)
            let readings = line.heard().readings
            #expect(readings.count == 2)
            // Half of the power of one lies in what they share: 1 / sqrt(2).
            #expect(abs((readings.first?.correlation ?? 0) - 0.5.squareRoot()) < 0.001)
            #expect(abs((readings.last?.correlation ?? 1)) < 0.001)
            #expect(abs((readings.first?.channels.last?.now.rms ?? 0) + 26.02) < 0.01)
            #expect(abs((readings.first?.now.rms ?? 0) + 24.26) < 0.01)
            #expect(readings.map(\.seconds) == [1, 2])
        }
    }

    @Test(arguments: [
        (11_025, TimeSpan.nanoseconds(10_000_000)), (44_100, .nanoseconds(33_333_333)), (48_000, .frames(48_000)),
        (8_000, .nanoseconds(250_000_000)),
    ])
    func `lines come at the nearest frame to each time, and never drift`(rate: Int, interval: TimeSpan) throws {
        let line = try Line(rate: rate, channels: 1) { $0.interval = interval }
        var readings: [MeterReading] = []
        for _ in 0..<10 {
            try line.tone([-20], frames: rate, packet: 333)
            readings += line.heard().readings
        }
        let due = (1...).lazy.map { number -> Int64 in
            switch interval {
            case .frames(let frames): frames * Int64(number)
            case .nanoseconds(let time): TimeSpan.nanoseconds(time * Int64(number)).frames(rate: rate)
            }
        }.prefix { $0 <= Int64(10 * rate) }
        #expect(readings.count == Array(due).count)
        // Only whole units of 10 ms are measured.
        let isNear = zip(readings, due).allSatisfy { (0..<Int64(rate / 100 + 1)).contains($1 - $0.frames) }
        #expect(isNear)
    }

    @Test func `hands a packet on before it looks at it, and keeps none back`() throws {
        let line = try Line {
            $0.isWatched = true
            $0.alarms = [try AlarmExpression("silence>1s")]
        }
        var given: Int64 = 0
        for packet in [1, 480, 4801, 17] {
            try line.tone([-20, -20], frames: packet, packet: packet)
            given += Int64(packet)
            // Frames of sound that went in and have not come out: none.
            #expect(line.recorder.totalFrames == given)
        }
        try line.silence(48_000)
        #expect(line.recorder.totalFrames == given + 48_000)
    }

    /// In a process of its own, where nothing else takes memory. A week with AUP_SOAK (`make soak`), else ten minutes.
    @Test(Sanitizer.leavesMemory)
    func `a week of sound takes no more memory than its first minutes`() async {
        await #expect(processExitsWith: .success) {
            let isLong = ProcessInfo.processInfo.environment["AUP_SOAK"] != nil
            let seconds = isLong ? 7 * 24 * 3600 : 600
            let line = try Line(rate: 8000) {
                $0.interval = .nanoseconds(10_000_000_000)
                $0.alarms = [try AlarmExpression("silence>2s"), try AlarmExpression("rms<-30 for 1s")]
                $0.spectrumFraction = 12
            }
            let samples = (0..<16_000).map { place -> Float in
                let level: Float = place % 7 == 0 ? 0.1 : 0.05
                return level * Float(sin(Double(place / 2) * 0.7))
            }
            var (before, readings, alarms) = (0, 0, 0)
            for second in 0..<seconds {
                if second == 120 { before = try residentKilobytes() }
                // Now and then silence, which alarms tell of, and a gap.
                if second % 100 >= 95 {
                    try line.silence(8000)
                } else {
                    try unsafe samples.withUnsafeBytes { bytes in
                        try line.stage.take(
                            .audio(
                                unsafe AudioPacket(
                                    position: line.position, captureTime: nil, frames: 8000, payload: bytes)))
                    }
                    line.position += 8000
                }
                if second % 100 == 50 {
                    try line.stage.take(
                        .gap(
                            GapPacket(
                                position: line.position, captureTime: nil, frames: 10, cause: .xrun, seenBy: "test")))
                    line.position += 10
                }
                let heard = line.heard()
                readings += heard.readings.count
                alarms += heard.alarms.count
            }
            try line.end()
            let grown = try residentKilobytes() - before
            let reading = line.stage.latest
            guard grown < 1_000, readings == seconds / 10, alarms >= seconds / 100 * 3,
                reading?.frames == Int64(seconds) * 8000, reading?.gaps == Int64(seconds / 100)
            else {
                print("grown by \(grown) kB, \(readings) readings, \(alarms) alarms")
                exit(1)
            }
        }
    }

    @Test func `an interval of frames that is none at this rate is refused`() throws {
        #expect(throws: SessionFailure.self) { try Line { $0.interval = .frames(100) } }
    }
}

private func residentKilobytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return Int(line?.split(separator: " ").dropLast().last ?? "") ?? 0
}

@Suite struct `The clock of readings` {
    @Test func `passes years at once, to the reading it would have come to`() {
        for (span, rate) in [
            (TimeSpan.nanoseconds(33_333_333), 48_000), (.frames(441), 44_100), (.nanoseconds(10_000_000), 11_025),
        ] {
            var (stepped, jumped) = (
                ReadingClock(span, rate: rate, origin: 7), ReadingClock(span, rate: rate, origin: 7)
            )
            for frame in stride(from: Int64(7), through: 3_000_000, by: 100) { stepped.pass(frame) }
            jumped.pass(2_999_907)
            #expect(stepped.next == jumped.next)
            jumped.pass(1 << 45)
            #expect(jumped.next > 1 << 45 && jumped.next <= 1 << 45 + 1700)
            jumped.pass(.max - 1)
            #expect(jumped.next == .max)
        }
    }
}

@Suite struct `The calls of alarms` {
    private func call(_ alarm: String, _ isRaised: Bool, _ seconds: Double) -> AlarmHook.Call {
        AlarmHook.Call(alarm: alarm, isRaised: isRaised, seconds: seconds, measured: "")
    }

    @Test func `never tell an end before its beginning`() {
        // Seen or not, whatever comes: what a command hears takes turns and begins with a beginning.
        for pattern in 0..<1024 {
            var waiting: [AlarmHook.Call] = []
            var heard: [Bool] = []
            var isRaised = false
            for step in 0..<10 {
                isRaised.toggle()
                AlarmHook.add(call("a", isRaised, Double(step)), to: &waiting)
                if pattern >> step & 1 == 1 { heard.append(waiting.removeFirst().isRaised) }
                #expect(waiting.count <= 2)
            }
            heard += waiting.map(\.isRaised)
            let isInTurns = heard.indices.allSatisfy { heard[$0] == ($0 % 2 == 0) }
            #expect(isInTurns, "\(pattern)")
            #expect(heard.last == isRaised)
        }
    }

    @Test func `of others stay where they are`() {
        var waiting = [call("a", true, 0), call("b", true, 1), call("a", false, 2)]
        AlarmHook.add(call("a", true, 3), to: &waiting)
        #expect(waiting == [call("b", true, 1), call("a", true, 3)])
    }
}
