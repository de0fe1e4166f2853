import AupSystem
import CAupPlugin
import Glibc
import Synchronization

/// A file that the dynamic loader has mapped, with `RTLD_NOW | RTLD_LOCAL`: what is missing is missing now, and no symbol
/// of a guest reaches another one. Closed when the last reference is gone.
///
/// - Thread: control.
/// - Safety: `@unchecked Sendable` because everything is immutable after init and dlclose may run on any thread.
@safe final class SharedObject: @unchecked Sendable {
    /// As it was asked for.
    let path: String
    private let handle: UnsafeMutableRawPointer
    /// What was loaded in the file's place.
    private let copy: MemoryFile?

    /// Checks the file and loads it. No code of the guest runs but its constructors, whose text goes to standard error.
    ///
    /// - Parameter isCopied: loads a copy, so that the file may be written over.
    /// - Throws: `notFound`, `broken`, `foreign` or `unloadable`.
    init(path: String, isCopied: Bool = false) throws(PluginError) {
        try SharedObjectFile.check(path)
        copy = isCopied ? try Self.copy(path) : nil
        let opened = copy?.path ?? Self.spelling(of: path.contains("/") ? path : "./" + path)
        unsafe handle = try unsafe Self.load(opened, shown: path)
        self.path = path
    }

    deinit {
        unsafe path.withCString { name in
            unsafe aup_breadcrumb_set(name, Int32(AUP_PHASE_UNLOAD.rawValue))
            _ = unsafe dlclose(handle)
            aup_breadcrumb_set(nil, Int32(AUP_PHASE_NONE.rawValue))
        }
    }

    func symbol(_ name: String) -> UnsafeMutableRawPointer? { unsafe dlsym(handle, name) }

    func has(_ name: String) -> Bool { unsafe dlsym(handle, name) != nil }

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

    /// Lets FFTW stay where a guest brought it along: what its planner has found out, some 100 kB, would be lost with each
    /// unloading, unfreed, and be found out again.
    private static func keepPlanner(of handle: UnsafeMutableRawPointer) {
        for (symbol, file) in [("fftwf_malloc", "libfftw3f.so.3"), ("fftw_malloc", "libfftw3.so.3")]
        where unsafe dlsym(handle, symbol) != nil {
            _ = unsafe dlopen(file, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE)
        }
    }

    /// What can be done about a function that is missing; the loader names it but says no more.
    static func advice(on reason: String) -> String {
        let words = reason.split(separator: " ")
        guard let at = words.firstIndex(of: "symbol:"), at > 0, words[at - 1] == "undefined", at + 1 < words.count
        else { return "" }
        let symbol = words[at + 1].prefix { $0 != "," }
        // Fast variants that the C library offers no more since version 2.31 (its NEWS, 2020).
        if symbol.hasPrefix("__"), symbol.hasSuffix("_finite") {
            return " (a function that newer C libraries no longer offer; the plugin has to be built again)"
        }
        return " (it does not say which library has that; LD_PRELOAD=LIBRARY.so in the environment may help)"
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
            if let handle = unsafe handle {
                unsafe aup_exit_watch(handle)
                unsafe keepPlanner(of: handle)
                return unsafe handle
            }
            let reason = unsafe dlerror().map { unsafe String(cString: $0) } ?? "no reason given"
            // The loader begins with the path, which the message names already.
            let short = reason.hasPrefix(path + ": ") ? String(reason.dropFirst(path.count + 2)) : reason
            throw PluginError(
                .unloadable, "plugin '\(shown(place))' cannot be loaded: \(shown(short))\(Self.advice(on: short))")
        }
    }
}
