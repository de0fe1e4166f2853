import Foundation
import TestSupport
import Testing

/// RTP between processes of one machine, over ways good and bad, and with other programs.
@Suite(.realTime, .serialized) struct `A stream over RTP` {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Runs a shell's words; what each command writes to stderr lies in a file.
    private func shell(_ script: String, seconds: Int = 60) throws -> (status: Int, text: String) {
        let path = scratch.path("story.sh")
        let lossy = Repository.root.appending(path: "Tests/Network/lossy.py").path
        // A place is there once its socket is: the kernel lists them, the port in hexadecimal.
        let text = """
            cd '\(scratch.folder.path)'
            lossy='\(lossy)'
            listens() { p=$(printf ':%04X ' "$1"); for i in $(seq 200); do grep -q "$p" /proc/net/udp && return; sleep 0.05; done; }
            \(script)

            """
        try Data(text.utf8).write(to: URL(filePath: path))
        let run = try Pipeline.run(["timeout \(seconds) bash '\(path)'"], seconds: seconds + 10)
        return (run.statuses[0], String(decoding: run.output, as: UTF8.self) + run.errors[0])
    }

    private func end(_ file: String) throws -> [String: Any] {
        let text = try String(contentsOf: URL(filePath: scratch.path(file)), encoding: .utf8)
        let objects = try text.split(separator: "\n").filter { $0.hasPrefix("{") }
            .compactMap { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
        return try #require(objects.last { $0["event"] as? String == "end" || $0["places"] != nil })
    }

    private func description(_ name: String) throws -> String {
        try String(contentsOf: URL(filePath: scratch.path(name)), encoding: .utf8)
    }

    /// Runs several ways at once, because each keeps to the pace of sound and leaves the processors alone: the words are a
    /// function's, called with each list of arguments.
    private func together(_ script: String, _ arguments: [String], seconds: Int = 60) throws -> (
        status: Int, text: String
    ) {
        try shell(
            "one() {\n\(script)\n}\n" + arguments.map { "one \($0) > said.\($0.split(separator: " ")[0]) & " }.joined()
                + "\nwait; cat said.*", seconds: seconds)
    }

    @Test func `is the same samples at the other end`() throws {
        let run = try together(
            """
            aup capture -D 'sim:noise?pace=fast' -f $2 -c $4 -d 500ms -o in$1.wav
            aup process -i "rtp:127.0.0.1:$1?payload=$3/48000/$4" -o out$1.wav --json 2> in$1 & r=$!; listens $1
            aup stream -i in$1.wav -o rtp:127.0.0.1:$1 --json 2> out$1
            wait $r
            aup process -i in$1.wav --as raw > in$1.raw; aup process -i out$1.wav --as raw > out$1.raw
            cmp in$1.raw out$1.raw && echo same $1
            """, ["17200 s16 l16 2", "17270 s24_3 l24 1", "17274 s24_3 l24 6"])
        for port in [17_200, 17_270, 17_274] {
            #expect(run.text.contains("same \(port)"), "\(run.text)")
            #expect(try end("in\(port)")["frames"] as? Int == 24_000)
            #expect(try end("in\(port)")["exit"] as? Int == 0)
            #expect(try end("in\(port)")["rtp_packets"] as? Int == (try end("out\(port)")["rtp_packets"] as? Int))
        }
    }

    @Test func `of Opus is described and taken by the description, at 48000 frames a second`() throws {
        let run = try shell(
            """
            aup capture -D 'sim:sine?pace=fast' -c 2 -d 500ms -o in.wav
            aup process -i rtp:127.0.0.1:17204 -o first.wav --json 2> first & listens 17204
            aup stream -i in.wav -o rtp:127.0.0.1:17204 --payload opus --sdp a.sdp --json 2> out; wait
            aup process -i rtp:a.sdp -o second.wav --json 2> second & listens 17204
            aup stream -i in.wav -o rtp:127.0.0.1:17204 --payload opus --ptime 10ms; wait
            aup stream -i in.wav -o rtp:127.0.0.1:17204 --sdp a.sdp 2> taken; cat taken
            """)
        // The codec's look-ahead of 312 frames comes before the sound, which our description says, and packets are whole.
        #expect(try end("first")["frames"] as? Int == 26 * 960)
        #expect(try end("second")["frames"] as? Int == 51 * 480 - 312)
        #expect(run.text.contains("it is there already"), "\(run.text)")
        let text = try description("a.sdp")
        for line in [
            "c=IN IP4 127.0.0.1", "m=audio 17204 RTP/AVP 96", "a=rtpmap:96 opus/48000/2", "sprop-stereo=1",
            "a=aup-look-ahead:312",
        ] {
            #expect(text.contains(line), "\(text)")
        }
    }

    @Test(.enabled(if: ToolRun.find("python3") != nil && ToolRun.find("sox") != nil, "python3 or sox is not installed"))
    func `over a bad way is as long as it was, and what was lost is counted`() throws {
        let run = try together(
            """
            sox -n -r 48000 -c 1 -b 16 in$1.wav synth 2.5 sawtooth 150 tremolo 5 90 lowpass 2000
            aup encode -i in$1.wav --application voip --signal voice -b 24k --fec --loss 20 -o in$1.aup
            aup process -i rtp:127.0.0.1:$2 -o out$1.wav --json 2> in$1 & r=$!; listens $2
            python3 "$lossy" $1 $2 7 $3 $4 $5 > way$1 & w=$!; listens $1
            aup stream -i in$1.aup -o rtp:127.0.0.1:$1 --json 2> out$1
            wait $r; wait $w
            """, ["17208 17212 0 0 0", "17278 17282 0.05 30 0.03", "17286 17290 0.5 60 0.1"])
        #expect(run.status == 0, "\(run.text)")
        for (port, isLossy) in [(17_208, false), (17_278, true), (17_286, true)] {
            try expectAccounted(way: try end("way\(port)"), arrived: try end("in\(port)"), isLossy: isLossy)
        }
    }

    private func expectAccounted(way: [String: Any], arrived: [String: Any], isLossy: Bool) throws {
        let places = try #require(way["places"] as? Int)
        let lost = try #require(way["lost"] as? Int)
        #expect(arrived["exit"] as? Int == 0)
        let late = try #require(arrived["rtp_late"] as? Int)
        // What was named lost is what the way lost and what came too late.
        let named = try #require(arrived["rtp_lost"] as? Int)
        #expect(named >= lost && named <= lost + late)
        #expect(arrived["rtp_duplicates"] as? Int ?? 0 <= way["doubled"] as? Int ?? 0)
        let repaired = try #require(arrived["repaired_frames"] as? Int)
        let guessed = try #require(arrived["guessed_frames"] as? Int)
        let missing = try #require(arrived["lost_frames"] as? Int)
        #expect(repaired + missing == named * 960)
        #expect(guessed <= missing)
        // What was neither repaired nor guessed is a gap.
        #expect((arrived["frames"] as? Int ?? 0) + missing - guessed == places * 960)
        if isLossy { #expect(repaired > 0) } else { #expect(named == 0) }
    }

    @Test(.enabled(if: ToolRun.find("python3") != nil, "python3 is not installed"))
    func `of samples has gaps where packets were lost, and keeps its length`() throws {
        let run = try shell(
            """
            aup capture -D 'sim:sine?pace=fast' -c 1 -d 1500ms -f s16 -o in.wav
            aup stream --connect 'rtp:127.0.0.1:17220?payload=l16/48000/1' -o out.aup --json 2> in & listens 17220
            python3 "$lossy" 17216 17220 3 0.1 20 0.05 > way & listens 17216
            aup stream -i in.wav -o rtp:127.0.0.1:17216 --ptime 10ms
            wait
            aup process -i out.aup --json > /dev/null 2> back
            """)
        #expect(run.status == 0, "\(run.text)")
        let (way, back) = (try end("way"), try end("back"))
        let frames = try #require(back["frames"] as? Int)
        let lost = try #require(back["lost_frames"] as? Int)
        #expect(frames + lost == (way["places"] as? Int ?? 0) * 480)
        #expect(lost == (try end("in")["rtp_lost"] as? Int ?? 0) * 480)
        #expect(lost > 0)
    }

    @Test func `of Opus goes as samples where those are asked for, and as nothing that it is not`() throws {
        let run = try shell(
            """
            aup capture -D 'sim:sine?pace=fast' -c 1 -d 300ms | aup encode -o in.aup
            aup process -i 'rtp:127.0.0.1:17330?payload=l16/48000/1' -o out.wav --json 2> in & r=$!; listens 17330
            aup stream -i in.aup -o rtp:127.0.0.1:17330 --payload l16 --sdp a.sdp; wait $r
            aup stream -i in.aup -o rtp:127.0.0.1:17330 --payload l16/44100/1; echo other $?
            aup stream -i in.aup -o rtp:127.0.0.1:17330 --payload l16/48000/1; echo said $?
            """)
        #expect(try description("a.sdp").contains("a=rtpmap:97 L16/48000/1"), "\(run.text)")
        #expect(try end("in")["frames"] as? Int == 14_400)
        #expect(run.text.contains("other 1\nsaid 0"), "\(run.text)")
        #expect(run.text.contains("--payload l16/44100/1: the sound is L16/48000/1"), "\(run.text)")
    }

    @Test func `goes to a group, for all who listen`() throws {
        let run = try shell(
            """
            aup capture -D 'sim:noise?pace=fast' -c 2 -d 300ms -o in.wav
            G='rtp:239.255.12.34:17224?interface=lo'
            aup process -i "$G" -o 1.wav --json 2> 1 & aup process -i "$G" -o 2.wav --json 2> 2 & listens 17224; sleep 0.5
            aup stream -i in.wav -o "$G&ttl=3" --sdp g.sdp || echo failed
            wait; cat 1 2
            """)
        #expect(try end("1")["frames"] as? Int == 14_400, "\(run.text)")
        #expect(try end("2")["frames"] as? Int == 14_400)
        #expect(try description("g.sdp").contains("c=IN IP4 239.255.12.34/3"))
    }

    @Test func `that begins anew goes on behind a gap, where it is waited for`() throws {
        let run = try shell(
            """
            aup stream --connect rtp:127.0.0.1:17228 --retry=40s -o all.aup --json --stats=0.1 2> in & r=$!; listens 17228
            for n in 1 2; do aup capture -D sim:sine -c 2 -f s16 -d 500ms | aup stream -o rtp:127.0.0.1:17228 --payload l16; sleep 0.3; done
            # Once the sound of both is there nobody else is waited for.
            for i in $(seq 400); do grep -q '"frames":48000,' in && break; sleep 0.05; done
            kill -INT $r; wait
            aup process -i all.aup --json > /dev/null 2> back
            """)
        #expect(run.status == 0, "\(run.text)")
        #expect(try end("in")["rtp_restarts"] as? Int == 1)
        #expect(try end("back")["frames"] as? Int == 48_000)
        #expect(try end("back")["lost_frames"] as? Int ?? 0 > 4800)
        #expect(try end("back")["gaps"] as? Int == 1)
    }

    @Test func `that never comes, or is none, is told`() throws {
        let run = try shell(
            """
            aup process -i 'rtp:127.0.0.1:17232?liveness=500ms' -o x.wav; echo $?
            printf 'v=0\\r\\nm=audio 5004 RTP/AVP 0\\r\\n' > bad.sdp; aup play -i rtp:bad.sdp -D sim:null; echo $?
            aup process -i 'rtp:127.0.0.1:17232?payload=mp3' -o x.wav; echo $?
            aup stream -o rtp:nowhere; echo $?
            aup stream -o rtp:127.0.0.1:17232 --ttl 300 < /dev/null; echo $?
            """)
        for text in [
            "nothing arrived for 0.5 s; --retry waits longer\n3",
            "none of its media is Opus, L16 or L24 over RTP/AVP\n1",
            "payload: 'mp3'", "a port from 1 to 65535", "--ttl '300': 0 to 255",
        ] {
            #expect(
                run.text.contains(text) || run.text.contains(text.split(separator: "\n")[0]), "\(text): \(run.text)")
        }
    }

    // MARK: - Players

    @Test func `of a clock that is off is played by another without a gap`() throws {
        let run = try undisturbed {
            try together(
                """
                aup play -i "rtp:127.0.0.1:$1?payload=l16/48000/1" -D sim:null --json 2> play$1 & q=$!; listens $1
                aup capture -D "sim:sine?ppm=$2" -c 1 -f s16 -d 3s | aup stream -o rtp:127.0.0.1:$1 --payload l16
                wait $q
                """, ["17310 200", "17314 -200"])
        } counting: {
            ["play17310", "play17314"]
        }
        for port in [17_310, 17_314] {
            let played = try end("play\(port)")
            #expect(played["xruns"] as? Int == 0 && played["underrun_frames"] as? Int == 0, "\(run.text)")
            #expect(played["rtp_lost"] as? Int == 0 && played["lost_frames"] as? Int == 0)
            #expect(played["frames"] as? Int == 3 * 48_000)
            // What piled up before the device was open, and no more.
            #expect(played["skipped_frames"] as? Int ?? .max < 4800)
        }
    }

    @Test(.enabled(if: ToolRun.find("sox") != nil, "sox is not installed"))
    func `that leaves silence out is played without a gap, and none of it counts as lost`() throws {
        let run = try undisturbed {
            try shell(
                """
                sox -n -r 48000 -c 1 -b 16 voice.wav synth 0.7 sawtooth 150 tremolo 5 90 lowpass 2000
                sox -n -r 48000 -c 1 -b 16 rest.wav trim 0 1.5
                sox voice.wav rest.wav voice.wav in.wav
                aup encode -i in.wav --application voip --signal voice -b 24k --dtx -o in.aup
                aup play -i rtp:127.0.0.1:17318 -D sim:null --json 2> play & q=$!; listens 17318
                aup stream -i in.aup -o rtp:127.0.0.1:17318 --json 2> out
                wait $q
                """)
        } counting: {
            ["play"]
        }
        let (sent, played) = (try end("out"), try end("play"))
        #expect(sent["rtp_packets"] as? Int ?? .max < 100, "\(run.text)")
        #expect(played["rtp_packets"] as? Int == sent["rtp_packets"] as? Int)
        #expect(played["xruns"] as? Int == 0 && played["underrun_frames"] as? Int == 0, "\(run.text)")
        #expect(played["rtp_lost"] as? Int == 0 && played["lost_frames"] as? Int == 0)
        #expect(played["guessed_frames"] as? Int == 0)
        #expect(played["frames"] as? Int ?? 0 >= 139_200)
    }

    @Test func `of packets of 60 ms is played without a gap`() throws {
        let run = try undisturbed {
            try shell(
                """
                aup play -i rtp:127.0.0.1:17322 -D sim:null --json 2> play & q=$!; listens 17322
                aup capture -D sim:sine -c 1 -d 1500ms | aup stream -o rtp:127.0.0.1:17322 --payload opus --ptime 60ms
                wait $q
                """)
        } counting: {
            ["play"]
        }
        let played = try end("play")
        #expect(played["xruns"] as? Int == 0 && played["underrun_frames"] as? Int == 0, "\(run.text)")
        #expect(played["skipped_frames"] as? Int ?? .max <= 2880)
    }

    /// Runs again what keeps time with the clock on the wall where another program had the processors meanwhile: three times
    /// at most, and the last one counts, disturbed or not.
    private func undisturbed(
        _ run: () throws -> (status: Int, text: String), counting files: () -> [String]
    ) throws -> (status: Int, text: String) {
        for _ in 0..<2 {
            let one = try run()
            let counts = try files().map { (file) in
                let end = try end(file)
                return ["xruns", "underrun_frames", "lost_frames"].map { end[$0] as? Int ?? 1 }
            }
            if counts.allSatisfy({ $0 == [0, 0, 0] }) { return one }
        }
        return try run()
    }

    // MARK: - Other programs

    private static let needsFFmpeg = ConditionTrait.enabled(
        if: ToolRun.find("ffmpeg") != nil && ToolRun.find("sox") != nil, "ffmpeg or sox is not installed")
    private static let needsGStreamer = ConditionTrait.enabled(
        if: ToolRun.find("gst-launch-1.0") != nil, "gst-launch-1.0 (gstreamer1.0-tools, -plugins-good) is not installed"
    )

    @Test(needsFFmpeg) func `is heard by ffmpeg, by the description`() throws {
        let run = try together(
            """
            aup capture -D 'sim:sine?pace=fast' -c 2 -d 100ms -o a$1.wav
            aup stream -i a$1.wav -o rtp:127.0.0.1:$1 --payload $2 --sdp a$1.sdp
            timeout 30 ffmpeg -v error -protocol_whitelist file,udp,rtp -i a$1.sdp -t 0.5 out$1.wav < /dev/null & f=$!
            listens $1
            aup capture -D 'sim:sine?freq=1000&level=-6' -c 2 -d 10s | aup stream -o rtp:127.0.0.1:$1 --payload $2 & s=$!
            wait $f; code=$?; kill $s; echo exit $code
            sox out$1.wav -n stat 2>&1
            """, ["17236 opus", "17294 l24"])
        #expect(run.text.split(separator: "\n").count { $0 == "exit 0" } == 2, "\(run.text)")
        // A sine of half of full scale has 0.354 of it as its root mean square.
        let levels = run.text.split(separator: "\n").filter { $0.hasPrefix("RMS     amplitude") }
            .compactMap { Double($0.split(separator: " ").last ?? "") }
        #expect(levels.count == 2 && levels.allSatisfy { abs($0 - 0.3536) < 0.01 }, "\(run.text)")
    }

    @Test(needsFFmpeg) func `of ffmpeg is taken, by its description`() throws {
        let run = try together(
            """
            timeout 40 ffmpeg -v error -re -f lavfi -i sine=frequency=1000:sample_rate=48000:duration=2 -ac 2 \\
                -c:a $2 -f rtp -sdp_file a$1.sdp -rtpflags send_bye rtp://127.0.0.1:$1 < /dev/null & f=$!
            for i in $(seq 200); do test -s a$1.sdp && break; sleep 0.05; done
            aup process -i "rtp:a$1.sdp?liveness=1s" -o out$1.wav --json 2> in$1; echo exit $?
            wait $f; cat a$1.sdp in$1
            """, ["17240 libopus", "17298 pcm_s16be"])
        #expect(run.text.split(separator: "\n").count { $0 == "exit 0" } == 2, "\(run.text)")
        for port in [17_240, 17_298] {
            #expect(try end("in\(port)")["frames"] as? Int ?? 0 > 48_000, "\(run.text)")
            #expect(try end("in\(port)")["lost_frames"] as? Int == 0)
            #expect(try end("in\(port)")["channels"] as? Int == 2)
        }
    }

    @Test(needsGStreamer) func `of GStreamer is taken`() throws {
        let run = try together(
            """
            aup process -i "rtp:127.0.0.1:$1?liveness=1s$2" -o out$1.wav --json 2> in$1 & r=$!; listens $1
            timeout 30 gst-launch-1.0 -q audiotestsrc num-buffers=50 samplesperbuffer=960 is-live=true ! \\
                audio/x-raw,rate=48000,channels=2 ! $3 ! $4 pt=96 ! udpsink host=127.0.0.1 port=$1
            wait $r; cat in$1
            """, ["17244 '' opusenc rtpopuspay", "17302 '&payload=l16/48000/2' audioconvert rtpL16pay"])
        for port in [17_244, 17_302] {
            let frames = try #require(try end("in\(port)")["frames"] as? Int)
            // One second, and of Opus the codec's look-ahead.
            #expect(frames >= 48_000 && frames <= 48_000 + 1920, "\(run.text)")
            #expect(try end("in\(port)")["lost_frames"] as? Int == 0)
        }
    }

    @Test(needsGStreamer) func `is heard by GStreamer`() throws {
        let run = try together(
            """
            timeout -s INT 30 gst-launch-1.0 -e -q udpsrc address=127.0.0.1 port=$1 \\
                caps="application/x-rtp,media=audio,clock-rate=48000,encoding-name=$2,payload=$3" ! \\
                rtpjitterbuffer latency=50 ! $5 ! audioconvert ! audio/x-raw,format=S16LE,channels=2 ! \\
                filesink buffer-mode=2 location=out$1.raw & g=$!
            listens $1
            aup capture -D 'sim:noise?pace=fast' -c 2 -f s16 -d 1s -o in$1.wav
            aup stream -i in$1.wav -o rtp:127.0.0.1:$1 --payload $4
            for i in $(seq 100); do test "$(stat -c %s out$1.raw)" -ge 192000 && break; sleep 0.05; done
            pkill -INT -P $g; wait $g
            aup process -i in$1.wav --as raw > in$1.raw; cmp in$1.raw out$1.raw && echo same $1
            echo size $(stat -c %s out$1.raw)
            """, ["17248 OPUS 96 opus 'rtpopusdepay ! opusdec'", "17306 L16,channels=2 97 l16 rtpL16depay"])
        let sizes = run.text.split(separator: "\n").filter { $0.hasPrefix("size ") }.compactMap { Int($0.dropFirst(5)) }
        #expect(
            sizes.count == 2 && sizes.allSatisfy { $0 >= 192_000 - 4 * 960 && $0 <= 192_000 + 4 * 1920 }, "\(run.text)")
        #expect(run.text.contains("same 17306"), "\(run.text)")
    }
}
