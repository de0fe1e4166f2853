/// Packets that come as they please, in order and in time: a state machine of plain values. The time is told.
///
/// ```
///   delay of a packet = arrival − timestamp            (only differences mean anything)
///
///     least                     percentile              least + most
///      ├───────────┬────────────────┼─────────────────────┤
///      │  at least │                └ the playout delay grows to here at once,
///      └───────────┘                  and shrinks to here by 1 % of the time that passes
///
///   a packet is due at timestamp + playout delay
/// ```
///
/// What is next goes out when it is due. What is missing is named lost when it would have been due and something behind it is
/// here; where nothing is, the source may be silent, and it is waited for. Nothing is ever given twice or out of order.
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
        public var payload: [UInt8]

        public init(sequence: Int64, timestamp: Int64, frames: Int64, hasMarker: Bool = false, payload: [UInt8] = []) {
            self.sequence = sequence
            self.timestamp = timestamp
            self.frames = frames
            self.hasMarker = hasMarker
            self.payload = payload
        }
    }

    public enum Output: Equatable, Sendable {
        case packet(Entry)
        /// A place whose packet did not come in time, and what it probably held.
        case lost(sequence: Int64, timestamp: Int64, frames: Int64)
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
    /// Which of the last places were given, by their number's remainder.
    private var given = [Int64](repeating: -1, count: 512)
    private var isDraining = false
    private var origin: Int64 = 0

    /// How slowly the playout delay shrinks: so many nanoseconds in one.
    private static let shrinking: Int64 = 100

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
        if let nextSequence, entry.sequence < nextSequence {
            counts.late += 1
            return .late
        }
        let place = (entries.lastIndex { $0.sequence < entry.sequence } ?? -1) + 1
        entries.insert(entry, at: place)
        return .taken
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
        guard let head = entries.first else { return .nothing(until: nil) }
        let isFull = entries.count > bounds.packets
        guard let next = nextSequence, head.sequence > next else {
            let due = due(head.timestamp)
            guard now >= due || isFull || isDraining else { return .nothing(until: due) }
            if now < due, isFull { counts.hurried += 1 }
            entries.removeFirst()
            given[Int(head.sequence & 511)] = head.sequence
            nextSequence = head.sequence + 1
            nextTimestamp = head.timestamp + head.frames
            lastFrames = head.frames
            return .packet(head)
        }
        let missing = head.sequence - next
        let usual = max(head.frames, lastFrames)
        // Whatever is more than the missing ones held was silence before them.
        let start = max(min(nextTimestamp, head.timestamp), head.timestamp - missing * usual)
        let due = due(start)
        guard now >= due || isFull || isDraining else { return .nothing(until: due) }
        let frames = (head.timestamp - start) / missing
        nextSequence = next + 1
        nextTimestamp = start + frames
        counts.lost += 1
        return .lost(sequence: next, timestamp: start, frames: frames)
    }

    /// The packet of a number, if it is here.
    public func packet(_ sequence: Int64) -> Entry? { entries.first { $0.sequence == sequence } }

    private func due(_ timestamp: Int64) -> Int64 { time(of: timestamp) + (playoutDelay ?? 0) }

    /// Nanoseconds since the first packet's sound.
    private func time(of timestamp: Int64) -> Int64 { nanosecondsOf(timestamp - origin, rate: rate) }
}
