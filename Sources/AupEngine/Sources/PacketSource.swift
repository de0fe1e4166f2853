import AupWire

/// Where packets come from: a device, a stream, a file.
///
/// - Thread: the transport thread of the session.
protocol PacketSource: AnyObject {
    /// The next packet, or `nil` when none is at hand: the session then flushes its sinks and calls ``wait()``.
    /// The last packet is always an end packet; whatever went wrong with the source is told in it and in ``ending``.
    func next() -> Packet?
    /// Waits until there is something for ``next()``, or until the session is asked to stop.
    func wait()
    /// Makes the source come to its end: what it has already taken in still comes.
    func stop()
    /// Gives back what the source holds; nothing is asked of it afterwards.
    func close()
    /// What the end packet means for this process.
    var ending: SessionEnding { get }
    /// Frames that there are in all, where the input says so; told as soon as it is known. - Thread: any.
    var expectedFrames: Int64? { get }
}

extension PacketSource {
    var expectedFrames: Int64? { nil }
}
