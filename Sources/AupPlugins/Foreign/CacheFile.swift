import AupSystem
import Glibc

/// Small files that make the next start faster, in `$XDG_CACHE_HOME/aup`, else `~/.cache/aup`.
///
/// They are a courtesy: one that cannot be read or written is as good as none.
///
/// - Thread: control.
enum CacheFile {
    /// More bytes are no file of ours; the longest is that of a library with some hundred plugins of hundreds of parameters.
    private static let limit = 1 << 24

    /// `nil` where there is no home.
    static func standardFolder() -> String? {
        let cache =
            GuestFolders.environment("XDG_CACHE_HOME") ?? GuestFolders.environment("HOME").map { $0 + "/.cache" }
        return cache.map { $0 + "/aup" }
    }

    /// Makes a folder and those above it that are missing.
    static func makeFolder(_ folder: String) {
        guard FileFacts(folder) == nil, !folder.isEmpty else { return }
        if unsafe mkdir(folder, 0o700) == 0 || errno == EEXIST { return }
        guard let slash = folder.lastIndex(of: "/"), slash != folder.startIndex else { return }
        makeFolder(String(folder[..<slash]))
        _ = unsafe mkdir(folder, 0o700)
    }

    /// Lines, empty ones left out.
    static func lines(of file: String) -> [String] {
        guard let facts = FileFacts(file), facts.bytes <= limit else { return [] }
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: facts.bytes)
        let got = unsafe read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(got, 0)), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Written beside and renamed: two at once leave the file of one of them, not half of each.
    @discardableResult
    static func write(_ lines: [String], to file: String) -> Bool {
        if let slash = file.lastIndex(of: "/") { makeFolder(String(file[..<slash])) }
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        // A courtesy need not outlast a power cut.
        return (try? replaceFile(file, with: bytes, mode: 0o600, isKept: false)) != nil
    }
}
