import AupRealtime
import Glibc
import Testing

/// A disk thread and an audio thread at the two ends of a read-ahead buffer, one of them jumping about: under
/// ThreadSanitizer (`make tsan`) this is the proof of the memory orderings.
@Suite(.serialized) struct ReadAheadThreadTests {
    /// A file in which every frame is its own number, read to the end of the world or until it is let go.
    private static func disk(_ parcel: Parcel<ReadAhead.Filler>, length: Int, until done: Flag) -> Companion {
        Companion {
            var filler = parcel.open()
            var wheel = Wheel(seed: 11)
            var source = 0
            while !done.isRaised {
                if let request = filler.request() {
                    // A disk lands where it is sent, a pipe before it.
                    source = max(0, request.frame - (wheel.below(3) == 0 ? wheel.below(50) : 0))
                    filler.begin(at: source, generation: request.generation)
                }
                guard !filler.isAtEnd, filler.writableFrames > 0 else {
                    sched_yield()
                    continue
                }
                let space = unsafe filler.space(frames: 1 + wheel.below(300))
                let count = unsafe max(0, min(space.frames, length - source))
                unsafe Page.write(source..<source + count, to: space.start)
                filler.advance(frames: count)
                source += count
                if source >= length { filler.end() }
            }
        }
    }

    @Test(arguments: [(1, false), (7, false), (256, false), (4096, false), (20_000, true)])
    func `whoever jumps about between threads gets the frames asked for, and an end only at the end`(
        _ capacity: Int, _ isWhole: Bool
    ) {
        let length = isWhole ? capacity : 20 * capacity + 100
        let buffer = makeReadAhead(frameBytes: 4, capacityFrames: capacity, wholeFile: isWhole)
        let done = Flag()
        let disk = Self.disk(Parcel(buffer.filler), length: length, until: done)
        var reader = buffer.reader
        var wheel = Wheel(seed: 12)
        var page = Page(frames: 600)
        var (wrong, earlyEnds, answers, frame) = (0, 0, 0, 0)
        while answers < 30_000 {
            let count = 1 + wheel.below(500)
            switch page.read(frame, count, &reader) {
            case .ready(let taken):
                if !page.holds(.ready(taken), from: frame) { wrong += 1 }
                frame += taken
                answers += 1
                if wheel.below(50) == 0 { frame = wheel.below(length + 10) }
            case .end:
                if frame < length { earlyEnds += 1 }
                answers += 1
                frame = wheel.below(length)
            case .notYet:
                // Impatience: another place before the last one was answered.
                if wheel.below(400) == 0 { frame = wheel.below(length) }
                if wheel.below(400) == 0 { reader.prepare(at: wheel.below(length)) }
                sched_yield()
            }
        }
        done.raise()
        disk.join()
        #expect(wrong == 0)
        #expect(earlyEnds == 0)
    }
}
