/// Packets that come as they please, in order and in time: a state machine of plain values. The time is told.
///
/// ```
///   delay of a packet = arrival − timestamp            (only differences mean anything)
///
///     least                     percentile              least + most
///      ├───────────┬────────────────┼─────────────────────┤
///      │  at least │                └ the playout delay grows to here at once,
///      └───────────┘                  and shrinks to here by 1/400 of the time that passes
///
///   a packet is due at timestamp + playout delay
/// ```
///
/// What is next goes out when it is due. What is missing is named lost when it would have been due and something behind it is
/// here. Nothing is ever given twice or out of order.
///
/// Where nothing is here the source may be silent. It is waited for, unless it is known to leave silence out: then a pause goes
/// out in the place of what would be due, so that whoever plays it does not run dry. A source is known to when
///
/// - the packet before said so (``Entry/isSilence``): the pause begins at once;
/// - numbers once went on where timestamps jumped, or somebody knew (``leavesSilenceOut``): the pause begins half a packet late,
///   for that packet may be lost, and the one behind it would tell. Markers are no sign: some mark every packet.
///
/// - Thread: any, one at a time.
public struct JitterBuffer: Sendable {
    /// Sound and its place.
    public struct Entry: Equatable, Sendable {
        /// Numbers that never start anew.
        public var sequence: Int64
        public var timestamp: Int64
        public var frames: Int64
        public var hasMarker: Bool
        /// It says that nothing is to be heard until the next one.
        public var isSilence: Bool
        public var payload: [UInt8]

        public init(
            sequence: Int64, timestamp: Int64, frames: Int64, hasMarker: Bool = false, isSilence: Bool = false,
            payload: [UInt8] = []
        ) {
            self.sequence = sequence
            self.timestamp = timestamp
            self.frames = frames
            self.hasMarker = hasMarker
            self.isSilence = isSilence
            self.payload = payload
        }
    }

    public enum Output: Equatable, Sendable {
        case packet(Entry)
        /// A place whose packet did not come in time, and what it probably held.
        case lost(sequence: Int64, timestamp: Int64, frames: Int64)
        /// The source has sent nothing for this time, and lost nothing of it as far as anybody knows.
        case pause(timestamp: Int64, frames: Int64)
        /// Nothing before this moment; `nil` before something arrives.
        case nothing(until: Int64?)
    }

    public enum Verdict: Equatable, Sendable { case taken, late, duplicate }

    public struct Bounds: Equatable, Sendable {
        /// Nanoseconds above the least delay, at least and at most.
        public var least: Int64 = 20_000_000
        public var most: Int64 = 500_000_000
        /// Of a thousand packets so many are to be in time.
        public var perMille = 990
        /// Packets that wait at most; more of them go before they are due.
        public var packets = 1024

        public init() {}
    }

    public struct Counts: Equatable, Sendable {
        public var received: Int64 = 0
        /// Came after their place was named lost.
        public var late: Int64 = 0
        public var duplicates: Int64 = 0
        /// Came after one with a higher number.
        public var reordered: Int64 = 0
        /// Places that were named lost.
        public var lost: Int64 = 0
        /// Went before they were due, because too many waited.
        public var hurried: Int64 = 0

        public init() {}
    }

    public let rate: Int
    public let bounds: Bounds
    /// Whether the source is known to send nothing where there is nothing to hear.
    public var leavesSilenceOut = false
    /// Whether it is there at all; one that has left pauses no more.
    public var isPresent = true
    public private(set) var counts = Counts()

    /// In the order of their numbers.
    private var entries: [Entry] = []
    private var delays = DelayHistory()
    /// What a packet's timestamp is moved by to be due, and when it was last looked at.
    private var playoutDelay: Int64?
    private var lastArrival: Int64 = 0
    private var highest: Int64?
    /// What goes out next, and the timestamp behind what went.
    private var nextSequence: Int64?
    private var nextTimestamp: Int64 = 0
    private var lastFrames: Int64 = 0
    private var lastWasSilence = false
    private var isPausing = false
    /// Which of the last places were given, by their number's remainder.
    private var given = [Int64](repeating: -1, count: 512)
    private var isDraining = false
    private var origin: Int64 = 0

    /// How slowly the playout delay shrinks: in so many nanoseconds one. A player takes it for a clock that is 2500 ppm off and
    /// stretches, which is four cents; it would take twice as much for no clock any more, and cut.
    static let shrinking: Int64 = 400

    public init(rate: Int, bounds: Bounds = Bounds()) {
        self.rate = rate
        self.bounds = bounds
    }

    public var isEmpty: Bool { entries.isEmpty }
    public var waiting: Int { entries.count }

    /// How long a packet that came the shortest way waits.
    public var targetNanoseconds: Int64 {
        guard let playoutDelay, let least = delays.least else { return bounds.least }
        return playoutDelay - least
    }

    // MARK: - In

    public mutating func insert(_ entry: Entry, arrival: Int64) -> Verdict {
        counts.received += 1
        if delays.isEmpty { origin = entry.timestamp }
        guard !isKnown(entry.sequence) else {
            counts.duplicates += 1
            return .duplicate
        }
        note(delay: arrival - time(of: entry.timestamp), arrival: arrival)
        if let highest, entry.sequence < highest { counts.reordered += 1 }
        highest = max(highest ?? entry.sequence, entry.sequence)
        if let nextSequence, entry.sequence < nextSequence || isOverslept(entry, nextSequence) {
            counts.late += 1
            return .late
        }
        let place = (entries.lastIndex { $0.sequence < entry.sequence } ?? -1) + 1
        entries.insert(entry, at: place)
        return .taken
    }

    /// Whether a pause was given in the place of the packet that is next: it is too late, and lost once another follows.
    private func isOverslept(_ entry: Entry, _ next: Int64) -> Bool {
        isPausing && entry.sequence == next && entry.timestamp + entry.frames <= nextTimestamp
    }

    private func isKnown(_ sequence: Int64) -> Bool {
        if given[Int(sequence & 511)] == sequence { return true }
        return entries.contains { $0.sequence == sequence }
    }

    private mutating func note(delay: Int64, arrival: Int64) {
        let passed = delays.isEmpty ? 0 : max(0, arrival - lastArrival)
        lastArrival = max(lastArrival, arrival)
        delays.note(delay: delay, arrival: arrival)
        guard let least = delays.least, let wanted = delays.percentile(perMille: bounds.perMille) else { return }
        let bounded = min(max(wanted, least + bounds.least), least + bounds.most)
        guard let current = playoutDelay else {
            playoutDelay = bounded
            return
        }
        let next = bounded >= current ? bounded : max(bounded, current - passed / Self.shrinking)
        playoutDelay = min(next, least + bounds.most)
    }

    // MARK: - Out

    /// What follows goes without waiting: the source is at its end.
    public mutating func drain() { isDraining = true }

    public mutating func next(now: Int64) -> Output {
        guard let head = entries.first else { return pause(now) }
        let isFull = entries.count > bounds.packets
        let isAtOnce = isFull || isDraining
        let missing = nextSequence.map { max(head.sequence - $0, 0) } ?? 0
        // Whatever is more than the missing ones held was silence before them.
        let usual = max(head.frames, lastFrames)
        let start =
            missing == 0
            ? head.timestamp : max(min(nextTimestamp, head.timestamp), head.timestamp - missing * usual)
        if nextSequence != nil, start > nextTimestamp {
            if missing == 0 { leavesSilenceOut = true }
            let due = due(nextTimestamp)
            guard now >= due || isAtOnce else { return .nothing(until: due) }
            return pause(upTo: isAtOnce ? start : min(start, reached(now)))
        }
        let due = due(start)
        guard now >= due || isAtOnce else { return .nothing(until: due) }
        isPausing = false
        guard missing > 0, let next = nextSequence else {
            if now < due, isFull { counts.hurried += 1 }
            entries.removeFirst()
            given[Int(head.sequence & 511)] = head.sequence
            nextSequence = head.sequence + 1
            nextTimestamp = max(nextTimestamp, head.timestamp + head.frames)
            (lastFrames, lastWasSilence) = (head.frames, head.isSilence)
            return .packet(head)
        }
        let frames = (head.timestamp - start) / missing
        nextSequence = next + 1
        nextTimestamp = start + frames
        counts.lost += 1
        return .lost(sequence: next, timestamp: start, frames: frames)
    }

    /// Nothing is here: a pause where the source is known to make some.
    private mutating func pause(_ now: Int64) -> Output {
        guard leavesSilenceOut || lastWasSilence, isPresent, !isDraining, nextSequence != nil, lastFrames > 0 else {
            return .nothing(until: nil)
        }
        let patience = isPausing || lastWasSilence ? 0 : nanosecondsOf(lastFrames, rate: rate) / 2
        let due = due(nextTimestamp) + patience
        guard now >= due else { return .nothing(until: due) }
        return pause(upTo: reached(now))
    }

    /// Where the sound is that is due by now: a whole number of packets behind what went.
    private func reached(_ now: Int64) -> Int64 {
        let frames = framesAt(now - due(nextTimestamp), rate: rate)
        return nextTimestamp + (max(frames, 0) / max(lastFrames, 1) + 1) * max(lastFrames, 1)
    }

    private mutating func pause(upTo end: Int64) -> Output {
        let start = nextTimestamp
        nextTimestamp = end
        isPausing = true
        return .pause(timestamp: start, frames: end - start)
    }

    /// The packet of a number, if it is here.
    public func packet(_ sequence: Int64) -> Entry? { entries.first { $0.sequence == sequence } }

    /// When sound would have arrived by the shortest way of late: as near to its capture as anybody here can tell.
    public func earliestArrival(of timestamp: Int64) -> Int64? { delays.least.map { time(of: timestamp) + $0 } }

    private func due(_ timestamp: Int64) -> Int64 { time(of: timestamp) + (playoutDelay ?? 0) }

    /// Nanoseconds since the first packet's sound.
    private func time(of timestamp: Int64) -> Int64 { nanosecondsOf(timestamp - origin, rate: rate) }
}
