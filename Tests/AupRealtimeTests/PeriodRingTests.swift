import AupRealtime
import AupSound
import Testing

@Suite struct PeriodRingTests {
    @Test func `marks come out as they went in, and a full ring says so`() {
        var ring = makePeriodRing(capacity: 2)
        let first = PeriodMark(position: 0, captureTimeNanoseconds: 17, frames: 256)
        let second = PeriodMark(
            position: 4_294_967_296, captureTimeNanoseconds: -1, frames: 7, lostBefore: 1 << 40,
            cause: GapCause.xrun.rawValue)
        let pushed = [ring.producer.push(first), ring.producer.push(second), ring.producer.push(first)]
        #expect(pushed == [true, true, false])
        let (peeked, popped) = (ring.consumer.peek(), ring.consumer.pop())
        #expect(peeked == first)
        #expect(popped == first)
        let pushedAgain = ring.producer.push(first)
        #expect(pushedAgain)
        let rest = [ring.consumer.pop(), ring.consumer.pop(), ring.consumer.pop(), ring.consumer.peek()]
        #expect(rest == [second, first, nil, nil])
    }
}
