/// Which bundle a URI was in, kept in a file from one run to the next: `URI`, tab, folder, a line each.
///
/// A bundle that moved is looked for again.
///
/// - Thread: control.
struct LV2BundleMemory: Sendable, Equatable {
    /// `nil` to remember nothing.
    var file: String?

    static func standard() -> LV2BundleMemory {
        LV2BundleMemory(file: CacheFile.standardFolder().map { $0 + "/lv2-bundles" })
    }

    func bundle(of uri: String) -> String? {
        lines().last { $0.hasPrefix(uri + "\t") }.map { String($0.dropFirst(uri.count + 1)) }
    }

    func remember(_ uri: String, bundle: String) {
        guard let file, !uri.contains("\t"), !uri.contains("\n"), !bundle.contains("\n") else { return }
        CacheFile.write(lines().filter { !$0.hasPrefix(uri + "\t") } + [uri + "\t" + bundle], to: file)
    }

    private func lines() -> [String] { file.map(CacheFile.lines) ?? [] }
}
