import AupWire

/// One stream to several outputs: each takes every packet, and one that fails is left behind by the others.
///
/// A reader that closes its end is done and no failure. Failures are told when they happen; the session ends as failed
/// when there was one, after the others are whole.
///
/// - Thread: transport.
final class TeeSink: RecordingTail {
    private let branches: [(name: String, sink: any PacketSink)]
    private let events: EventQueue
    /// Branches that still take packets.
    private var open: [Int]
    private var failure: SessionEnding?

    /// - Parameter failure: of an output that could not even be opened, while these could.
    init(_ branches: [(name: String, sink: any PacketSink)], failure: SessionEnding?, events: EventQueue) {
        self.branches = branches
        self.events = events
        self.failure = failure
        open = Array(branches.indices)
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        try each { sink throws(SessionFailure) in try sink.take(packet) }
        if case .end = packet, let failure { throw .sink(failure) }
    }

    func flush() throws(SessionFailure) {
        try each { sink throws(SessionFailure) in try sink.flush() }
    }

    private func each(_ body: (any PacketSink) throws(SessionFailure) -> Void) throws(SessionFailure) {
        for index in open {
            do throws(SessionFailure) {
                try body(branches[index].sink)
            } catch {
                leave(index, error)
            }
        }
        guard open.isEmpty else { return }
        if let failure { throw .sink(failure) }
        throw .downstreamClosed
    }

    private func leave(_ index: Int, _ reason: SessionFailure) {
        open.removeAll { $0 == index }
        let ending: SessionEnding
        switch reason {
        case .downstreamClosed: return
        case .abandoned: ending = .failed("\(branches[index].name): the output was not taken to its end")
        case .before(let cause), .sink(let cause): ending = cause
        }
        if failure == nil { failure = ending }
        guard !open.isEmpty, let message = ending.message else { return }
        events.post(.warning("one output failed, the others go on: \(message)"))
    }

    /// The outputs, those that were left behind too.
    var sinks: [any PacketSink] { branches.map(\.sink) }

    // MARK: - Files among them

    private var recorders: [any RecordingTail] { branches.compactMap { $0.sink as? any RecordingTail } }

    func startNextFile() -> Bool {
        // Every one, so no lazy reduction.
        recorders.map { $0.startNextFile() }.contains(true)
    }

    func complete(_ status: inout SessionStatus) {
        for recorder in recorders { recorder.complete(&status) }
    }

    func settle() {
        for recorder in recorders { recorder.settle() }
    }
}
