import CAupPlugin
import Glibc

/// One step of an examination, in a process that may be lost to it.
///
/// - Thread: control.
public struct PluginTrials {
    let reference: String
    let settings: [PluginSpec.Setting]
    private let result: String
    private let beside: Beside

    /// Runs something on another thread; gives what waits for its end, `nil` where there is no thread.
    public typealias Beside = (@escaping @Sendable () -> Void) -> (() -> Void)?

    /// What such a process does: one step, its findings at the end of a file.
    ///
    /// - Parameters:
    ///   - words: the plugin and its settings, as ``ChainArguments`` reads them.
    ///   - result: an absolute path, because a guest may change the directory.
    ///   - beside: for two instances that run at once.
    /// - Returns: whether the words made sense.
    public static func run(
        step name: String, words: [String], result: String, alarmSeconds: UInt32, beside: @escaping Beside
    ) -> Bool {
        guard let step = CheckStep(rawValue: name), let specs = try? ChainArguments.parse(words, limit: 1),
            let spec = specs.first
        else { return false }
        CrashReport.install(exitCode: 1)
        unsafe aup_crash_report_to(result)
        aup_crash_alarm(alarmSeconds)
        aup_guest_show_unwritten()
        let trials = PluginTrials(reference: spec.reference, settings: spec.settings, result: result, beside: beside)
        do throws(PluginError) {
            try trials.run(step)
        } catch {
            trials.tell(CheckFinding(step.checks[0], .failed, error.message))
        }
        return true
    }

    private func run(_ step: CheckStep) throws(PluginError) {
        switch step {
        case .load: try load()
        case .run: try running()
        case .bounds: try bounds()
        case .rates: try rates()
        case .calls: try calls()
        case .state: try state()
        case .text: try text()
        case .output: try output()
        case .extremes: try extremes()
        case .place: try place()
        case .again: try again()
        case .reset: try reset()
        case .pair: try pair()
        case .blocks: try blocks()
        }
    }

    /// Written at once: what comes after it may end the process.
    func tell(_ finding: CheckFinding) {
        let bytes = Array((finding.line + "\n").utf8)
        let file = unsafe open(result, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        _ = unsafe write(file, bytes, bytes.count)
        close(file)
    }

    /// Two trials at once, each with its sound; what the first and the second made.
    ///
    /// - Throws: what went wrong with either, or that there is no second thread.
    func together(
        _ first: @escaping () throws(PluginError) -> [Float], _ second: @escaping () throws(PluginError) -> [Float]
    ) throws(PluginError) -> (first: [Float], second: [Float]) {
        let other = OtherTrial(second)
        guard
            let join = beside({
                CrashReport.prepareThread()
                other.run()
            })
        else { throw PluginError(.failed, "there is no second thread to run it on") }
        let mine: [Float]
        do throws(PluginError) {
            mine = try first()
        } catch {
            join()
            throw error
        }
        join()
        return (mine, try other.sound.get())
    }

    func tell(_ check: String, _ complaint: String?, else seen: String = "") {
        tell(complaint.map { CheckFinding(check, .failed, $0) } ?? CheckFinding(check, .ok, seen))
    }

    func found() throws(PluginError) -> PluginLibrary.Found { try PluginLibrary().find(reference) }

    func trial(
        _ found: PluginLibrary.Found, placement: GuestTrial.Placement = .init()
    ) throws(PluginError) -> GuestTrial { try GuestTrial(found, settings, placement: placement) }

    // MARK: - Whether it works at all

    private func load() throws(PluginError) {
        let found = try found()
        let description = try found.description(settings: settings)
        tell(
            CheckFinding(
                "loading", .ok,
                "\(description.interface.rawValue), \(description.layoutSummary), \(description.parameters.count) parameters"
            ))
        let trial: GuestTrial
        do throws(PluginError) {
            trial = try self.trial(found)
        } catch {
            return tell(CheckFinding("creating", .failed, error.message))
        }
        // A crash while it is destroyed must not come first.
        withExtendedLifetime(trial) { tell(CheckFinding("creating", .ok, "at \(Int(GuestTrial.rate)) Hz")) }
    }

    /// Any rate may be refused, but not crashed at.
    private func rates() throws(PluginError) {
        let found = try found()
        var refused: [String] = []
        var made: [String] = []
        for rate in [8000.0, 44100, 96000, 192_000] {
            do throws(PluginError) {
                _ = try GuestTrial(found, settings, rate: rate).run(frames: 2048)
                made.append("\(Int(rate))")
            } catch {
                refused.append("\(Int(rate))")
            }
        }
        let runs = made.isEmpty ? "" : "runs at \(made.joined(separator: ", ")) Hz"
        let rest = refused.isEmpty ? "" : "refuses \(refused.joined(separator: ", ")) Hz"
        tell(CheckFinding("other rates", .ok, [runs, rest].filter { !$0.isEmpty }.joined(separator: "; ")))
    }

    private func running() throws(PluginError) {
        try runOnce()
        // Destroyed and unloaded by now.
        tell(CheckFinding("ending", .ok))
    }

    private func runOnce() throws(PluginError) {
        let trial = try trial(found())
        _ = try trial.run(frames: 4800, blocks: [256])
        let instance = trial.instance
        let tail = instance.tailFrames.map { "tail \($0)" } ?? "endless tail"
        let seen =
            "\(instance.inputs) to \(instance.outputs) channels, latency \(instance.latencyFrames), \(tail)"
        withExtendedLifetime(trial) { tell(CheckFinding("running", .ok, seen)) }
    }
}

/// What a trial made on a thread of its own.
///
/// - Safety: `@unchecked Sendable` because one thread uses it until it is joined, and the one that made it after that.
private final class OtherTrial: @unchecked Sendable {
    private let body: () throws(PluginError) -> [Float]
    private(set) var sound: Result<[Float], PluginError> = .success([])

    init(_ body: @escaping () throws(PluginError) -> [Float]) {
        self.body = body
    }

    func run() {
        do throws(PluginError) {
            sound = .success(try body())
        } catch {
            sound = .failure(error)
        }
    }
}
