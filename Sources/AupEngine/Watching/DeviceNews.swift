public import AupSound

/// What is told of devices that come, go and change: a state machine of plain values. The time is told, nothing is looked at
/// here and nothing waits.
///
///     a sign (kernel, node, control, file) ─► 20 ms of calm, 60 at most ─► look ─► what differs from what was told ─► told
///                                                                                     └─ flaps ─► held back, told later as one
///
/// A sign says only that there is something to see; what is told comes of looking. So no sign can tell a lie, and one that is
/// missed costs no more than time.
///
/// - Thread: any.
public struct DeviceNews: Sendable {
    /// How long nothing more has to come before it is looked: a card's nodes appear within a few milliseconds.
    static let settling: Int64 = 20_000_000
    /// And how long at most, however much comes: with what looking takes it is less than half a second.
    static let longestSettling: Int64 = 60_000_000
    /// How long a card is waited for whose nodes are not all there. To look takes longer than that they come.
    static let longestArrival: Int64 = 250_000_000
    /// Devices whose restlessness is remembered each by itself; a name can be made by whoever plugs in.
    static let groups = 64

    private var seen: DeviceSnapshot
    private var told: [String: Subject] = [:]
    private var firstSign: Int64?
    private var lastSign: Int64 = .min
    private var notBefore: Int64 = .min
    /// Changes since the last announcement of a subject.
    private var changes: [String: Int] = [:]
    private var budgets: [String: FlapBudget] = [:]

    public init(_ snapshot: DeviceSnapshot) {
        seen = snapshot
        told = Self.subjects(snapshot)
    }

    /// What is there from the start.
    public var present: [Announcement] {
        Self.order(seen).compactMap { key in told[key].map { Announcement(.present, $0) } }
    }

    /// Something may have changed.
    public mutating func sign(now: Int64) {
        if firstSign == nil { firstSign = now }
        lastSign = now
    }

    /// When to look; `nil` while there is no reason to.
    public var nextLook: Int64? {
        firstSign.map { max(min(lastSign + Self.settling, $0 + Self.longestSettling), notBefore) }
    }

    /// Before it is looked: a card is seen to come or to go just now. False when it has had its time.
    public mutating func waitsForCard(now: Int64) -> Bool {
        guard let firstSign, now - firstSign < Self.longestArrival else { return false }
        notBefore = now + Self.settling
        return true
    }

    /// When something that is held back may be told; `nil` while nothing is.
    public var nextTelling: Int64? {
        let current = Self.subjects(seen)
        return pending(current).compactMap { budgets[Self.budget(of: $0, told[$0], current[$0], budgets)]?.nextTime }
            .min()
    }

    /// What came of looking: the lines to tell now.
    public mutating func looked(_ snapshot: DeviceSnapshot, now: Int64) -> [Announcement] {
        firstSign = nil
        notBefore = .min
        let before = Self.subjects(seen)
        let after = Self.subjects(snapshot)
        seen = snapshot
        for key in Set(before.keys).union(after.keys) where !Subject.isSame(before[key], after[key]) {
            changes[key, default: 0] += 1
            budgets[Self.budget(of: key, before[key], after[key], budgets), default: FlapBudget()].changed(now: now)
        }
        return tell(now: now)
    }

    /// What was held back and may be told now.
    public mutating func tell(now: Int64) -> [Announcement] {
        let current = Self.subjects(seen)
        var counts: [String: Int] = [:]
        var lines: [Announcement] = []
        for key in pending(current) {
            let budget = Self.budget(of: key, told[key], current[key], budgets)
            guard now >= budgets[budget]?.nextTime ?? .min else { continue }
            guard let line = Announcement(from: told[key], to: current[key], changes: changes[key] ?? 1) else {
                continue
            }
            lines.append(line)
            counts[budget, default: 0] += 1
            told[key] = current[key]
            changes[key] = nil
        }
        for (budget, count) in counts { budgets[budget, default: FlapBudget()].told(count, now: now) }
        forget(current, now: now)
        return lines
    }

    /// What differs from what was told: what went first, then what came and changed, in the list's order.
    private func pending(_ current: [String: Subject]) -> [String] {
        let gone = told.keys.filter { current[$0] == nil }.sorted()
        return gone + Self.order(seen).filter { !Subject.isSame(told[$0], current[$0]) }
    }

    private mutating func forget(_ current: [String: Subject], now: Int64) {
        for key in changes.keys where current[key] == nil && told[key] == nil { changes[key] = nil }
        for (key, budget) in budgets where budget.isCalm(now: now) && budget.nextTime <= now { budgets[key] = nil }
    }

    // MARK: - Subjects

    /// Every subject by a key of its own.
    private static func subjects(_ snapshot: DeviceSnapshot) -> [String: Subject] {
        var subjects: [String: Subject] = [:]
        for device in snapshot.devices where device.kind != .simulation {
            subjects["device \(device.watchedName)"] = .device(device)
        }
        for server in snapshot.servers { subjects["server \(server.name) \(server.socket)"] = .server(server) }
        for direction in [DeviceDirection.capture, .playback] {
            subjects["default \(direction)"] = .standard(direction, snapshot.defaultName(direction))
        }
        return subjects
    }

    private static func order(_ snapshot: DeviceSnapshot) -> [String] {
        snapshot.devices.filter { $0.kind != .simulation }.map { "device \($0.watchedName)" }
            + snapshot.servers.map { "server \($0.name) \($0.socket)" } + ["default capture", "default playback"]
    }

    /// Whose restlessness a change is: that of a card that comes and goes must not hold back that its volume changed, and the
    /// other way round.
    private static func budget(
        of key: String, _ before: Subject?, _ after: Subject?, _ budgets: [String: FlapBudget]
    ) -> String {
        let isComing = before == nil || after == nil
        let group: String
        if case .device(let device)? = after ?? before {
            group = device.watchedGroup + (isComing ? " itself" : " changed")
        } else {
            group = key
        }
        return budgets[group] != nil || budgets.count < groups ? group : "all others"
    }
}

extension DeviceNews {
    /// What is spoken of.
    public enum Subject: Sendable, Equatable {
        case device(SoundDevice)
        case server(SoundServer)
        /// Where `default` leads in a direction; `nil` for nowhere.
        case standard(DeviceDirection, String?)

        static func isSame(_ left: Subject?, _ right: Subject?) -> Bool {
            switch (left, right) {
            case (nil, nil): true
            case (.device(let left)?, .device(let right)?):
                left.watchedFacts.elementsEqual(right.watchedFacts) { $0 == $1 }
            case (let left?, let right?): left == right
            default: false
            }
        }
    }

    /// One line.
    public struct Announcement: Sendable, Equatable {
        public enum Kind: String, Sendable {
            case present, added, removed, changed
            case standard = "default"
        }

        public struct Change: Sendable, Equatable {
            public var name: String
            public var before: String?
            public var now: String?
        }

        public var kind: Kind
        public var subject: Subject
        /// What changed of a device; empty for what came or went.
        public var changes: [Change] = []
        /// How many changes came to nothing, or to this, without a line of their own.
        public var untold = 0

        init(_ kind: Kind, _ subject: Subject) {
            self.kind = kind
            self.subject = subject
        }

        init?(from before: Subject?, to after: Subject?, changes count: Int) {
            untold = max(count - 1, 0)
            switch (before, after) {
            case (nil, nil): return nil
            case (nil, let after?):
                kind = .added
                subject = after
            case (let before?, nil):
                kind = .removed
                subject = before
            case (.device(let before)?, .device(let after)?):
                kind = .changed
                subject = .device(after)
                changes = Self.changes(before, after)
            case (_, let after?):
                kind = .standard
                subject = after
                if case .standard(_, let old)? = before, case .standard(_, let new) = after {
                    changes = [Change(name: "default", before: old, now: new)]
                }
            }
        }

        private static func changes(_ before: SoundDevice, _ after: SoundDevice) -> [Change] {
            let old = before.watchedFacts
            let new = after.watchedFacts
            var names = new.map(\.name)
            names += old.map(\.name).filter { !names.contains($0) }
            return names.compactMap { name in
                let change = Change(
                    name: name, before: old.first { $0.name == name }?.value,
                    now: new.first { $0.name == name }?.value)
                return change.before == change.now ? nil : change
            }
        }
    }
}
