import Foundation
import TestSupport
import Testing

/// What may happen to a door: killed peers, no descriptor, no room on the disk, crowds.
@Suite(.realTime, .serialized) struct `A door that is ill-treated` {
    private let story: ShellStory
    private static let hasPython = ToolRun.find("python3") != nil

    init() throws { story = try ShellStory() }

    @Test func `lets a killed subscriber go, and the others notice nothing`() throws {
        let run = try story.run(
            """
            aup capture -D sim:sine -c 2 -d 4s | aup stream --listen unix:$S --json 2> pub & P=$!
            until_true 'test -S $S'
            aup process -i unix:$S --json -o good.aup 2> good &
            until_true 'grep -qs connected good'; ls /proc/$P/fd | wc -l > before
            for n in 1 2 3 4 5; do aup stream --connect unix:$S --json > /dev/null 2> k$n & K="$K $!"; done
            until_true 'test $(grep -l connected k? | wc -l) = 5'; kill -9 $K
            until_true 'test $(grep -c peer_left pub) = 5'; ls /proc/$P/fd | wc -l > after
            cmp before after && echo level; wait
            """)
        #expect(run.text.contains("level"), "\(run.text)")
        #expect(try story.end("good")?["lost_frames"] as? Int == 0)
        #expect(try story.end("pub")?["frames"] as? Int == 192_000)
        #expect(try story.end("pub")?["most_peers"] as? Int == 6)
    }

    @Test func `that hangs without a word is lost to whoever waits, and found again`() throws {
        let run = try story.run(
            """
            aup capture -D sim:sine -c 1 -d 60s | aup stream --listen unix:$S -q & P=$!
            until_true 'test -S $S'
            aup stream --connect unix:$S --retry --liveness 3s --json -o all.aup 2> sub & Q=$!
            sleep 0.7; kill -STOP $P
            until_true 'grep -qs disconnected sub'; kill -CONT $P
            until_true 'grep -qs reconnected sub'; sleep 0.5; kill -INT $Q; wait $Q; echo subscriber $?; kill -9 $P
            """)
        #expect(run.text.contains("subscriber 0"), "\(run.text)")
        let lost = try #require(try story.events("sub", "disconnected").first?["text"] as? String)
        #expect(lost.contains("it said nothing for 3 s"))
        #expect(try story.end("sub")?["reconnects"] as? Int == 1)
    }

    @Test func `gives the place of a sender that hangs to the next one`() throws {
        let run = try story.run(
            """
            aup stream --receive unix:$S --keep --liveness 3s --json -o all.aup 2> hub & H=$!
            until_true 'test -S $S'
            aup capture -D sim:sine -c 1 -d 60s | aup stream --send unix:$S -q & P=$!
            until_true 'grep -qs source_came hub'; sleep 0.5; kill -STOP $P
            aup capture -D sim:sine -c 1 -d 9s | aup stream --send unix:$S --retry=20s --json 2> next; echo next $?
            sleep 0.5; kill -INT $H; wait $H; echo hub $?; kill -9 $P
            """)
        #expect(run.text.contains("next 0\nhub 0"), "\(run.text)")
        #expect(try story.events("hub", "source_came").count == 2)
        #expect(try !story.events("next", "waiting").isEmpty)
    }

    @Test(.enabled(if: SmallDisk.isAvailable))
    func `that there is no room for, or no right, says so`() throws {
        let run = try story.run(
            """
            mkdir full fixed
            mount -t tmpfs -o size=1m,nr_inodes=2 tmpfs full && touch full/last
            aup stream --receive unix:full/s > /dev/null; echo full $?
            aup capture -D sim:sine -d 1s | aup stream --listen unix:full/s; echo full $?; umount full
            mount -t tmpfs -o ro tmpfs fixed
            aup stream --receive unix:fixed/s > /dev/null; echo fixed $?; umount fixed
            aup stream --receive unix:nowhere/s > /dev/null; echo nowhere $?
            aup stream --receive unix:$(printf 'x%.0s' $(seq 200)) > /dev/null; echo long $?
            """)
        for word in [
            "No space left on device\nfull 1", "Read-only file system\nfixed 1", "No such file or directory\nnowhere 1",
            "choose a shorter one\nlong 1",
        ] { #expect(joined(run.text).contains(word), "\(word): \(run.text)") }
    }

    /// What was said to either stream stands behind the other in the text; here only the order within each counts.
    private func joined(_ text: String) -> String {
        let lines = text.split(separator: "\n").map(String.init)
        let statuses = lines.filter { $0.split(separator: " ").count == 2 && $0.last?.isNumber == true }
        let complaints = lines.filter { $0.hasPrefix("aup") }
        return zip(complaints, statuses).map { "\($0)\n\($1)" }.joined(separator: "\n")
    }

    @Test(.enabled(if: hasPython, "python3 is not installed"))
    func `that has no descriptor left says so once, does not spin, and lets in again`() throws {
        let run = try story.run(
            """
            cat > hold.py <<'END'
            import socket, sys, time
            ends = []
            for _ in range(40):
                end = socket.socket(socket.AF_UNIX); end.setblocking(False)
                try: end.connect(sys.argv[1])
                except OSError: continue
                ends.append(end)
            time.sleep(2)
            END
            mkfifo in; aup capture -D sim:sine -c 1 -d 40s > in &
            (ulimit -n 24; exec aup stream -i in --listen unix:$S --json 2> pub) & P=$!
            until_true 'test -S $S'
            aup process -i unix:$S --json -o good.aup 2> good &
            sleep 0.5; python3 hold.py $S
            aup stream --connect unix:$S --retry=20s -d 500ms --json 2> late > /dev/null; echo late $?
            kill -INT $P; wait
            """)
        #expect(run.text.contains("late 0"), "\(run.text)")
        let warnings = try story.events("pub", "warning").compactMap { $0["text"] as? String }
        #expect(warnings.count { $0.contains("no descriptor is left") } == 1, "\(warnings)")
        #expect(try story.end("good")?["lost_frames"] as? Int == 0)
        let end = try #require(try story.end("pub"))
        let (busy, seconds) = (end["cpu_seconds"] as? Double ?? 99, end["seconds"] as? Double ?? 1)
        #expect(busy < seconds / 3, "\(busy) of \(seconds) s")
    }

    @Test func `that finds hardly a descriptor says so, and never traps`() throws {
        // From where nothing can be opened to where all can: the end is a status, or the sound.
        let run = try story.run(
            """
            aup capture -D 'sim:sine?pace=fast' -c 1 -d 200ms -o in.wav
            for n in 4 5 6 7 8 9 10 11 12 13 14 15 16 18 20 24; do
                (ulimit -n $n; exec timeout 20 aup stream -i in.wav --listen unix:$S -q 2> listen.$n); echo status $?
                (ulimit -n $n; exec timeout 20 aup stream -i in.wav -o rtp:127.0.0.1:17334 -q 2> rtp.$n); echo status $?
            done
            """)
        let statuses = run.text.split(separator: "\n").compactMap { Int($0.dropFirst(7)) }
        #expect(statuses.count == 32, "\(run.text)")
        #expect(statuses.allSatisfy { $0 < 124 }, "\(statuses)")
        #expect(statuses.suffix(2) == [0, 0])
    }

    @Test(.enabled(if: hasPython, "python3 is not installed"), Sanitizer.leavesMemory)
    func `that ten thousand knock at stays as it was, and serves those it serves`() throws {
        let knock = Repository.root.appending(path: "Tests/Network/knock.py").path
        let run = try story.run(
            """
            measure() { ls /proc/$H/fd | wc -l > fd$1; awk '/VmRSS/ { print $2 }' /proc/$H/status > rss$1; }
            aup stream --receive unix:in --listen unix:$S --keep --json 2> hub & H=$!
            until_true 'test -S $S && test -S in'
            aup capture -D sim:sine -c 2 -d 300s | aup stream --send unix:in --json 2> from & P=$!
            until_true 'grep -qs source_came hub'
            aup stream --connect unix:$S --json -o good.aup 2> good & Q=$!
            sleep 0.5; python3 '\(knock)' 1000 $S in; sleep 0.5; measure 1
            python3 '\(knock)' 10000 $S in; sleep 0.5; measure 2
            kill -INT $H; wait $Q; echo good $?; wait $H; echo hub $?; kill $P
            echo grown $(( $(cat rss2) - $(cat rss1) )); cmp fd1 fd2 && echo level
            wc -c < hub
            """, seconds: 150)
        #expect(run.text.contains("knocked 10000"), "\(run.text)")
        #expect(run.text.contains("good 0\nhub 0"), "\(run.text)")
        #expect(run.text.contains("level"), "\(run.text)")
        let grown = run.text.split(separator: "\n").first { $0.hasPrefix("grown ") }.flatMap { Int($0.dropFirst(6)) }
        #expect((grown ?? .max) < 4096, "KiB: \(run.text)")
        #expect(try story.end("good")?["lost_frames"] as? Int == 0)
        #expect(try story.end("hub")?["lost_frames"] as? Int == 0)
        #expect((try story.end("hub")?["refused_senders"] as? Int ?? 0) > 3000)
        // A crowd is no reason to fill a log.
        let said = try FileManager.default.attributesOfItem(atPath: story.scratch.path("hub"))[.size] as? Int
        #expect((said ?? .max) < 20_000)
    }
}
