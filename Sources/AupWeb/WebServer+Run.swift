internal import AupSystem
internal import CMicrohttpd
internal import Glibc
internal import Synchronization

extension WebServer {
    /// What is bounded of each connection. Requests of browsers are a few hundred bytes.
    private static let connectionBytes = 16384
    private static let bodyBytes = 1024
    /// Connections beside those of watchers: pages that load, programs that ask.
    private static let spareConnections = 16
    /// Without a sign of life in between a connection is closed; watchers are told something more often.
    private static let idleSeconds: UInt32 = 15
    /// A request is there, whole, within this time.
    private static let requestMilliseconds: Int64 = 10_000
    /// A page hears something this often, sound or not, and takes a longer silence for a lost connection.
    private static let pulseNanoseconds: Int64 = 5_000_000_000
    /// How long the end is waited for to be taken.
    private static let farewellNanoseconds: Int64 = 500_000_000
    /// What the kernel keeps for one browser; it doubles it for its own use (socket(7)).
    private static let socketBytes: Int32 = 65536
    /// POLLRDHUP (poll(2)): the other end will say nothing more. Glibc's header shows it to C alone.
    private static let hangUp: Int16 = 0x2000

    private var connectionLimit: Int { watcherLimit + Self.spareConnections }

    func startLibrary() -> OpaquePointer? {
        // Unretained, because the library runs only inside run(), whose caller has the server.
        let calls = unsafe aup_http_calls(
            owner: Unmanaged.passUnretained(self).toOpaque(),
            answer: { owner, request in
                unsafe Unmanaged<WebServer>.fromOpaque(owner!).takeUnretainedValue().answer(request!)
            },
            more: { owner, number, space, room in
                let server = unsafe Unmanaged<WebServer>.fromOpaque(owner!).takeUnretainedValue()
                return unsafe server.fill(number, UnsafeMutableRawBufferPointer(start: space, count: room))
            },
            over: { owner, number in
                unsafe Unmanaged<WebServer>.fromOpaque(owner!).takeUnretainedValue().forget(number)
            })
        let limits = aup_http_limits(
            connection_bytes: Self.connectionBytes, body_bytes: Self.bodyBytes,
            connections: UInt32(connectionLimit), idle_seconds: Self.idleSeconds)
        return unsafe aup_http_start(calls, limits)
    }

    // MARK: - The thread

    func serve() {
        var farewell: Int64?
        var deafUntil: Int64 = 0
        var lastPulse = monotonicNanoseconds()
        var lastNumber: Int64 = 0
        while true {
            let now = monotonicNanoseconds()
            if isStopping.load(ordering: .relaxed), farewell == nil {
                farewell = now + Self.farewellNanoseconds
                listeners = []
                for watcher in watchers.values { watcher.feed.end() }
            }
            if let farewell, watchers.isEmpty || now >= farewell { break }
            waitForNews(isDeaf: now < deafUntil, isEnding: farewell != nil)
            if farewell == nil, !welcome() { deafUntil = monotonicNanoseconds() + 200_000_000 }
            let time = monotonicNanoseconds()
            let newest = published.withLock { $0.number }
            if time - lastPulse >= Self.pulseNanoseconds {
                lastPulse = time
                if newest == lastNumber { tell(EventFeed.event("alive", [])) }
                lastNumber = newest
            }
            wakeWatchers(newest)
            unsafe aup_http_hurry(handle, time / 1_000_000, Self.requestMilliseconds)
            work()
            report()
        }
        // The library must not be stopped while a stream sleeps; each that is asked now says that it is over.
        for watcher in watchers.values {
            watcher.feed.end()
            unsafe aup_http_wake(watcher.stream)
        }
        work()
        if let handle = unsafe handle { unsafe aup_http_stop(handle) }
        unsafe handle = nil
        report()
    }

    private func waitForNews(isDeaf: Bool, isEnding: Bool) {
        var entries = [
            pollfd(fd: bell.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: unsafe aup_http_waits_on(handle), events: Int16(POLLIN), revents: 0),
        ]
        for listener in listeners {
            entries.append(pollfd(fd: isDeaf ? -1 : listener.number, events: Int16(POLLIN), revents: 0))
        }
        let first = entries.count
        let present = watchers.values.filter { !$0.isGone }
        // The library does not look at streams that have nothing to say.
        for watcher in present { entries.append(pollfd(fd: watcher.descriptor, events: Self.hangUp, revents: 0)) }
        var patience = unsafe aup_http_patience(handle)
        // Connections have deadlines.
        let longest: Int32 = isEnding || isDeaf ? 50 : unsafe aup_http_connections(handle) > 0 ? 1000 : 10_000
        patience = patience < 0 ? longest : min(patience, longest)
        guard unsafe poll(&entries, nfds_t(entries.count), patience) > 0 else { return }
        if entries[0].revents != 0 { bell.answer() }
        for (watcher, entry) in zip(present, entries[first...]) where entry.revents != 0 {
            watcher.isGone = true
            watcher.feed.end()
        }
    }

    /// Lets the library do what there is to do, which may be more than one round, and is not for ever.
    private func work() {
        for _ in 0..<64 {
            unsafe aup_http_run(handle)
            if unsafe aup_http_patience(handle) != 0 { return }
        }
    }

    private func wakeWatchers(_ newest: Int64) {
        for watcher in watchers.values where watcher.feed.hasNews(newest) { unsafe aup_http_wake(watcher.stream) }
    }

    private func tell(_ event: [UInt8]) {
        for watcher in watchers.values { watcher.feed.notify(event) }
    }

    /// Takes those in who knock; false when there is no descriptor left for another.
    private func welcome() -> Bool {
        for listener in listeners {
            // As many as can come at once; the others' turn is next.
            for _ in 0..<connectionLimit {
                let arrival = listener.accept()
                if case .noRoom = arrival { return false }
                guard let connection = arrival.connection else { break }
                guard unsafe Int(aup_http_connections(handle)) < connectionLimit else {
                    turnAway(connection)
                    continue
                }
                var bytes = Self.socketBytes
                _ = unsafe setsockopt(
                    connection.number, SOL_SOCKET, SO_SNDBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
                _ = unsafe aup_http_adopt(handle, NetworkSocket.tuned(connection).number)
            }
        }
        return true
    }

    /// One line for whoever comes when everything is taken, without asking the library, which has no room.
    private func turnAway(_ connection: Descriptor) {
        tally.refused += 1
        let text =
            "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\nRetry-After: 5\r\n\r\n"
        var space = [UInt8](repeating: 0, count: 4096)
        // What was said is taken first, else closing would take the answer back.
        _ = unsafe space.withUnsafeMutableBytes { unsafe connection.readNow($0) }
        _ = unsafe Array(text.utf8).withUnsafeBytes { unsafe connection.sendNow($0) }
    }

    private func report() {
        tally.watchers = Int64(watchers.count)
        var counts = tally
        for watcher in watchers.values {
            counts.sent += watcher.feed.sent
            counts.skipped += watcher.feed.skipped
        }
        let sum = counts
        published.withLock { $0.counts = sum }
    }

    // MARK: - What the library calls

    private func fill(_ number: UInt64, _ space: UnsafeMutableRawBufferPointer) -> Int {
        guard let watcher = watchers[number] else { return -1 }
        let newest = published.withLock { ($0.number, $0.event) }
        return unsafe watcher.feed.fill(space, newest: newest) ?? -1
    }

    private func forget(_ number: UInt64) {
        guard let watcher = watchers.removeValue(forKey: number) else { return }
        tally.sent += watcher.feed.sent
        tally.skipped += watcher.feed.skipped
        noteWatchers()
    }

    private func answer(_ request: OpaquePointer) {
        tally.requests += 1
        let asked = unsafe WebRequest(request, cookieName: door.cookieName)
        let reply = reply(to: asked)
        if reply.status >= 400 { tally.refused += 1 }
        unsafe send(reply, to: request)
    }

    private func send(_ reply: WebReply, to request: OpaquePointer) {
        var made: OpaquePointer?
        if reply.isStream {
            lastWatcher += 1
            var stream: OpaquePointer?
            unsafe made = aup_http_endless(request, lastWatcher, &stream)
            if let stream = unsafe stream {
                let (number, history) = published.withLock { ($0.number, $0.history.json) }
                let greeting = [
                    Array("retry: 1000\n".utf8) + EventFeed.event("hello", Array("\"\(identity)\"".utf8)),
                    EventFeed.event("history", history),
                ]
                // The newest reading is news to it, whenever it was made.
                watchers[lastWatcher] = unsafe Watcher(
                    feed: EventFeed(greeting: greeting, seen: max(0, number - 1)), stream: stream,
                    descriptor: aup_http_descriptor(stream))
                noteWatchers()
            }
        } else {
            unsafe made = reply.body.withUnsafeBytes { unsafe aup_http_bytes($0.baseAddress, $0.count) }
        }
        guard let made = unsafe made else { return }
        for header in WebReply.always + reply.headers { unsafe aup_http_header(made, header.name, header.value) }
        unsafe aup_http_header(made, "Content-Type", reply.type)
        unsafe aup_http_send(request, made, UInt32(reply.status))
    }

    /// A reset was asked for: the owner makes it, and all pages are told.
    func reset() {
        onReset()
        tell(EventFeed.event("reset", []))
        // This is said in the midst of a round; the next one begins at once.
        bell.ring()
    }
}

extension WebRequest {
    fileprivate init(_ request: OpaquePointer, cookieName: String) {
        func value(_ kind: aup_http_kind, _ name: String, _ count: UnsafeMutablePointer<Int32>? = nil) -> String? {
            let found = unsafe aup_http_value(request, Int32(kind.rawValue), name, count)
            return unsafe found.map { unsafe String(cString: $0) }
        }
        self.init()
        unsafe method = String(cString: aup_http_method(request))
        unsafe path = String(cString: aup_http_path(request))
        unsafe targetBytes = aup_http_target_bytes(request)
        var hosts: Int32 = 0
        unsafe host = value(AUP_HTTP_HEADER, "Host", &hosts)
        hostCount = Int(hosts)
        origin = value(AUP_HTTP_HEADER, "Origin")
        fetchSite = value(AUP_HTTP_HEADER, "Sec-Fetch-Site")
        fetchMode = value(AUP_HTTP_HEADER, "Sec-Fetch-Mode")
        fetchDestination = value(AUP_HTTP_HEADER, "Sec-Fetch-Dest")
        accept = value(AUP_HTTP_HEADER, "Accept")
        authorization = value(AUP_HTTP_HEADER, "Authorization")
        cookie = value(AUP_HTTP_COOKIE, cookieName)
        queryToken = value(AUP_HTTP_QUERY, "token")
    }
}
