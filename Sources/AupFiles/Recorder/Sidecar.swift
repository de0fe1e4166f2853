public import AupSound
internal import AupSystem
internal import Glibc

/// What is known of a finished file beyond its sound: `NAME.json` beside it.
///
/// - Thread: any.
public struct Sidecar: Equatable, Sendable {
    /// Frames that are silence in the file, or not in it, because they were lost.
    public struct Gap: Equatable, Sendable {
        /// Frames of the stream before it.
        public let position: Int64
        public let frames: Int64
        public let cause: GapCause

        public init(position: Int64, frames: Int64, cause: GapCause) {
            self.position = position
            self.frames = frames
            self.cause = cause
        }
    }

    /// Gaps that are listed one by one; a device that stammers for a day must not take the memory.
    public static let listedGaps = 10_000

    public var path: String
    /// The name as it was asked for, with its `%`: what tells this recording's files from others.
    public var recipe: String
    public var number: Int
    /// Frames of the stream before the first one.
    public var position: Int64
    /// When that frame was, nanoseconds since 1970-01-01 UTC.
    public var start: Int64
    public var format: PCMFormat
    public var source: String
    public var frames: Int64 = 0
    public private(set) var gaps: [Gap] = []
    public private(set) var gapCount: Int64 = 0
    public private(set) var lostFrames: Int64 = 0
    public var xruns: Int64 = 0
    public var bytes: Int64 = 0
    public var sha256: String?
    /// The device's clock against the system's, parts per million, where it was long enough there to be known.
    public var clockPPM: Double?

    public init(
        path: String, recipe: String, number: Int, position: Int64, start: Int64, format: PCMFormat, source: String
    ) {
        self.path = path
        self.recipe = recipe
        self.number = number
        self.position = position
        self.start = start
        self.format = format
        self.source = source
    }

    /// The start as ISO 8601 has it, in UTC: `2026-01-31T12:00:00.000000001Z`.
    public var startText: String { CalendarZone.timestamp(start) }

    /// When its last frame was over.
    public var end: Int64 {
        let rate = Int64(format.rate)
        return start + frames / rate * 1_000_000_000 + frames % rate * 1_000_000_000 / rate
    }

    public mutating func add(_ gap: Gap) {
        gapCount += 1
        lostFrames += gap.frames
        if gap.cause == .xrun { xruns += 1 }
        if gaps.count < Self.listedGaps { gaps.append(gap) }
    }

    // MARK: - On the disk

    /// Where the sidecar of a file lies.
    public static func path(of path: String) -> String { path + ".json" }

    private static func fileName(_ path: String) -> String {
        String(path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...])
    }

    /// One JSON object on one line. Who it belongs to stands first, where ``KeptFile/init(_:of:)`` looks for it.
    public var text: String {
        var object = JSONText()
        object.add("made_by", "aup capture")
        object.add("recipe", recipe)
        object.add("file", Self.fileName(path))
        object.add("bytes", bytes)
        object.add("start_ns", start)
        object.add("end_ns", end)
        object.add("path", path)
        object.add("number", number)
        object.add("start", startText)
        object.add("position", position)
        object.add("frames", frames)
        object.add("rate", format.rate)
        object.add("channels", format.channels)
        object.add("format", format.sampleFormat.name)
        object.add("source", source)
        object.add("xruns", xruns)
        object.add("clock_ppm", clockPPM)
        object.add("lost_frames", lostFrames)
        object.add("gap_count", gapCount)
        object.add(
            "gaps",
            objects: gaps.map { gap in
                var entry = JSONText()
                entry.add("position", gap.position)
                entry.add("frames", gap.frames)
                entry.add("cause", gap.cause.name)
                return entry
            })
        object.add("sha256", sha256)
        return object.line + "\n"
    }

    /// Writes it beside its file: whole or not at all.
    public func write() throws(FileError) {
        let place = Self.path(of: path)
        do throws(SystemError) {
            try replaceFile(place, with: Array(text.utf8))
        } catch {
            throw .broken(path: place, doing: "writing", errno: error.code)
        }
    }
}

extension CalendarZone {
    /// `2026-01-31T12:00:00.000000001Z`.
    static func timestamp(_ nanoseconds: Int64) -> String {
        let seconds = nanoseconds / 1_000_000_000
        let fields = unsafe CalendarZone.utc.fields(at: seconds)
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = unsafe [(fields.tm_year + 1900, 4), (fields.tm_mon + 1, 2), (fields.tm_mday, 2)]
        let time = unsafe [fields.tm_hour, fields.tm_min, fields.tm_sec]
        return date.map { padded(Int64($0.0), $0.1) }.joined(separator: "-") + "T"
            + time.map { padded(Int64($0), 2) }.joined(separator: ":")
            + "." + padded(nanoseconds % 1_000_000_000, 9) + "Z"
    }
}
