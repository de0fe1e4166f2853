public import Foundation

/// A shell pipeline of real processes, run to its end: the exit status and the stderr of every stage, the last one's
/// output.
///
///     let run = try Pipeline.run(["aup capture -D sim:sine -d 1s", "aup play -D sim:null"])
///     #expect(run.statuses == [0, 0])
///
/// `aup` is the binary that `swift test` built. Every run is bounded in time.
public struct Pipeline: Sendable {
    public let statuses: [Int]
    public let errors: [String]
    public let output: Data

    /// The built executable, beside the test bundle.
    public static let aup = built("aup")

    /// An executable of the package, beside the test bundle.
    public static func built(_ name: String) -> String {
        let program = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        let folders = [program.deletingLastPathComponent(), Repository.root.appending(path: ".build/debug")]
        for folder in folders {
            let candidate = folder.appending(path: name).path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
        }
        return "\(name)-was-not-built"
    }

    /// Runs the stages, joined by pipes.
    ///
    /// - Parameters:
    ///   - before: a line of shell run before, in the same shell.
    ///   - during: lines of shell that run beside the pipeline: faults. `stage N` there is the process id of stage N,
    ///     counted from 1, once it runs; `sounds` waits until something came out of the last one, or all have ended.
    ///   - input: a file for the first stage's standard input; /dev/null by default.
    ///   - seconds: everything is killed after this long, which makes statuses of 137.
    public static func run(
        _ stages: [String], before: String = ":", during: String = "", input: String = "/dev/null",
        environment: [String: String] = [:], seconds: Int = 120
    ) throws -> Pipeline {
        let scratch = try Scratch()
        let script = try write(stages, before: before, during: during, input: input, seconds: seconds, in: scratch)
        let output = scratch.folder.appending(path: "output")
        try Child.run(
            "/bin/bash", [script.path], environment: childEnvironment(environment), output: output)
        let words = try String(contentsOf: scratch.folder.appending(path: "statuses"), encoding: .utf8)
        let errors = try stages.indices.map {
            String(decoding: try Data(contentsOf: scratch.folder.appending(path: "errors.\($0 + 1)")), as: UTF8.self)
        }
        return Pipeline(
            statuses: words.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }, errors: errors,
            output: try Data(contentsOf: output))
    }

    private static func childEnvironment(_ more: [String: String]) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        // A hermetic ALSA unless the test brings one: no server, no card, no personal configuration.
        environment["ALSA_CONFIG_PATH"] = "/dev/null"
        // What was seen of plugin files is kept here and not at home.
        environment["XDG_CACHE_HOME"] = Repository.root.appending(path: ".build/test-cache").path
        environment["AUP_PLUGIN_PATH"] =
            Repository.root.appending(path: "plugins/gain").path + ":"
            + Repository.root.appending(path: "plugins/invert").path
        // No configuration of whoever runs the tests.
        environment["AUP_CONFIG"] = ""
        environment.merge(more) { $1 }
        return environment
    }

    private static func write(
        _ stages: [String], before: String, during: String, input: String, seconds: Int, in scratch: Scratch
    ) throws -> URL {
        // Each stage writes down its own id before it becomes its program, so that faults hit the right process.
        let parts = stages.enumerated().map { index, stage in
            "( echo $BASHPID > pid.\(index + 1); exec timeout --foreground -k 1 \(seconds) \(stage) ) \(index == 0 ? "< \(input) " : "")2> errors.\(index + 1)"
        }
        let text = """
            cd '\(scratch.folder.path)' || exit
            aup_binary='\(aup)'
            mkdir bin && ln -s "$aup_binary" bin/aup && PATH=$PWD/bin:$PATH
            stage() { while [ ! -s pid.$1 ]; do sleep 0.01; done; pgrep -P "$(cat pid.$1)" | head -n 1; }
            sounds() { while [ ! -s output ] && [ ! -s statuses ]; do sleep 0.05; done; }
            \(before)
            ( \(during.isEmpty ? ":" : during) ) > during.log 2>&1 &
            \(parts.joined(separator: " | "))
            echo "${PIPESTATUS[*]}" > statuses
            wait
            """
        let script = scratch.folder.appending(path: "run.sh")
        try text.write(to: script, atomically: true, encoding: .utf8)
        return script
    }

    /// The JSON objects that a stage wrote to stderr with the given event name.
    public func events(_ name: String, stage: Int) throws -> [[String: Any]] {
        try errors[stage].split(separator: "\n").filter { $0.hasPrefix("{") }
            .compactMap { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
            .filter { $0["event"] as? String == name }
    }

    /// Whether the machine had so much to do that a device of this run waited in vain, as its `--json` tells.
    private func wasDisturbed(_ counts: [String]) -> Bool {
        return errors.indices.contains { stage in
            let ends = (try? events("end", stage: stage)) ?? []
            return ends.contains { end in counts.contains { (end[$0] as? Int ?? 0) > 0 } }
        }
    }

    /// Runs what keeps time with the clock on the wall, again where another program had the processors meanwhile: three
    /// times at most, and the last one counts.
    ///
    /// - Parameter counts: which of its counts tell that.
    public static func undisturbed(
        _ counts: [String] = ["xruns", "lost_frames", "underrun_frames"], _ run: () throws -> Pipeline
    ) throws -> Pipeline {
        for _ in 0..<2 {
            let one = try run()
            if !one.wasDisturbed(counts) { return one }
        }
        return try run()
    }
}
