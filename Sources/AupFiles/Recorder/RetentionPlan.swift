/// A file that a recording has made and finished.
public struct KeptFile: Equatable, Sendable {
    public let path: String
    public let bytes: Int64
    /// When its last frame was, nanoseconds since 1970-01-01 UTC.
    public let end: Int64

    public init(path: String, bytes: Int64, end: Int64) {
        self.path = path
        self.bytes = bytes
        self.end = end
    }
}

/// Which files of a recording have to go: by age, by the room they take, by the room that is left. The oldest go first.
///
/// - Thread: any.
public struct RetentionPlan: Equatable, Sendable {
    /// Nanoseconds after its end that a file is kept.
    public var age: Int64?
    /// All files together.
    public var bytes: Int64?
    /// What the disk has to have left.
    public var freeBytes: Int64?

    public init(age: Int64? = nil, bytes: Int64? = nil, freeBytes: Int64? = nil) {
        self.age = age
        self.bytes = bytes
        self.freeBytes = freeBytes
    }

    public var isEmpty: Bool { age == nil && bytes == nil && freeBytes == nil }

    /// How many of the files have to go, from the front.
    ///
    /// - Parameters:
    ///   - files: oldest first.
    ///   - sparesNewest: the last one stays whatever is asked, but for its age.
    ///   - now: nanoseconds since 1970-01-01 UTC.
    ///   - free: bytes the disk has left; `nil` when that is not known, and then nothing goes for it.
    public func surplus(
        _ files: some RandomAccessCollection<KeptFile>, now: Int64, free: Int64?, sparesNewest: Bool = true
    ) -> Int {
        var left = bytes == nil ? 0 : files.reduce(0) { $0 + $1.bytes }
        var room = free ?? .max
        var count = 0
        for file in files {
            let isTooOld = age.map { file.end < now - $0 } ?? false
            let isTooMuch = bytes.map { left > $0 } ?? false
            let isTooTight = freeBytes.map { room < $0 } ?? false
            guard isTooOld || (count < files.count - (sparesNewest ? 1 : 0) && (isTooMuch || isTooTight)) else { break }
            left -= file.bytes
            room = room.addingReportingOverflow(file.bytes).overflow ? .max : room + file.bytes
            count += 1
        }
        return count
    }
}
