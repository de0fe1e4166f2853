/// Why a rate cannot be changed, in one line with the remedy.
public enum ResamplingError: Error, Equatable, Sendable {
    /// The library is not there, or not as it should be.
    case missingLibrary(why: String)
    /// The library's own words.
    case refused(what: String)

    public var message: String {
        switch self {
        case .missingLibrary(let why): "rates are changed by libsoxr: \(why); install it (Debian: libsoxr0)"
        case .refused(let what): "libsoxr cannot change the rate: \(what)"
        }
    }
}
