import AupRealtime
import Testing

@Suite struct DelayLockedLoopTests {
    /// A device whose clock is off by `ppm`, whose periods arrive up to a millisecond early or late.
    private struct Device {
        let rate: Double
        var frames: Int64 = 0
        var wheel: Wheel
        let jitterNanoseconds: Double
        /// A boot some months ago, where a double no longer knows nanoseconds.
        let start: Int64 = 20_000_000_000_000_000

        init(nominal: Int, ppm: Double, jitterNanoseconds: Double = 1e6, seed: UInt64 = 1) {
            rate = Double(nominal) * (1 + ppm * 1e-6)
            wheel = Wheel(seed: seed)
            self.jitterNanoseconds = jitterNanoseconds
        }

        func trueTime(_ frame: Int64) -> Int64 { start + Int64((Double(frame) / rate * 1e9).rounded()) }

        mutating func period(_ count: Int) -> Int64 {
            frames += Int64(count)
            return trueTime(frames) + Int64(wheel.unit() * jitterNanoseconds)
        }
    }

    @Test(arguments: [-150.0, 0, 150], [64, 256, 1024])
    func `a device that is off settles within one part in a million`(_ ppm: Double, _ periodFrames: Int) {
        var device = Device(nominal: 48000, ppm: ppm)
        var loop = DelayLockedLoop(rate: 48000, periodFrames: periodFrames, bandwidthHertz: 0.0025)
        var worstTime: Int64 = 0
        var worstRate = 0.0
        while device.frames < 48000 * 300 {
            loop.update(timeNanoseconds: device.period(periodFrames), frames: periodFrames)
            guard device.frames > 48000 * 150 else { continue }
            worstRate = max(worstRate, abs(loop.partsPerMillion - ppm))
            worstTime = max(worstTime, abs(loop.time(ofFrame: device.frames) - device.trueTime(device.frames)))
        }
        #expect(worstRate < 1, "\(worstRate) ppm")
        // The jitter is a thousand microseconds.
        #expect(worstTime < 100_000, "\(worstTime) ns")
    }

    /// A capture's bandwidth, and the minute after which it tells what it has learnt.
    @Test(arguments: [-150.0, 0, 150], [480, 1024, 4800])
    func `after a minute a device that is off is known to twenty parts in a million`(
        _ ppm: Double, _ periodFrames: Int
    ) {
        for seed in 1...10 {
            var device = Device(nominal: 48000, ppm: ppm, seed: UInt64(seed))
            var loop = DelayLockedLoop(rate: 48000, periodFrames: periodFrames, bandwidthHertz: 0.01)
            while device.frames < 48000 * 60 {
                loop.update(timeNanoseconds: device.period(periodFrames), frames: periodFrames)
            }
            #expect(abs(loop.partsPerMillion - ppm) < 20, "\(loop.partsPerMillion)")
        }
    }

    @Test func `periods of any length will do`() {
        var device = Device(nominal: 44100, ppm: -80)
        var loop = DelayLockedLoop(rate: 44100, periodFrames: 256, bandwidthHertz: 0.005)
        var wheel = Wheel(seed: 77)
        while device.frames < 44100 * 200 {
            let frames = Int(wheel.next() % 700)
            loop.update(timeNanoseconds: device.period(frames), frames: frames)
        }
        #expect(abs(loop.partsPerMillion + 80) < 1, "\(loop.partsPerMillion)")
        #expect(abs(loop.rate - 44100 * (1 - 80e-6)) < 0.05)
    }

    @Test func `the time of the next frame is never before that of the last`() {
        var device = Device(nominal: 48000, ppm: 150, seed: 3)
        var loop = DelayLockedLoop(rate: 48000, periodFrames: 64, bandwidthHertz: 0.1)
        var last = Int64.min
        for period in 0..<20_000 {
            // Now and then a wake-up is late by many periods.
            let late: Int64 = period % 997 == 0 ? 30_000_000 : 0
            loop.update(timeNanoseconds: device.period(64) + late, frames: 64)
            let time = loop.time(ofFrame: device.frames)
            #expect(time >= last)
            #expect(loop.time(ofFrame: device.frames + 1) >= time)
            last = time
        }
    }

    @Test func `without jitter the clock is the device's own from the start`() {
        var device = Device(nominal: 48000, ppm: 0, jitterNanoseconds: 0)
        var loop = DelayLockedLoop(rate: 48000, periodFrames: 480, bandwidthHertz: 0.1)
        for _ in 0..<100 { loop.update(timeNanoseconds: device.period(480), frames: 480) }
        #expect(abs(loop.time(ofFrame: 48000) - device.trueTime(48000)) <= 1)
        #expect(abs(loop.time(ofFrame: 96000) - device.trueTime(96000)) <= 1)
        #expect(abs(loop.errorNanoseconds) <= 1)
    }

    @Test func `frame and time are each other's inverse`() {
        var device = Device(nominal: 192_000, ppm: 40)
        var loop = DelayLockedLoop(rate: 192_000, periodFrames: 256, bandwidthHertz: 0.1)
        for _ in 0..<500 { loop.update(timeNanoseconds: device.period(256), frames: 256) }
        for frame in stride(from: Int64(0), to: 400_000, by: 977) {
            #expect(loop.frame(atTime: loop.time(ofFrame: frame)) == frame)
        }
    }

    @Test func `a reset forgets the phase, and the rate unless it is kept`() {
        var device = Device(nominal: 48000, ppm: 100, jitterNanoseconds: 0)
        var loop = DelayLockedLoop(rate: 48000, periodFrames: 256, bandwidthHertz: 0.1)
        for _ in 0..<5000 { loop.update(timeNanoseconds: device.period(256), frames: 256) }
        #expect(abs(loop.partsPerMillion - 100) < 0.1)
        loop.reset(keepingRate: true)
        #expect(abs(loop.partsPerMillion - 100) < 0.1)
        loop.update(timeNanoseconds: 5_000_000_000, frames: 256)
        #expect(loop.time(ofFrame: 256) == 5_000_000_000)
        loop.reset()
        #expect(loop.partsPerMillion == 0)
        #expect(loop.time(ofFrame: 256) == 0)
        #expect(loop.frame(atTime: 5_000_000_000) == 0)
    }

    @Test func `absurd times do not stop the audio thread`() {
        var loop = DelayLockedLoop(rate: 48000, periodFrames: 256, bandwidthHertz: 0.1)
        for time in [0, Int64.max, Int64.min, -1, 5, Int64.max] {
            loop.update(timeNanoseconds: time, frames: 256)
            _ = loop.time(ofFrame: Int64.max)
            _ = loop.frame(atTime: Int64.min)
        }
        #expect(loop.rate >= 24000 && loop.rate <= 96000)
    }
}
