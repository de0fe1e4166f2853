/// What is missing at the end of a file or stream that was cut off.
///
/// - Thread: any.
public enum CutOff: Equatable, Sendable {
    /// So many frames that its header promises.
    case frames(Int64)
    /// The rest of an Ogg page, and nobody knows what was behind it. Where the last page is whole nothing is said: a
    /// recording that was killed ends like that, and so does a stream.
    case page

    /// What comes behind "was cut off: ".
    public var text: String {
        switch self {
        case .frames(let count): "it promises \(count) frames more"
        case .page: "its last Ogg page is not whole"
        }
    }
}
