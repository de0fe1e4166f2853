import Foundation
import Synchronization

/// Guests of Tests/Guests, built with the C compiler once for each test run.
public enum TestGuest {
    private static let built = Mutex<[String: String]>([:])

    /// Of this run.
    public static let folder: String = {
        let path = FileManager.default.temporaryDirectory.appending(path: "aup-test-guests-\(getpid())").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(atPath: TestGuest.folder) }
        return path
    }()

    /// The shared object of `Tests/Guests/NAME.c`.
    public static func path(_ name: String, defines: [String] = []) -> String {
        let file = ([name] + defines).joined(separator: "_").lowercased() + ".so"
        return built.withLock { built in
            if let path = built[file] { return path }
            let path = "\(folder)/\(file)"
            build("Tests/Guests/\(name).c", to: path, defines: defines)
            built[file] = path
            return path
        }
    }

    /// Whether the headers of LADSPA and LV2 are here, with which guests of other interfaces are built.
    public static let hasForeignHeaders = ["ladspa.h", "lv2/core/lv2.h"].allSatisfy {
        FileManager.default.fileExists(atPath: "/usr/include/\($0)")
    }

    /// A folder with the LV2 bundle of `Tests/Guests/lv2_NAME.c` and `.ttl`, whose plugin is urn:aup:test:NAME.
    ///
    /// - Parameter feature: of those it cannot do without, the one its Turtle leaves open.
    public static func lv2Folder(
        _ name: String, defines: [String] = [], feature: String = "http://lv2plug.in/ns/ext/log#log"
    ) throws -> String {
        let folder = "\(Self.folder)/\((["lv2", name] + defines).joined(separator: "_").lowercased())_\(feature.count)"
        let bundle = folder + "/guest.lv2"
        try FileManager.default.createDirectory(atPath: bundle, withIntermediateDirectories: true)
        let library = path("lv2_\(name)", defines: defines)
        try? FileManager.default.createSymbolicLink(atPath: bundle + "/guest.so", withDestinationPath: library)
        try Repository.text("Tests/Guests/lv2_\(name).ttl").replacing("<FEATURE>", with: "<\(feature)>")
            .write(toFile: bundle + "/guest.ttl", atomically: true, encoding: .utf8)
        try """
        @prefix lv2: <http://lv2plug.in/ns/lv2core#> .
        <urn:aup:test:\(name)> a lv2:Plugin ; lv2:binary <guest.so> ;
          <http://www.w3.org/2000/01/rdf-schema#seeAlso> <guest.ttl> .
        """.write(toFile: bundle + "/manifest.ttl", atomically: true, encoding: .utf8)
        return folder
    }

    /// Builds a guest to a path of the caller's, beside it first and then renamed unless it is to be written in place.
    public static func build(_ source: String, to path: String, defines: [String] = [], inPlace: Bool = false) {
        let root = Repository.root.path
        let words =
            defines.map { "'-D\($0)'" } + [
                "-I'\(root)/plugins'", "-I'\(root)/Sources/CAupPlugin/include'", "-std=gnu11", "-O1", "-w", "-shared",
                "-fPIC", "-fvisibility=hidden",
                "-o '\(path).new'", "'\(root)/\(source)'", "-lm",
            ]
        let last = inPlace ? "cat '\(path).new' > '\(path)' && rm '\(path).new'" : "mv '\(path).new' '\(path)'"
        guard unsafe system("/usr/bin/cc \(words.joined(separator: " ")) && \(last)") == 0 else {
            fatalError("\(source) cannot be built: is there a C compiler?")
        }
    }
}
