import CLilv
import Glibc

/// What LV2 bundles say about themselves, read by lilv when the first URI is named.
///
/// A URI whose bundle is remembered costs one bundle; another one costs a look at all of them.
///
/// - Thread: control; one at a time.
/// - Safety: `@unchecked Sendable` because only the control side reads it, and instances that restore a state are created
///   there too.
@safe final class LV2World: @unchecked Sendable {
    let pointer: OpaquePointer
    private let path: String?
    private let memory: LV2BundleMemory
    private var isWhole = false

    /// - Parameter folders: absolute; `nil` for lilv's own.
    /// - Throws: ``PluginError/Code/unloadable`` when lilv is not installed.
    init(folders: [String]?, memory: LV2BundleMemory) throws(PluginError) {
        if let missing = unsafe aup_lilv_missing() {
            let words = unsafe String(cString: missing)
            throw PluginError(
                .unloadable, "LV2 plugins need lilv (\(shown(words))); install what Debian calls liblilv-0-0")
        }
        Self.needNoScreen()
        guard let world = unsafe aup_lilv_open() else { throw PluginError(.failed, "LV2 plugins: out of memory") }
        unsafe pointer = unsafe world
        path = folders?.joined(separator: ":")
        self.memory = memory
    }

    deinit { unsafe aup_lilv_close(pointer) }

    /// Synthesizers made with Qt start its machinery when they are created, which ends the process where it finds no screen.
    /// Nothing is ever shown here, so it is told to do without one, unless somebody told it otherwise.
    private static func needNoScreen() { _ = unsafe setenv("QT_QPA_PLATFORM", "offscreen", 0) }

    /// A plugin's facts.
    ///
    /// - Parameter remembers: where it was found is worth a line in the memory.
    /// - Throws: ``PluginError/Code/notFound`` with near URIs.
    func find(_ uri: String, remembers: Bool = true) throws(PluginError) -> LV2Reading {
        if !isWhole, let bundle = memory.bundle(of: uri), FileFacts(bundle + "/manifest.ttl") != nil {
            unsafe aup_lilv_load_bundle(pointer, bundle)
            if let found = unsafe aup_lilv_find(pointer, uri) { return unsafe LV2Reading(found, uri: uri, world: self) }
        }
        loadAll()
        if let found = unsafe aup_lilv_find(pointer, uri) {
            let reading = unsafe LV2Reading(found, uri: uri, world: self)
            if remembers, let bundle = reading.bundle { memory.remember(uri, bundle: bundle) }
            return reading
        }
        throw PluginError(
            .notFound,
            "plugin '\(shown(uri))': no installed LV2 bundle has it" + suggestion(nearMatches(to: uri, among: uris())))
    }

    /// Every plugin there is, sorted.
    func uris() -> [String] {
        loadAll()
        let count = unsafe aup_lilv_uris(pointer, nil, 0)
        var texts = unsafe [UnsafePointer<CChar>?](repeating: nil, count: Int(count))
        _ = unsafe aup_lilv_uris(pointer, &texts, count)
        return unsafe texts.compactMap { unsafe guestText($0) }.sorted()
    }

    private func loadAll() {
        guard !isWhole else { return }
        isWhole = true
        unsafe aup_lilv_load_all(pointer, path)
    }
}
