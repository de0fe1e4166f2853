/// A source that may not be there yet, may go, and may come back.
///
/// - Thread: transport; these are for main.
protocol ComingSource: PacketSource {
    var reconnects: Int64 { get }
    var isWaiting: Bool { get }
    /// What came through its door, where it has one.
    var receiving: ReceivingStatus? { get }
}

extension ComingSource {
    var receiving: ReceivingStatus? { nil }
}

/// Where sources come from, one after the other.
///
/// - Thread: transport, but for ``status``.
protocol SourceSupply: AnyObject {
    /// The next source, once it is there.
    func take() -> ComingStream?
    /// Waits for one, a fifth of a second at most.
    func wait()
    /// Waits until the source that is there has something to read; false where it has not after a fifth of a second.
    func wait(beside stream: ComingStream) -> Bool
    /// The source is over: what it holds of the supply is free.
    func dismiss(_ stream: ComingStream)
    func close()
    /// How messages call the place.
    var name: String { get }
    /// What went wrong with the place itself, so that nothing will come.
    var failure: SessionEnding? { get }
    /// - Thread: any.
    var status: ReceivingStatus? { get }
}

/// A source that came.
struct ComingStream {
    let source: any PacketSource
    let name: String
    /// The word that no other stream has, where it said one.
    var stream: String?
    var sender: Sender?

    /// Whether it stopped without an end.
    var wasCutOff: Bool { (source as? StreamSource)?.wasCutOff ?? (source.ending != .done) }
}
