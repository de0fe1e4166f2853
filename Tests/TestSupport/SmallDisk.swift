import Foundation

/// A disk of a test's own that is soon full: a tmpfs, which only root may mount.
public final class SmallDisk {
    /// Whether there can be one; says why not, once, where there cannot. For `.enabled(if:)`.
    public static let isAvailable: Bool = {
        do {
            _ = try SmallDisk(megabytes: 1)
            return true
        } catch {
            print("skipped, no disk of a test's own: \(error)")
            return false
        }
    }()

    private struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// Where it is mounted.
    public let path: String

    public init(megabytes: Int) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "aup-disk-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let run = try ToolRun("mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path])
        guard run.status == 0 else {
            unsafe rmdir(path)
            throw Refused(description: "mount says: \(run.errors)")
        }
    }

    deinit {
        _ = try? ToolRun("umount", ["-l", path])
        unsafe rmdir(path)
    }

    /// Bytes that are left.
    public var freeBytes: Int {
        let values = try? FileManager.default.attributesOfFileSystem(forPath: path)
        return (values?[.systemFreeSize] as? NSNumber)?.intValue ?? 0
    }
}
