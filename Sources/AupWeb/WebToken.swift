/// What a browser or a program has to know to be served.
///
/// - Thread: any.
struct WebToken: Equatable, Sendable {
    private let secret: [UInt8]

    /// Sixteen characters cannot be tried out through a network.
    static let lengths = 16...256

    /// - Throws: ``WebError/badToken(why:)``.
    init(_ text: String) throws(WebError) {
        secret = Array(text.utf8)
        // What a URL, a cookie and a header all carry as it is (RFC 3986: unreserved).
        let isPlain = secret.allSatisfy { HostName.isNameByte($0) || $0 == UInt8(ascii: "~") }
        guard Self.lengths.contains(secret.count), isPlain else {
            throw .badToken(
                why:
                    "it has \(secret.count) bytes; letters, digits and - . _ ~ make one, \(Self.lengths.lowerBound) to "
                    + "\(Self.lengths.upperBound) of them, such as: head -c 18 /dev/urandom | base64 | tr +/ -_")
        }
    }

    var text: String { String(decoding: secret, as: UTF8.self) }

    /// Whether it is this one. The time this takes depends on the length of the secret alone, not on how much of it was
    /// guessed.
    func isMatched(by guess: String) -> Bool {
        let guess = Array(guess.utf8)
        var difference = guess.count ^ secret.count
        for index in secret.indices {
            difference |= Int(secret[index] ^ (index < guess.count ? guess[index] : 0))
        }
        return difference == 0
    }
}
