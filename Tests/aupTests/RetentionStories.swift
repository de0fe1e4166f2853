import Foundation
import TestSupport
import Testing

/// A recorder that nobody watches: what it keeps, what it removes, and what it does when there is no room.
@Suite(.realTime, .serialized) struct `A recorder that keeps its disk in order` {
    private static let noise = "aup capture -D 'sim:noise?pace=fast&rate=1000&channels=1' -f s16"
    private static let headerBytes = 80

    private func capture(_ words: String, before: String = ":", seconds: Int = 60) throws -> Pipeline {
        try Pipeline.run(["\(Self.noise) \(words) --json"], before: before, seconds: seconds)
    }

    private func end(_ run: Pipeline) throws -> [String: Any] {
        try #require(try run.events("end", stage: 0).first, "it said: \(run.errors[0])")
    }

    private func names(_ folder: String, _ suffix: String = ".wav") throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(suffix) }
    }

    @Test func `by age: the last ten seconds stay, of this run and of earlier ones`() throws {
        let scratch = try Scratch()
        let words = "-d 30s -o '\(scratch.path("%Y/%j/%s-%f.wav"))' --split 1s --keep 10s"
        let run = try capture(words)
        #expect(run.statuses == [0])
        // Ten whole seconds before the end of the newest, and the newest itself.
        #expect(try names(scratch.folder.path).count == 11)
        #expect(try names(scratch.folder.path, ".json").count == 11)
        #expect(try end(run)["removed_files"] as? Int == 19)
        #expect(try run.events("removed", stage: 0).count > 0)
    }

    @Test func `by size: together they stay below it`() throws {
        let scratch = try Scratch()
        let run = try capture("-d 50s -o '\(scratch.path("%i.wav"))' --split 1s --keep 20.8KB")
        #expect(run.statuses == [0])
        // Ten files of 2080 bytes.
        #expect(Set(try names(scratch.folder.path)) == Set((41...50).map { "\($0).wav" }))
    }

    @Test func `others' files stay, whatever they are called`() throws {
        let scratch = try Scratch()
        for name in ["1.wav", "2.wav", "x.wav", "3.wav.bak"] {
            try Data(count: 2080).write(to: scratch.folder.appending(path: name))
        }
        // Another recording in the same folder with a name of its own.
        #expect(try capture("-d 3s -o '\(scratch.path("other-%i.wav"))' --split 1s").statuses == [0])
        let run = try capture("-d 20s -o '\(scratch.path("%i.wav"))' --split 1s --keep 4.2KB")
        #expect(run.statuses == [0])
        #expect(
            Set(try names(scratch.folder.path))
                == ["1.wav", "2.wav", "x.wav", "other-1.wav", "other-2.wav", "other-3.wav", "19.wav", "20.wav"])
    }

    @Test func `what makes no sense is told before anything is recorded`() throws {
        let scratch = try Scratch()
        let path = scratch.path("%i.wav")
        for words in [
            "-o '\(path)' --split 7s --align", "-o '\(path)' --align", "-o '\(path)' --on-file \"'open\"",
            "-o '\(path)' --keep 1s --no-sidecar", "-o '\(path)' --overwrite", "-o '\(scratch.path("%q.wav"))'",
            "--split 1s", "-o '\(path)' --keep 1s --keep 2s", "-o '\(path)' --split 0",
            "-o '\(path)' --hook-timeout 1s",
            "-o '\(path)' -o '\(path)'",
        ] {
            let run = try capture(words + " -d 1s > /dev/null")
            #expect(run.statuses == [64], "\(words): \(run.errors[0])")
        }
        #expect(try names(scratch.folder.path, "").isEmpty)
    }

    // MARK: - A year

    /// A year of hours in small: a file for each, retention, memory and descriptors after a tenth and at the end.
    @Test(Sanitizer.leavesMemory)
    func `thousands of rotations with retention: names, counts, memory and descriptors stay what they are`() throws {
        let scratch = try Scratch()
        let files = ProcessInfo.processInfo.environment["AUP_SOAK"] == nil ? 1500 : 8760
        let watch = """
            p=$(stage 1); n=0
            while [ -d /proc/$p ]; do
              n=$((n + 1)); r=$(grep VmRSS /proc/$p/status 2>/dev/null | tr -dc 0-9)
              f=$(ls /proc/$p/fd 2>/dev/null | wc -l)
              [ -n "$r" ] && [ "$f" -gt 0 ] && echo "$(ls '\(scratch.path("run"))' | tail -n 1) $r $f" >> '\(scratch.path("watch"))'
              sleep 0.1
            done
            """
        let run = try Pipeline.run(
            [
                "\(Self.noise) -d \(files)s -o '\(scratch.path("run/%06i.wav"))' --split 1s --keep 100s --json"
            ], before: "mkdir '\(scratch.path("run"))'", during: watch, seconds: 600)
        #expect(run.statuses == [0])
        let kept = try names(scratch.path("run")).sorted()
        #expect(kept.count == 101)
        #expect(kept.last == String(format: "%06d.wav", files))
        #expect(kept.first == String(format: "%06d.wav", files - 100))
        #expect(try end(run)["files"] as? Int == files)
        #expect(try end(run)["removed_files"] as? Int == files - 101)
        let seen = try String(contentsOfFile: scratch.path("watch"), encoding: .utf8).split(separator: "\n")
            .compactMap { Reading(String($0)) }
        // After the first tenth everything that is ever needed has been there once.
        let settled = seen.filter { $0.file > files / 10 }
        let memory = settled.map(\.kilobytes)
        let most = try #require(memory.max())
        let least = try #require(memory.min())
        #expect(most - least <= 1024, "resident memory went from \(least) to \(most) kB")
        // A file, a sidecar, a folder come and go; nothing adds up.
        let open = settled.map(\.open)
        #expect((open.max() ?? 0) - (open.min() ?? 0) <= 5)
        // Of many moments in each half the emptiest: a moment with a file, a sidecar and a folder open is no leak.
        let halves = (open.prefix(open.count / 2).min() ?? 0, open.suffix(open.count / 2).min() ?? 0)
        #expect(halves.1 - halves.0 <= 1, "at least \(halves.0) descriptors, later \(halves.1)")
    }

    /// A line of the watch: `000123.wav 14236 17`.
    private struct Reading {
        let file: Int
        let kilobytes: Int
        let open: Int

        init?(_ line: String) {
            let words = line.split(separator: " ")
            guard words.count == 3, let file = Int(words[0].prefix(6)), let kilobytes = Int(words[1]),
                let open = Int(words[2])
            else { return nil }
            self.file = file
            self.kilobytes = kilobytes
            self.open = open
        }
    }
}
