import AupSystem
import CAupPlugin
import Glibc
import Synchronization

/// A loaded shared object and the plugins it offers, each checked against the contract of `aup_plugin.h`.
///
/// Loaded with `RTLD_NOW | RTLD_LOCAL`: what is missing is missing now, and no symbol of a guest reaches another one.
/// Closed when the last instance and the last reference are gone.
///
/// - Thread: control.
/// - Safety: `@unchecked Sendable` because everything is immutable after init and dlclose may run on any thread.
@safe public final class PluginModule: @unchecked Sendable {
    public let path: String
    public let plugins: [PluginDescription]
    /// Our own copies of the guests' tables, by index of `plugins`; they live as long as the module.
    let tables: [GuestTable]
    private let handle: UnsafeMutableRawPointer
    /// What was loaded in the file's place.
    private let copy: MemoryFile?

    /// What a plugin is created and run with.
    @safe struct GuestTable {
        /// In the length this host knows; on the heap because the audio thread reads it through a pointer.
        let copy: UnsafeMutablePointer<aup_plugin>
        /// The guest's own.
        let original: UnsafePointer<aup_plugin>
        /// For breadcrumbs and messages.
        let name: UnsafeMutablePointer<CChar>
    }

    /// Checks the file, loads it and reads its tables. No code of the guest runs but its constructors, whose text goes to
    /// standard error.
    ///
    /// - Throws: every ``PluginError/Code`` up to `malformed`.
    ///
    /// - Parameter isCopied: loads a copy, so that the file may be written over.
    public init(path: String, isCopied: Bool = false) throws(PluginError) {
        try SharedObjectFile.check(path)
        let copy = isCopied ? try Self.copy(path) : nil
        let opened = copy?.path ?? Self.spelling(of: path.contains("/") ? path : "./" + path)
        let handle = try unsafe Self.load(opened, shown: path)
        do throws(PluginError) {
            let symbol = unsafe dlsym(handle, "aup_module_v1")
            guard let symbol = unsafe symbol else { throw unsafe Self.withoutTable(path, handle) }
            let reading = try unsafe ModuleReading(unsafe symbol.assumingMemoryBound(to: aup_module.self), path: path)
            plugins = reading.descriptions
            tables = unsafe reading.plugins.indices.map { index in
                let copy = UnsafeMutablePointer<aup_plugin>.allocate(capacity: 1)
                unsafe copy.initialize(to: aup_plugin_copy(reading.plugins[index]))
                return unsafe GuestTable(
                    copy: copy, original: reading.plugins[index], name: strdup(reading.descriptions[index].id))
            }
        } catch {
            unsafe Self.unload(handle, path: opened)
            throw error
        }
        unsafe self.handle = unsafe handle
        self.path = path
        self.copy = copy
    }

    deinit {
        unsafe Self.unload(handle, path: path)
        for table in tables {
            unsafe table.copy.deallocate()
            unsafe free(table.name)
        }
    }

    /// The path with as many `./` before the file's name as there were other files at that path before in this process.
    ///
    /// The loader takes two equal paths for one file and would hand out the old one after it has been replaced; spelled
    /// otherwise it looks at the file itself.
    private static func spelling(of path: String) -> String {
        guard let facts = FileFacts(path), let slash = path.lastIndex(of: "/") else { return path }
        let generation = loadedFiles.withLock { files in
            let last = files[path]
            let generation = last == nil || last?.facts == facts ? last?.generation ?? 0 : last!.generation + 1
            files[path] = (facts, generation)
            return generation
        }
        return path[...slash] + String(repeating: "./", count: generation) + path[path.index(after: slash)...]
    }

    private static let loadedFiles = Mutex<[String: (facts: FileFacts, generation: Int)]>([:])

    private static func copy(_ path: String) throws(PluginError) -> MemoryFile {
        do throws(SystemError) {
            return try MemoryFile(copyOf: path)
        } catch {
            throw PluginError(.broken, "plugin '\(shown(path))' cannot be copied: \(error.reason)")
        }
    }

    /// - Parameter place: what the user calls the file.
    private static func load(_ path: String, shown place: String) throws(PluginError) -> UnsafeMutableRawPointer {
        try unsafe GuestText.diverted { () throws(PluginError) in
            // A guest built with -ffast-math switches this thread's denormals off when it is loaded.
            let floatState = aup_float_state_get()
            defer { aup_float_state_set(floatState) }
            let handle = unsafe path.withCString { name in
                unsafe aup_breadcrumb_set(name, Int32(AUP_PHASE_LOAD.rawValue))
                defer { aup_breadcrumb_set(nil, Int32(AUP_PHASE_NONE.rawValue)) }
                return unsafe dlopen(name, RTLD_NOW | RTLD_LOCAL)
            }
            if let handle = unsafe handle { return unsafe handle }
            let reason = unsafe dlerror().map { unsafe String(cString: $0) } ?? "no reason given"
            // The loader begins with the path, which the message names already.
            let short = reason.hasPrefix(path + ": ") ? String(reason.dropFirst(path.count + 2)) : reason
            throw PluginError(.unloadable, "plugin '\(shown(place))' cannot be loaded: \(shown(short))")
        }
    }

    private static func unload(_ handle: UnsafeMutableRawPointer, path: String) {
        unsafe path.withCString { name in
            unsafe aup_breadcrumb_set(name, Int32(AUP_PHASE_UNLOAD.rawValue))
            _ = unsafe dlclose(handle)
            aup_breadcrumb_set(nil, Int32(AUP_PHASE_NONE.rawValue))
        }
    }

    /// Says what else the module may be.
    private static func withoutTable(_ path: String, _ handle: UnsafeMutableRawPointer) -> PluginError {
        let others = [("ladspa_descriptor", "LADSPA"), ("lv2_descriptor", "LV2"), ("clap_entry", "CLAP")]
        let other = others.first { unsafe dlsym(handle, $0.0) != nil }.map { "; it is a plugin for \($0.1)" }
        return PluginError(
            .notPlugin,
            "plugin '\(shown(path))' exports no 'aup_module_v1'"
                + (other ?? "; it is no aup plugin, or AUP_MODULE is missing in its source"))
    }
}
