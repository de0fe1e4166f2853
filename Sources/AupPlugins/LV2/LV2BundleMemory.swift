import Glibc

/// Which bundle a URI was in, kept in a file from one run to the next: `URI`, tab, folder, a line each.
///
/// Remembering is a courtesy: a file that cannot be read or written is as good as none, and a bundle that moved is looked
/// for again.
///
/// - Thread: control.
struct LV2BundleMemory: Sendable, Equatable {
    /// `nil` to remember nothing.
    var file: String?
    /// More bytes are no file of ours.
    private static let limit = 1 << 20

    /// In `$XDG_CACHE_HOME/aup`, else `~/.cache/aup`.
    static func standard() -> LV2BundleMemory {
        let cache =
            GuestFolders.environment("XDG_CACHE_HOME") ?? GuestFolders.environment("HOME").map { $0 + "/.cache" }
        return LV2BundleMemory(file: cache.map { $0 + "/aup/lv2-bundles" })
    }

    func bundle(of uri: String) -> String? {
        lines().last { $0.hasPrefix(uri + "\t") }.map { String($0.dropFirst(uri.count + 1)) }
    }

    func remember(_ uri: String, bundle: String) {
        guard let file, !uri.contains("\t"), !uri.contains("\n"), !bundle.contains("\n") else { return }
        let kept = lines().filter { !$0.hasPrefix(uri + "\t") } + [uri + "\t" + bundle]
        if let slash = file.lastIndex(of: "/") {
            let folder = String(file[..<slash])
            if let above = folder.lastIndex(of: "/") { _ = unsafe mkdir(String(folder[..<above]), 0o700) }
            _ = unsafe mkdir(folder, 0o700)
        }
        // Written beside and renamed: two at once leave the file of one of them, not half of each.
        let fresh = "\(file).\(getpid())"
        let descriptor = unsafe open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        let bytes = Array((kept.joined(separator: "\n") + "\n").utf8)
        let written = unsafe write(descriptor, bytes, bytes.count)
        close(descriptor)
        _ = written == bytes.count ? unsafe rename(fresh, file) : unsafe unlink(fresh)
    }

    private func lines() -> [String] {
        guard let file, let facts = FileFacts(file), facts.bytes <= Self.limit else { return [] }
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: facts.bytes)
        let got = unsafe read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(got, 0)), as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
