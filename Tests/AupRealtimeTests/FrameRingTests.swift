import AupRealtime
import Testing

/// The frames of these tests are one Int32 each, so that a frame can be its own number.
@Suite struct FrameRingTests {
    @Test func `a full ring takes nothing and says so`() {
        var ring = makeFrameRing(frameBytes: 4, capacityFrames: 3)
        #expect(ring.producer.push([1, 2]) == 2)
        #expect(ring.producer.writableFrames == 1)
        #expect(ring.producer.push([3, 4, 5]) == 1)
        #expect(ring.producer.writableFrames == 0)
        #expect(ring.producer.push([6]) == 0)
        #expect(ring.consumer.pull(9) == [1, 2, 3])
    }

    @Test func `an empty ring gives nothing and says so`() {
        var ring = makeFrameRing(frameBytes: 4, capacityFrames: 3)
        #expect(ring.consumer.readableFrames == 0)
        #expect(ring.consumer.pull(1) == [])
        #expect(ring.consumer.skip(frames: 1) == 0)
    }

    @Test func `both ends keep count over the wrap`() {
        var ring = makeFrameRing(frameBytes: 4, capacityFrames: 5)
        for round in 0..<1000 {
            let numbers = (0..<3).map { Int32(round * 3 + $0) }
            #expect(ring.producer.push(numbers) == 3)
            #expect(ring.consumer.pull(3) == numbers)
        }
        #expect(ring.producer.position == 3000)
        #expect(ring.consumer.position == 3000)
    }

    @Test func `regions show the wrap in two parts`() {
        var ring = makeFrameRing(frameBytes: 4, capacityFrames: 5)
        _ = ring.producer.push([1, 2, 3])
        #expect(ring.consumer.skip(frames: 2) == 2)
        let free = unsafe ring.producer.writableRegions(frames: 9)
        #expect(unsafe free.firstFrames == 2)
        #expect(unsafe free.secondFrames == 2)
        unsafe free.first.storeBytes(of: 4, as: Int32.self)
        unsafe free.first.storeBytes(of: 5, toByteOffset: 4, as: Int32.self)
        unsafe free.second.storeBytes(of: 6, as: Int32.self)
        ring.producer.advance(frames: 3)
        let filled = unsafe ring.consumer.readableRegions(frames: 9)
        #expect(unsafe filled.firstFrames == 3)
        #expect(unsafe filled.secondFrames == 1)
        #expect(unsafe filled.first.load(as: Int32.self) == 3)
        #expect(unsafe filled.second.load(as: Int32.self) == 6)
        ring.consumer.advance(frames: 1)
        #expect(ring.consumer.pull(9) == [4, 5, 6])
    }

    @Test func `the gauge sees the fill and outlives both ends`() {
        var ring = makeFrameRing(frameBytes: 4, capacityFrames: 8)
        let gauge = ring.producer.makeGauge()
        _ = ring.producer.push([1, 2, 3, 4, 5])
        _ = ring.consumer.skip(frames: 2)
        #expect(gauge.filledFrames == 3)
        var producer = ring.producer
        _ = producer.push([6])
        _ = consume producer
        #expect(gauge.filledFrames == 4)
        #expect(gauge.writtenFrames == 6)
        #expect(gauge.readFrames == 2)
        #expect(gauge.capacityFrames == 8)
    }

    @Test func `the memory is whole pages and holds every frame`() {
        let ring = makeFrameRing(frameBytes: 6, capacityFrames: 1000)
        let memory = unsafe ring.producer.memory
        let consumed = unsafe ring.consumer.memory
        let (bytes, address) = (memory.count, UInt(bitPattern: memory.baseAddress))
        let sameAddress = UInt(bitPattern: consumed.baseAddress)
        #expect(bytes >= 6000)
        #expect(bytes % 4096 == 0)
        #expect(address % 4096 == 0)
        #expect(address == sameAddress)
    }

    /// A million random steps against an array: the order, the counts and every number must agree.
    @Test func `a million random steps agree with an array`() {
        var random = Wheel(seed: 7)
        for capacity in [1, 2, 3, 7, 64] {
            var ring = makeFrameRing(frameBytes: 4, capacityFrames: capacity)
            var model: [Int32] = []
            var next: Int32 = 0
            for step in 0..<200_000 {
                let count = Int(random.next() % UInt64(capacity + 3))
                switch random.next() % 4 {
                case 0, 1:
                    let offered = (0..<count).map { next + Int32($0) }
                    let taken = ring.producer.push(offered)
                    guard taken == min(count, capacity - model.count) else {
                        Issue.record(
                            "step \(step): took \(taken) of \(count) with \(model.count) of \(capacity) filled")
                        return
                    }
                    model += offered.prefix(taken)
                    next += Int32(taken)
                case 2:
                    let got = ring.consumer.pull(count)
                    guard got == Array(model.prefix(count)) else {
                        Issue.record("step \(step): \(got) instead of \(model.prefix(count))")
                        return
                    }
                    model.removeFirst(got.count)
                default:
                    let dropped = ring.consumer.skip(frames: count)
                    guard dropped == min(count, model.count) else {
                        Issue.record("step \(step): dropped \(dropped)")
                        return
                    }
                    model.removeFirst(dropped)
                }
            }
            #expect(ring.consumer.readableFrames == model.count)
            #expect(ring.producer.writableFrames == capacity - model.count)
        }
    }
}
