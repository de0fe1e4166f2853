/// What the codec refuses. The message is one line: what, and what to do.
///
/// - Thread: any.
public enum OpusError: Error, Equatable, Sendable {
    /// Install it: why says what the loader said.
    case missingLibrary(why: String)
    /// It does not take sound like this.
    case unencodable(what: String, why: String)
    /// A packet that is none.
    case damaged(why: String)
    /// The codec gave up.
    case failed(doing: String, why: String)

    public var message: String {
        switch self {
        case .missingLibrary(let why):
            "Opus needs libopus, which cannot be opened (\(why)); Debian's package is libopus0"
        case .unencodable(let what, let why): "Opus does not take \(what): \(why)"
        case .damaged(let why): "an Opus packet cannot be decoded: \(why)"
        case .failed(let doing, let why): "\(doing) Opus: \(why)"
        }
    }
}
