import Foundation
import TestSupport
import Testing

/// RTP between processes of one machine, over ways good and bad, and with other programs.
@Suite(.serialized) struct `A stream over RTP` {
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

    @Test(arguments: [("s16", "l16", 2), ("s24_3", "l24", 1), ("s24_3", "l24", 6)])
    func `is the same samples at the other end`(format: String, payload: String, channels: Int) throws {
        let run = try shell(
            """
            aup capture -D 'sim:noise?pace=fast' -f \(format) -c \(channels) -d 1s -o in.wav
            aup process -i 'rtp:127.0.0.1:17200?payload=\(payload)/48000/\(channels)' -o out.wav --json 2> in & listens 17200
            aup stream -i in.wav -o rtp:127.0.0.1:17200 --json 2> out
            wait
            aup process -i in.wav --as raw > in.raw; aup process -i out.wav --as raw > out.raw
            cmp in.raw out.raw && echo same
            """)
        #expect(run.text.contains("same"), "\(run.text)")
        #expect(try end("in")["frames"] as? Int == 48_000)
        #expect(try end("in")["exit"] as? Int == 0)
        #expect(try end("in")["rtp_packets"] as? Int == (try end("out")["rtp_packets"] as? Int))
    }

    @Test func `of Opus is described and taken by the description, at 48000 frames a second`() throws {
        let run = try shell(
            """
            aup capture -D 'sim:sine?pace=fast' -c 2 -d 1s -o in.wav
            aup process -i rtp:127.0.0.1:17204 -o first.wav --json 2> first & listens 17204
            aup stream -i in.wav -o rtp:127.0.0.1:17204 --payload opus --sdp a.sdp --json 2> out; wait
            aup process -i rtp:a.sdp -o second.wav --json 2> second & listens 17204
            aup stream -i in.wav -o rtp:127.0.0.1:17204 --payload opus --ptime 10ms; wait
            aup stream -i in.wav -o rtp:127.0.0.1:17204 --sdp a.sdp 2> taken; cat taken
            """)
        // The codec's look-ahead of 312 frames comes before the sound, and packets are whole.
        #expect(try end("first")["frames"] as? Int == 51 * 960)
        #expect(try end("second")["frames"] as? Int == 101 * 480)
        #expect(run.text.contains("it is there already"), "\(run.text)")
        let text = try description("a.sdp")
        for line in ["c=IN IP4 127.0.0.1", "m=audio 17204 RTP/AVP 96", "a=rtpmap:96 opus/48000/2", "sprop-stereo=1"] {
            #expect(text.contains(line), "\(text)")
        }
    }

    @Test(
        .enabled(if: ToolRun.find("python3") != nil && ToolRun.find("sox") != nil, "python3 or sox is not installed"),
        arguments: [(0.0, 0.0, 0.0), (0.05, 30.0, 0.03), (0.5, 60.0, 0.1)])
    func `over a bad way is as long as it was, and what was lost is counted`(
        loss: Double, jitter: Double, twice: Double
    ) throws {
        let run = try shell(
            """
            sox -n -r 48000 -c 1 -b 16 in.wav synth 4 sawtooth 150 tremolo 5 90 lowpass 2000
            aup encode -i in.wav --application voip --signal voice -b 24k --fec --loss 20 -o in.aup
            aup process -i 'rtp:127.0.0.1:17212' -o out.wav --json 2> in & listens 17212
            python3 "$lossy" 17208 17212 7 \(loss) \(jitter) \(twice) > way & listens 17208
            aup stream -i in.aup -o rtp:127.0.0.1:17208 --json 2> out
            wait
            """)
        #expect(run.status == 0, "\(run.text)")
        let (way, arrived) = (try end("way"), try end("in"))
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
        if loss > 0 { #expect(repaired > 0) } else { #expect(named == 0) }
    }

    @Test(.enabled(if: ToolRun.find("python3") != nil, "python3 is not installed"))
    func `of samples has gaps where packets were lost, and keeps its length`() throws {
        let run = try shell(
            """
            aup capture -D 'sim:sine?pace=fast' -c 1 -d 3s -f s16 -o in.wav
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

    @Test func `goes to a group, for all who listen`() throws {
        let run = try shell(
            """
            aup capture -D 'sim:noise?pace=fast' -c 2 -d 1s -o in.wav
            G='rtp:239.255.12.34:17224?interface=lo'
            aup process -i "$G" -o 1.wav --json 2> 1 & aup process -i "$G" -o 2.wav --json 2> 2 & listens 17224; sleep 0.5
            aup stream -i in.wav -o "$G&ttl=3" --sdp g.sdp || echo failed
            wait; cat 1 2
            """)
        #expect(try end("1")["frames"] as? Int == 48_000, "\(run.text)")
        #expect(try end("2")["frames"] as? Int == 48_000)
        #expect(try description("g.sdp").contains("c=IN IP4 239.255.12.34/3"))
    }

    @Test func `that begins anew goes on behind a gap, where it is waited for`() throws {
        let run = try shell(
            """
            aup stream --connect rtp:127.0.0.1:17228 --retry=2s -o all.aup --json 2> in & listens 17228
            for n in 1 2; do aup capture -D sim:sine -c 2 -f s16 -d 1s | aup stream -o rtp:127.0.0.1:17228 --payload l16; sleep 0.3; done
            wait
            aup process -i all.aup --json > /dev/null 2> back
            """)
        #expect(run.status == 0, "\(run.text)")
        #expect(try end("in")["rtp_restarts"] as? Int == 1)
        #expect(try end("back")["frames"] as? Int == 96_000)
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

    // MARK: - Other programs

    private static let needsFFmpeg = ConditionTrait.enabled(
        if: ToolRun.find("ffmpeg") != nil && ToolRun.find("sox") != nil, "ffmpeg or sox is not installed")
    private static let needsGStreamer = ConditionTrait.enabled(
        if: ToolRun.find("gst-launch-1.0") != nil, "gst-launch-1.0 (gstreamer1.0-tools, -plugins-good) is not installed"
    )

    @Test(needsFFmpeg, arguments: ["opus", "l24"])
    func `is heard by ffmpeg, by the description`(payload: String) throws {
        let run = try shell(
            """
            aup capture -D 'sim:sine?pace=fast' -c 2 -d 100ms -o a.wav
            aup stream -i a.wav -o rtp:127.0.0.1:17236 --payload \(payload) --sdp a.sdp
            timeout 30 ffmpeg -v error -protocol_whitelist file,udp,rtp -i a.sdp -t 1 out.wav < /dev/null & F=$!
            listens 17236
            aup capture -D 'sim:sine?freq=1000&level=-6' -c 2 -d 5s | aup stream -o rtp:127.0.0.1:17236 --payload \(payload)
            wait $F; echo $?
            aup meter out.wav 2> /dev/null; sox out.wav -n stat
            """)
        #expect(run.text.hasPrefix("0\n"), "\(run.text)")
        // A sine of half of full scale has 0.354 of it as its root mean square.
        let level = run.text.split(separator: "\n").first { $0.hasPrefix("RMS     amplitude") }
        let value = level.flatMap { Double($0.split(separator: " ").last ?? "") } ?? 0
        #expect(abs(value - 0.3536) < 0.01, "\(run.text)")
    }

    @Test(needsFFmpeg, arguments: ["libopus -b:a 96k", "pcm_s16be"])
    func `of ffmpeg is taken, by its description`(codec: String) throws {
        let run = try shell(
            """
            timeout 40 ffmpeg -v error -re -f lavfi -i sine=frequency=1000:sample_rate=48000:duration=4 -ac 2 \\
                -c:a \(codec) -f rtp -sdp_file a.sdp -rtpflags send_bye rtp://127.0.0.1:17240 < /dev/null &
            for i in $(seq 200); do test -s a.sdp && break; sleep 0.05; done
            aup process -i 'rtp:a.sdp?liveness=2s' -o out.wav --json 2> in; echo $?
            wait; cat a.sdp in
            """)
        #expect(run.text.hasPrefix("0\n"), "\(run.text)")
        #expect(try end("in")["frames"] as? Int ?? 0 > 96_000, "\(run.text)")
        #expect(try end("in")["lost_frames"] as? Int == 0)
        #expect(try end("in")["channels"] as? Int == 2)
    }

    @Test(
        needsGStreamer, arguments: [("opusenc ! rtpopuspay", ""), ("audioconvert ! rtpL16pay", "&payload=l16/48000/2")])
    func `of GStreamer is taken`(chain: String, wish: String) throws {
        let run = try shell(
            """
            aup process -i 'rtp:127.0.0.1:17244?liveness=2s\(wish)' -o out.wav --json 2> in & listens 17244
            timeout 30 gst-launch-1.0 -q audiotestsrc num-buffers=100 samplesperbuffer=960 is-live=true ! \\
                audio/x-raw,rate=48000,channels=2 ! \(chain) pt=96 ! udpsink host=127.0.0.1 port=17244
            wait; cat in
            """)
        let frames = try #require(try end("in")["frames"] as? Int)
        // Two seconds, and of Opus the codec's look-ahead.
        #expect(frames >= 96_000 && frames <= 96_000 + 1920, "\(run.text)")
        #expect(try end("in")["lost_frames"] as? Int == 0)
    }

    @Test(
        needsGStreamer,
        arguments: [("OPUS", 96, "opus", "rtpopusdepay ! opusdec"), ("L16,channels=2", 97, "l16", "rtpL16depay")])
    func `is heard by GStreamer`(name: String, type: Int, payload: String, chain: String) throws {
        let run = try shell(
            """
            timeout -s INT 30 gst-launch-1.0 -e -q udpsrc address=127.0.0.1 port=17248 \\
                caps="application/x-rtp,media=audio,clock-rate=48000,encoding-name=\(name),payload=\(type)" ! \\
                rtpjitterbuffer latency=50 ! \(chain) ! audioconvert ! audio/x-raw,format=S16LE,channels=2 ! \\
                filesink buffer-mode=2 location=out.raw & G=$!
            listens 17248
            aup capture -D 'sim:noise?pace=fast' -c 2 -f s16 -d 2s -o in.wav
            aup stream -i in.wav -o rtp:127.0.0.1:17248 --payload \(payload)
            for i in $(seq 100); do test "$(stat -c %s out.raw)" -ge 384000 && break; sleep 0.05; done
            pkill -INT -P $G; wait $G
            aup process -i in.wav --as raw > in.raw; cmp in.raw out.raw && echo same; stat -c %s out.raw
            """)
        let bytes = Int(run.text.split(separator: "\n").last { Int($0) != nil } ?? "") ?? 0
        #expect(bytes >= 384_000 - 4 * 960 && bytes <= 384_000 + 4 * 1920, "\(run.text)")
        if payload == "l16" { #expect(run.text.contains("same"), "\(run.text)") }
    }
}
