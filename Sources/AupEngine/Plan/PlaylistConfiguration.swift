public import AupSound

/// What `play` plays, in which order and from where.
public struct PlaylistConfiguration: Sendable {
    /// Files, folders, playlists, and `-` once, as the command line names them.
    public var words: [String]
    /// Where the playing order begins, counted from the first frame of its first file over the borders of files.
    public var start: TimeSpan?
    /// How many times the order is played; `nil` for ever.
    public var passes: Int? = 1
    /// Whether keys at the terminal are listened to.
    public var hasControls = false
    /// What is wished while it plays.
    let controls = PlaybackControls()

    public init(_ words: [String]) {
        self.words = words
    }
}
