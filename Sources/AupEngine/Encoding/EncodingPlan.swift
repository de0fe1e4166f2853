import AupSound

/// How a file is cut so that several threads encode it at once.
///
/// ```
///   job 0   ├─ segment 0 ─┤··          ├─ segment 2 ─┤··
///   job 1                 ├─ segment 1 ─┤··          ├─ segment 3 ─┤
///                          ·· runs on into the next one until both have made the same packets
/// ```
///
/// Segments are equally long and as many for each job, so that all end at about the same time. They are as long as what is
/// kept of a segment, before it is its turn, allows.
///
/// - Thread: any.
struct EncodingPlan: Equatable, Sendable {
    /// How long a job runs on at most. Encoders of one sound agree after one to eight seconds where they ever do.
    static let runOnSeconds = 10.0
    /// A segment is no shorter, because of what is encoded twice.
    static let leastSeconds = 30.0
    /// Bytes of packets that all jobs together may keep: the first, or what the shortest segment of each needs, so that no job
    /// stands still before its turn; never more than the second.
    static let keptBytes = 6 << 20
    static let mostKeptBytes = 64 << 20

    let jobs: Int
    /// Packets of every segment but the last.
    let segmentPackets: Int64
    let segments: Int64
    /// Packets that a job makes beyond its segment at most.
    let runOnPackets: Int64
    /// Bytes that one job may keep.
    let queueBytes: Int

    /// - Parameters:
    ///   - frames: of the whole sound, at 48 kHz.
    ///   - bitsPerSecond: about what the packets need.
    ///   - leastSeconds: of a segment; tests want shorter ones.
    init(
        frames: Int64, frameSize: Int, bitsPerSecond: Int, jobs: Int, leastSeconds: Double = leastSeconds,
        runOnSeconds: Double = runOnSeconds
    ) {
        precondition(frameSize > 0 && jobs > 0 && leastSeconds >= 2)
        let rate = Double(OpusConfiguration.rate)
        let packets = max(1, (frames + Int64(frameSize) - 1) / Int64(frameSize))
        let least = max(1, Int64(leastSeconds * rate / Double(frameSize)))
        // A variable rate may be half as much again for minutes; of each packet the queue keeps a head.
        let heads = Double(PacketQueue.headBytes) * rate / Double(frameSize)
        let bytesPerSecond = Double(max(bitsPerSecond, 1)) * 1.5 / 8 + heads
        let needed = min(Int(leastSeconds * bytesPerSecond), Self.mostKeptBytes / jobs)
        let share = max(Self.keptBytes / jobs, needed, PacketQueue.leastBytes)
        let seconds = max(leastSeconds, Double(share) / bytesPerSecond)
        let most = max(least, Int64(seconds * rate / Double(frameSize)))
        let (all, wanted) = (Int64(jobs), min(Int64(jobs), max(1, packets / least)))
        let rounds = (packets + all * most - 1) / (all * most)
        let count = rounds > 1 ? rounds * all : wanted
        segmentPackets = (packets + count - 1) / count
        segments = (packets + segmentPackets - 1) / segmentPackets
        self.jobs = Int(min(all, segments))
        // Never through the whole of the next one.
        runOnPackets = min(max(2, Int64(runOnSeconds * rate / Double(frameSize))), max(2, segmentPackets / 2))
        queueBytes = share
    }

    /// The number of a segment's first packet.
    func start(of segment: Int64) -> Int64 { segment * segmentPackets }

    func isLast(_ segment: Int64) -> Bool { segment == segments - 1 }

    /// Which job encodes a segment.
    func job(of segment: Int64) -> Int { Int(segment % Int64(jobs)) }
}
