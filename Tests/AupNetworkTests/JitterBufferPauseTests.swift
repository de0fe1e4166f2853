import Testing

@testable import AupNetwork

/// Sources that send nothing where there is nothing to hear, to a buffer that somebody plays from.
@Suite struct `A jitter buffer of a source that leaves silence out` {
    private static let step: Int64 = 20_000_000

    private func entry(_ number: Int64, at place: Int64? = nil, isSilence: Bool = false) -> JitterBuffer.Entry {
        JitterBuffer.Entry(
            sequence: number, timestamp: (place ?? number) * 960, frames: 960, isSilence: isSilence)
    }

    /// What comes out in time, looked at every millisecond: `5`, `pause`, `lost`.
    private func heard(
        _ buffer: inout JitterBuffer, _ entries: [(entry: JitterBuffer.Entry, arrival: Int64)], until end: Int64
    ) -> (words: [String], frames: Int64, longestWait: Int64) {
        var words: [String] = []
        var (frames, last, longest): (Int64, Int64?, Int64) = (0, nil, 0)
        var place = 0
        for now in stride(from: 0, through: end, by: 1_000_000) {
            while place < entries.count, entries[place].arrival <= now {
                _ = buffer.insert(entries[place].entry, arrival: entries[place].arrival)
                place += 1
            }
            while let (word, count) = word(buffer.next(now: now)) {
                words.append(word)
                frames += count
                if let last { longest = max(longest, now - last) }
                last = now
            }
        }
        return (words, frames, longest)
    }

    private func word(_ output: JitterBuffer.Output) -> (String, Int64)? {
        switch output {
        case .packet(let entry): ("\(entry.sequence)", entry.frames)
        case .lost(_, _, let frames): ("lost", frames)
        case .pause(_, let frames): ("pause", frames)
        case .nothing: nil
        }
    }

    @Test func `gives a pause in time once the codec has said so, and nothing counts as lost`() {
        var buffer = JitterBuffer(rate: 48_000)
        let entries = [
            (entry(0), 0), (entry(1), Self.step), (entry(2, isSilence: true), 2 * Self.step),
            // Four tenths of a second later sound again.
            (entry(3, at: 23), 23 * Self.step), (entry(4, at: 24), 24 * Self.step),
        ]
        let heard = heard(&buffer, entries, until: 26 * Self.step)
        #expect(heard.words == ["0", "1", "2"] + [String](repeating: "pause", count: 20) + ["3", "4"])
        #expect(heard.frames == 25 * 960)
        // A player is never left without: each comes when the one before it has sounded.
        #expect(heard.longestWait == Self.step)
        #expect(buffer.counts.lost == 0 && buffer.counts.late == 0)
    }

    @Test func `waits where nothing is known, and has learnt it from a jump of timestamps`() {
        var buffer = JitterBuffer(rate: 48_000)
        let first = heard(&buffer, [(entry(0), 0), (entry(1), Self.step)], until: 20 * Self.step)
        #expect(first.words == ["0", "1"] && !buffer.leavesSilenceOut)
        let later = [(entry(2, at: 20), 20 * Self.step), (entry(3, at: 30), 30 * Self.step)]
        var all = JitterBuffer(rate: 48_000)
        let whole = heard(&all, [(entry(0), 0), (entry(1), Self.step)] + later, until: 32 * Self.step)
        #expect(all.leavesSilenceOut)
        // The first pause is given late and at once, the second in time: half a packet behind, since it might be a loss.
        #expect(whole.words == ["0", "1", "pause", "2"] + [String](repeating: "pause", count: 9) + ["3"])
        #expect(whole.frames == 31 * 960)
    }

    @Test func `still names a packet lost when the one behind it comes in time`() {
        var buffer = JitterBuffer(rate: 48_000)
        buffer.leavesSilenceOut = true
        let entries = [0, 1, 3, 4].map { (entry($0), $0 * Self.step) }
        let heard = heard(&buffer, entries, until: 6 * Self.step)
        #expect(heard.words == ["0", "1", "lost", "3", "4"])
        #expect(buffer.counts.lost == 1)
    }

    @Test func `does not give again what a pause stood for, and goes on behind it`() {
        var buffer = JitterBuffer(rate: 48_000)
        buffer.leavesSilenceOut = true
        // The third comes 60 ms late, when a pause has been given in its place; the fourth is in time.
        let entries = [
            (entry(0), 0), (entry(1), Self.step), (entry(2), 5 * Self.step - 1), (entry(3, at: 5), 5 * Self.step),
        ]
        let heard = heard(&buffer, entries, until: 8 * Self.step)
        #expect(heard.words.filter { $0 != "pause" } == ["0", "1", "lost", "3"])
        #expect(heard.frames == 6 * 960)
        #expect(buffer.counts.late == 1 && buffer.counts.lost == 1)
    }

    @Test func `gives none for a source that has left, nor when it is drained`() {
        var buffer = JitterBuffer(rate: 48_000)
        buffer.leavesSilenceOut = true
        _ = buffer.insert(entry(0), arrival: 0)
        #expect(buffer.next(now: Self.step) == .packet(entry(0)))
        buffer.isPresent = false
        #expect(buffer.next(now: 1_000_000_000) == .nothing(until: nil))
        buffer.isPresent = true
        buffer.drain()
        #expect(buffer.next(now: 1_000_000_000) == .nothing(until: nil))
    }

    @Test func `catches up in one piece after nobody looked for a while`() {
        var buffer = JitterBuffer(rate: 48_000)
        _ = buffer.insert(entry(0, isSilence: true), arrival: 0)
        #expect(buffer.next(now: Self.step) == .packet(entry(0, isSilence: true)))
        #expect(buffer.next(now: 51 * Self.step) == .pause(timestamp: 960, frames: 50 * 960))
        #expect(buffer.next(now: 51 * Self.step) == .nothing(until: 52 * Self.step))
    }
}
