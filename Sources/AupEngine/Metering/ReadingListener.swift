import AupRealtime

/// Somebody who is given readings at times of the sound, and the levels since the last one.
struct ReadingListener {
    private(set) var clock: ReadingClock
    private(set) var levels: LevelReading?
    private var before: LevelReading?

    init(_ clock: ReadingClock) { self.clock = clock }

    /// The levels since the last reading, with those of the time before it.
    var recent: LevelReading? {
        guard let levels else { return before }
        guard var both = before, both.channelCount == levels.channelCount else { return levels }
        both.add(levels)
        return both
    }

    /// Whether a reading belongs behind so many frames of the sound.
    func isDue(_ frames: Int64) -> Bool { clock.next <= frames }

    /// Where another number of channels came in midstream, levels begin with it.
    mutating func note(_ later: LevelReading) {
        if var sum = levels, sum.channelCount == later.channelCount {
            sum.add(later)
            levels = sum
        } else {
            levels = later
        }
    }

    /// A reading was made, or passed by.
    mutating func pass(_ frames: Int64) {
        clock.pass(frames)
        (before, levels) = (levels, nil)
    }

    mutating func forget() { (before, levels) = (nil, nil) }
}
