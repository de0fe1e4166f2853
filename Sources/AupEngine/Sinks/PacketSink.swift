import AupWire

/// Whoever takes packets: a stage hands them on, a sink brings them to their end.
///
/// Packets of a stream come in order: a format first, an end last. A view inside an audio packet is valid for the
/// length of the call. After a failure of its own a taker is not called again but with ``conclude(_:)``.
///
/// - Thread: the transport thread of the session.
protocol PacketSink: AnyObject {
    func take(_ packet: Packet) throws(SessionFailure)
    /// Nothing more is at hand right now: what was collected should go on its way.
    func flush() throws(SessionFailure)
}

/// Why a session's transport stops before the end packet has gone all the way.
enum SessionFailure: Error {
    /// Whoever reads our output has closed it: the job is done.
    case downstreamClosed
    /// The session is told to end and nobody takes what is left.
    case abandoned
    /// A source or a stage failed: the sinks get an end packet that says so, and finish properly.
    case before(SessionEnding)
    /// A sink failed and has kept what it could.
    case sink(SessionEnding)
}
