public import Foundation

/// A story that a shell tells: several commands at once in a folder of its own, with `$S` for a socket there; what each of them
/// said lies in a file.
public struct ShellStory: Sendable {
    public let scratch: Scratch
    public var folder: URL { scratch.folder }

    public init() throws { scratch = try Scratch() }

    /// Runs a script to its end (`until_true 'words'` waits until they are, a minute at most), which it must
    /// reach within so many seconds.
    public func run(_ script: String, seconds: Int = 120) throws -> (status: Int, text: String) {
        let path = scratch.path("story.sh")
        let text = """
            S='\(scratch.path("s"))'; cd '\(scratch.folder.path)'
            until_true() { n=0; while ! eval "$1"; do n=$((n+1)); [ $n -gt 1200 ] && echo "never: $1" && return 1; sleep 0.05; done; }
            \(script)

            """
        try Data(text.utf8).write(to: URL(filePath: path))
        let run = try Pipeline.run(["timeout \(seconds) sh '\(path)'"], seconds: seconds + 10)
        return (run.statuses[0], String(decoding: run.output, as: UTF8.self) + run.errors[0])
    }

    /// The JSON objects in a file whose event has this name.
    public func events(_ file: String, _ name: String) throws -> [[String: Any]] {
        let text = try String(contentsOf: URL(filePath: scratch.path(file)), encoding: .utf8)
        return try text.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("{") else { return nil }
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return object?["event"] as? String == name ? object : nil
        }
    }

    public func end(_ file: String) throws -> [String: Any]? { try events(file, "end").last }
}
