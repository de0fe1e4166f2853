import AupSystem
import Foundation
import TestSupport
import Testing

@testable import AupEngine

/// `--build`: what is a change, when the command runs, what is told of it. Time is the test's own; files and commands are
/// real.
@Suite struct `Building plugins` {
    private let scratch: Scratch
    private let millisecond: Int64 = 1_000_000

    init() throws {
        scratch = try Scratch()
        for folder in ["src", "out"] {
            try FileManager.default.createDirectory(
                atPath: scratch.path(folder), withIntermediateDirectories: true)
        }
    }

    private func build(_ script: String, timeout: Int64 = 60_000) throws -> PluginBuild {
        try PluginBuild(
            .init(
                words: ["sh", "-c", "cd '\(scratch.folder.path)' || exit; \(script)"],
                timeoutNanoseconds: timeout * millisecond, folders: [scratch.path("src")]))
    }

    private func write(_ name: String) throws {
        // Renamed, not written in place: what is closed is noticed later where another test starts a program that holds
        // the file for a moment.
        let file = scratch.path("new")
        try Data("x".utf8).write(to: URL(filePath: file))
        try #require(unsafe rename(file, scratch.path(name)) == 0)
    }

    /// Looks until the command has ended, as a thread would that is woken by it.
    private func end(_ build: inout PluginBuild, now: Int64) throws -> [PluginBuild.News] {
        for _ in 0..<3000 {
            let news = build.tend(now: now)
            if !news.isEmpty { return news }
            usleep(10_000)
        }
        Issue.record("the build did not end")
        return []
    }

    private func paths(_ news: [PluginBuild.News]) -> [String] {
        news.compactMap {
            if case .began(let path) = $0 { path.split(separator: "/").last.map(String.init) } else { nil }
        }
    }

    private func isMade(_ news: PluginBuild.News?) -> Bool { if case .made? = news { true } else { false } }

    @Test func `changes within a tenth of a second are one build`() throws {
        var build = try build("echo built >> out/log")
        #expect(build.tend(now: 0) == [])
        #expect(build.due == nil)
        for name in ["src/b.c", "src/a.h", "src/a.h", "src/Makefile"] { try write(name) }
        #expect(build.tend(now: 10 * millisecond) == [])
        #expect(build.due == 110 * millisecond)
        try write("src/c.c")
        #expect(build.tend(now: 60 * millisecond) == [])
        #expect(build.tend(now: 159 * millisecond) == [])
        #expect(paths(build.tend(now: 160 * millisecond)) == ["Makefile"])
        #expect(build.isRunning)
        #expect(isMade(try end(&build, now: 200 * millisecond).first))
        #expect(build.tend(now: 10_000 * millisecond) == [])
        #expect(try String(contentsOfFile: scratch.path("out/log"), encoding: .utf8) == "built\n")
    }

    @Test func `sources that are never left alone are built all the same`() throws {
        var build = try build(":")
        var begin: Int64?
        for step in 0..<30 {
            try write("src/a.c")
            let now = Int64(step) * 50 * millisecond
            if begin == nil, !build.tend(now: now).isEmpty { begin = now }
        }
        #expect(begin == PluginBuild.patienceNanoseconds)
        build.abandon()
    }

    @Test func `what changes while one runs is followed by one more`() throws {
        var build = try build("echo built >> out/log; until [ -e out/go ]; do sleep 0.01; done")
        try write("src/a.c")
        _ = build.tend(now: 0)
        #expect(build.tend(now: 100 * millisecond).count == 1)
        for step in 1..<5 {
            try write("src/a.c")
            // Nothing is begun beside it.
            #expect(build.tend(now: Int64(step) * 1000 * millisecond) == [])
        }
        try write("out/go")
        let news = try end(&build, now: 5000 * millisecond)
        #expect(isMade(news.first))
        #expect(paths(news) == ["a.c"])
        #expect(isMade(try end(&build, now: 6000 * millisecond).first))
        #expect(build.tend(now: 60_000 * millisecond) == [])
        #expect(try String(contentsOfFile: scratch.path("out/log"), encoding: .utf8) == "built\nbuilt\n")
    }

    @Test func `a failure is told from its first error on`() throws {
        var build = try build(
            "echo cc -Werror a.c; echo 'a.c:3:1: error: no' >&2; seq -f 'note %g' 50; exit 3")
        try write("src/a.c")
        _ = build.tend(now: 0)
        _ = build.tend(now: 100 * millisecond)
        let news = try end(&build, now: 1100 * millisecond)
        guard case .failed(let text, let lines, let status, let seconds)? = news.first else {
            Issue.record("\(news)")
            return
        }
        #expect(text == "the build failed with 3; the plugins stay as they were")
        #expect(lines == ["a.c:3:1: error: no"] + (1...11).map { "note \($0)" })
        #expect(status == 3 && seconds == 1)
    }

    @Test func `without an error the last lines are told, and long ones are cut`() {
        let lines = (1...40).map { "line \($0)" } + [String(repeating: "x", count: 5000)]
        let told = PluginBuild.telling(lines)
        #expect(told.count == PluginBuild.shownLines)
        #expect(told.first == "line 30" && told.last?.count == PluginBuild.shownCharacters + 3)
        #expect(PluginBuild.telling([]) == [])
    }

    @Test func `a build that takes too long is ended with all it started`() throws {
        var build = try build("sleep 1000 & echo $! > out/child; wait", timeout: 500)
        try write("src/a.c")
        _ = build.tend(now: 0)
        _ = build.tend(now: 100 * millisecond)
        for _ in 0..<1000
        where (try? String(contentsOfFile: scratch.path("out/child"), encoding: .utf8))?.isEmpty != false {
            usleep(10_000)
        }
        #expect(build.due == 600 * millisecond)
        #expect(build.tend(now: 599 * millisecond) == [])
        let news = try end(&build, now: 600 * millisecond)
        guard case .failed(let text, _, let status, _)? = news.first else {
            Issue.record("\(news)")
            return
        }
        #expect(text.contains("took longer than 500 ms") && text.contains("--build-timeout"))
        #expect(status == 128 + SIGKILL)
        let child = try #require(
            Int32(String(contentsOfFile: scratch.path("out/child"), encoding: .utf8).dropLast()))
        var isGone = false
        for _ in 0..<1000 where !isGone {
            // A zombie that nobody has waited for is gone too.
            let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
            isGone = state.map { $0.contains(") Z ") } ?? true
            usleep(10_000)
        }
        #expect(isGone)
    }

    @Test func `a command that is not there is a failure like others`() throws {
        var build = try PluginBuild(
            .init(words: ["no-such-command"], timeoutNanoseconds: 1, folders: [scratch.path("src")]))
        try write("src/a.c")
        _ = build.tend(now: 0)
        let news = build.tend(now: 100 * millisecond)
        guard case .failed(let text, _, _, _)? = news.first else {
            Issue.record("\(news)")
            return
        }
        #expect(text.contains("cannot be started") && text.contains("no-such-command"))
        #expect(!build.isRunning)
    }

    @Test func `a build that writes among the sources does not follow itself for ever`() throws {
        var build = try build("echo built >> out/log; echo > src/version.h")
        try write("src/a.c")
        var now: Int64 = 0
        var left: [String] = []
        _ = build.tend(now: now)
        // Each round is a second of the test's time, and all of them end.
        for _ in 0..<8 {
            now += 1000 * millisecond
            for news in build.tend(now: now) { if case .left(let path) = news { left.append(path) } }
            for _ in 0..<3000 where build.isRunning {
                usleep(10_000)
                for news in build.tend(now: now) { if case .left(let path) = news { left.append(path) } }
            }
        }
        #expect(left == [scratch.path("src/version.h")])
        let log = try String(contentsOfFile: scratch.path("out/log"), encoding: .utf8)
        #expect(log == "built\nbuilt\nbuilt\n")
        // What people write is still built.
        try write("src/a.c")
        _ = build.tend(now: now + 1)
        #expect(paths(build.tend(now: now + 200 * millisecond)) == ["a.c"])
        build.abandon()
    }

    @Test(arguments: [
        ("gain.c", true), ("Makefile", true), ("a.h", true), ("gain.swift", true), ("lib.so", false), ("lib.SO", false),
        ("gain.o", false), ("gain.so.new", false), ("gain.d", false), (".gain.c.swp", false), ("gain.c~", false),
        ("#gain.c#", false), (".hidden", false), ("x.swiftmodule", false), ("", false), ("so", true),
    ])
    func `what compilers and editors leave is no source`(name: String, isSource: Bool) {
        #expect(PluginBuild.isSource(name) == isSource)
    }

    @Test func `a folder is no source, nor a file that is gone, and a missing folder is told`() throws {
        var build = try build(":")
        try FileManager.default.createDirectory(
            atPath: scratch.path("src/inner"), withIntermediateDirectories: true)
        try write("src/4913")
        try FileManager.default.removeItem(atPath: scratch.path("src/4913"))
        #expect(build.tend(now: 0) == [])
        #expect(build.due == nil)
        #expect(throws: SystemError.self) {
            _ = try PluginBuild(.init(words: ["true"], timeoutNanoseconds: 1, folders: [scratch.path("nowhere")]))
        }
    }
}
