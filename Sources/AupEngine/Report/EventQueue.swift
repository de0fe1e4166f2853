import AupSystem

/// Events on their way from the transport thread to whoever reports them: bounded, and the loss is told.
///
/// - Thread: any but audio.
final class EventQueue: Sendable {
    /// More than a person reads in the tenth of a second between two looks.
    static let capacity = 256
    /// What became of each of as many subscribers as there may be is told, though all leave at once.
    static let accountCapacity = 2 * NetworkConfiguration.clientLimits.upperBound
    private struct Content {
        var events: [SessionEvent] = []
        /// Past the capacity.
        var accounts = 0
        var dropped = 0
    }
    private let content = Guarded(Content())
    private let bell: Doorbell

    init(bell: Doorbell) {
        self.bell = bell
    }

    func post(_ event: SessionEvent) {
        content.write { content in
            if content.events.count < Self.capacity {
                content.events.append(event)
            } else if case .happened(let one) = event, one.isAccount, content.accounts < Self.accountCapacity {
                content.accounts += 1
                content.events.append(event)
            } else {
                content.dropped += 1
            }
        }
        bell.ring()
    }

    /// Whether the next event will be kept.
    var hasRoom: Bool { content.read { $0.events.count < Self.capacity } }

    func takeAll() -> [SessionEvent] {
        var taken: [SessionEvent] = []
        content.write { content in
            taken = content.events
            if content.dropped > 0 { taken.append(.warning("\(content.dropped) more events were not kept")) }
            content = Content()
        }
        return taken
    }
}
