/// What the codec refuses. The message is one line: what, and what to do.
///
/// - Thread: any.
public enum OpusError: Error, Equatable, Sendable {
    /// Install it: why says what the loader said.
    case missingLibrary(Library, why: String)
    /// It does not take sound like this.
    case unencodable(what: String, why: String)
    /// A packet that is none.
    case damaged(why: String)
    /// The codec gave up.
    case failed(doing: String, why: String)

    public enum Library: Sendable {
        case opus, ogg
    }

    public var message: String {
        switch self {
        case .missingLibrary(.opus, let why):
            "Opus needs libopus, which cannot be opened (\(why)); Debian's package is libopus0"
        case .missingLibrary(.ogg, let why):
            "Ogg needs libogg, which cannot be opened (\(why)); Debian's package is libogg0"
        case .unencodable(let what, let why): "Opus does not take \(what): \(why)"
        case .damaged(let why): "an Opus packet cannot be decoded: \(why)"
        case .failed(let doing, let why): "\(doing) Opus: \(why)"
        }
    }
}
