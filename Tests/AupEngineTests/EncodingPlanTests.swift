import AupSystem
import Testing

@testable import AupEngine

/// How a file is cut for several jobs, and what waits between them and the transport.
@Suite struct `How a file is cut for several jobs` {
    private func plan(seconds: Int64, frameSize: Int = 960, bits: Int = 96_000, jobs: Int) -> EncodingPlan {
        EncodingPlan(frames: seconds * 48_000, frameSize: frameSize, bitsPerSecond: bits, jobs: jobs)
    }

    @Test(arguments: [1, 2, 3, 8], [Int64(0), 1, 29, 60, 61, 600, 36_000, 360_000])
    func `segments cover it, and every job has as many`(jobs: Int, seconds: Int64) {
        let plan = plan(seconds: seconds, jobs: jobs)
        let packets = max(1, seconds * 50)
        #expect(plan.start(of: plan.segments - 1) < packets)
        #expect(plan.start(of: plan.segments) >= packets)
        #expect(plan.jobs <= jobs)
        // In a hundred rounds the rounding of lengths may save one job a segment.
        let rounds = plan.segments / Int64(plan.jobs)
        #expect(plan.segments == Int64(plan.jobs) || plan.segments % Int64(plan.jobs) == 0 || rounds > 100)
        // Never so short that most of it is encoded twice.
        #expect(plan.segments == 1 || plan.segmentPackets >= 30 * 50)
        #expect(plan.runOnPackets <= max(2, plan.segmentPackets / 2))
    }

    @Test func `a segment is no longer than what may wait for its turn`() {
        let plan = plan(seconds: 36_000, jobs: 2)
        #expect(Double(plan.segmentPackets) / 50 * 96_000 / 8 < Double(plan.queueBytes))
        #expect(plan.queueBytes * plan.jobs <= EncodingPlan.keptBytes)
    }

    @Test(arguments: [(8, 400_000), (64, 96_000), (2, 96_000), (2, 510_000), (4, 16_000_000), (64, 16_000_000)])
    func `many jobs and high rates keep a segment of each, and no more than is said`(jobs: Int, bits: Int) {
        let plan = plan(seconds: 36_000, bits: bits, jobs: jobs)
        #expect(plan.jobs == jobs)
        #expect(plan.queueBytes >= PacketQueue.leastBytes)
        #expect(plan.queueBytes * plan.jobs <= EncodingPlan.mostKeptBytes)
        let needed = Double(plan.segmentPackets) / 50 * Double(bits) / 8
        #expect(needed < Double(plan.queueBytes) || plan.queueBytes == EncodingPlan.mostKeptBytes / jobs)
        let usual = 30 * bits / 8 * jobs
        if usual < EncodingPlan.mostKeptBytes / 2 { #expect(needed < Double(plan.queueBytes)) }
        if usual < EncodingPlan.keptBytes / 2 { #expect(plan.queueBytes * jobs <= EncodingPlan.keptBytes) }
    }

    @Test func `a short file is encoded by fewer jobs`() {
        #expect(plan(seconds: 20, jobs: 8).jobs == 1)
        #expect(plan(seconds: 70, jobs: 8).jobs == 2)
    }

    @Test func `a job begins a little before its segment, where the rates meet`() {
        let at = { EncodingJob.entry(packet: $0, frameSize: 960, codingRate: 48_000, sourceRate: $1) }
        #expect(at(0, 44_100) == (0, 0))
        #expect(at(1000, 48_000) == (960_000, 0))
        let (source, cut) = at(1000, 44_100)
        #expect(source % 147 == 0)
        #expect(source / 147 * 160 + cut == 960_000)
        #expect((24_000..<24_160).contains(cut))
    }
}

/// Packets between an encoding thread and the transport.
@Suite struct `A queue of packets` {
    private func put(_ queue: PacketQueue, _ bytes: [UInt8], frames: Int) -> Bool {
        unsafe bytes.withUnsafeBytes { unsafe queue.put($0, frames: frames) }
    }

    @Test func `gives packets and ends in their order, also over its edge`() {
        let queue = PacketQueue(bytes: 0, bell: Doorbell())
        var (given, taken) = (0, 0)
        for turn in 0..<20_000 {
            #expect(put(queue, [UInt8](repeating: UInt8(truncatingIfNeeded: turn), count: turn % 701), frames: turn))
            given += 1
            if turn % 1000 == 999 { queue.put(.over(EncodedLength(frames: Int64(turn)))) }
            guard turn % 3 > 0 || turn > 600 else { continue }
            while let next = queue.take() {
                switch next {
                case .packet(let item):
                    if item.frames != taken || item.bytes.count != taken % 701
                        || item.bytes.contains(where: { $0 != UInt8(truncatingIfNeeded: taken) })
                    {
                        Issue.record("packet \(taken)")
                    }
                    taken += 1
                case .end(let end): #expect(end == .over(EncodedLength(frames: Int64(taken - 1))))
                }
                if turn % 2 == 0 { break }
            }
        }
        while queue.take() != nil { taken += 1 }
        #expect(given == 20_000)
    }

    @Test func `holds so many bytes and lets go of whoever waits when it is closed`() throws {
        let bell = Doorbell()
        let queue = PacketQueue(bytes: 0, bell: bell)
        let thread = try WorkerThread(name: "test") {
            let packet = [UInt8](repeating: 7, count: 992)
            while unsafe packet.withUnsafeBytes({ unsafe queue.put($0, frames: 960) }) {}
        }
        // Once it is full it rings; what was put by then is all there is until something is taken.
        var count = 0
        while count < 524 {
            guard case .packet? = queue.take() else {
                bell.wait(milliseconds: 1000)
                continue
            }
            count += 1
        }
        #expect(!thread.isFinished)
        queue.close()
        thread.join()
    }
}
