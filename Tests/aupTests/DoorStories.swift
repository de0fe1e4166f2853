import Foundation
import TestSupport
import Testing

/// Sources that come and go: `--keep`, `--receive`, `--send`, `--mix`.
@Suite(.realTime, .serialized) struct `A listener that outlives its source` {
    private let story: ShellStory

    init() throws { story = try ShellStory() }

    @Test func `hears one after the other out of a FIFO, and nobody behind it notices`() throws {
        // More than three still seconds lie between, longer than the liveness: the publisher says that it is alive.
        let run = try story.run(
            """
            aup capture -D 'sim:noise?pace=fast' -c 2 -d 1s -o a.wav
            aup capture -D 'sim:noise?pace=fast&seed=7' -c 2 -d 1s -o b.wav
            mkfifo in
            aup stream -i in --keep --listen unix:$S --json 2> pub & P=$!
            until_true 'test -S $S'
            aup stream --connect unix:$S --liveness 3s --json -o all.aup 2> sub & Q=$!
            sleep 0.5
            aup process -i a.wav > in; sleep 3.3; echo junk > in
            until_true 'grep -qs "no sound" pub'; aup process -i b.wav > in
            until_true 'test $(grep -c source_left pub) -ge 2'; sleep 0.5
            kill -INT $P; wait $Q; echo subscriber $?; wait $P; echo publisher $?
            aup process -i all.aup --json --as raw > all.raw 2> back
            aup process -i a.wav --as raw > want.raw; aup process -i b.wav --as raw >> want.raw
            cmp all.raw want.raw && echo same
            """)
        #expect(run.text.contains("subscriber 0\npublisher 0"), "\(run.text)")
        #expect(try story.end("sub")?["reconnects"] as? Int == 0)
        #expect(try story.end("sub")?["lost_frames"] as? Int == 0)
        #expect(try story.end("back")?["frames"] as? Int == 96_000)
        #expect(run.text.contains("same"))
    }

    @Test(arguments: ["", "--keep"]) func `ends when nobody came for as long as --retry says`(options: String) throws {
        let run = try story.run(
            "timeout 20 aup stream --receive unix:in --retry=1s \(options) --json -o a.wav 2> hub; echo status $?")
        #expect(run.text.contains("status 3"), "\(run.text)")
        #expect((try story.end("hub")?["message"] as? String)?.contains("nobody came in 1.0 s") == true)
    }

    @Test func `takes the next sender when one was killed, with a gap of what was missed`() throws {
        let run = try story.run(
            """
            aup stream --receive unix:in --listen unix:$S --keep --json 2> hub & H=$!
            until_true 'test -S $S && test -S in'
            aup stream --connect unix:$S --json -o all.aup 2> sub & Q=$!
            aup capture -D sim:sine -c 1 -d 60s | aup stream --send unix:in -q & P=$!
            until_true 'grep -qs source_came hub'; sleep 0.5; kill -9 $P; sleep 1
            aup capture -D sim:sine -c 1 -d 500ms | aup stream --send unix:in --json 2> second
            sleep 0.5; kill -INT $H; wait $Q; echo subscriber $?; wait $H; echo hub $?
            aup process -i all.aup --json > /dev/null 2> back
            """)
        #expect(run.text.contains("subscriber 0\nhub 0"), "\(run.text)")
        let lost = try #require(try story.end("hub")?["lost_frames"] as? Int)
        #expect(lost > 40_000 && lost < 960_000)
        let back = try #require(try story.end("back"))
        #expect(back["lost_frames"] as? Int == lost)
        #expect(back["gaps"] as? Int == 1)
        #expect(try story.end("sub")?["reconnects"] as? Int == 0)
        #expect(try story.end("second")?["exit"] as? Int == 0)
        #expect(try story.events("hub", "source_left").count == 2)
        #expect(try story.end("hub")?["most_senders"] as? Int == 1)
    }

    @Test func `sends and receives the same bits, and ends as a pipe does`() throws {
        let run = try story.run(
            """
            aup capture -D 'sim:noise?pace=fast' -c 2 -d 10s -o in.wav
            aup stream --receive unix:$S --json -o out.aup 2> to & R=$!
            until_true 'test -S $S'
            aup process -i in.wav | aup stream --send unix:$S --json 2> from; echo sender $?
            wait $R; echo receiver $?
            aup process -i in.wav --as raw > in.raw; aup process -i out.aup --as raw > out.raw
            cmp in.raw out.raw && echo same; test -e $S || echo gone
            """)
        for word in ["sender 0", "receiver 0", "same", "gone"] {
            #expect(run.text.contains(word), "\(word): \(run.text)")
        }
        #expect(try story.end("to")?["frames"] as? Int == 480_000)
    }

    @Test func `has one place: another sender is told so, and a subscriber is at the wrong door`() throws {
        let run = try story.run(
            """
            aup stream --receive tcp:localhost:17392 --json 2> hub > /dev/null & H=$!
            until_true 'grep -qs :43F0 /proc/net/tcp*'
            aup capture -D sim:sine -d 30s | aup stream --send tcp:localhost:17392 -q & P=$!
            until_true 'grep -qs source_came hub'
            aup capture -D sim:sine -d 1s | aup stream --send tcp:localhost:17392 2> second; echo second $?
            aup stream --connect tcp:localhost:17392 2> wrong > /dev/null; echo wrong $?
            kill -9 $P; wait $H; echo hub $?
            cat second wrong
            """)
        #expect(run.text.contains("second 1\nwrong 3\nhub 3"), "\(run.text)")
        #expect(run.text.contains("sends here already; --mix there takes several"))
        #expect(run.text.contains("this end takes a stream and gives none"))
        #expect((try story.end("hub")?["message"] as? String)?.contains("cut off") == true)
        #expect(try story.end("hub")?["refused_senders"] as? Int == 2)
    }

    @Test func `is sent to again when it comes back, and what was missed is counted by the sender`() throws {
        let run = try story.run(
            """
            aup stream --receive unix:$S -q -o one.aup & R=$!
            until_true 'test -S $S'
            aup capture -D sim:sine -c 1 -d 4s | aup stream --send unix:$S --retry=30s --json 2> from & P=$!
            until_true 'grep -qs connected from'; sleep 0.5; kill -9 $R; sleep 1
            aup stream --receive unix:$S --json -o two.aup 2> to; echo receiver $?
            wait $P; echo sender $?
            """)
        #expect(run.text.contains("receiver 0\nsender 0"), "\(run.text)")
        #expect(try story.events("from", "disconnected").count == 1)
        #expect(try story.events("from", "connected").count == 2)
        #expect(try !story.events("from", "waiting").isEmpty)
        let frames = try #require(try story.end("to")?["frames"] as? Int)
        #expect(frames > 24_000 && frames < 192_000)
        // What found nobody is told, and what was sent and it are all there was.
        let (sent, untaken) = (
            try story.end("from")?["sent_frames"] as? Int, try story.end("from")?["untaken_frames"] as? Int
        )
        #expect((untaken ?? 0) > 24_000)
        #expect((sent ?? 0) + (untaken ?? 0) == 192_000)
        #expect(try story.end("from")?["reconnects"] as? Int == 1)
    }

    @Test func `that fails before it has begun leaves no socket behind, and so does one that is told to end`() throws {
        let run = try story.run(
            """
            mkfifo in; sleep 30 > in & K=$!
            aup stream -i in --listen unix:$S -q 2> out & P=$!
            until_true 'test -S $S'; aup stream --connect unix:$S -q > /dev/null 2>&1 & Q=$!
            sleep 0.5; kill -INT $P; wait $P; echo told $?; test -e $S || echo gone; wait $Q; kill $K
            aup capture -D sim:sine -d 5s | aup stream -o unix:$S -o unix:second -o rtp:x.sdp; echo bad $?
            aup stream -i nothing.wav --listen unix:$S; echo none $?
            test -e $S || test -e second || echo none left
            """)
        #expect(run.text.contains("told 0\ngone"), "\(run.text)")
        #expect(run.text.contains("none left"), "\(run.text)")
        #expect(run.text.contains("bad 64\n") && run.text.contains("none 1\n"), "\(run.text)")
    }

    @Test func `tells of several places together`() throws {
        let run = try story.run(
            """
            aup capture -D sim:sine -c 1 -d 2s --json -o unix:$S -o unix:second -o kept.wav --prometheus all.prom 2> pub & P=$!
            until_true 'test -S $S && test -S second'
            aup stream --connect unix:$S -q -o 1.aup & aup stream --connect unix:second -q -o 2.aup & wait
            """)
        let end = try #require(try story.end("pub"), "\(run.text)")
        let left = try story.events("pub", "peer_left").compactMap { $0["frames"] as? Int }
        #expect(left.count == 2 && left.allSatisfy { $0 > 24_000 })
        #expect(end["given_frames"] as? Int == left.reduce(0, +))
        #expect(end["most_peers"] as? Int == 2)
        #expect(end["files"] as? Int == 1)
        let text = try String(contentsOf: story.folder.appending(path: "all.prom"), encoding: .utf8)
        #expect(try Exposition(text)["aup_publish_frames_total"] == Double(left.reduce(0, +)))
    }

    @Test func `lets in who was told to come later`() throws {
        let run = try story.run(
            """
            aup capture -D sim:sine -c 1 -d 20s | aup stream --listen unix:$S --clients 1 -q & P=$!
            until_true 'test -S $S'
            aup stream --connect unix:$S -d 700ms -q > /dev/null & Q=$!
            sleep 0.3; aup stream --connect unix:$S -d 100ms -q > /dev/null 2> full; echo full $?
            aup stream --connect unix:$S -d 100ms --retry=15s -q > /dev/null; echo waited $?; wait $Q; kill $P
            cat full
            """)
        #expect(run.text.contains("full 3\nwaited 0"), "\(run.text)")
        #expect(run.text.contains("1 are connected already; --retry waits for it"), "\(run.text)")
    }

    @Test func `mixes what several send, beyond full scale, at one rate`() throws {
        let run = try story.run(
            """
            aup stream --receive unix:$S --mix -r 48000 -c 2 --json -o mix.aup 2> hub & H=$!
            until_true 'test -S $S'
            aup capture -D 'sim:sine?freq=440&level=-3' -c 2 -d 2s | aup stream --send unix:$S --json 2> one &
            aup capture -D 'sim:sine?freq=1000&level=-3&rate=44100' -r 44100 -c 1 -d 2s | aup stream --send unix:$S --json 2> two &
            wait $H; echo hub $?
            aup process -i mix.aup --as raw > mix.raw
            """)
        #expect(run.text.contains("hub 0"), "\(run.text)")
        let end = try #require(try story.end("hub"))
        #expect(end["most_senders"] as? Int == 2)
        // Whatever was lost by either is told by it; none is lost in between.
        let heard = try story.events("hub", "source_left").compactMap { $0["frames"] as? Double }
        #expect(heard.count == 2)
        let samples = unsafe try Data(contentsOf: story.folder.appending(path: "mix.raw")).withUnsafeBytes {
            unsafe $0.bindMemory(to: Float.self).reduce(Float(0)) { max($0, abs($1)) }
        }
        #expect(samples > 1.2 && samples < 1.45, "the peak of the sum is \(samples)")
        #expect((end["frames"] as? Int).map { $0 >= 94_000 } == true)
    }

    @Test func `takes a dead one's socket though several do at once`() throws {
        let run = try story.run(
            """
            aup stream --receive unix:$S -q > /dev/null & P=$!
            until_true 'test -S $S'; kill -9 $P; wait $P 2> /dev/null
            for n in 1 2 3 4 5 6; do aup stream --receive unix:$S > /dev/null 2> r$n & done
            until_true 'test $(grep -l "already running" r? | wc -l) -ge 5'
            sleep 0.3; grep -l "already running" r? | wc -l
            aup capture -D sim:sine -d 300ms | aup stream --send unix:$S && echo sent
            wait
            """)
        #expect(run.text.contains("5\nsent"), "\(run.text)")
    }

    @Test(arguments: [
        ("--receive rtp:a:1", "this is no address"), ("--receive unix:a --connect unix:b", "both name the input"),
        ("--send unix:a --listen unix:b", "each say where it goes"), ("--mix --listen unix:a", "--mix is for senders"),
        ("--receive unix:a --listen unix:a", "a place each"), ("--receive unix:a -i b", "both name the input"),
        ("--listen unix:a --keep", "does not come back"), ("--listen unix:a --keep -i /etc/passwd", "is no FIFO"),
    ])
    func `refuses words that make no sense`(words: String, text: String) throws {
        let run = try Pipeline.run(["true", "aup stream \(words)"])
        #expect(run.statuses[1] == 64)
        #expect(run.errors[1].contains(text), "\(run.errors[1])")
    }
}
