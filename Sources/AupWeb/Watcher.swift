/// One browser that is given readings.
///
/// - Thread: the server's.
@safe
final class Watcher {
    var feed: EventFeed
    /// The library's, which forgets it when it says that the stream is over.
    let stream: OpaquePointer
    /// Where the other end is, to see whether it still is.
    let descriptor: Int32
    /// The other end hung up; what is left to say is for nobody.
    var isGone = false

    init(feed: EventFeed, stream: OpaquePointer, descriptor: Int32) {
        self.feed = feed
        unsafe self.stream = stream
        self.descriptor = descriptor
    }
}
