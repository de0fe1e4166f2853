internal import AupSystem
internal import CMicrohttpd
internal import Glibc
internal import Synchronization

/// What a page is served by, and to whom.
///
/// - Thread: any.
public struct WebConfiguration: Equatable, Sendable {
    public var address: WebAddress
    /// What browsers and programs have to know; demanded where others than this machine reach the address.
    public var token: String?
    /// Names the page may be asked for by, besides the address's own: those of a proxy or of the network.
    public var names: [String]
    /// Browsers that are given readings at one time; more are told to come later.
    public var clientLimit: Int

    public init(address: WebAddress, token: String? = nil, names: [String] = [], clientLimit: Int = 16) {
        self.address = address
        self.token = token
        self.names = names
        self.clientLimit = clientLimit
    }
}

/// What was served so far.
public struct WebCounts: Equatable, Sendable {
    /// Browsers that are given readings now.
    public var watchers: Int64 = 0
    public var requests: Int64 = 0
    /// Requests of those who were not let in, and of those who came when it was full.
    public var refused: Int64 = 0
    /// Readings that were sent, to all together.
    public var sent: Int64 = 0
    /// Readings that slow browsers did not get, because newer ones were there when they could take one.
    public var skipped: Int64 = 0

    public init() {}
}

/// Serves a page that shows levels as they are published, and the numbers themselves to programs.
///
///     /             the page             /api/levels   the newest reading, JSON
///     /events       Server-Sent Events   /api/reset    POST: measures begin anew
///     /metrics      for Prometheus
///
/// What is published is text to it. A browser that is slow gets the newest reading and none of those between; nobody
/// waits for it, and no more is kept for it than one reading and what the kernel holds.
///
/// - Thread: ``run()`` belongs to one thread, which its owner brings and which all else here happens on;
///   ``publish(levels:metrics:)``, ``counts`` and ``stop()`` are for any but audio threads: they take a lock, and allocate.
@safe
public final class WebServer: @unchecked Sendable {
    // @unchecked because watchers, listeners and the library's server belong to the thread in run() alone; the rest is
    // constant, atomic or behind a lock.

    /// Where it listens, with the port that the system chose.
    public let address: WebAddress

    let door: Doorkeeper
    let onReset: @Sendable () -> Void
    let watcherLimit: Int
    let published = Mutex(Published())
    let isStopping = Atomic<Bool>(false)
    let bell = Doorbell()
    /// Tells a page that it is another server than before.
    let identity: String
    private let hasWatchers = Atomic<Bool>(false)
    private let isTaken = Atomic<Bool>(false)

    // Of the thread in run().
    var listeners: [Descriptor]
    // The library's; freed at the end of run(), or in deinit where that was never called.
    var handle: OpaquePointer?
    var watchers: [UInt64: Watcher] = [:]
    var lastWatcher: UInt64 = 0
    var tally = WebCounts()

    /// What was published last.
    struct Published: ~Copyable {
        var number: Int64 = 0
        var reading: [UInt8] = []
        var event: [UInt8] = []
        var metrics: [UInt8] = []
        var history = LoudnessHistory()
        var counts = WebCounts()
    }

    /// Whether the library is there; looking opens it.
    public static var isAvailable: Bool { unsafe aup_http_missing() == nil }

    /// Takes the place, so that a mistake is told before there is sound. Nobody is answered before ``run()``.
    ///
    /// - Parameter onReset: called on the thread in ``run()`` when a page asks for measures to begin anew.
    public init(_ configuration: WebConfiguration, onReset: @escaping @Sendable () -> Void) throws(WebError) {
        let wish = configuration.address
        var token: WebToken?
        if let text = configuration.token { token = try WebToken(text) }
        guard wish.isLoopback || token != nil else { throw .tokenNeeded(address: wish.text) }
        if let why = unsafe aup_http_missing() { throw .missingLibrary(why: unsafe String(cString: why)) }
        listeners = try Self.listen(wish)
        let port = listeners.first.flatMap { WebServer.place(of: $0.number)?.port } ?? wish.port
        address = WebAddress(host: wish.host, port: port)
        door = Doorkeeper(address: address, names: configuration.names, token: token, port: port)
        self.onReset = onReset
        watcherLimit = max(1, configuration.clientLimit)
        identity = SharedSecret.nonce().prefix(8).map { String($0, radix: 16) }.joined()
        unsafe handle = startLibrary()
        guard unsafe handle != nil else { throw .failed(address: wish.text, why: "libmicrohttpd does not start") }
    }

    deinit {
        // Without run() there was nobody connected, and nothing calls back.
        if let handle = unsafe handle { unsafe aup_http_stop(handle) }
    }

    public var url: String { "http://\(address.text)/" }

    /// Makes a reading the newest: told to every browser that watches, as soon as it can take one.
    ///
    /// - Parameters:
    ///   - levels: one JSON object on one line.
    ///   - metrics: Prometheus' text format, each line with its end; the server's own numbers are added.
    public func publish(levels: String, metrics: String) {
        let reading = Array(levels.utf8)
        let metrics = Array(metrics.utf8)
        let event = EventFeed.event("levels", reading)
        published.withLock {
            $0.number += 1
            $0.reading = reading
            $0.event = event
            $0.metrics = metrics
            $0.history.note(reading)
        }
        if hasWatchers.load(ordering: .relaxed) { bell.ring() }
    }

    public var counts: WebCounts { published.withLock { $0.counts } }

    /// Lets ``run()`` end: whoever watches gets the newest reading, then the end.
    public func stop() {
        isStopping.store(true, ordering: .relaxed)
        bell.ring()
    }

    /// Serves until ``stop()``; to be called once.
    public func run() {
        precondition(!isTaken.exchange(true, ordering: .relaxed), "a web server is run once")
        serve()
    }

    /// Publishers need not wake the thread where nobody watches.
    func noteWatchers() { hasWatchers.store(!watchers.isEmpty, ordering: .relaxed) }

    // MARK: - Places

    private static func listen(_ wish: WebAddress) throws(WebError) -> [Descriptor] {
        var found: [Descriptor]
        do throws(NetworkSocket.Refusal) {
            found = try NetworkSocket.listen(host: wish.host, port: wish.port)
        } catch {
            switch error {
            case .taken: throw .taken(address: wish.text)
            default: throw .failed(address: wish.text, why: error.message)
            }
        }
        // The system chooses a port for each of a name's addresses; one page has one.
        if wish.port == 0 { found = Array(found.prefix(1)) }
        // What `localhost` means is a file's matter, and the token was not asked for.
        if wish.isLoopback, !found.allSatisfy({ place(of: $0.number)?.isLoopback ?? false }) {
            throw .notLoopback(address: wish.text)
        }
        return found
    }

    /// The address a socket has here.
    private static func place(of socket: Int32) -> WebAddress? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var service = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let code = unsafe withUnsafeMutableBytes(of: &storage) { space in
            let pointer = unsafe space.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            guard unsafe getsockname(socket, pointer, &size) == 0 else { return Int32(-1) }
            return unsafe getnameinfo(
                pointer, size, &host, socklen_t(host.count), &service, socklen_t(service.count),
                NI_NUMERICHOST | NI_NUMERICSERV)
        }
        guard code == 0 else { return nil }
        func text(_ space: [CChar]) -> String {
            String(decoding: space.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return WebAddress(host: text(host), port: Int(text(service)) ?? 0)
    }
}

extension WebAddress: CustomStringConvertible {
    public var description: String { text }
}
