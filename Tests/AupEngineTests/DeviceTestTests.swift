import AupSimulation
import AupSound
import Synchronization
import Testing

@testable import AupEngine

/// A test's audio thread by hand, on a device whose clock stands until it is moved.
private final class TestRig {
    let device: SimulatedDevice
    let counters = LoopCounters()
    let looks: DeviceLooks
    let direction: DeviceDirection
    var cycle: DeviceTestCycle

    init(_ name: String, _ direction: DeviceDirection, capacity: Int = 4096) throws {
        var request = DeviceRequest(name: name, direction: direction)
        request.period = .frames(480)
        request.buffer = .frames(4800)
        device = try SimulatedDevice(manual: request, nanoseconds: 5_000_000_000)
        try device.prepare()
        looks = DeviceLooks(capacity: capacity)
        self.direction = direction
        cycle = DeviceTestCycle(
            port: .simulated(device.port), configuration: device.configuration, direction: direction,
            levelDecibels: -20, looks: looks, counters: counters)
        cycle.start()
    }

    /// Turns once each `milliseconds`, and `late` microseconds after that.
    func run(milliseconds: Int64, turns: Int, late: (Int) -> Int64 = { _ in 0 }) {
        var reached: Int64 = 0
        for turn in 1...turns {
            // A microsecond more, as of a timer that never goes off too early.
            let next = Int64(turn) * milliseconds * 1_000_000 + 1000 + late(turn) * 1000
            device.advance(nanoseconds: next - reached)
            reached = next
            if case .ended = cycle.turn(isStopping: false) { return }
        }
    }

    var result: DeviceTestResult {
        DeviceTestResult(direction, device.configuration, looks.all, isCutShort: looks.isFull)
    }
}

@Suite struct `A test of a device` {
    @Test(arguments: [
        ("sim:silence?ppm=+500", DeviceDirection.capture, 500.0), ("sim:silence?ppm=-500", .capture, -500),
        ("sim:null?ppm=+500", .playback, 500), ("sim:null?ppm=0", .playback, 0),
    ])
    func `finds the error of a clock to a tenth of a ppm`(
        _ name: String, _ direction: DeviceDirection, _ expected: Double
    ) throws {
        let rig = try TestRig(name, direction)
        // Not a whole number of frames, so that every look sees another part of one.
        rig.run(milliseconds: 10, turns: 2000) { Int64($0 * 37 % 400) }
        let result = rig.result
        #expect(abs(try #require(result.partsPerMillion) - expected) < 0.1)
        #expect(try #require(result.uncertaintyPPM) < 0.2)
        #expect(rig.counters.xruns.load(ordering: .relaxed) == 0)
    }

    @Test func `tells how late a thread was woken`() throws {
        let rig = try TestRig("sim:silence", .capture)
        // Each tenth wake-up is three milliseconds late.
        rig.run(milliseconds: 10, turns: 500) { $0 % 10 == 0 ? 3000 : 0 }
        let result = rig.result
        let latency = try #require(result.wakeUpLatency)
        #expect(abs(latency.mostNanoseconds - 3_000_000) < 30_000)
        #expect(abs(latency.meanNanoseconds - 300_000) < 30_000)
        let jitter = try #require(result.periodJitter)
        // It is too long once and then too short.
        #expect(abs(jitter.meanNanoseconds - 600_000) < 30_000)
        #expect(abs(jitter.percentile99Nanoseconds - 3_000_000) < 30_000)
        #expect(result.wakeUps == 500)
    }

    @Test func `counts an xrun and goes on`() throws {
        let rig = try TestRig("sim:silence?xrun=96000&ppm=100", .capture)
        rig.run(milliseconds: 10, turns: 500)
        #expect(rig.counters.xruns.load(ordering: .relaxed) == 1)
        let result = rig.result
        #expect(abs(try #require(result.partsPerMillion) - 100) < 1)
    }

    @Test func `counts what was not read in time`() throws {
        let rig = try TestRig("sim:silence", .capture)
        rig.run(milliseconds: 10, turns: 300) {
            $0 == 200 ? 300_000 : $0 > 200 && $0 <= 230 ? 300_000 - Int64($0 - 200) * 10_000 : 0
        }
        #expect(rig.counters.xruns.load(ordering: .relaxed) == 1)
        #expect(rig.counters.lostFrames.load(ordering: .relaxed) > 9600)
        let result = rig.result
        #expect(abs(try #require(result.partsPerMillion)) < 1)
    }

    @Test func `says that a device which was pulled out is gone`() throws {
        let rig = try TestRig("sim:silence?unplug=1s", .capture)
        rig.run(milliseconds: 10, turns: 200)
        #expect(rig.counters.failure.load(ordering: .relaxed) == 19)
    }

    @Test func `knows a device without a clock, and ends`() throws {
        let rig = try TestRig("sim:silence?pace=fast", .capture, capacity: 100)
        var turns = 0
        while case .wait = rig.cycle.turn(isStopping: false), turns < 1000 { turns += 1 }
        #expect(turns < 100)
        let result = rig.result
        #expect(!result.hasClock)
        #expect(result.partsPerMillion == nil)
    }

    @Test func `plays a tone that begins and ends in silence`() throws {
        // 44101 Hz share no divisor with a kilohertz.
        for rate in [8000, 44_100, 44_101, 48_000, 1000] {
            let format = try #require(PCMFormat(.f32, rate: rate, channels: 2))
            var tone = TestTone(format, levelDecibels: -20)
            let card = try SimulatedDevice(
                manual: DeviceRequest(name: "sim:null?rate=\(rate)&channels=2&pace=fast", direction: .playback))
            try card.prepare()
            _ = card.port.start()
            let before = tone.play(into: .simulated(card.port), frames: 3 * rate)
            #expect(before == 3 * rate)
            let isOver = tone.isOver
            #expect(!isOver)
            tone.end()
            let rest = tone.play(into: .simulated(card.port), frames: 10 * rate)
            let isOverThen = tone.isOver
            #expect(isOverThen)
            #expect(rest <= 2 * rate)
        }
    }
}
