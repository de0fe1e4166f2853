import AupSound
import AupWire
import Testing

@testable import AupEngine

/// A second is 1000 frames here, and each packet 10 of them.
@Suite struct `The backlog of a published stream` {
    private static let description = StreamDescription(
        PCMFormat(.s16, rate: 1000, channels: 1)!, isLive: true)

    /// A stream that is put in packet by packet.
    private struct Stream {
        let backlog: Backlog
        var number: UInt32 = 1
        var position: Int64 = 0

        init(seconds: Double = 1, resume: Int64? = nil) {
            backlog = Backlog(bytes: 1 << 20, nanoseconds: Int64(seconds * 1e9), resume: resume)
            backlog.append(.format(description), position: 0, sequence: 1)
        }

        mutating func put(_ packets: Int = 1) {
            for _ in 0..<packets {
                let chunk = Backlog.Chunk(
                    bytes: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 56), firstSequence: number,
                    position: position, packets: 1, frames: 10, lostFrames: 0, nanoseconds: 10_000_000)
                number &+= 1
                position += 10
                backlog.append(.chunk(chunk), position: position, sequence: number)
            }
        }

        mutating func change() {
            number &+= 1
            backlog.append(.format(description), position: position, sequence: number)
        }
    }

    /// What somebody was given until there is no more.
    private struct Taken: Equatable {
        var chunks: [Int] = []
        var frames: Int64 = 0
        var lost: [Int64] = []
        var formats = 0
    }

    private func take(_ backlog: Backlog, _ place: inout Backlog.Place) -> Taken {
        var taken = Taken()
        var position = place.position
        for _ in 0..<100_000 {
            switch backlog.next(&place) {
            case .nothing: return taken
            case .lost(let frames, _):
                taken.lost.append(frames)
                position += frames
            case .piece(.format): taken.formats += 1
            case .piece(.end): break
            case .piece(.chunk(let chunk)):
                #expect(chunk.position == position)
                #expect(chunk.bytes.count == 56 * chunk.packets)
                #expect(chunk.bytes.first == UInt8(truncatingIfNeeded: chunk.firstSequence))
                #expect(chunk.frames == 10 * Int64(chunk.packets))
                taken.chunks.append(chunk.packets)
                taken.frames += chunk.frames
                position += chunk.frames
            }
            #expect(place.position == position)
        }
        return taken
    }

    @Test func `is one chunk of what came since, for everybody who is up to date`() {
        var stream = Stream()
        var (one, other) = (stream.backlog.join().place, stream.backlog.join().place)
        stream.put(5)
        #expect(take(stream.backlog, &one).chunks == [5])
        #expect(take(stream.backlog, &other).chunks == [5])
        stream.put(1)
        #expect(take(stream.backlog, &one).chunks == [1])
        stream.put(2)
        // Who was behind takes what the other had by itself, and the rest with it.
        #expect(take(stream.backlog, &other).chunks == [1, 2])
        #expect(take(stream.backlog, &one).chunks == [2])
    }

    @Test func `joins nothing across a place that somebody has, a format or its bounds`() {
        var stream = Stream(seconds: 10)
        var first = stream.backlog.join().place
        stream.put(2)
        var late = stream.backlog.join().place
        stream.put(3)
        #expect(take(stream.backlog, &first).chunks == [1, 1, 3])
        #expect(take(stream.backlog, &late).frames == 30)
        stream.put(2)
        stream.change()
        stream.put(2)
        let taken = take(stream.backlog, &first)
        #expect(taken.chunks == [2, 2] && taken.formats == 1)
        stream.put(200)
        #expect(take(stream.backlog, &first).chunks == [64, 64, 64, 8])
    }

    @Test func `gives whoever comes late the tags that are in force`() {
        var stream = Stream()
        for tag in ["TITLE=Dawn", "ARTIST=A", "ARTIST=B"] { stream.backlog.note(tag: tag, position: 0) }
        stream.put(2)
        #expect(stream.backlog.join().tags == ["TITLE=Dawn", "ARTIST=A", "ARTIST=B"])
        stream.backlog.note(tag: "TITLE=Noon", position: 20)
        stream.backlog.note(tag: "COVER=" + String(repeating: "x", count: Backlog.tagBytes), position: 20)
        #expect(stream.backlog.join().tags == ["TITLE=Noon"])
        stream.change()
        #expect(stream.backlog.join().tags.isEmpty)
    }

    @Test func `tells whoever is too slow what it lost, to the frame`() {
        var stream = Stream()
        var slow = stream.backlog.join().place
        stream.put(250)
        let taken = take(stream.backlog, &slow)
        #expect(taken.lost == [1500])
        #expect(taken.frames == 1000)
    }

    @Test func `lets whoever lost some go on near the end where freshness was asked for`() {
        var stream = Stream(resume: 200_000_000)
        var slow = stream.backlog.join().place
        stream.put(250)
        let taken = take(stream.backlog, &slow)
        #expect(taken.lost == [2300])
        #expect(taken.frames == 200)
        // Who lost nothing is given all, however far behind.
        stream.put(90)
        #expect(take(stream.backlog, &slow).lost == [])
    }

    @Test func `leaves out no change of format for the sake of freshness`() {
        var stream = Stream(resume: 200_000_000)
        var slow = stream.backlog.join().place
        stream.put(150)
        stream.change()
        stream.put(50)
        let taken = take(stream.backlog, &slow)
        #expect(taken.formats == 1)
        #expect(taken.lost == [1000] && taken.frames == 1000)
    }

    @Test func `keeps less from the moment it is told to`() {
        var stream = Stream(seconds: 2)
        var slow = stream.backlog.join().place
        stream.put(150)
        #expect(stream.backlog.extent.behind(slow) == 1500)
        stream.backlog.limit(nanoseconds: 500_000_000)
        stream.put()
        #expect(stream.backlog.extent.frames == 500)
        let taken = take(stream.backlog, &slow)
        #expect(taken.lost == [1010] && taken.frames == 500)
    }

    @Test func `keeps at its end what it kept before, whatever the rate, and knows how far somebody is behind`() {
        let backlog = Backlog(bytes: 1 << 24, nanoseconds: 1_000_000_000)
        let format = StreamDescription(PCMFormat(.s16, rate: 192_000, channels: 1)!, isLive: true)
        backlog.append(.format(format), position: 0, sequence: 1)
        var slow = backlog.join().place
        for number in 0..<100 {
            let position = Int64(number) * 1920
            let chunk = Backlog.Chunk(
                bytes: [UInt8](repeating: UInt8(truncatingIfNeeded: number + 1), count: 56),
                firstSequence: UInt32(number + 1), position: position, packets: 1, frames: 1920, lostFrames: 0)
            backlog.append(.chunk(chunk), position: position + 1920, sequence: UInt32(number + 2))
        }
        #expect(backlog.extent.behind(slow) == 192_000)
        let quick = backlog.place(at: 192_000)
        backlog.append(.end(EndPacket(totalFrames: 192_000, lostFrames: 0, reason: .normal)), position: 0, sequence: 0)
        #expect(backlog.extent.behind(slow) == 192_000)
        #expect(backlog.extent.behind(quick) == 0)
        #expect(backlog.extent.rate == 192_000)
        var frames: Int64 = 0
        loop: for _ in 0..<1000 {
            switch backlog.next(&slow) {
            case .piece(.chunk(let chunk)): frames += chunk.frames
            case .piece(.end): break loop
            default: Issue.record("neither sound nor its end")
            }
        }
        #expect(frames == 192_000)
    }
}

extension Backlog {
    /// The place of somebody who has everything.
    fileprivate func place(at position: Int64) -> Place {
        let place = join().place
        #expect(place.position == position)
        return place
    }
}
