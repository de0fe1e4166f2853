import Foundation
import TestSupport
import Testing

@testable import AupSystem

extension Scratch {
    fileprivate func make(_ name: String) throws { try Data("x".utf8).write(to: folder.appending(path: name)) }
    fileprivate func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(
            at: folder.appending(path: name), withIntermediateDirectories: false)
    }
    fileprivate func remove(_ name: String) throws {
        try FileManager.default.removeItem(at: folder.appending(path: name))
    }
}

@Suite struct `Places that are watched` {
    @Test func `a file is noticed when it comes, is written, is replaced and goes; its neighbours are not`() throws {
        let scratch = try Scratch()
        let watch = PathWatch([.init(scratch.path("asound.conf"), .file), .init(scratch.path("other"), .file)])
        #expect(watch.isWatching)
        #expect(watch.takeChanges() == [])
        try scratch.make("asound.conf~")
        #expect(watch.takeChanges() == [])
        try scratch.make("asound.conf")
        #expect(watch.takeChanges() == [0])
        try scratch.make("asound.conf")
        #expect(watch.takeChanges() == [0])
        try scratch.make("new")
        try FileManager.default.removeItem(atPath: scratch.path("asound.conf"))
        try FileManager.default.moveItem(atPath: scratch.path("new"), toPath: scratch.path("asound.conf"))
        #expect(watch.takeChanges() == [0])
        try scratch.remove("asound.conf")
        #expect(watch.takeChanges() == [0])
        try scratch.make("other")
        #expect(watch.takeChanges() == [1])
        #expect(watch.takeChanges() == [])
    }

    @Test func `a place whose folders are not there yet is found when they come, one by one`() throws {
        let scratch = try Scratch()
        let watch = PathWatch([.init(scratch.path("pulse/deep/native"), .file)])
        try scratch.make("elsewhere")
        #expect(watch.takeChanges() == [])
        try scratch.makeFolder("pulse")
        #expect(watch.takeChanges() == [0])
        try scratch.makeFolder("pulse/deep")
        #expect(watch.takeChanges() == [0])
        try scratch.make("pulse/deep/native")
        #expect(watch.takeChanges() == [0])
        // And all of it at once, again after it went.
        try scratch.remove("pulse")
        #expect(watch.takeChanges() == [0])
        try scratch.makeFolder("pulse")
        try scratch.makeFolder("pulse/deep")
        #expect(watch.takeChanges() == [0])
        try scratch.make("pulse/deep/native")
        #expect(watch.takeChanges() == [0])
    }

    @Test func `where the first card makes the folder its nodes are noticed from then on`() throws {
        let scratch = try Scratch()
        let watch = PathWatch([.init(scratch.path("snd"), .nodes)])
        try scratch.make("tty0")
        #expect(watch.takeChanges() == [])
        try scratch.makeFolder("snd")
        #expect(watch.takeChanges() == [0])
        for name in ["snd/pcmC0D0p", "snd/controlC0"] {
            try scratch.make(name)
            #expect(watch.takeChanges() == [0], "\(name)")
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o660], ofItemAtPath: scratch.path("snd/controlC0"))
        #expect(watch.takeChanges() == [0])
        try scratch.remove("snd")
        #expect(watch.takeChanges() == [0])
        try scratch.makeFolder("snd")
        #expect(watch.takeChanges() == [0])
    }

    @Test func `that a node is used is noticed only where that was asked for, and only of PCMs`() throws {
        let scratch = try Scratch()
        for name in ["pcmC0D0p", "controlC0"] { try scratch.make(name) }
        let nodes = PathWatch([.init(scratch.folder.path, .nodes)])
        let used = PathWatch([.init(scratch.folder.path, .usedNodes(prefix: "pcm"))])
        for (name, changes) in [("controlC0", []), ("pcmC0D0p", [0] as Set<Int>)] {
            let file = try FileHandle(forUpdating: scratch.folder.appending(path: name))
            #expect(used.takeChanges() == changes, "\(name)")
            try file.close()
            #expect(used.takeChanges() == changes, "\(name)")
            #expect(nodes.takeChanges() == [], "\(name)")
        }
    }

    @Test func `more than the kernel keeps is a change of everything`() throws {
        let scratch = try Scratch()
        try scratch.makeFolder("quiet")
        let watch = PathWatch([.init(scratch.path("quiet"), .files), .init(scratch.path("loud"), .files)])
        try scratch.makeFolder("loud")
        #expect(watch.takeChanges() == [1])
        let text = try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
        let kept = try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        guard kept <= 20_000 else { return }
        for number in 0...(kept / 2) {
            // Made and closed: two records, and no two neighbours that are alike, which the kernel would make one.
            try #require(FileManager.default.createFile(atPath: scratch.path("loud/\(number)"), contents: nil))
        }
        #expect(watch.takeChanges() == [0, 1])
    }
}

@Suite struct `Plugs that are watched` {
    @Test func `a new node is noticed, and then it is quiet`() throws {
        let scratch = try Scratch()
        let watch = PlugWatch(scratch.folder.path)
        #expect(watch.isWatching && watch.watchesNodes)
        #expect(!watch.wait(milliseconds: 0))
        for name in ["pcmC1D0c", "controlC1"] { try scratch.make(name) }
        #expect(watch.wait(milliseconds: 1000))
        #expect(!watch.wait(milliseconds: 0))
    }

    @Test func `the folder of the first card ends a wait`() throws {
        let scratch = try Scratch()
        let watch = PlugWatch(scratch.path("snd"))
        #expect(!watch.wait(milliseconds: 1))
        try scratch.makeFolder("snd")
        #expect(watch.wait(milliseconds: 1000))
        try scratch.make("snd/controlC0")
        #expect(watch.wait(milliseconds: 1000))
    }

    @Test func `sockets are those at which somebody listens`() throws {
        let scratch = try Scratch()
        let paths = ["live", "dead", "file", "nothing"].map { scratch.path($0) }
        let listener = try LocalSocket.listen(paths[0])
        var dead: LocalListener? = try LocalSocket.listen(paths[1])
        // Its name stays, as that of a server that was killed.
        let kept = scratch.path("kept")
        try FileManager.default.linkItem(atPath: paths[1], toPath: kept)
        #expect(dead != nil)
        dead = nil
        try FileManager.default.moveItem(atPath: kept, toPath: paths[1])
        try scratch.make("file")
        #expect(ListeningSockets.among(paths) == [paths[0]])
        #expect(ListeningSockets.among(paths, processes: "/nowhere") == [paths[0], paths[1]])
        withExtendedLifetime(listener) {}
    }

    @Test func `the kernel's list of sockets is read as it is written`() {
        let text = """
            Num       RefCount Protocol Flags    Type St Inode Path
            0000000000000000: 00000002 00000000 00010000 0001 01 28071 /run/user/1000/pulse/native
            0000000000000000: 00000003 00000000 00000000 0001 03 28071 /run/user/1000/pipewire-0
            0000000000000000: 00000002 00000000 00010000 0001 01 77 /run/with a space
            0000000000000000: 00000002 00000000 00010000 0001 01 20000
            0000000000000000: 00000002 00000000 00010000 0005 01 20001 @abstract
            0000000000000000: 00000002 00000000 junk 0005 01 20001 /junk
            """
        #expect(
            ListeningSockets.parse(text) == ["/run/user/1000/pulse/native", "/run/with a space", "@abstract"])
    }
}
