import Foundation
import TestSupport
import Testing

/// `make install` and `make uninstall`, by the script behind them and the binary under test; `make deb-test` has the package.
@Suite struct `An installation` {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func install(_ verb: String, prefix: String = "/usr") throws -> ToolRun {
        try ToolRun(
            "env",
            [
                "AUP=\(Pipeline.aup)", "DESTDIR=\(scratch.folder.path)", "PREFIX=\(prefix)",
                Repository.root.appending(path: "packaging/install.sh").path, verb,
            ])
    }

    /// Every file and folder, from the scratch folder.
    private func tree() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: scratch.folder.path).sorted()
    }

    private func write(_ text: String, _ name: String) throws {
        let file = scratch.folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    @Test func `is taken out as if it had never been, and what others put there stays`() throws {
        try write("not ours", "usr/bin/other")
        let before = try tree()
        #expect(try install("install").status == 0)
        let installed = try tree()
        for file in [
            "usr/bin/aup", "usr/include/aup_plugin.h", "usr/lib/aup/plugins/gain.so",
            "usr/share/man/man1/aup-capture.1", "usr/share/man/man5/aup-config.5", "usr/share/man/man7/aup-stream.7",
            "usr/share/doc/aup/README.md", "usr/share/doc/aup/examples/demo.sh", "usr/share/aup/installed",
        ] { #expect(installed.contains(file), "\(file)") }
        #expect(!installed.contains { $0.hasSuffix(".new") })
        // A second time changes nothing, and forgets nothing.
        #expect(try install("install").status == 0)
        #expect(try tree() == installed)
        try write("mine", "usr/lib/aup/plugins/mine.so")
        #expect(try install("uninstall").status == 0)
        let mine = ["usr/lib", "usr/lib/aup", "usr/lib/aup/plugins", "usr/lib/aup/plugins/mine.so"]
        #expect(try tree() == (before + mine).sorted())
    }

    @Test func `takes away what an older version had and this one has not`() throws {
        #expect(try install("install").status == 0)
        let fresh = try tree()
        try write("old", "usr/lib/aup/plugins/old.so")
        try write("old", "usr/share/aup/gone/page")
        let list = scratch.folder.appending(path: "usr/share/aup/installed")
        let older = "f\tlib/aup/plugins/old.so\nd\tshare/aup/gone\nf\tshare/aup/gone/page\n"
        try (String(contentsOf: list, encoding: .utf8) + older).write(to: list, atomically: true, encoding: .utf8)
        #expect(try install("install").status == 0)
        #expect(try !tree().contains { $0.hasSuffix("old.so") || $0.hasSuffix("page") })
        #expect(try install("uninstall").status == 0)
        #expect(try tree() == ["usr"] || tree().isEmpty)
        #expect(!fresh.isEmpty)
    }

    @Test func `that is not there cannot be taken out`() throws {
        try write("other", "opt/bin/other")
        let run = try install("uninstall", prefix: "/opt")
        #expect(run.status == 1)
        #expect(run.errors.contains("opt/share/aup/installed is not there"))
        #expect(FileManager.default.fileExists(atPath: scratch.path("opt/bin/other")))
    }

    @Test func `runs in an empty environment and finds its plugins`() throws {
        #expect(try install("install").status == 0)
        let aup = scratch.path("usr/bin/aup")
        let run = try Pipeline.run([
            "env -i '\(aup)' capture -q -D sim:sine -d 100ms", "env -i '\(aup)' process gain gain=-6dB --json",
        ])
        #expect(run.statuses == [0, 0])
        #expect(try run.events("end", stage: 1).last?["frames"] as? Int == 4800)
        let list = try Pipeline.run(["env -i '\(aup)' process --info gain"])
        #expect(list.statuses == [0])
    }

    private static let hasOtherUsers = geteuid() == 0 && ToolRun.find("setpriv") != nil

    /// As somebody who owns nothing.
    private func runAsNobody(_ words: String, _ environment: String = "", before: String = ":") throws -> Pipeline {
        let user = "setpriv --reuid 65534 --regid 65534 --clear-groups env -i \(environment)"
        return try Pipeline.run(
            ["env -C / \(user) '\(scratch.path("usr/bin/aup"))' \(words)"],
            before: "chmod 755 '\(scratch.folder.path)'; \(before)")
    }

    @Test(.enabled(if: hasOtherUsers, "this needs root and setpriv"))
    func `runs for a user who owns nothing`() throws {
        #expect(try install("install").status == 0)
        let run = try runAsNobody("process -i sim:sine -d 100ms gain -o sim:null --json")
        #expect(run.statuses == [0], "\(run.errors)")
    }

    @Test(.enabled(if: hasOtherUsers, "this needs root and setpriv"))
    func `reads no configuration in a home it cannot enter, and tells of one it cannot read`() throws {
        #expect(try install("install").status == 0)
        try write("[defaults]\nfsync = \"always\"\n", "home/.config/aup/config.toml")
        let (home, words) = ("HOME='\(scratch.path("home"))'", "capture -D sim:sine -d 10ms --as wav -o /dev/null")
        let file = scratch.path("home/.config/aup/config.toml")
        let entered = "chmod -R u=rwX,go= '\(scratch.path("home"))'; "
        #expect(try runAsNobody(words, home, before: entered).statuses == [0])
        let named = try runAsNobody(words, "AUP_CONFIG='\(file)'", before: entered)
        #expect(named.statuses == [64])
        #expect(named.errors[0].contains("there is no such file, or no way to it"))
        // The way to it is open, and only the file is not.
        let shut = "chmod -R go=rX '\(scratch.path("home"))'; chmod 600 '\(file)'"
        let refused = try runAsNobody(words, home, before: shut)
        #expect(refused.statuses == [64])
        #expect(refused.errors[0].contains("config.toml: it cannot be read: Permission denied"))
        for words in ["--version", "--help", "capture --help", "completions fish"] {
            #expect(try runAsNobody(words, home, before: shut).statuses == [0], "\(words)")
        }
    }
}

/// The Debian package's own files, without building it.
@Suite struct `A Debian package` {
    private func text(_ path: String) throws -> String {
        try String(contentsOf: Repository.root.appending(path: path), encoding: .utf8)
    }

    @Test func `has the version that aup says`() throws {
        let version = try #require(try text("debian/changelog").firstMatch(of: /^aup \((.+?)\)/)?.1)
        let run = try Pipeline.run(["aup --version"])
        #expect(String(decoding: run.output, as: UTF8.self).hasPrefix("aup \(version)\n"))
    }

    @Test func `is built with what make installs for a build`() throws {
        let tools = try #require(try text(".ci/tools").firstMatch(of: /\[build\]="([^"]+)"/)?.1)
        let control = try #require(try text("debian/control").firstMatch(of: /(?s)Build-Depends: (.+?)\n[A-Z]/)?.1)
        func libraries(_ words: Substring) -> Set<Substring> {
            Set(words.split { $0.isWhitespace || $0 == "," }.filter { $0.hasSuffix("-dev") })
        }
        #expect(libraries(tools).count >= 10)
        #expect(libraries(tools).symmetricDifference(libraries(control)).isEmpty)
    }

    /// Debian names a library's package after its soname, with a hyphen between two digits.
    @Test func `names every library that is opened when it is needed`() throws {
        let control = try text("debian/control")
        var names: [String] = []
        let sources = Repository.root.appending(path: "Sources")
        for path in try FileManager.default.subpathsOfDirectory(atPath: sources.path) where path.hasSuffix(".c") {
            for match in try text("Sources/\(path)").matches(of: /AUP_LIBRARY\w*\([^"\n]*"(lib[^"]+)\.so\.(\d+)"/) {
                let stem = match.1.lowercased()
                let hyphen = stem.last?.isNumber == true ? "-" : ""
                names.append(stem == "libcrypto" ? "libssl\(match.2)" : "\(stem)\(hyphen)\(match.2)")
            }
        }
        #expect(names.count >= 10)
        for name in names { #expect(control.contains(name), "\(name)") }
    }
}

/// What a system is told of aup.
@Suite struct `System examples` {
    private let folder = Repository.root.appending(path: "examples/system")

    private func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    private func lines(_ name: String) throws -> [Substring] {
        try text(name).split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    @Test(.enabled(if: ToolRun.find("systemd-analyze") != nil, "systemd is not installed"))
    func `systemd finds nothing to say about the publisher`() throws {
        let scratch = try Scratch()
        try text("aup-publisher.service").replacing("/usr/local/bin/aup", with: Pipeline.aup)
            .write(toFile: scratch.path("aup-publisher.service"), atomically: true, encoding: .utf8)
        let run = try Pipeline.run(["systemd-analyze verify '\(scratch.path("aup-publisher.service"))'"])
        #expect(run.statuses == [0], "\(run.errors)")
        #expect(!run.errors[0].contains("aup-publisher"), "\(run.errors)")
    }

    @Test func `the publisher publishes`() throws {
        let command = try #require(try lines("aup-publisher.service").first { $0.hasPrefix("ExecStart=") })
        let scratch = try Scratch()
        let words = command.dropFirst(10).split(separator: " ").dropFirst().joined(separator: " ")
            .replacing("alsa:${DEVICE}", with: "sim:sine").replacing("${SOCKET}", with: scratch.path("live"))
            .replacing(" --group audio", with: "")
        let run = try Pipeline.run(
            ["aup stream --connect unix:'\(scratch.path("live"))' --retry -d 200ms --json"],
            before: "timeout 20 aup \(words) -q -d 3s &")
        #expect(run.statuses == [0], "\(run.errors)")
        #expect(try run.events("end", stage: 0).last?["frames"] as? Int == 9600)
    }

    @Test func `limits are written as limits.conf(5) has them`() throws {
        let lines = try lines("95-aup-realtime.conf")
        #expect(lines.count == 2)
        for line in lines { #expect(line.wholeMatch(of: /@audio +- +(rtprio|memlock) +\d+/) != nil, "\(line)") }
    }

    @Test func `rules are written as udev(7) has them`() throws {
        let lines = try lines("90-aup-cards.rules")
        #expect(lines.count == 2)
        for line in lines {
            for part in line.split(separator: ", ") {
                #expect(part.wholeMatch(of: /[A-Z]+(\{\w+\})?(==|=|\+=)"[^"]+"/) != nil, "\(part)")
            }
        }
    }
}
