import AupALSA
public import AupSound
import AupSystem
import Glibc

/// `aup devices --watch`: looks when something says that there is something to see, and tells what differs.
///
///     kernel's news, nodes in /dev/snd ─┐
///     cards' controls ──────────────────┼─► sign ─► DeviceNews: when to look, what to tell
///     configuration, servers' sockets ──┤
///     a glance every two seconds ───────┘    four times a second where there is no news of cards at all, and while a
///                                            server listens, which may be killed and leave its socket
///
/// - Thread: main.
public final class DeviceWatch {
    /// Why a watch ended.
    public enum Ending: Sendable, Equatable {
        case signal(Int32)
        case time
        /// Nobody reads what is told.
        case unread
    }

    /// What would tell of changes at once.
    public struct Sources: Sendable, Equatable {
        /// The kernel's own news.
        public var kernel: Bool
        /// The nodes of the cards.
        public var nodes: Bool
        /// The cards whose controls are heard.
        public var controls: Int
    }

    /// How long a glance is waited for where signs come of all that is there, and where none do.
    static let glance: Int64 = 2_000_000_000
    static let glanceWithoutSigns: Int64 = 250_000_000

    private let signals = SignalInbox()
    private let host: WatchedHost
    private let plugs: PlugWatch
    private let paths: PathWatch
    private let controls = CardControls()
    private let places: WatchedPlaces
    private let deadline: Int64
    private var news: DeviceNews
    private var nextGlance: Int64

    /// - Parameter duration: how long is watched; `nil` until a signal comes.
    public init(duration: TimeSpan?) {
        let now = monotonicNanoseconds()
        var length = Int64.max
        // Frames are those of a second's 48000, since no device is open that would have others.
        if let duration { length = duration.nanoseconds(rate: 48_000) }
        deadline = now.addingReportingOverflow(length).overflow ? .max : now + length
        let host = WatchedHost()
        let places = WatchedPlaces.current
        self.host = host
        self.places = places
        // Before the first look, so that nothing happens between.
        plugs = PlugWatch(host.folders.nodes, hearsUse: true)
        paths = PathWatch(places.places)
        nextGlance = now
        news = DeviceNews(host.look(places.servers))
        controls.watch(host.cards)
    }

    /// The wall's clock in seconds since 1970, to the millisecond: when something is told.
    public static var secondsNow: Double { Double(WallClock.nanoseconds() / 1_000_000) / 1000 }

    public var present: [DeviceNews.Announcement] { news.present }

    public var sources: Sources {
        Sources(kernel: plugs.hearsKernel, nodes: plugs.watchesNodes, controls: controls.numbers.count)
    }

    /// Watches to the end. What is to be told at once comes together.
    public func run(_ tell: ([DeviceNews.Announcement]) -> Void) -> Ending {
        while true {
            let now = monotonicNanoseconds()
            if now >= deadline { return .time }
            // A reader that stands still must not hold us so that no signal is heard; what it misses is told as one change.
            let isHeard = isReadyForLines
            if let end = wait(now, leastMilliseconds: isHeard ? 0 : 100) { return end }
            let lines = isHeard ? step(monotonicNanoseconds()) : []
            if !lines.isEmpty { tell(lines) }
        }
    }

    private func step(_ now: Int64) -> [DeviceNews.Announcement] {
        if now >= nextGlance {
            nextGlance = now + glancePause
            if host.glance(places.servers) != host.seen { news.sign(now: now) }
        }
        if let look = news.nextLook, now >= look {
            if host.hasHalfACard, news.waitsForCard(now: now) { return [] }
            let snapshot = host.look(places.servers)
            nextGlance = min(nextGlance, now + glancePause)
            controls.watch(host.cards)
            return news.looked(snapshot, now: now)
        }
        if let telling = news.nextTelling, now >= telling { return news.tell(now: now) }
        return []
    }

    private var glancePause: Int64 {
        plugs.isWatching && host.seen?.servers.isEmpty != false ? Self.glance : Self.glanceWithoutSigns
    }

    private var isReadyForLines: Bool {
        var entry = pollfd(fd: 1, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&entry, 1, 0) > 0
    }

    /// Waits for a sign, or until something is due.
    private func wait(_ now: Int64, leastMilliseconds: Int32) -> Ending? {
        let due = min(deadline, nextGlance, news.nextLook ?? .max, news.nextTelling ?? .max)
        let numbers = [signals.number, paths.number] + plugs.numbers + controls.numbers
        var entries = numbers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // Only whether its reader is gone.
        entries.append(pollfd(fd: 1, events: 0, revents: 0))
        let milliseconds = Int32(clamping: (max(due - now, 0) + 999_999) / 1_000_000)
        let timeout = max(milliseconds, leastMilliseconds)
        guard unsafe poll(&entries, nfds_t(entries.count), timeout) > 0 else { return nil }
        if entries[entries.count - 1].revents & Int16(POLLERR | POLLHUP) != 0 { return .unread }
        while let arrival = signals.next() {
            if case .finish(let number) = arrival { return .signal(number) }
        }
        var isSign = plugs.takeChanges()
        if controls.takeChanges() { isSign = true }
        let changed = paths.takeChanges()
        if !changed.isEmpty {
            isSign = true
            host.configurationChanged()
        }
        if isSign { news.sign(now: monotonicNanoseconds()) }
        return nil
    }
}
