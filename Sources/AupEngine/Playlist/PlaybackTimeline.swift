import AupSound

/// What is heard at a moment: which file, and where in it.
public struct NowPlaying: Equatable, Sendable {
    /// Path, or `-`.
    public var file: String
    /// From the playlist, else from the file's tags.
    public var title: String?
    /// Counted from 1, of the playing order.
    public var number: Int
    public var count: Int
    /// The frame of the file that is heard, and how many it has where that is known.
    public var frame: Int64
    public var totalFrames: Int64?
    public var rate: Int
    public var isPaused = false
    /// Of what is heard, in dBFS; `nil` where nothing is.
    public var levelDecibels: Double?

    public var seconds: Double { Double(frame) / Double(rate) }
    public var totalSeconds: Double? { totalFrames.map { Double($0) / Double(rate) } }
}

/// Which moment of which file lies where in the sound that was handed to the device.
///
/// Sound is handed over up to a second before it is heard, so what is shown and where a jump begins is looked up by
/// the time that is still unheard.
///
///     marks   | file 1, frame 0      | file 2, frame 0 | file 2, frame 480000 (a jump)
///     time ───┴──────────────────────┴─────────────────┴──────▲───────────▲──▶
///                                                             heard       produced
///
/// Time is nanoseconds of sound. A plain value.
struct PlaybackTimeline: Sendable {
    struct Item: Sendable, Equatable {
        /// In the playing order, from 0.
        var index: Int
        var file: String
        var title: String?
        var totalFrames: Int64?
        var rate: Int
    }

    struct Place: Sendable, Equatable {
        var item: Item
        var frame: Int64
    }

    private struct Mark {
        var time: Int64
        var place: Place
    }

    private struct Level {
        var time: Int64
        var peak: Float
    }

    /// Marks and levels that were heard so long ago are forgotten.
    private static let memoryNanoseconds: Int64 = 5_000_000_000

    var count = 0
    private(set) var produced: Int64 = 0
    private var marks: [Mark] = []
    private var levels: [Level] = []
    /// Frames of the last file's rate that make no whole nanosecond add up.
    private var framesSinceMark: Int64 = 0
    private var markTime: Int64 = 0

    /// What is produced from here on is this.
    mutating func mark(_ item: Item, frame: Int64) {
        marks.append(Mark(time: produced, place: Place(item: item, frame: frame)))
        framesSinceMark = 0
        markTime = produced
    }

    mutating func produce(frames: Int64) {
        guard let rate = marks.last?.place.item.rate else { return }
        framesSinceMark += frames
        produced = markTime + TimeSpan.frames(framesSinceMark).nanoseconds(rate: rate)
        let old = produced - Self.memoryNanoseconds
        while marks.count > 1, marks[1].time < old { marks.removeFirst() }
        while let first = levels.first, first.time < old { levels.removeFirst() }
    }

    /// The sound that was produced last was thrown away unheard; a mark says what comes instead.
    mutating func takeBack(nanoseconds: Int64) {
        produced = max(produced - nanoseconds, 0)
        while marks.count > 1, marks[marks.count - 1].time > produced { marks.removeLast() }
        levels.removeAll { $0.time > produced }
        markTime = produced
        framesSinceMark = 0
    }

    /// The level of the last frames that were produced.
    mutating func note(peak: Float) {
        levels.append(Level(time: produced, peak: peak))
    }

    /// What is heard when so much of what was produced is not heard yet.
    func place(unheard: Int64) -> Place? {
        let heard = produced - max(unheard, 0)
        guard let mark = marks.last(where: { $0.time <= heard }) ?? marks.first else { return nil }
        var place = mark.place
        place.frame += TimeSpan.nanoseconds(max(heard - mark.time, 0)).frames(rate: place.item.rate)
        if let total = place.item.totalFrames { place.frame = min(place.frame, total) }
        return place
    }

    /// The peak about that moment.
    func peak(unheard: Int64) -> Float? {
        let heard = produced - max(unheard, 0)
        return (levels.first { $0.time >= heard } ?? levels.last)?.peak
    }

    func now(unheard: Int64, isPaused: Bool) -> NowPlaying? {
        guard let place = place(unheard: unheard) else { return nil }
        return NowPlaying(
            file: place.item.file, title: place.item.title, number: place.item.index + 1, count: count,
            frame: place.frame, totalFrames: place.item.totalFrames, rate: place.item.rate, isPaused: isPaused,
            levelDecibels: isPaused ? nil : peak(unheard: unheard).map { decibels(amplitude: Double($0)) })
    }
}
