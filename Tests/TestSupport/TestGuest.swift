import Foundation
import Synchronization

/// Guests of Tests/Guests, built with the C compiler once for each test run.
public enum TestGuest {
    private static let built = Mutex<[String: String]>([:])

    private static let folder: String = {
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

    /// Builds a guest to a path of the caller's, beside it first and then renamed unless it is to be written in place.
    public static func build(_ source: String, to path: String, defines: [String] = [], inPlace: Bool = false) {
        let root = Repository.root.path
        let words =
            defines.map { "'-D\($0)'" } + [
                "-I'\(root)/plugins'", "-std=gnu11", "-O1", "-w", "-shared", "-fPIC", "-fvisibility=hidden",
                "-o '\(path).new'", "'\(root)/\(source)'", "-lm",
            ]
        let last = inPlace ? "cat '\(path).new' > '\(path)' && rm '\(path).new'" : "mv '\(path).new' '\(path)'"
        guard unsafe system("/usr/bin/cc \(words.joined(separator: " ")) && \(last)") == 0 else {
            fatalError("\(source) cannot be built: is there a C compiler?")
        }
    }
}
