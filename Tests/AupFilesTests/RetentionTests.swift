import AupSound
import Foundation
import TestSupport
import Testing

@testable import AupFiles

@Suite struct `What a recording keeps` {
    private let files = (1...5).map { KeptFile(path: "\($0)", bytes: 100, end: Int64($0) * 1000) }

    private func surplus(_ plan: RetentionPlan, now: Int64 = 5000, free: Int64? = 0) -> Int {
        plan.surplus(files, now: now, free: free)
    }

    @Test func `nothing goes when nothing is asked`() {
        #expect(RetentionPlan().isEmpty)
        #expect(surplus(RetentionPlan()) == 0)
    }

    @Test func `by age: exactly those that are older, counted from their end`() {
        #expect(surplus(RetentionPlan(age: 2000)) == 2)
        #expect(surplus(RetentionPlan(age: 1999)) == 3)
        #expect(surplus(RetentionPlan(age: 100), now: 9_000_000) == 5)
        #expect(surplus(RetentionPlan(age: 100), now: 0) == 0)
    }

    @Test func `by size: until the rest fits, the newest stays whatever its size`() {
        #expect(surplus(RetentionPlan(bytes: 500)) == 0)
        #expect(surplus(RetentionPlan(bytes: 499)) == 1)
        #expect(surplus(RetentionPlan(bytes: 200)) == 3)
        #expect(surplus(RetentionPlan(bytes: 1)) == 4)
    }

    @Test func `by what is free: until there is enough, and nothing where the disk does not say`() {
        #expect(surplus(RetentionPlan(freeBytes: 250), free: 100) == 2)
        #expect(surplus(RetentionPlan(freeBytes: 250), free: 250) == 0)
        #expect(surplus(RetentionPlan(freeBytes: 1 << 40), free: 0) == 4)
        #expect(surplus(RetentionPlan(freeBytes: 250), free: nil) == 0)
        #expect(RetentionPlan(freeBytes: 1 << 40).surplus(files, now: 0, free: 0, sparesNewest: false) == 5)
    }

    @Test func `several rules: each file goes for the first that wants it`() {
        #expect(surplus(RetentionPlan(age: 3000, bytes: 200)) == 3)
    }

    @Test func `only files that the recipe has made go, with their sidecars and empty folders`() throws {
        let scratch = try Scratch()
        let template = try NameTemplate(scratch.path("rec/%F/%H.wav"))
        let format = try #require(PCMFormat(.s16, rate: 8000, channels: 1))
        func make(_ day: Int, _ hour: Int, recipe: String? = nil, sidecar: Bool = true, bytes: Int = 100) throws
            -> String
        {
            let path = scratch.path("rec/2026-01-0\(day)/0\(hour).wav")
            #expect(makeFolders(for: path) == 0)
            try Data(count: bytes).write(to: URL(filePath: path))
            var note = Sidecar(
                path: path, recipe: recipe ?? template.text, number: 1, position: 0,
                start: Int64(day * 24 + hour) * 1_000_000_000, format: format, source: "a \"quoted\" source")
            note.bytes = 100
            note.frames = 8000
            if sidecar { try note.write() }
            return path
        }
        let own = [try make(1, 1), try make(1, 2), try make(2, 1)]
        _ = try make(2, 2, recipe: "another.wav")
        _ = try make(2, 3, sidecar: false)
        _ = try make(2, 4, bytes: 99)
        try Data().write(to: URL(filePath: scratch.path("rec/2026-01-02/notes.txt")))
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path("rec/2026-01-02/05.wav"), withDestinationPath: own[0])
        let found = KeptFile.all(madeBy: template)
        #expect(found.map(\.path) == own)
        #expect(found.first?.end == 26_000_000_000)
        let before = try FileManager.default.contentsOfDirectory(atPath: scratch.path("rec/2026-01-02")).count
        #expect(found.allSatisfy { $0.remove(madeBy: template) })
        #expect(!FileManager.default.fileExists(atPath: scratch.path("rec/2026-01-01")))
        let after = try FileManager.default.contentsOfDirectory(atPath: scratch.path("rec/2026-01-02")).count
        #expect(after == before - 2)
        #expect(KeptFile.all(madeBy: template).isEmpty)
        #expect(!found[0].remove(madeBy: template))
    }

    @Test func `a sidecar is one line of JSON with every gap up to a bound`() throws {
        let format = try #require(PCMFormat(.s16, rate: 48_000, channels: 2))
        var note = Sidecar(
            path: "rec/a.wav", recipe: "rec/%F.wav", number: 3, position: 96_000, start: 1_795_222_923_456_000_007,
            format: format, source: "hw:0")
        note.frames = 24_000
        for index in 0..<Sidecar.listedGaps + 5 {
            note.add(Sidecar.Gap(position: Int64(index), frames: 2, cause: index == 0 ? .xrun : .device))
        }
        let object = try #require(try JSONSerialization.jsonObject(with: Data(note.text.utf8)) as? [String: Any])
        #expect(object["start"] as? String == "2026-11-21T01:02:03.456000007Z")
        #expect(object["frames"] as? Int == 24_000)
        #expect(object["position"] as? Int == 96_000)
        #expect(object["gap_count"] as? Int == Sidecar.listedGaps + 5)
        #expect(object["lost_frames"] as? Int == 2 * (Sidecar.listedGaps + 5))
        #expect(object["xruns"] as? Int == 1)
        let gaps = try #require(object["gaps"] as? [[String: Any]])
        #expect(gaps.count == Sidecar.listedGaps)
        #expect(gaps[0]["cause"] as? String == "xrun")
        #expect(note.text.split(separator: "\n").count == 1)
    }
}

@Suite struct `When a frame was` {
    @Test func `the first frame sets the clock, frames count from there`() {
        var clock = RecordingClock(rate: 1000)
        clock.note(position: 500, monotonic: 0, moment: 7_000_000_000)
        #expect(clock.moment(at: 500) == 7_000_000_000)
        #expect(clock.moment(at: 1500) == 8_000_000_000)
    }

    @Test func `a device that is a little fast is corrected at each file`() {
        var clock = RecordingClock(rate: 1000)
        clock.note(position: 0, monotonic: 0, moment: 0)
        clock.note(position: 1_000_000, monotonic: 999_950_000_000, moment: 999_950_000_000)
        #expect(clock.moment(at: 1_000_000) == 999_950_000_000)
    }

    @Test func `a source at another pace is counted in frames alone`() {
        var clock = RecordingClock(rate: 1000)
        clock.note(position: 0, monotonic: 0, moment: 0)
        clock.note(position: 1_000_000, monotonic: 2_000_000, moment: 2_000_000)
        #expect(clock.moment(at: 1_000_000) == 1_000_000_000_000)
    }

    @Test func `a clock that was set is followed while the pace is right`() {
        var clock = RecordingClock(rate: 1000)
        clock.note(position: 0, monotonic: 0, moment: 0)
        clock.note(position: 1000, monotonic: 1_000_000_000, moment: 500_000_000_000_000)
        #expect(clock.moment(at: 1000) == 500_000_000_000_000)
    }
}
