import Foundation
import TestSupport
import Testing

/// What a stream says of itself while it runs and when it is over.
@Suite(.realTime, .serialized) struct `The statistics of a stream` {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func shell(_ script: String, seconds: Int = 60) throws -> (status: Int, text: String) {
        let path = scratch.path("story.sh")
        try Data("S='\(scratch.path("s"))'; cd '\(scratch.folder.path)'\n\(script)\n".utf8).write(
            to: URL(filePath: path))
        let run = try Pipeline.run(["timeout \(seconds) sh '\(path)'"])
        return (run.statuses[0], String(decoding: run.output, as: UTF8.self) + run.errors[0])
    }

    private func text(_ file: String) throws -> String {
        try String(contentsOf: URL(filePath: scratch.path(file)), encoding: .utf8)
    }

    private func events(_ file: String, _ name: String) throws -> [[String: Any]] {
        try text(file).split(separator: "\n").compactMap { line in
            guard line.hasPrefix("{") else { return nil }
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return object?["event"] as? String == name ? object : nil
        }
    }

    private static let hasPython = ToolRun.find("python3") != nil

    @Test(.enabled(if: hasPython, "python3 is not installed"))
    func `account for every frame of two dozen subscribers, of which four stand still and four never read`() throws {
        let script = Repository.root.appending(path: "Tests/Bench/subscribers.py").path
        let run = try ToolRun(
            "env",
            [
                "AUP=\(Pipeline.aup)", "python3", "-B", script, "--readers", "16", "--stopped", "4", "--dead", "4",
                "--seconds", "3", "--", "--queue", "500ms",
            ])
        let seen = try #require(
            try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any],
            "\(run.errors.suffix(500))")
        #expect(seen["exit"] as? Int == 0)
        #expect(seen["lost_by_readers"] as? Int == 0)
        // Each heard, in packets of sound and gaps, of every frame from where it began to the last.
        #expect(seen["exact"] as? Int == 20)
        #expect(seen["whole"] as? Int == 24)
        // What is in the socket of one that never read is what the publisher says that it gave, and the rest is lost.
        #expect(seen["same_account"] as? Bool == true)
        #expect(seen["published"] as? Int == 240_000)
        let lost = try #require(seen["lost_by_stopped"] as? [Int])
        #expect(lost.count == 4 && lost.allSatisfy { $0 > 24_000 })
        let never = try #require(seen["lost_by_dead"] as? [Int])
        #expect(never.count == 4 && never.allSatisfy { $0 > 96_000 })
        #expect(seen["dropped"] as? Int == (lost + never).reduce(0, +))
        // The fullest queue was full, and each subscriber was told of.
        #expect((seen["queue_fill_most"] as? Double).map { $0 > 0.9 } == true)
        #expect(seen["subscribers_told"] as? Int == 24)
    }

    @Test(.enabled(if: hasPython, "python3 is not installed"))
    func `say that whoever stood still is fresh again at once, where a latency is wanted`() throws {
        let script = Repository.root.appending(path: "Tests/Bench/subscribers.py").path
        let run = try ToolRun(
            "env",
            [
                "AUP=\(Pipeline.aup)", "python3", "-B", script, "--readers", "2", "--stopped", "2", "--seconds", "3",
                "--", "--latency", "50ms",
            ])
        let seen = try #require(
            try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any],
            "\(run.errors.suffix(500))")
        #expect(seen["exact"] as? Int == 4)
        #expect(seen["whole"] as? Int == 4)
        // Of three seconds at most a tenth was kept for them, in the socket and behind. Those who read may lose some too
        // where the machine lets them wait longer than that.
        let lost = try #require(seen["lost_by_stopped"] as? [Int])
        #expect(lost.allSatisfy { $0 > 96_000 })
    }

    @Test func `have packets, times, ages and queues, in words and as JSON`() throws {
        let run = try shell(
            """
            aup capture -D sim:sine -c 2 -d 2500ms -q | aup stream --listen unix:$S --json --stats=0.25 2> pub &
            while [ ! -S $S ]; do sleep 0.05; done
            aup stream --connect unix:$S -v --stats=0.5 2> sub > /dev/null
            wait
            """)
        #expect(run.status == 0)
        // One more may be told when the stream has ended and nobody is there any more.
        let status = try #require(
            try events("pub", "status").last { ($0["subscribers"] as? [Any])?.isEmpty == false })
        let end = try #require(try events("pub", "end").first)
        #expect(try events("pub", "status").count >= 5)
        #expect(end["frames"] as? Int == 120_000)
        let packets = try #require(end["processed_packets"] as? Int)
        #expect(packets > 100 && packets <= 120_000)
        for key in ["processing_ms_mean", "processing_ms_p99", "age_ms_p50", "age_ms_p99", "given_age_ms_p50"] {
            #expect((end[key] as? Double).map { $0 > 0 && $0 < 10_000 } == true, "\(key)")
        }
        for (lesser, greater) in [("age_ms_p50", "age_ms_p99"), ("given_age_ms_p50", "given_age_ms_p99")] {
            #expect((end[lesser] as? Double ?? 1) <= (end[greater] as? Double ?? 0))
        }
        // What is given was captured before it came, and lies in a socket afterwards.
        #expect((end["given_age_ms_max"] as? Double ?? 0) >= (end["age_ms_p50"] as? Double ?? 1))
        for key in ["drop_rate", "queue_fill_most", "queue_fill_mean", "network_load"] {
            #expect((end[key] as? Double).map { (0...1).contains($0) } == true, "\(key)")
        }
        #expect(end["late_packets"] as? Int != nil)
        #expect(end["queue_ms"] as? Double == 2000)
        let one = try #require((status["subscribers"] as? [[String: Any]])?.first)
        #expect((one["name"] as? String)?.hasPrefix("process ") == true)
        #expect((one["frames"] as? Int).map { $0 > 12_000 } == true)
        #expect(one["lost_frames"] as? Int == 0)
        let words = try text("sub")
        #expect(words.contains(" packets, ") && words.contains(" each (99 % within ") && words.contains(" old (99 %"))
    }

    @Test func `lie in a file for Prometheus, whole at any moment and true at the end`() throws {
        let run = try shell(
            """
            aup capture -D sim:sine -c 2 -d 2s -q | aup stream --listen unix:$S --stats=0.1 --prometheus studio.prom -q 2> pub & P=$!
            while [ ! -S $S ]; do sleep 0.05; done
            aup process -i unix:$S --prometheus sub.prom --as raw > sound 2> sub &
            n=0; while kill -0 $P 2> /dev/null && [ $n -lt 200 ]; do
                cp studio.prom seen.$n; n=$((n + 1)); sleep 0.05
            done
            wait; ls | grep -c 'prom\\.' ; ls
            """)
        #expect(run.status == 0)
        // Nothing is left beside it.
        #expect(run.text.hasPrefix("0\n"), "\(run.text)")
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path)
        let seen = names.filter { $0.hasPrefix("seen.") }
        #expect(seen.count > 10)
        for name in seen { _ = try Exposition(try text(name)) }
        let end = try Exposition(try text("studio.prom"))
        #expect(end["aup_stream_frames_total"] == 96_000)
        #expect(end["aup_stream_lost_frames_total"] == 0)
        #expect(end["aup_publish_dropped_frames_total"] == 0)
        #expect(end["aup_stream_packets_total"] == end["aup_stream_processing_seconds_count"])
        #expect(end["aup_stream_packets_total"] == end["aup_stream_age_seconds_count"])
        #expect((end["aup_publish_age_seconds_count"] ?? 0) > 50)
        #expect(end["aup_cpu_seconds_total"].map { $0 > 0 && $0 < 60 } == true)
        #expect(end.types["aup_publish_queue_fill_most_ratio"] == "gauge")
        #expect(end.samples.allSatisfy { $0.labels["stream"] == "studio" && $0.labels["command"] == "stream" })
        let info = try #require(end.samples.first { $0.name == "aup_stream_info" })
        #expect(info.labels["rate"] == "48000" && info.labels["channels"] == "2")
        let other = try Exposition(try text("sub.prom"))
        let frames = try #require(other["aup_stream_frames_total"])
        #expect(frames == Double((try Data(contentsOf: URL(filePath: scratch.path("sound")))).count / 4))
    }

    @Test(.enabled(if: ToolRun.find("promtool") != nil, "promtool is not installed"))
    func `give promtool nothing to complain of`() throws {
        let run = try shell(
            """
            aup capture -D sim:sine -d 500ms -q | aup stream -o rtp:localhost:19998 --payload opus --prometheus a.prom -q
            promtool check metrics < a.prom
            """)
        #expect(run.status == 0 && run.text.isEmpty, "\(run.text)")
    }

    @Test func `are refused a file that is something else, before there is sound`() throws {
        let run = try shell(
            """
            aup capture -D sim:sine -d 60s -q -o x.wav --prometheus x.txt; echo $?
            aup capture -D sim:sine -d 60s -q -o x.wav --prometheus nowhere/x.prom; echo $?
            ln -s kept link.prom; aup capture -D sim:sine -d 60s -q -o x.wav --prometheus link.prom; echo $?
            test -e kept || test -e x.wav || echo untouched
            """)
        #expect(run.text.contains("must end in .prom"))
        #expect(run.text.contains("cannot write nowhere/x.prom: No such file or directory"), "\(run.text)")
        #expect(run.text.contains("untouched"))
        let codes = run.text.split(separator: "\n").compactMap { Int($0) }
        #expect(codes == [64, 1, 1])
    }
}
