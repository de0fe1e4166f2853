import AupPlugins
import Foundation
import TestSupport
import Testing

/// What an author of plugins meets first: the header, the template, the Makefile.
@Suite struct PluginHeaderTests {
    private let plugins = Repository.root.appending(path: "plugins").path

    /// A plugin's sources as a checkout has them, in a folder of the test's own.
    private func copy() throws -> Scratch {
        // Built before it is looked at, so that no half-made file is in the list.
        _ = Guests.own
        let scratch = try Scratch()
        let words = ["ls-files", "--cached", "--others", "--exclude-standard", "plugins"]
        let sources = try ToolRun("git", words, in: Repository.root).output
        for path in sources.split(separator: "\n").map(String.init) {
            let goal = scratch.folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: goal.deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.copyItem(at: Repository.root.appending(path: path), to: goal)
        }
        return scratch
    }

    private static let compilers = [
        ["cc", "-std=c11"], ["cc", "-std=c17"], ["clang", "-std=c11"], ["c++", "-std=c++17", "-x", "c++"],
        ["clang++", "-std=c++17", "-x", "c++"], ["c++", "-std=c++20", "-x", "c++"],
    ].filter { ToolRun.find($0[0]) != nil }

    @Test(arguments: compilers)
    func `the header compiles with every warning on`(compiler: [String]) throws {
        let scratch = try Scratch()
        // What an author may write with it in either language.
        let source = """
            #include "aup_plugin.h"
            static const aup_param params[] = {
                {"level", "Level", "dB", -90, 24, 0, AUP_LINEAR, AUP_PARAM_RAMP, NULL, NULL}};
            static const aup_layout layouts[] = {{0, 0, 0, 0}};
            static void *create(const aup_host *host, const aup_plugin *self, const aup_setup *setup, aup_error *error) {
              if (!AUP_HAS(setup, seed) || !AUP_HAS(host, log) || !AUP_HAS(self, process))
                error->code = AUP_E_UNSUPPORTED;
              return error;
            }
            static void destroy(void *instance) { (void)instance; }
            static int32_t process(void *instance, const aup_block *block) {
              (void)instance;
              return AUP_HAS(block, events) ? AUP_OK : AUP_DONE;
            }
            static const aup_plugin plugin = {sizeof(aup_plugin), AUP_IN_PLACE, "one", "One", "1.0", "us", "level",
                layouts, params, AUP_COUNT(layouts), sizeof layouts[0], AUP_COUNT(params), sizeof params[0], create,
                destroy, process, NULL, NULL, NULL, NULL};
            AUP_MODULE(&plugin);
            """
        let file = scratch.path("one.c")
        try source.write(toFile: file, atomically: true, encoding: .utf8)
        let run = try ToolRun(
            compiler[0],
            Array(compiler.dropFirst()) + [
                "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror", "-I", plugins, "-shared",
                "-fPIC", "-fvisibility=hidden", file, "-o", scratch.path("one.so"),
            ])
        #expect(run.status == 0, "\(run.errors)")
        #expect(try PluginModule(path: scratch.path("one.so")).plugins.map(\.id) == ["one"])
    }

    @Test func `the template is short enough to read at once`() throws {
        let lines = try Repository.text("plugins/gain/gain.c").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count - 1 <= 40)
    }

    @Test func `a new plugin comes from the template and builds at once`() throws {
        let scratch = try copy()
        let folder = scratch.folder.appending(path: "plugins")
        for name in ["tremolo", "process", "a_2"] {
            let run = try ToolRun("make", ["new", "NAME=\(name)"], in: folder)
            #expect(run.status == 0, "\(run.errors)")
            let plugin = try PluginModule(path: "\(folder.path)/\(name)/\(name).so").plugins[0]
            #expect(plugin.id == name && plugin.name == name && plugin.parameters.map(\.key) == ["gain"])
        }
        let again = try ToolRun("make", ["new", "NAME=tremolo"], in: folder)
        #expect(again.status != 0 && again.errors.contains("plugins/tremolo is there already"))
        for name in ["", "Tremolo", "../x", "a-b", "2a", "parts", "a b", "'"] {
            let refused = try ToolRun("make", ["new", "NAME=\(name)"], in: folder)
            #expect(refused.status != 0, "NAME=\(name)")
        }
    }

    @Test func `the header and every plugin are installed, and found there`() throws {
        let scratch = try copy()
        let goal = scratch.path("goal")
        let words = ["-C", "plugins", "install", "PREFIX=/usr", "DESTDIR=\(goal)"]
        let run = try ToolRun("make", words, in: scratch.folder)
        #expect(run.status == 0, "\(run.errors)")
        let header = try Data(contentsOf: URL(filePath: goal + "/usr/include/aup_plugin.h"))
        #expect(try header == Data(contentsOf: URL(filePath: plugins + "/aup_plugin.h")))
        let library = PluginLibrary(search: PluginSearch(folders: [goal + "/usr/lib/aup/plugins"]))
        for (name, _) in NativeContractTests.plugins {
            if name == "invert", ToolRun.find("swiftc") == nil { continue }
            #expect(try library.find(name).description.path == goal + "/usr/lib/aup/plugins/\(name).so")
        }
    }

    @Test(.enabled(if: ToolRun.find("nm") != nil, "nm is not installed"))
    func `a plugin shows one symbol and needs nothing but the C library`() throws {
        for (name, _) in NativeContractTests.plugins {
            let path = "\(Guests.own)/\(name)/\(name).so"
            let shown = try ToolRun("nm", ["-D", "--defined-only", "-P", path]).output.split(separator: "\n")
            #expect(shown.count == 1 && shown[0].hasPrefix("aup_module_v1 "))
            // Process may call none of these; create and destroy bring malloc and free.
            let needed = try ToolRun("nm", ["-D", "--undefined-only", "-P", path]).output
            for forbidden in ["pthread_", "fopen", "printf", "write", "read ", "usleep", "rand"] {
                #expect(!needed.contains(forbidden), "\(name) needs \(forbidden)")
            }
        }
    }
}
