public import Foundation

/// One run of a program from outside (sox, ffprobe, swift …), with all it said.
public struct ToolRun: Sendable {
    public let status: Int32
    public let output: String
    public let errors: String

    /// Where a tool lies, `nil` when it is not installed.
    public static func find(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs a tool to its end and collects what it wrote.
    ///
    /// Output goes through files, because a full pipe that nobody reads would stop the tool for ever.
    public init(_ name: String, _ arguments: [String], input: Data? = nil, in folder: URL? = nil) throws {
        guard let path = Self.find(name) else { throw CocoaError(.fileNoSuchFile) }
        let scratch = try Scratch()
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        if let folder { process.currentDirectoryURL = folder }
        let files = try ["in", "out", "err"].map { name in
            let file = scratch.folder.appending(path: name)
            try (name == "in" ? input ?? Data() : Data()).write(to: file)
            return file
        }
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        status = process.terminationStatus
        output = String(decoding: try Data(contentsOf: files[1]), as: UTF8.self)
        errors = String(decoding: try Data(contentsOf: files[2]), as: UTF8.self)
    }
}

/// A folder of a test's own that vanishes with it.
public final class Scratch: Sendable {
    public let folder: URL

    public init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "aup-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    public func path(_ name: String) -> String { folder.appending(path: name).path }
}
