import AupNetwork
import AupSystem
import AupWire
import Glibc

/// Senders that come in through a door.
///
/// - Thread: transport, but for ``status``.
final class DoorSupply: SourceSupply {
    private let door: SenderDoor
    private let stop: StopRequest

    /// - Parameter isHeld: whether another source is heard before anybody may come.
    init(_ door: SenderDoor, isHeld: Bool, stop: StopRequest) throws(SessionFailure) {
        self.door = door
        door.hold(isHeld)
        self.stop = stop
        try door.start()
    }

    var name: String { door.name }
    var failure: SessionEnding? { nil }
    var status: ReceivingStatus? { door.status }

    func take() -> ComingStream? {
        guard let sender = door.take() else { return nil }
        let source = StreamSource(sender.descriptor, name: sender.name, firstBytes: sender.firstBytes, stop: stop)
        return ComingStream(source: source, name: sender.name, stream: sender.stream, sender: sender)
    }

    func wait() { door.arrivalBell.wait(milliseconds: 200) }

    func wait(beside stream: ComingStream) -> Bool {
        // What came before it, from the command line.
        guard let sender = stream.sender else { return true }
        // An end that has come is waited for behind with a patience of its own.
        if (stream.source as? StreamSource)?.holdsEnd ?? false { return true }
        guard sender.descriptor.waitReadable(milliseconds: 200) else { return false }
        sender.heard(monotonicNanoseconds())
        return true
    }

    func dismiss(_ stream: ComingStream) {
        door.hold(false)
        if let sender = stream.sender { door.dismiss(sender) }
    }

    func close() { door.stop() }
}

/// A FIFO: whoever writes into it, one after the other.
///
/// It stays open for reading, so that nobody who writes finds it without a reader.
///
/// - Thread: transport.
final class FIFOSupply: SourceSupply {
    private let configuration: SessionConfiguration
    private let descriptor: Descriptor
    private let stop: StopRequest
    private let events: EventQueue
    let name: String
    private(set) var failure: SessionEnding?
    private let idle = Doorbell()

    init(
        _ path: String, _ configuration: SessionConfiguration, stop: StopRequest, events: EventQueue
    ) throws(SessionFailure) {
        guard Descriptor.Kind(path: path) == .pipe else {
            throw .before(.usage("--keep: \(path) is no FIFO, and what ends there does not come back"))
        }
        do throws(SystemError) {
            descriptor = try Descriptor.readingFIFO(path)
        } catch {
            throw .before(.failed("cannot open \(path): \(error.reason)"))
        }
        name = path
        self.configuration = configuration
        self.stop = stop
        self.events = events
    }

    var status: ReceivingStatus? { nil }

    func take() -> ComingStream? {
        guard descriptor.hasBytes(milliseconds: 0) else { return nil }
        do throws(SessionFailure) {
            let source = try InputSniffer(configuration: configuration, stop: stop, events: events, opened: descriptor)
                .open()
            return ComingStream(source: source, name: "somebody")
        } catch {
            // Junk of one writer is no reason not to hear the next one.
            if case .before(let ending) = error, let message = ending.message, !stop.isRequested {
                events.post(.warning("\(message); another is waited for"))
                drain()
            }
            return nil
        }
    }

    /// What the writer of junk had to say besides.
    private func drain() {
        var space = [UInt8](repeating: 0, count: 1 << 16)
        for _ in 0..<256 where descriptor.hasBytes(milliseconds: 0) {
            guard case .bytes(1...) = unsafe space.withUnsafeMutableBytes({ unsafe descriptor.readNow($0) }) else {
                return
            }
        }
    }

    func wait() {
        // Without a writer the kernel says at once that the last one is gone.
        if !descriptor.hasBytes(milliseconds: 0) { idle.wait(milliseconds: 20) }
    }

    func wait(beside stream: ComingStream) -> Bool { true }
    func dismiss(_ stream: ComingStream) {}
    func close() {}
}

/// A stream that is published elsewhere: after its end it is asked for again.
///
/// - Thread: transport.
final class CallerSupply: SourceSupply {
    private let make: () -> NetworkSource
    private let idle = Doorbell()
    let name: String

    init(_ name: String, _ make: @escaping () -> NetworkSource) {
        self.name = name
        self.make = make
    }

    var failure: SessionEnding? { nil }
    var status: ReceivingStatus? { nil }
    func take() -> ComingStream? { ComingStream(source: make(), name: "a publisher") }
    func wait() { idle.wait(milliseconds: 20) }
    func wait(beside stream: ComingStream) -> Bool { true }
    func dismiss(_ stream: ComingStream) {}
    func close() {}
}
