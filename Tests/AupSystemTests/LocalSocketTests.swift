import Foundation
import TestSupport
import Testing

@testable import AupSystem

@Suite struct LocalSocketTests {
    private func refusal(_ path: String) -> LocalSocket.Refusal? {
        do throws(LocalSocket.Refusal) {
            _ = try LocalSocket.listen(path)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a socket is this user's alone and goes with its listener`() throws {
        let scratch = try Scratch()
        let path = scratch.path("s")
        try withExtendedLifetime(try LocalSocket.listen(path)) {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `a live socket stays, a dead one gives way, a file is left alone`() throws {
        let scratch = try Scratch()
        let path = scratch.path("s")
        let listener = try LocalSocket.listen(path)
        #expect(refusal(path) == .taken)
        #expect(FileManager.default.fileExists(atPath: path))
        // What a killed process leaves behind: the name, and nobody at it.
        let dead = scratch.path("dead")
        _ = unsafe rename(path, dead)
        withExtendedLifetime(listener) {}
        let other = try? LocalSocket.connect(dead)
        #expect(other != nil)
        try Data("text".utf8).write(to: URL(filePath: scratch.path("file")))
        #expect(refusal(scratch.path("file")) == .notSocket)
        #expect(refusal(scratch.path("nowhere/s")) != nil)
        #expect(refusal(scratch.path(String(repeating: "x", count: 200))) == .tooLong(limit: LocalSocket.pathBytes))
    }

    @Test func `the name of a dead socket is taken over, and another's is not taken away`() throws {
        let scratch = try Scratch()
        let path = scratch.path("s")
        var first: LocalListener? = try LocalSocket.listen(scratch.path("first"))
        _ = unsafe rename(scratch.path("first"), path)
        // The listener is gone and its name is not, since it is called otherwise now.
        first = nil
        #expect(first == nil && FileManager.default.fileExists(atPath: path))
        let second = try LocalSocket.listen(path)
        let client = try LocalSocket.connect(path)
        #expect(client.sendNow("hello".utf8) == .bytes(5))
        let guest = try #require(second.accept())
        var bytes = [UInt8](repeating: 0, count: 16)
        #expect(guest.waitReadable(milliseconds: 5000))
        #expect(unsafe bytes.withUnsafeMutableBytes { unsafe guest.readNow($0) } == .bytes(5))
        #expect(unsafe bytes.withUnsafeMutableBytes { unsafe guest.readNow($0) } == .later)
        #expect(second.accept() == nil)
    }
}

extension Descriptor {
    fileprivate func sendNow(_ text: String.UTF8View) -> Progress {
        let bytes = Array(text)
        return unsafe bytes.withUnsafeBytes { unsafe sendNow($0) }
    }
}
