import CLinux

/// What this binary was built from, for `--version` and reports of bugs.
///
/// - Thread: any.
public enum BuildFacts {
    /// `6f60019`, `6f60019-dirty`; `nil` where nobody said it while building.
    public static var commit: String? { unsafe text(aup_build_commit()) }

    /// `6.3.1`
    public static var swift: String? { unsafe text(aup_build_swift()) }

    public static var isDebug: Bool {
        #if DEBUG
            true
        #else
            false
        #endif
    }

    public static var architecture: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "arm64"
        #else
            "another processor"
        #endif
    }

    /// `release build of 6f60019 with Swift 6.3.1 for x86_64`
    public static var summary: String {
        "\(isDebug ? "debug" : "release") build" + (commit.map { " of \($0)" } ?? "")
            + (swift.map { " with Swift \($0)" } ?? "") + " for \(architecture)"
    }

    private static func text(_ words: UnsafePointer<CChar>?) -> String? {
        guard let words = unsafe words else { return nil }
        let text = unsafe String(cString: words)
        return text.isEmpty ? nil : text
    }
}
