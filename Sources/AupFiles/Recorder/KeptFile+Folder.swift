internal import AupSound
internal import Glibc

// Which files on the disk are a recording's own, and how they go.

extension KeptFile {
    /// Bytes of a sidecar in which its owner is named: four paths' worth.
    private static let headBytes = 20_000
    /// Files that are looked after; more than a hundred years of hours.
    static let mostFiles = 1_000_000

    /// The files that a recipe has made and that are still as it made them, oldest first.
    ///
    /// A file is its own when its path is one that the template makes, its sidecar names the recipe and the file, and the
    /// size is the one that was written down. Everything else is somebody else's.
    public static func all(madeBy template: NameTemplate) -> [KeptFile] {
        var files: [KeptFile] = []
        collect(template, in: template.folder, depth: template.depth, into: &files)
        return files.sorted { ($0.end, $0.path) < ($1.end, $1.path) }
    }

    private static func collect(
        _ template: NameTemplate, in folder: String, depth: Int, into files: inout [KeptFile]
    ) {
        let prefix = folder == "." && !template.text.hasPrefix("./") ? "" : folder == "/" ? "/" : folder + "/"
        for name in names(in: folder) where files.count < mostFiles {
            let path = prefix + name
            if depth > 0 {
                if isKind(path, S_IFDIR) { collect(template, in: path, depth: depth - 1, into: &files) }
            } else if template.canMake(path), let file = KeptFile(path, of: template) {
                files.append(file)
            }
        }
    }

    /// What a path holds, if it is this recipe's file.
    init?(_ path: String, of template: NameTemplate) {
        guard let size = Self.size(path), let head = Self.head(Sidecar.path(of: path)) else { return nil }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let owner = JSONText.quoted("recipe") + ":" + JSONText.quoted(template.text) + ","
        let owned = JSONText.quoted("file") + ":" + JSONText.quoted(name) + ","
        guard head.contains(owner), head.contains(owned), Self.number("bytes", head) == size,
            let end = Self.number("end_ns", head)
        else { return nil }
        self.init(path: path, bytes: size, end: end)
    }

    /// Removes the file with its sidecar, and the folders that are empty after it up to the template's first.
    ///
    /// - Returns: false when it is no longer the recipe's own, or cannot be removed.
    public func remove(madeBy template: NameTemplate) -> Bool {
        guard KeptFile(path, of: template) == self, unsafe unlink(FileName.bytes(path)) == 0 else { return false }
        _ = unsafe unlink(FileName.bytes(Sidecar.path(of: path)))
        var folder = Substring(path)
        for _ in 0..<template.depth {
            guard let slash = folder.lastIndex(of: "/") else { break }
            folder = folder[..<slash]
            guard unsafe rmdir(FileName.bytes(String(folder))) == 0 else { break }
        }
        return true
    }

    private static func names(in folder: String) -> [String] {
        guard let handle = unsafe opendir(FileName.bytes(folder)) else { return [] }
        defer { unsafe closedir(handle) }
        var names: [String] = []
        while let entry = unsafe readdir(handle) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: UInt8.self, capacity: 256) { start in
                    unsafe FileName.text(UnsafeBufferPointer(start: start, count: 256).prefix { $0 != 0 })
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Bytes of a regular file that is no link.
    private static func size(_ path: String) -> Int64? {
        var facts = stat()
        guard unsafe lstat(FileName.bytes(path), &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int64(facts.st_size)
    }

    private static func isKind(_ path: String, _ kind: mode_t) -> Bool {
        var facts = stat()
        return unsafe lstat(FileName.bytes(path), &facts) == 0 && facts.st_mode & S_IFMT == kind
    }

    private static func head(_ path: String) -> String? {
        let descriptor = unsafe open(FileName.bytes(path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var space = [UInt8](repeating: 0, count: headBytes)
        let count = unsafe space.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        return count > 0 ? String(decoding: space[..<count], as: UTF8.self) : nil
    }

    /// The first member of that name that is a number.
    private static func number(_ key: String, _ text: String) -> Int64? {
        guard let place = text.firstRange(of: JSONText.quoted(key) + ":") else { return nil }
        return Int64(text[place.upperBound...].prefix { $0.isASCII && $0.isNumber })
    }
}

/// Bytes that the disk under a folder has left for us; `nil` when it does not say.
///
/// - Thread: control.
public func freeBytes(in folder: String) -> Int64? {
    var facts = statvfs()
    guard unsafe statvfs(FileName.bytes(folder), &facts) == 0 else { return nil }
    return Int64(clamping: UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize)).partialValue)
}

/// Makes the folders of a path that are not there yet. 0, or the errno.
///
/// - Thread: control.
public func makeFolders(for path: String) -> Int32 {
    for index in path.indices where path[index] == "/" && index != path.startIndex {
        guard unsafe mkdir(FileName.bytes(String(path[..<index])), 0o777) == 0 || errno == EEXIST else { return errno }
    }
    return 0
}

/// Whether any of a recording's names is taken: the file's, its draft's, its sidecar's.
///
/// - Thread: control.
public func isNameTaken(_ path: String) -> Bool {
    [path, path + ".part", Sidecar.path(of: path)].contains { name in
        var facts = stat()
        return unsafe lstat(FileName.bytes(name), &facts) == 0
    }
}
