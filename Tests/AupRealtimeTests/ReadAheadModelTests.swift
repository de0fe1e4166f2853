import AupRealtime
import Testing

/// Random steps of both ends against a reference that knows only which frames lie ready. Frames are one Int32 each, the
/// number of the frame in its file and one more, so that a frame can never be taken for another.
@Suite struct `A read-ahead buffer` {
    /// In ordinary runs these take about two seconds.
    private static let steps = 200_000

    @Test(arguments: [1, 2, 3, 64, 1000])
    func `a million random steps agree with the reference`(_ capacity: Int) {
        var rig = ReadAheadRig(capacity: capacity, length: 40 * capacity + 5, seed: UInt64(capacity))
        for step in 0..<Self.steps {
            guard let wrong = rig.step() else { continue }
            Issue.record("capacity \(capacity), step \(step): \(wrong)")
            return
        }
        // Not all of the steps may have been waiting for the others.
        #expect(rig.jumps > Self.steps / 100)
        #expect(rig.ends > Self.steps / 1000)
        #expect(rig.framesRead > Self.steps / 40)
    }

    @Test(arguments: [1, 500])
    func `a file kept whole gives whatever was read of it, in any order`(_ length: Int) {
        var buffer = makeReadAhead(frameBytes: 4, capacityFrames: length, wholeFile: true)
        var wheel = Wheel(seed: UInt64(length))
        var page = Page(frames: length + 3)
        var (kept, missed, isOver) = (0, 0, false)
        for step in 0..<Self.steps / 2 {
            let at = wheel.below(length + 3)
            switch wheel.below(600) {
            case 0 where !isOver:
                let space = unsafe buffer.filler.space(frames: 1 + wheel.below(length / 4 + 1))
                let count = unsafe min(space.frames, 1 + wheel.below(20))
                unsafe Page.write(kept..<kept + count, to: space.start)
                buffer.filler.advance(frames: count)
                kept += count
            case 1 where kept == length:
                buffer.filler.end()
                isOver = true
            case 2: buffer.reader.prepare(at: at)
            default:
                let count = 1 + wheel.below(30)
                let answer = page.read(at, count, &buffer.reader)
                let expected: ReadAheadAnswer =
                    at < kept ? .ready(min(count, kept - at)) : isOver ? .end : .notYet
                if expected == .notYet { missed += count }
                guard answer == expected, page.holds(answer, from: at) else {
                    Issue.record("step \(step): \(answer) at \(at) with \(kept) of \(length), not \(expected)")
                    return
                }
            }
            let isRight =
                buffer.reader.readableFrames == kept && buffer.filler.writableFrames == length - kept
                && buffer.reader.missedFrames == missed && !buffer.reader.wantsDisk && buffer.filler.request() == nil
            guard isRight else {
                Issue.record("step \(step): the counts are wrong with \(kept) of \(length) there")
                return
            }
        }
        #expect(isOver)
    }
}

/// A buffer, what is known of it, and dice.
private struct ReadAheadRig: ~Copyable {
    private var buffer: ReadAhead
    private var reference: ReadAheadReference
    private var page: Page
    private var wheel: Wheel
    private let length: Int
    /// The frame of the file that the disk thread reads next.
    private var source = 0
    private(set) var jumps = 0
    private(set) var ends = 0
    private(set) var framesRead = 0

    init(capacity: Int, length: Int, seed: UInt64) {
        buffer = makeReadAhead(frameBytes: 4, capacityFrames: capacity)
        reference = ReadAheadReference(capacity: capacity)
        page = Page(frames: 2 * capacity + 3)
        wheel = Wheel(seed: seed)
        self.length = length
    }

    /// One random step; says what was wrong with it.
    mutating func step() -> String? {
        switch wheel.below(16) {
        case 0...5: return read(at: place())
        case 6...11: return write()
        case 12: return answer()
        case 13: return prepare()
        default: return counts()
        }
    }

    /// Mostly where one stood, else a little on, back, at the edge of what is waited for, or anywhere.
    private mutating func place() -> Int {
        let next = reference.next
        switch wheel.below(40) {
        case 0: return next + 1 + wheel.below(3)
        case 1: return next + reference.capacity
        case 2: return next + reference.capacity + 1
        case 3: return max(0, next - 1 - wheel.below(3))
        case 4: return wheel.below(length + 4)
        case 5: return 0
        case 6: return length - 1
        default: return next
        }
    }

    private mutating func read(at frame: Int) -> String? {
        let count = 1 + wheel.below(2 * reference.capacity)
        let before = reference
        let answer = page.read(frame, count, &buffer.reader)
        let expected = reference.read(at: frame, count: count)
        if reference.asked != nil, before.asked != reference.asked { jumps += 1 }
        if expected == .end { ends += 1 }
        if case .ready(let taken) = answer { framesRead += taken }
        guard answer == expected else { return "\(answer) for \(count) at \(frame) and not \(expected): \(before)" }
        return page.holds(answer, from: frame) ? nil : "other frames than those from \(frame) on: \(before)"
    }

    private mutating func write() -> String? {
        guard source < length else {
            guard !buffer.filler.isAtEnd else { return nil }
            buffer.filler.end()
            reference.end()
            return buffer.filler.isAtEnd ? nil : "an end that is none"
        }
        let wanted = 1 + wheel.below(2 * reference.capacity)
        let room = reference.room
        let space = unsafe buffer.filler.space(frames: wanted)
        let offered = unsafe space.frames
        // The memory may end before the room does, but not where there is room.
        guard offered <= min(wanted, room), (offered > 0) == (room > 0) else {
            return "offered \(offered) of \(wanted) with room for \(room)"
        }
        // A decoder may come to less than it was given room for.
        let count = min(wheel.below(4) == 0 ? wheel.below(offered + 1) : offered, length - source)
        unsafe Page.write(source..<source + count, to: space.start)
        buffer.filler.advance(frames: count)
        reference.write(frames: count)
        source += count
        return nil
    }

    /// The disk thread looks for a jump, and may come to stand before the frame: a pipe does not go about.
    private mutating func answer() -> String? {
        let request = buffer.filler.request()
        guard request?.frame == reference.asked else {
            return "asked for \(request?.frame ?? -1) and not \(reference.asked ?? -1)"
        }
        guard let request else { return nil }
        let early = wheel.below(4) == 0 ? wheel.below(3 * reference.capacity) : 0
        source = max(0, request.frame - early)
        buffer.filler.begin(at: source, generation: request.generation)
        reference.begin(at: source)
        return buffer.filler.isAtEnd ? "at an end before it began" : nil
    }

    private mutating func prepare() -> String? {
        let frame = wheel.below(8) == 0 ? place() : reference.next
        buffer.reader.prepare(at: frame)
        reference.prepare(at: frame)
        return nil
    }

    private mutating func counts() -> String? {
        let wantsDisk = buffer.reader.wantsDisk
        guard wantsDisk == reference.wantsDisk else { return "the disk is wanted: \(wantsDisk), \(reference)" }
        guard buffer.filler.writableFrames == reference.room else { return "not \(reference.room) frames of room" }
        guard buffer.reader.missedFrames == reference.missed else { return "not \(reference.missed) frames missed" }
        guard wheel.below(2) == 0 else { return nil }
        let readable = buffer.reader.readableFrames
        return readable == reference.readableFrames ? nil : "\(readable) frames readable: \(reference)"
    }
}

/// What a read-ahead buffer must do, by counts alone.
private struct ReadAheadReference {
    let capacity: Int
    /// The frame that comes next, and how many lie ready from it on; whether the file ends behind them.
    private(set) var next = 0
    private var ready = 0
    private var isOver = false
    /// A jump that the disk thread has not seen.
    private(set) var asked: Int?
    /// Its answer, until the reader looks: the first frame, how many have come, whether the file ends behind them.
    private var answered: (frame: Int, frames: Int, isOver: Bool)?
    /// Frames from before a jump, which take up room until the reader has seen the answer.
    private var stale = 0
    private(set) var missed = 0

    init(capacity: Int) { self.capacity = capacity }

    var room: Int { capacity - ready - stale - (answered?.frames ?? 0) }
    var wantsDisk: Bool { asked != nil || answered != nil || ready * 2 < capacity }
    var readableFrames: Int {
        mutating get {
            look()
            return asked == nil ? ready : 0
        }
    }

    mutating func read(at frame: Int, count: Int) -> ReadAheadAnswer {
        look()
        prepare(at: frame)
        guard asked == nil else { return miss(count) }
        let passedOver = min(frame - next, ready)
        next += passedOver
        ready -= passedOver
        let taken = frame == next ? min(count, ready) : 0
        next += taken
        ready -= taken
        if taken > 0 { return .ready(taken) }
        return isOver ? .end : miss(count)
    }

    /// What does not come by itself, within the length of the buffer, is asked for.
    mutating func prepare(at frame: Int) {
        guard frame < next || frame > next + capacity else { return }
        stale += ready + (answered?.frames ?? 0)
        (next, ready, isOver, asked, answered) = (frame, 0, false, frame, nil)
    }

    mutating func write(frames: Int) {
        if asked != nil {
            stale += frames
        } else if answered != nil {
            answered!.frames += frames
        } else {
            ready += frames
        }
    }

    mutating func end() {
        if asked != nil { return }
        if answered != nil { answered!.isOver = true } else { isOver = true }
    }

    mutating func begin(at frame: Int) {
        asked = nil
        answered = (frame, 0, false)
    }

    private mutating func look() {
        guard let answer = answered else { return }
        (next, ready, isOver, answered, stale) = (answer.frame, answer.frames, answer.isOver, nil, 0)
    }

    private mutating func miss(_ count: Int) -> ReadAheadAnswer {
        missed += count
        return .notYet
    }
}

/// Where frames are read to, with room to see what was written beyond them.
@safe struct Page: ~Copyable {
    private static let untouched: Int32 = -7
    private let memory: UnsafeMutableBufferPointer<Int32>

    init(frames: Int) {
        unsafe memory = .allocate(capacity: max(frames, 64))
        unsafe memory.initialize(repeating: Self.untouched)
    }

    deinit { unsafe memory.deallocate() }

    /// The frames of a file: each its own number.
    static func write(_ frames: Range<Int>, to start: UnsafeMutableRawPointer) {
        for (index, frame) in frames.enumerated() {
            unsafe start.storeBytes(of: Int32(frame + 1), toByteOffset: 4 * index, as: Int32.self)
        }
    }

    mutating func read(_ frame: Int, _ count: Int, _ reader: inout ReadAhead.Reader) -> ReadAheadAnswer {
        unsafe memory[0] = Self.untouched
        let answer = unsafe reader.frames(at: frame, into: memory.baseAddress!, count: count)
        return answer
    }

    /// Whether what was read are these frames, and nothing behind them; then all is as it was.
    mutating func holds(_ answer: ReadAheadAnswer, from frame: Int) -> Bool {
        var count = 0
        if case .ready(let taken) = answer { count = taken }
        for index in 0..<count {
            guard unsafe memory[index] == Int32(frame + index + 1) else { return false }
            unsafe memory[index] = Self.untouched
        }
        return unsafe memory[count] == Self.untouched
    }
}

extension Wheel {
    /// From 0 to below a number.
    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
