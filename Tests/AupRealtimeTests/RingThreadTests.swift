import AupRealtime
import Glibc
import Testing

/// Two real threads at the two ends, one of them hurried: under ThreadSanitizer (`make tsan`) this is the proof of the
/// memory orderings.
@Suite(.serialized) struct RingThreadTests {
    @Test(arguments: [1, 7, 256, 4096])
    func `a ramp crosses between threads without a frame lost, doubled or out of order`(_ capacity: Int) {
        // A small ring changes hands for every few frames.
        let total = Int32(min(capacity * 20_000, 1_000_000))
        let ring = makeFrameRing(frameBytes: 4, capacityFrames: capacity)
        let gaugeParcel = Parcel(ring.consumer.makeGauge())
        let parcel = Parcel(ring.producer)
        let done = Flag()
        let outOfRange = Counter()
        let writer = Companion {
            var producer = parcel.open()
            var wheel = Wheel(seed: 1)
            var next: Int32 = 0
            var block = [Int32](repeating: 0, count: 300)
            while next < total {
                let count = min(Int(wheel.next() % 300), Int(total - next))
                for index in 0..<count { block[index] = next + Int32(index) }
                let written = unsafe block.withUnsafeBytes { bytes in
                    guard let base = bytes.baseAddress else { return 0 }
                    return unsafe producer.write(from: base, frames: count)
                }
                next += Int32(written)
                if written == 0 { sched_yield() }
            }
        }
        let watcher = Companion {
            let gauge = gaugeParcel.open()
            while !done.isRaised {
                if !(0...capacity).contains(gauge.filledFrames) { outOfRange.add() }
                sched_yield()
            }
        }
        var consumer = ring.consumer
        var wheel = Wheel(seed: 2)
        var expected: Int32 = 0
        var wrong = 0
        while expected < total {
            let numbers = consumer.pull(Int(wheel.next() % 400))
            for number in numbers {
                if number != expected { wrong += 1 }
                expected = number + 1
            }
            if numbers.isEmpty { sched_yield() }
        }
        done.raise()
        writer.join()
        watcher.join()
        #expect(wrong == 0)
        #expect(consumer.readableFrames == 0)
        #expect(outOfRange.count == 0)
    }

    @Test func `the frames are there when their mark is`() {
        let periods = 20_000
        let ring = makeFrameRing(frameBytes: 8, capacityFrames: 1024)
        let marks = makePeriodRing(capacity: 8)
        let frameParcel = Parcel(ring.producer)
        let markParcel = Parcel(marks.producer)
        let writer = Companion {
            var frames = frameParcel.open()
            var marks = markParcel.open()
            var wheel = Wheel(seed: 3)
            var position: Int64 = 0
            for _ in 0..<periods {
                let count = Int(wheel.next() % 64) + 1
                let numbers = (0..<count).map { position + Int64($0) }
                while frames.writableFrames < count { sched_yield() }
                unsafe numbers.withUnsafeBytes { bytes in
                    guard let base = bytes.baseAddress else { return }
                    _ = unsafe frames.write(from: base, frames: count)
                }
                let mark = PeriodMark(
                    position: position, captureTimeNanoseconds: position * 20833, frames: Int32(count))
                while !marks.push(mark) { sched_yield() }
                position += Int64(count)
            }
        }
        var frames = ring.consumer
        var markConsumer = marks.consumer
        var position: Int64 = 0
        var wrong = 0
        for _ in 0..<periods {
            var popped = markConsumer.pop()
            while popped == nil {
                sched_yield()
                popped = markConsumer.pop()
            }
            guard let mark = popped else { return }
            if mark.position != position || frames.readableFrames < Int(mark.frames) { wrong += 1 }
            let regions = unsafe frames.readableRegions(frames: Int(mark.frames))
            for index in 0..<Int(mark.frames) {
                let number =
                    unsafe index < regions.firstFrames
                    ? regions.first.load(fromByteOffset: index * 8, as: Int64.self)
                    : regions.second.load(fromByteOffset: (index - regions.firstFrames) * 8, as: Int64.self)
                if number != position + Int64(index) { wrong += 1 }
            }
            frames.advance(frames: Int(mark.frames))
            position += Int64(mark.frames)
        }
        writer.join()
        #expect(wrong == 0)
    }
}
