import AupSystem
import AupWeb
import Glibc
import Testing

/// A server for one test, with the thread that drives it.
final class Serving {
    let server: WebServer
    let resets = Resets()
    private var thread: WorkerThread?

    final class Resets: Sendable {
        private let bell = Doorbell()
        func note() { bell.ring() }
        func wait() -> Bool { bell.wait(milliseconds: 10_000) }
        func isNone() -> Bool { !bell.wait(milliseconds: 100) }
    }

    init(
        token: String? = nil, names: [String] = [], clients: Int = 16, port: Int = 0, host: String = "127.0.0.1"
    ) throws {
        let resets = resets
        server = try WebServer(
            WebConfiguration(
                address: WebAddress(host: host, port: port), token: token, names: names, clientLimit: clients)
        ) { resets.note() }
        let server = server
        thread = try WorkerThread(name: "aup.web") { server.run() }
    }

    func end() {
        server.stop()
        thread?.join()
        thread = nil
    }

    deinit { end() }

    var port: Int { server.address.port }

    func publish(_ levels: String, metrics: String = "") { server.publish(levels: levels, metrics: metrics) }

    /// Asks once, on a connection of its own.
    func ask(_ target: String, method: String = "GET", _ headers: String..., host: String? = nil) throws -> Answer {
        let lines = ["Host: \(host ?? "127.0.0.1:\(port)")", "Connection: close"] + headers
        return try askRaw("\(method) \(target) HTTP/1.1\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n")
    }

    func askRaw(_ text: String) throws -> Answer {
        let caller = try Caller(port)
        caller.say(text)
        return Answer(caller.hear { _ in false })
    }

    /// Looks again and again; how long it takes is no matter.
    func wait(_ check: (WebCounts) -> Bool) -> Bool {
        for _ in 0..<1000 {
            if check(server.counts) { return true }
            usleep(20_000)
        }
        return false
    }
}

/// A connection, as bare as it gets.
final class Caller {
    private let descriptor: Descriptor
    private(set) var heard = ""

    init(_ port: Int) throws {
        descriptor = try NetworkSocket.connect(host: "127.0.0.1", port: port, stop: StopRequest())
    }

    /// Room in the kernel for what is not read.
    func shrink() {
        var bytes: Int32 = 4096
        _ = unsafe setsockopt(
            descriptor.number, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
    }

    func say(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(unsafe bytes.withUnsafeBytes { unsafe descriptor.sendNow($0) } == .bytes(bytes.count))
    }

    /// Reads until it is enough, the other end hangs up, or nothing comes for long; gives all that was heard so far.
    @discardableResult
    func hear(seconds: Int32 = 20, until isEnough: (String) -> Bool) -> String {
        var space = [UInt8](repeating: 0, count: 65536)
        while !isEnough(heard) {
            guard descriptor.waitReadable(milliseconds: seconds * 1000) else { break }
            let progress = unsafe space.withUnsafeMutableBytes { unsafe descriptor.readNow($0) }
            if progress == .later { continue }
            guard case .bytes(let count) = progress else {
                isOver = true
                break
            }
            heard += String(decoding: space[..<count], as: UTF8.self)
        }
        return heard
    }

    func forget() { heard = "" }

    /// Whether the other end hung up.
    private(set) var isOver = false

    func watch(_ port: Int, _ headers: String = "") {
        say("GET /events HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(headers)\r\n")
    }
}

struct Answer {
    let status: Int
    let head: String
    let body: String

    init(_ text: String) {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        head = parts.first.map(String.init) ?? ""
        body = parts.count > 1 ? String(parts[1]) : ""
        let words = head.split(separator: " ")
        status = words.count > 1 ? Int(words[1]) ?? 0 : 0
    }

    func header(_ name: String) -> String? {
        for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix(name.lowercased() + ":") {
            return String(line.dropFirst(name.count + 1).drop { $0 == " " })
        }
        return nil
    }
}
