/// Why no page is served, in one line with the remedy.
public enum WebError: Error, Equatable, Sendable {
    /// The library is not there, or not as it should be.
    case missingLibrary(why: String)
    /// The address is not one.
    case malformedAddress(String)
    /// Others could read the page, and nothing would keep them from it.
    case tokenNeeded(address: String)
    /// The token would not survive a URL, or is guessed too soon.
    case badToken(why: String)
    /// Another process listens there.
    case taken(address: String)
    /// A name of this machine that leads out of it.
    case notLoopback(address: String)
    case failed(address: String, why: String)

    public var message: String {
        switch self {
        case .missingLibrary(let why):
            "--web is served by libmicrohttpd: \(why); install it (Debian: libmicrohttpd12, from 13 on "
                + "libmicrohttpd12t64)"
        case .malformedAddress(let word):
            "--web '\(word)': not an address; write a port (8080), a host and a port (127.0.0.1:8080, [::1]:8080)"
        case .tokenNeeded(let address):
            "--web \(address): other machines could read it; choose 127.0.0.1, or say --web-token too"
        case .badToken(let why): "--web-token: \(why)"
        case .taken(let address): "--web \(address): another process listens there; choose another port"
        case .notLoopback(let address): "--web \(address): the name leads to another machine's address; write 127.0.0.1"
        case .failed(let address, let why): "--web \(address): \(why)"
        }
    }
}
