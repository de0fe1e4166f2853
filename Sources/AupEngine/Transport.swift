import AupPlugins
import AupSound
import AupSystem
import AupWire
import Synchronization

/// The thread that carries packets from the source through the stages to the sink, and brings all of them to their end.
///
/// - Thread: aup.transport runs ``run()``; ``status`` and ``ending`` are for main.
final class Transport: @unchecked Sendable {
    // @unchecked because the source, the stages and the sinks belong to the transport thread alone; what main reads
    // is behind locks or atomic.
    private let configuration: SessionConfiguration
    private let stop: StopRequest
    private let scheduling: Scheduling
    private let events: EventQueue
    private let result = Guarded(SessionEnding.done)

    private let meter: PassageMeter

    /// What is asked for numbers while it runs.
    private let line = Guarded<Line?>(nil)

    init(
        _ configuration: SessionConfiguration, stop: StopRequest, scheduling: Scheduling, events: EventQueue
    ) {
        self.configuration = configuration
        self.stop = stop
        self.scheduling = scheduling
        self.events = events
        meter = PassageMeter(target: configuration.latencyTargetNanoseconds)
    }

    var ending: SessionEnding { result.read { $0 } }

    var status: SessionStatus {
        var status = SessionStatus()
        line.read { $0 }?.complete(&status)
        status.passage = meter.status
        return status
    }

    var probe: LatencyProbe? { line.read { $0 }?.probe }

    /// Ends the file that is written; false where none is.
    func startNextFile() -> Bool { (line.read { $0 }?.tail as? any RecordingTail)?.startNextFile() ?? false }

    /// SIGHUP where plugins are watched; false elsewhere.
    func reload() -> Bool { line.read { $0 }?.reload() ?? false }

    /// What a listener wishes; nothing before the line stands.
    func togglePause() { line.read { $0 }?.togglePause() }
    func hurry() { line.read { $0 }?.hurry() }

    func run() {
        let ending = carry()
        line.read { $0 }?.close()
        (line.read { $0 }?.tail as? any RecordingTail)?.settle()
        result.write { $0 = ending }
    }

    private func carry() -> SessionEnding {
        let line: Line
        let lock: FileLock?
        do throws(SessionFailure) {
            lock = try configuration.takeLock()
            line = try Line(configuration, stop: stop, scheduling: scheduling, events: events)
        } catch {
            return Self.ending(of: error)
        }
        defer { _ = lock }
        self.line.write { $0 = line }
        do throws(SessionFailure) {
            try carry(line)
            line.source.close()
            return line.verdict(line.source.ending, configuration)
        } catch {
            return conclude(line, error)
        }
    }

    private func carry(_ line: Line) throws(SessionFailure) {
        var isStopped = false
        var isPromoted = false
        let publications = line.outputs.publications
        while true {
            guard let packet = line.source.next() else {
                try line.head.flush()
                line.source.wait()
                if stop.isRequested, !isStopped {
                    isStopped = true
                    line.source.stop()
                }
                continue
            }
            tell(packet)
            if case .format(let description) = packet {
                meter.see(description)
                if description.isLive, !isPromoted {
                    isPromoted = true
                    scheduling.promoteCurrentThread(isAudio: false)
                }
            }
            try pass(packet, line, publications)
            stop.noteProgress()
            if case .end = packet { return }
            if line.isDurationReached {
                try line.head.take(.end(EndPacket(totalFrames: 0, lostFrames: 0, reason: .stopped)))
                return
            }
            if stop.isRequested, !isStopped {
                isStopped = true
                line.source.stop()
            }
        }
    }

    private func pass(_ packet: Packet, _ line: Line, _ publications: [PublishSink]) throws(SessionFailure) {
        guard let span = packet.span else { return try line.head.take(packet) }
        let began = monotonicNanoseconds()
        let waited = publications.reduce(0) { $0 + $1.waitedNanoseconds }
        try line.head.take(packet)
        // What is held back until it is due is not worked at meanwhile.
        let idle = publications.reduce(0) { $0 + $1.waitedNanoseconds } - waited
        meter.passed(
            frames: span.frames, captured: span.captureTime, began: began,
            nanoseconds: monotonicNanoseconds() - began - idle)
    }

    /// Tells what came along in the stream: whoever ends the line should know it too.
    private func tell(_ packet: Packet) {
        switch packet {
        case .gap(let gap) where !configuration.input.isDevice:
            // A gap that was made here has been told by the device's source.
            events.post(.gap(position: gap.position, frames: gap.frames, cause: gap.cause, origin: gap.seenBy))
        case .event(let event): events.post(.streamEvent(key: event.key, value: event.value))
        default: break
        }
    }

    /// Brings the rest of the line to its end after something in it failed.
    private func conclude(_ line: Line, _ failure: SessionFailure) -> SessionEnding {
        line.source.stop()
        defer { line.source.close() }
        line.concludeReading()
        if case .before(let cause) = failure {
            let packet = EndPacket(
                totalFrames: 0, lostFrames: 0, reason: .error, code: 1,
                message: "\(configuration.command): \(cause.message ?? "")")
            do throws(SessionFailure) {
                try line.tail.take(.end(packet))
            } catch {
                // The first failure is the one to tell.
            }
        }
        return line.verdict(Self.ending(of: failure), configuration)
    }

    private static func ending(of failure: SessionFailure) -> SessionEnding {
        switch failure {
        case .downstreamClosed: .done
        case .abandoned: .failed("the output was not taken; what was left of the stream is lost")
        case .before(let ending), .sink(let ending): ending
        }
    }
}
