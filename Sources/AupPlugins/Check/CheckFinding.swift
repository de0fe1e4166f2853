/// What one check of a plugin came to.
///
/// - Thread: any.
public struct CheckFinding: Sendable, Equatable {
    public enum Result: String, Sendable, Equatable {
        case ok
        case failed = "FAILED"
        case skipped
    }
    /// `loading`, `buffers`, `allocation` …
    public let check: String
    public let result: Result
    /// One line, maybe empty.
    public let seen: String

    init(_ check: String, _ result: Result, _ seen: String = "") {
        self.check = check
        self.result = result
        self.seen = visible(seen)
    }

    /// As it passes from the process that looked.
    var line: String { "\(check)\t\(result.rawValue)\t\(seen)" }

    init?(line: String) {
        let parts = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let result = Result(rawValue: parts[1]) else { return nil }
        self.init(parts[0], result, parts[2])
    }
}

/// A part of the examination that is done in one process, so that what a guest breaks there is broken nowhere else.
enum CheckStep: String, CaseIterable {
    case load, run, bounds, rates, calls, state, text, output, extremes, place, again, reset, pair, blocks

    /// What it tells of, in this order.
    var checks: [String] {
        switch self {
        case .load: ["loading", "creating"]
        case .run: ["running", "ending"]
        case .bounds: ["buffers"]
        case .rates: ["other rates"]
        case .calls: ["allocation", "locks", "system calls"]
        case .state: ["descriptors", "signals", "locale", "directory", "floating point", "threads"]
        case .text: ["standard output"]
        case .output: ["unwritten output", "output"]
        case .extremes: ["extreme values"]
        case .place: ["in place"]
        case .again: ["determinism"]
        case .reset: ["reset"]
        case .pair: ["two instances"]
        case .blocks: ["block sizes"]
        }
    }
}
