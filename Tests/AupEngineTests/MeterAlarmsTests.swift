import AupSound
import Testing

@testable import AupEngine

@Suite struct `What a meter is asked` {
    private func reading(_ change: (inout MeterReading) -> Void) throws -> MeterReading {
        var reading = MeterReading(try #require(PCMFormat(.f32, rate: 48_000, channels: 2)))
        change(&reading)
        return reading
    }

    @Test(arguments: [
        ("true_peak>-1", true), ("true_peak_dbtp >= -0.5", true), ("true_peak<-0.5dB", false),
        ("integrated<-22.9LUFS", true), ("lra>=7", true), ("lra>7.0lu", false), ("silence>9.5s", true),
        ("silence>1m", false), ("longest_silence<=20000ms", true), ("clips>0", true), ("lost_frames>0", false),
        ("dc>0.01", true), ("correlation<0", true),
    ])
    func `is compared with what was measured`(word: String, isTrue: Bool) throws {
        let reading = try reading {
            $0.total.truePeak = -0.5
            $0.integrated = -23
            $0.range = 7
            $0.silentSeconds = 10
            $0.longestSilenceSeconds = 20
            $0.total.clippedSamples = 3
            $0.total.offset = -0.02
            $0.correlation = -0.3
        }
        #expect(try AlarmExpression(word).holds(forWhole: reading) == isTrue)
    }

    @Test func `silence is below every level and above none`() throws {
        let silence = try reading { _ in }
        #expect(try AlarmExpression("integrated<-60").holds(forWhole: silence))
        #expect(try !AlarmExpression("true_peak>-90").holds(forWhole: silence))
        #expect(try AlarmExpression("true_peak>-90").measured(in: silence, isWhole: true) == "silence")
    }

    @Test func `what was not measured is neither above nor below`() throws {
        let mono = try reading { _ in }
        #expect(try !AlarmExpression("correlation<2").holds(forWhole: mono))
        #expect(try !AlarmExpression("correlation>-2").holds(forWhole: mono))
    }
}

@Suite struct `An alarm` {
    private func reading(_ seconds: Double, momentary: Double) throws -> MeterReading {
        var reading = MeterReading(try #require(PCMFormat(.f32, rate: 48_000, channels: 2)))
        reading.seconds = seconds
        reading.momentary = momentary
        return reading
    }

    @Test func `begins when it has been true for so long, and once`() throws {
        var alarms = MeterAlarms([try AlarmExpression("momentary>-9 for 3s")])
        var raised: [Double] = []
        for step in 0...60 where !alarms.look(try reading(Double(step) / 10, momentary: -8)).isEmpty {
            raised.append(Double(step) / 10)
        }
        #expect(raised == [3])
    }

    @Test func `a moment that is not true begins the time anew`() throws {
        var alarms = MeterAlarms([try AlarmExpression("momentary>-9 for 3s")])
        #expect(alarms.look(try reading(0, momentary: -8)).isEmpty)
        #expect(alarms.look(try reading(2.9, momentary: -10)).isEmpty)
        #expect(alarms.look(try reading(3.1, momentary: -8)).isEmpty)
        #expect(alarms.look(try reading(6, momentary: -8)).isEmpty)
        #expect(alarms.look(try reading(6.1, momentary: -8)).count == 1)
    }

    @Test func `begins after so long too when the sound's time began anew`() throws {
        var alarms = MeterAlarms([try AlarmExpression("momentary>-9 for 3s")])
        #expect(alarms.look(try reading(3600, momentary: -8)).isEmpty)
        alarms.reset()
        #expect(alarms.look(try reading(0.1, momentary: -8)).isEmpty)
        #expect(alarms.look(try reading(3, momentary: -8)).isEmpty)
        #expect(alarms.look(try reading(3.1, momentary: -8)).count == 1)
        // What rings when it begins anew is over when it is.
        alarms.reset()
        #expect(alarms.look(try reading(0.1, momentary: -80)).count == 1)
    }

    @Test func `a value at its limit does not ring on and on`() throws {
        var alarms = MeterAlarms([try AlarmExpression("momentary>-9")])
        var changes = 0
        for step in 0..<100 {
            changes += alarms.look(try reading(Double(step), momentary: step % 2 == 0 ? -8.9 : -9.1)).count
        }
        #expect(changes == 1)
        #expect(alarms.look(try reading(101, momentary: -10.1)) == [.cleared(try AlarmExpression("momentary>-9"))])
        #expect(alarms.look(try reading(102, momentary: -8)).count == 1)
    }
}
