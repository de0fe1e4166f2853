import Foundation

/// procfs and sysfs of some other host, drawn in a folder of a test's own from a file of `Tests/AupALSATests/Fixtures`.
///
///     # what this host is
///     == proc/asound/card0/id          a file; its lines follow
///     hex sys/…/descriptors            a file of bytes; its lines follow
///     -> sys/class/sound/card0 ../…    a link
///     dir sys/bus/usb                  a folder
public struct HostTree {
    private let scratch: Scratch
    public var processes: String { scratch.path("proc") }
    public var system: String { scratch.path("sys") }

    /// A host without sound.
    public init() throws {
        scratch = try Scratch()
        for folder in ["proc/asound", "sys/class/sound"] { try makeFolder(folder) }
    }

    public init(_ name: String) throws {
        try self.init()
        try draw(Repository.text("Tests/AupALSATests/Fixtures/\(name).host"))
    }

    /// What leads the binary here.
    public var environment: [String: String] { ["AUP_TEST_PROCFS": processes, "AUP_TEST_SYSFS": system] }

    /// Draws more, in the same words.
    public func draw(_ text: String) throws {
        var path: String?
        var isHexadecimal = false
        var lines: [Substring] = []
        func finish() throws {
            guard let file = path else { return }
            let bytes =
                isHexadecimal
                ? Data(lines.joined(separator: " ").split(separator: " ").map { UInt8($0, radix: 16)! })
                : Data((lines.joined(separator: "\n") + "\n").utf8)
            try makeFolder((file as NSString).deletingLastPathComponent)
            try bytes.write(to: url(file))
            path = nil
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            switch words.first {
            case "==", "hex":
                try finish()
                (path, isHexadecimal, lines) = (words[1], words[0] == "hex", [])
            case "->":
                try finish()
                let ends = words[1].split(separator: " ").map(String.init)
                try makeFolder((ends[0] as NSString).deletingLastPathComponent)
                try FileManager.default.createSymbolicLink(atPath: scratch.path(ends[0]), withDestinationPath: ends[1])
            case "dir":
                try finish()
                try makeFolder(words[1])
            default: lines.append(line)
            }
        }
        try finish()
    }

    /// A file or a link is gone.
    public func remove(_ path: String) throws { try FileManager.default.removeItem(at: url(path)) }

    private func url(_ path: String) -> URL { URL(filePath: scratch.path(path)) }

    private func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(at: url(path), withIntermediateDirectories: true)
    }
}
