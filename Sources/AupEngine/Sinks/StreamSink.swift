import AupSound
import AupSystem
import AupWire

/// aup's own stream on a descriptor: a pipe, a FIFO, a file.
///
/// Packets are collected and written together when nothing more is at hand or a pipe's worth has come together: one
/// system call a period when the stream is live, one for many packets when it is not.
///
/// - Thread: transport, but for ``status``.
@safe final class StreamSink: PacketSink {
    /// Bytes that are collected at most: what a pipe of a megabyte takes in four bites.
    static let batchBytes = 256 << 10
    /// A pipe that is not live holds this much: fewer switches between two processes on one core.
    static let bulkPipeBytes = 1 << 20
    /// A live pipe holds about this long, so that it cannot hide half a second of latency.
    static let livePipeMilliseconds = 40

    /// Packets of the source's own buffer, one behind the other, that go on as they came. They are written before the
    /// source may read again: the transport flushes before it waits.
    private var passed = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    private var output: StreamOutput
    private var encoder: PacketEncoder
    private let latency = Guarded<Int64?>(nil)
    /// Whether capture times may be compared with the time here.
    private var hasOwnClock = false
    private var firstCaptureTime: Int64?

    init(_ output: StreamOutput) {
        self.output = output
        // A disk and a network may lose bits; a local pipe does not.
        encoder = PacketEncoder(checksAudio: [.file, .socket].contains(output.descriptor.kind))
    }

    /// Nanoseconds between capture and the last write.
    var latencyNanoseconds: Int64? { latency.read { $0 } }

    func take(_ packet: Packet) throws(SessionFailure) {
        if case .audio(let audio) = packet, let wire = unsafe audio.wire, encoder.pass(audio) {
            if hasOwnClock, firstCaptureTime == nil { firstCaptureTime = audio.captureTime }
            try unsafe pass(wire)
            return
        }
        if unsafe !passed.isEmpty { try flush() }
        switch packet {
        case .format(let description):
            output.isLive = description.isLive
            hasOwnClock = description.hasOwnClock
            resizePipe(description)
            encoder.encode(packet)
            // At once, so that whoever reads can open its device while the first period is still being captured.
            try flush()
        case .audio(let audio):
            if hasOwnClock, firstCaptureTime == nil { firstCaptureTime = audio.captureTime }
            encoder.encode(packet)
        case .silence, .gap, .event: encoder.encode(packet)
        case .end:
            encoder.encode(packet)
            try flush()
        }
        if encoder.output.count >= Self.batchBytes { try flush() }
    }

    private func pass(_ wire: UnsafeRawBufferPointer) throws(SessionFailure) {
        let isNext = unsafe passed.baseAddress.map { unsafe $0 + passed.count } == wire.baseAddress
        if unsafe !encoder.output.isEmpty || (!passed.isEmpty && !isNext) { try flush() }
        unsafe passed = UnsafeRawBufferPointer(
            start: passed.isEmpty ? wire.baseAddress : passed.baseAddress, count: passed.count + wire.count)
    }

    func flush() throws(SessionFailure) {
        // Never both: what is encoded is written before anything is passed, and the other way round.
        let bytes = unsafe passed.isEmpty ? encoder.output.bytes : passed
        guard unsafe !bytes.isEmpty else { return }
        try unsafe output.put(bytes)
        encoder.output.removeAll()
        unsafe passed = UnsafeRawBufferPointer(start: nil, count: 0)
        if let time = firstCaptureTime {
            let now = monotonicNanoseconds()
            latency.write { $0 = age(of: time, at: now) }
            firstCaptureTime = nil
        }
    }

    private func resizePipe(_ description: StreamDescription) {
        guard description.isLive else {
            output.descriptor.resizePipe(bytes: Self.bulkPipeBytes)
            return
        }
        // The kernel rounds up to a power of two of pages; a page is the least, and more than that much of Opus is.
        let bytes = description.pcm.map { $0.rate * $0.frameBytes * Self.livePipeMilliseconds / 1000 } ?? 1
        output.descriptor.resizePipe(bytes: bytes)
    }
}
