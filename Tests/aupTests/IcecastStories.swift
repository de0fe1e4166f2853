import Foundation
import TestSupport
import Testing

/// Sound for an Icecast server, and what becomes of it when the server goes away.
@Suite(.realTime, .serialized) struct `A stream for Icecast` {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private static let needsPython = ConditionTrait.enabled(
        if: ToolRun.find("python3") != nil && ToolRun.find("ffmpeg") != nil, "python3 or ffmpeg is not installed")
    private static let needsIcecast = ConditionTrait.enabled(
        if: ["icecast2", "python3", "ffmpeg", "curl"].allSatisfy { ToolRun.find($0) != nil },
        "icecast2, python3, ffmpeg or curl is not installed")

    /// A minute and two kills with AUP_SOAK set (`make soak`), else a quarter of that and one.
    private static let isLong = ProcessInfo.processInfo.environment["AUP_SOAK"] != nil

    /// Runs a shell's words with `$P` for a free port and `$U` for the server's address there.
    ///
    /// `icecast N` starts a server whose mount /count.flac is kept in count.N as it arrived; `listens` waits for its port.
    private func shell(_ script: String, seconds: Int = 60) throws -> (status: Int, text: String) {
        let path = scratch.path("story.sh")
        let radio = Repository.root.appending(path: "Tests/Network/radio.py").path
        let text = """
            cd '\(scratch.folder.path)'; mkdir -p log; chmod 777 . log
            R='\(radio)'; radio() { python3 "$R" "$@"; }
            P=$(radio port); U=icecast://127.0.0.1:$P
            umask 077; echo hackme > password; echo other > wrong; umask 022
            listens() { p=$(printf ':%04X ' "$P"); for i in $(seq 200); do grep "$p" /proc/net/tcp | grep -q ' 0A ' && return; sleep 0.05; done; }
            icecast() {
                cat > icecast.xml <<XML
            <icecast><hostname>localhost</hostname><location>here</location><admin>nobody</admin>
            <limits><sources>4</sources><source-timeout>10</source-timeout><burst-size>0</burst-size></limits>
            <authentication><source-password>hackme</source-password><relay-password>relay</relay-password>
            <admin-user>admin</admin-user><admin-password>admin</admin-password></authentication>
            <listen-socket><port>$P</port><bind-address>127.0.0.1</bind-address></listen-socket>
            <mount type="normal"><mount-name>/count.flac</mount-name><dump-file>$PWD/count.$1</dump-file></mount>
            <mount type="normal"><mount-name>/talk.opus</mount-name><dump-file>$PWD/talk.$1</dump-file></mount>
            <paths><basedir>$PWD</basedir><logdir>$PWD/log</logdir><webroot>/usr/share/icecast2/web</webroot>
            <adminroot>/usr/share/icecast2/admin</adminroot></paths>
            <logging><errorlog>error.log</errorlog><loglevel>3</loglevel></logging>
            <security><changeowner><user>nobody</user><group>nogroup</group></changeowner></security></icecast>
            XML
                icecast2 -c icecast.xml > log/said 2>&1 & S=$!
                listens
            }
            counted() { ffmpeg -v error -y -i "$1" -f s16le "$1.raw" < /dev/null; radio runs "$1.raw"; }
            \(script)
            [ -z "$S" ] || kill -9 $S 2> /dev/null

            """
        try Data(text.utf8).write(to: URL(filePath: path))
        let run = try Pipeline.run(["timeout \(seconds) bash '\(path)'"], seconds: seconds + 10)
        return (run.statuses[0], String(decoding: run.output, as: UTF8.self) + run.errors[0])
    }

    private func events(_ file: String, _ name: String) throws -> [[String: Any]] {
        let text = try String(contentsOf: URL(filePath: scratch.path(file)), encoding: .utf8)
        return try text.split(separator: "\n").filter { $0.hasPrefix("{") }
            .compactMap { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
            .filter { $0["event"] as? String == name }
    }

    private func end(_ file: String) throws -> [String: Any] { try #require(try events(file, "end").first) }

    /// Lines of what a story said that are lists of runs.
    private func runs(_ text: String) throws -> [[[Int]]] {
        try text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("[") }
            .compactMap { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [[Int]] }
    }

    private static let count = "aup stream --raw -f s16 -c 2 -r 48000 --secret-file password --json"

    // MARK: - With Icecast

    @Test(needsIcecast) func `in Opus is heard by ffmpeg and curl, with its name and its title`() throws {
        let run = try shell(
            """
            icecast 1
            aup capture -D 'sim:sine?freq=1000&level=-6' -c 2 -d 4s |
                aup stream -o "$U/talk.opus?genre=Speech" --secret-file password --ice-name 'Ice & Snow' --tag TITLE=Dawn \\
                    --page 100ms --json 2> out & A=$!
            for i in $(seq 100); do curl -sf -o status http://127.0.0.1:$P/status-json.xsl && grep -q talk.opus status && break; sleep 0.1; done
            curl -s -m 20 http://127.0.0.1:$P/talk.opus > heard.opus & C=$!
            timeout 20 ffmpeg -v error -y -i http://127.0.0.1:$P/talk.opus -t 1 heard.wav < /dev/null; echo ffmpeg $?
            wait $A $C
            curl -s http://127.0.0.1:$P/status-json.xsl > /dev/null
            cat status; echo
            ffprobe -v error -show_entries stream=codec_name:stream_tags=title heard.opus
            ffmpeg -v info -i heard.wav -af volumedetect -f null - 2>&1 | grep max_volume
            aup process -i talk.1 --json > /dev/null 2> kept
            """)
        for text in ["ffmpeg 0", "Ice & Snow", "Speech", "audio/ogg", "codec_name=opus", "Dawn"] {
            #expect(run.text.contains(text), "\(text): \(run.text)")
        }
        let level = run.text.split(separator: "max_volume: ").last.flatMap { Double($0.split(separator: " ")[0]) }
        #expect(level.map { abs($0 + 6) < 1 } == true, "\(run.text)")
        let out = try end("out")
        #expect(out["exit"] as? Int == 0)
        #expect(out["frames"] as? Int == 192_000)
        #expect(out["icecast_frames"] as? Int == 192_000)
        #expect(out["icecast_lost_frames"] as? Int == 0)
        #expect(try events("out", "connected").count == 1)
        // What the server got is what was sent, to the frame.
        #expect(try end("kept")["frames"] as? Int == 192_000)
    }

    @Test(needsIcecast) func `goes on behind a server that was killed, and nothing is lost that can be known of`()
        throws
    {
        let seconds = Self.isLong ? 60 : 7
        let again =
            Self.isLong
            ? "sleep 15; kill -9 $S; sleep 3; icecast 3; heard 3" : ""
        let run = try shell(
            """
            heard() { (for i in $(seq 100); do curl -sf -m 90 -o heard.$1 http://127.0.0.1:$P/count.flac && break; sleep 0.1; done) & }
            icecast 1
            radio count $((48000 * \(seconds))) | \(Self.count) -o $U/count.flac --stats=0.2 2> out & A=$!
            heard 1
            sleep \(Self.isLong ? 15 : 2.5); kill -9 $S; sleep 1; icecast 2; heard 2
            \(again)
            wait $A
            for n in 1 2 3; do [ ! -e count.$n ] || counted count.$n; done
            [ ! -s heard.2 ] || counted heard.2
            """, seconds: 120)
        let kills = Self.isLong ? 2 : 1
        let out = try end("out")
        #expect(out["exit"] as? Int == 0, "\(run.text)")
        #expect(out["icecast_frames"] as? Int == 48_000 * seconds)
        #expect(out["icecast_lost_frames"] as? Int == 0)
        #expect(out["reconnects"] as? Int == kills)
        let kept = try runs(run.text)
        try #require(kept.count >= kills + 1, "\(run.text)")
        let back = try events("out", "reconnected")
        try #require(back.count == kills)
        for turn in 0...kills {
            // Each server got an unbroken piece.
            try #require(kept[turn].count == 1, "\(run.text)")
            guard turn > 0 else { continue }
            // It begins where the one before had acknowledged, and what that one did not write down is its own loss.
            #expect(Double(kept[turn][0][0]) == back[turn - 1]["acknowledged_frames"] as? Double)
            let hole = kept[turn][0][0] - kept[turn - 1][0][0] - kept[turn - 1][0][1]
            #expect(hole >= 0 && hole < 96_000, "\(run.text)")
        }
        #expect(kept[0][0][0] == 0)
        #expect(kept[kills][0][0] + kept[kills][0][1] == 48_000 * seconds)
        // Who listens to the second server hears one piece of it.
        if kept.count > kills + 1 { #expect(kept[kills + 1].count == 1, "\(run.text)") }
        let stats = try events("out", "status")
        #expect(
            stats.contains {
                $0["icecast_connected"] as? Bool == false && $0["icecast_spooled_frames"] as? Int ?? 0 > 0
            })
    }

    @Test(needsIcecast) func `goes by the example's master and relay to who listens there`() throws {
        let example = Repository.root.appending(path: "examples/icecast").path
        let run = try shell(
            """
            # The example as it is, but for names, ports, passwords and places.
            station() {
                sed -e "s|<port>8000|<port>$2|" -e 's|radio.example.org|127.0.0.1|' -e "s|-port>8000|-port>$P|" \\
                    -e 's|CHANGE-THIS-TOO|relaying|; s|CHANGE-THIS-HERE-AS-WELL|hackme|; s|CHANGE-THIS|hackme|' \\
                    -e "s|/var/log/icecast2|$PWD/log|; s|<errorlog>|<errorlog>$1.|; s|<accesslog>|<accesslog>$1.|" \\
                    -e 's|<user>icecast2|<user>nobody|; s|<group>icecast|<group>nogroup|' \\
                    -e 's|-interval>10<|-interval>1<|' '\(example)'/$1.xml > $1.xml
                icecast2 -c $1.xml > log/$1.said 2>&1 &
            }
            station master $P; S=$!; listens
            aup capture -D 'sim:sine?freq=1000&level=-6' -c 2 -d 6s |
                aup stream -o $U/talk.opus --secret-file password --page 100ms --json 2> out & A=$!
            Q=$(radio port); station relay $Q; K=$!
            for i in $(seq 100); do
                timeout 20 curl -sf -o heard.opus http://127.0.0.1:$Q/talk.opus && break; sleep 0.1
            done
            wait $A; kill $K
            ffmpeg -v error -y -i heard.opus heard.wav < /dev/null; ffmpeg -v info -i heard.wav -af volumedetect -f null - 2>&1 |
                grep -e max_volume -e Duration
            """)
        let level = run.text.split(separator: "max_volume: ").last.flatMap { Double($0.split(separator: " ")[0]) }
        #expect(level.map { abs($0 + 6) < 1 } == true, "\(run.text)")
        #expect(run.text.contains("Duration: 00:00:0"), "\(run.text)")
        #expect(try end("out")["icecast_frames"] as? Int == 288_000)
        #expect(try end("out")["icecast_lost_frames"] as? Int == 0)
    }

    @Test(needsIcecast, .enabled(if: isLong, "an hour of sound at speed is for make soak"))
    func `of an hour goes at speed to Icecast, and all of it arrives`() throws {
        let run = try shell(
            """
            icecast 1
            aup capture -D 'sim:noise?pace=fast' -c 1 -d 1h | aup encode -b 64k --complexity 0 -o hour.aup
            # A live source is never held up: it comes as fast as the pipe lets it, and waits in the spool.
            radio live < hour.aup | aup stream -o $U/talk.opus --secret-file password --spool 1h --json 2> out; echo sent $?
            for i in $(seq 100); do test -s talk.1 && break; sleep 0.1; done; sleep 1
            aup process -i talk.1 --json > /dev/null 2> kept
            """, seconds: 600)
        #expect(run.text.contains("sent 0"), "\(run.text)")
        #expect(try end("out")["icecast_frames"] as? Int == 3600 * 48_000)
        #expect(try end("out")["icecast_lost_frames"] as? Int == 0)
        #expect(try end("kept")["frames"] as? Int == 3600 * 48_000)
    }

    @Test(needsIcecast) func `is told what the server has against it`() throws {
        let run = try shell(
            """
            icecast 1
            S2="aup stream -i tone.wav"; aup capture -D 'sim:sine?pace=fast' -c 1 -d 1s -o tone.wav
            $S2 -o $U/a.opus --secret-file wrong; echo $?
            $S2 -o $U/a.opus --secret-file password & sleep 0.5
            AUP_ICECAST_PASSWORD=hackme $S2 -o $U/a.opus; echo $?; wait %2
            """)
        #expect(run.text.contains("does not take this user and password (401)"), "\(run.text)")
        #expect(run.text.contains("the mount is in use, or may not be used (403: Mountpoint in use)"), "\(run.text)")
        #expect(run.text.contains("--retry waits for it"))
        #expect(!run.text.contains("hackme"))
    }

    // MARK: - With servers that do as they are told

    @Test(needsPython, arguments: ["flac", "opus"])
    func `is one sound over connections that break`(codec: String) throws {
        let frames = 24_000 * 7
        let run = try shell(
            """
            radio serve $P got 2:0.3 2:0.3 0 & listens
            radio count \(frames) | \(Self.count) --codec \(codec) --tag TITLE=One -o $U/x --ice-name Talk --ice-public 2> out
            cat got.1.head
            for n in 1 2 3; do \(codec == "flac" ? "counted got.$n" : "aup process -i got.$n --json > /dev/null 2> in.$n"); done
            """)
        let out = try end("out")
        #expect(out["exit"] as? Int == 0, "\(run.text)")
        #expect(out["icecast_frames"] as? Int == frames)
        #expect(out["icecast_lost_frames"] as? Int == 0)
        #expect(out["reconnects"] as? Int == 2)
        for line in [
            "PUT /x HTTP/1.1", "Expect: 100-continue", "Content-Type: audio/ogg", "Ice-Name: Talk", "Ice-Public: 1",
            "Ice-Audio-Info: ice-samplerate=48000;ice-channels=2", "Authorization: Basic c291cmNlOmhhY2ttZQ==",
        ] {
            #expect(run.text.contains(line), "\(line): \(run.text)")
        }
        #expect(!run.text.contains("Transfer-Encoding"))
        if codec == "flac" {
            // Every frame once: no connection has what another one had.
            let pieces = try runs(run.text).flatMap { $0 }
            #expect(pieces.count == 3, "\(run.text)")
            var next = 0
            for piece in pieces {
                #expect(piece[0] == next, "\(run.text)")
                next += piece[1]
            }
            #expect(next == frames)
        } else {
            // A connection that breaks has its packets but for the pre-skip of the first; the last one says its length.
            let pieces = try (1...3).map { try #require(try end("in.\($0)")["frames"] as? Int) }
            #expect(pieces.reduce(0, +) == frames, "\(pieces)")
        }
    }

    @Test(needsPython) func `loses what does not fit into the spool, and counts it`() throws {
        let frames = 48_000 * 6
        let run = try shell(
            """
            radio serve $P got 2:3 0 & listens
            radio count \(frames) | \(Self.count) --spool 1s -o $U/x.flac 2> out
            counted got.1; counted got.2
            """)
        let out = try end("out")
        let lost = try #require(out["icecast_lost_frames"] as? Int)
        #expect(out["exit"] as? Int == 0, "\(run.text)")
        #expect((out["icecast_frames"] as? Int).map { $0 + lost } == frames)
        #expect(lost > 24_000, "\(run.text)")
        let pieces = try runs(run.text).flatMap { $0 }
        #expect(pieces.reduce(0) { $0 + $1[1] } == frames - lost, "\(run.text)")
        #expect(pieces.last.map { $0[0] + $0[1] } == frames)
    }

    @Test(needsPython) func `of a server that stands still waits, loses what does not fit, and goes on`() throws {
        let frames = 48_000 * 9
        let run = try shell(
            """
            RADIO_ROOM=1 radio serve $P got 0:0 0 & K=$!; listens
            radio count \(frames) | \(Self.count) --spool 1s --liveness 3s -o $U/x.flac --stats=0.5 2> out & A=$!
            sleep 1.5; kill -STOP $(pgrep -P $K); sleep 5; kill -CONT $(pgrep -P $K); wait $A $K
            counted got.1; counted got.2
            """)
        let out = try end("out")
        #expect(out["exit"] as? Int == 0, "\(run.text)")
        let lost = try #require(out["icecast_lost_frames"] as? Int)
        #expect((out["icecast_frames"] as? Int).map { $0 + lost } == frames)
        #expect(out["reconnects"] as? Int == 1)
        // While it stood there was no more in the spool than it holds, and what a connection had of it.
        #expect(lost > 24_000 && lost < 5 * 48_000, "\(run.text)")
        #expect(try events("out", "status").contains { $0["icecast_spooled_frames"] as? Int ?? 0 >= 40_000 })
        // What was taken for certain is there, each frame of it, and the end too.
        let pieces = try runs(run.text).flatMap { $0 }
        try #require(pieces.count >= 2 && pieces[0][0] == 0, "\(run.text)")
        #expect(Set(pieces.flatMap { [$0[0], $0[0] + $0[1]] }).max() == frames, "\(run.text)")
        var (heard, next) = (0, 0)
        for piece in pieces.sorted(by: { $0[0] < $1[0] }) {
            heard += max(0, piece[0] + piece[1] - max(next, piece[0]))
            next = max(next, piece[0] + piece[1])
        }
        #expect(heard == frames - lost, "\(run.text)")
    }

    @Test(
        needsPython, .enabled(if: ToolRun.find("openssl") != nil, "openssl is not installed"))
    func `over TLS goes to a server whose certificate is trusted, and to no other`() throws {
        let run = try shell(
            """
            openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \\
                -keyout key.pem -out cert.pem 2> /dev/null
            cat cert.pem key.pem > both.pem
            RADIO_TLS=both.pem radio serve $P got 0 & listens
            U=icecast:https://localhost:$P
            radio count 24000 | \(Self.count) -o $U/x.flac 2> stranger; echo stranger $?
            radio count 24000 | \(Self.count) --ca nowhere.pem -o $U/x.flac 2> missing; echo missing $?
            radio count 24000 | \(Self.count) -o "$U/x.flac?ca=cert.pem" 2> out; echo trusted $?
            counted got.1; cat got.1.head
            """)
        #expect(run.text.contains("stranger 1\nmissing 1\ntrusted 0"), "\(run.text)")
        let stranger = try #require(try end("stranger")["message"] as? String)
        #expect(stranger.contains("certificate"), "\(stranger)")
        #expect((try end("missing")["message"] as? String)?.contains("--ca: cannot read nowhere.pem") == true)
        #expect(try runs(run.text) == [[[0, 24_000]]])
        #expect(try end("out")["icecast_frames"] as? Int == 24_000)
        #expect(run.text.contains("PUT /x.flac HTTP/1.1"))
    }

    @Test(
        needsPython,
        arguments: [
            ("garbage", "no HTTP"), ("half", "hung up"), ("endless", "no HTTP"), ("hangup", "hung up"),
            ("500", "answers 500: No"), ("302", "elsewhere"), ("404", "no such mount"),
        ])
    func `says in one line what is wrong with an answer`(kind: String, words: String) throws {
        let run = try shell(
            """
            python3 "$R" lie $P \(kind) & K=$!; listens
            aup capture -D sim:sine -c 1 -d 5s | aup stream -o $U/x.opus --secret-file password 2> out; echo $?
            kill $K; cat out
            """)
        #expect(run.text.hasPrefix("1\n"), "\(run.text)")
        #expect(run.text.contains(words), "\(run.text)")
        #expect(run.text.split(separator: "\n").count { $0.contains("icecast:") } == 1, "\(run.text)")
        #expect(!run.text.contains("\u{1B}"))
    }

    @Test func `that cannot be is refused before there is sound`() throws {
        let run = try shell(
            """
            s() { timeout 20 aup stream --raw -f s16 -r 48000 -c 1 "$@" < /dev/zero; echo $?; }
            s -o icecast://source:hackme@127.0.0.1/x.opus
            s -o icecast://127.0.0.1/x.opus
            s -o icecast://127.0.0.1 --secret-file password
            s -o icecast://127.0.0.1:$P/x.opus --secret-file password
            s -o icecast://no.such.invalid/x.opus --secret-file password
            chmod 644 password; s -o icecast://127.0.0.1/x.opus --secret-file password
            s -i icecast://127.0.0.1/x.opus -o x.wav
            """)
        for text in [
            "a password on the command line is seen by everybody on this machine; put it into a file and give --secret-file, or into AUP_ICECAST_PASSWORD\n64",
            "a server wants a password", "a mount is missing", "nobody listens there; --retry waits for it\n1",
            "nobody knows a machine called 'no.such.invalid'", "others may read it; chmod 600", "is where sound goes",
        ] {
            let first = text.split(separator: "\n")[0]
            #expect(run.text.contains(first), "\(first): \(run.text)")
        }
        #expect(!run.text.contains("hackme"), "\(run.text)")
    }
}
