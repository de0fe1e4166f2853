import AupSystem

/// Where numbers are left for a collector of metrics, such as node_exporter's of text files: replaced as a whole each time.
///
/// - Thread: main.
public final class MetricsFile {
    public struct Failure: Error, Sendable {
        /// One line.
        public let message: String
    }

    /// What collectors look for; anything else might be somebody's.
    public static let nameEnd = ".prom"
    private let path: String
    private var hasFailed = false

    public init(_ path: String) {
        self.path = path
    }

    /// What tells it from others that are collected beside it: its name without its end.
    public var label: String {
        String((path.split(separator: "/").last ?? "").dropLast(Self.nameEnd.count))
    }

    /// - Throws: when it could be written the time before; a failure that lasts is told once.
    public func replace(with text: String) throws(Failure) {
        do throws(SystemError) {
            try replaceFile(path, with: Array(text.utf8), isKept: false)
            hasFailed = false
        } catch {
            guard !hasFailed else { return }
            hasFailed = true
            throw Failure(message: "cannot write \(path): \(error.reason)")
        }
    }
}
