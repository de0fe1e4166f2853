import Foundation
import TestSupport
import Testing

@testable import AupSystem

/// A socket as systemd opens it, and what arrives there.
private final class NotifySocket {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        let isAbstract = path.hasPrefix("@")
        if isAbstract { bytes[0] = 0 }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let length = socklen_t(2 + bytes.count + (isAbstract ? 0 : 1))
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, length) }
        }
        try #require(code == 0)
    }

    deinit { close(descriptor) }

    func next() -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}

@Suite struct `A service notifier` {
    @Test func `what is said arrives as one datagram, at a path and at an abstract name`() throws {
        let scratch = try Scratch()
        for path in [scratch.path("notify"), "@aup-test-\(UUID().uuidString)"] {
            let socket = try NotifySocket(path)
            let notifier = try #require(ServiceNotifier(path))
            #expect(notifier.send("READY=1\nSTATUS=well"))
            #expect(socket.next() == "READY=1\nSTATUS=well")
            #expect(socket.next() == nil)
        }
    }

    @Test func `a listener that is gone harms nobody`() throws {
        let scratch = try Scratch()
        let notifier = try #require(ServiceNotifier(scratch.path("nobody")))
        #expect(!notifier.send("READY=1"))
    }

    @Test func `an address that can be none is refused`() {
        #expect(ServiceNotifier("relative/path") == nil)
        #expect(ServiceNotifier("@") == nil)
        #expect(ServiceNotifier("/" + String(repeating: "a", count: 200)) == nil)
    }
}

@Suite struct `A file lock` {
    @Test func `one holds it, the other is told who`() throws {
        let scratch = try Scratch()
        let path = scratch.path("lock")
        #expect(FileLock.holder(path) == nil)
        var first: FileLock? = try FileLock(path, holder: "the first, with a long name")
        #expect(throws: FileLock.Refusal.held(by: "the first, with a long name")) {
            _ = try FileLock(path, holder: "the second")
        }
        #expect(FileLock.holder(path) == "the first, with a long name")
        #expect(first != nil)
        first = nil
        // A child that another test is just making has the lock too until it becomes its own program.
        for _ in 0..<200 where FileLock.holder(path) != nil { usleep(10_000) }
        #expect(FileLock.holder(path) == nil)
        let second = try FileLock(path, holder: "the second")
        #expect(FileLock.holder(path) == "the second")
        withExtendedLifetime(second) {}
    }

    @Test func `a lock that cannot be written says so`() {
        #expect(throws: FileLock.Refusal.self) { _ = try FileLock("/nowhere/at/all", holder: "") }
        #expect(FileLock.holder("/nowhere/at/all") == nil)
    }
}
