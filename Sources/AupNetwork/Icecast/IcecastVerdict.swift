/// What the end of a transfer to an Icecast server means: whether another try may help, and one line that says what happened.
///
/// | what | another try |
/// |---|---|
/// | no such name, refused, unreachable, no answer, broken off, ended by the server | may help |
/// | 403: the mount is in use, or there are sources enough; 408, 429, 5xx | may help |
/// | 401: the password; 404 and other 4xx; 3xx; a certificate that nobody trusts | never helps |
///
/// - Thread: any.
public struct IcecastVerdict: Equatable, Sendable {
    public let isFinal: Bool
    public let text: String

    public init(_ facts: HTTPUpload.Facts, host: String) {
        if facts.status >= 300 {
            isFinal = !(facts.status >= 500 || [403, 408, 429].contains(facts.status)) || facts.status == 501
            text = Self.words(facts.status, Self.plain(facts.answer))
            return
        }
        switch facts.failure {
        case .none: text = "the server ended the stream"
        case .unknownHost: text = "nobody knows a machine called '\(host)'"
        case .refused: text = "nobody listens there"
        case .unreachable: text = "it cannot be reached (\(facts.reason))"
        case .timedOut: text = "it does not answer"
        case .certificate: text = "its certificate is not trusted (\(facts.reason))"
        case .tls: text = "there is no TLS to be had there (\(facts.reason))"
        case .broken: text = facts.isWelcome ? "the connection broke" : "it hung up instead of an answer"
        case .noHTTP: text = "what answers there is no HTTP (\(facts.reason))"
        }
        isFinal = facts.failure == .certificate
    }

    private static func words(_ status: Int, _ answer: String) -> String {
        let said = answer.isEmpty ? "" : ": \(answer)"
        return switch status {
        case 300..<400: "it sends sources elsewhere (\(status)); give the address of that place"
        case 401:
            "it does not take this user and password (401); put the right one into --secret-file or AUP_ICECAST_PASSWORD"
        case 403: "the mount is in use, or may not be used (403\(said))"
        case 404: "there is no such mount (404\(said))"
        case 405, 501: "it takes no sources by PUT (\(status)); Icecast does since version 2.4"
        default: "it answers \(status)\(said)"
        }
    }

    /// Text of an answer that may be HTML: what a person would read of it, in one line and not much of it.
    static func plain(_ answer: String) -> String {
        // A title says less than what follows it, and style and head say nothing.
        var rest = answer[...]
        if let body = rest.range(of: "<body")?.lowerBound { rest = rest[body...] }
        var text = ""
        var depth = 0
        for scalar in rest.unicodeScalars {
            switch scalar {
            case "<": depth += 1
            case ">": depth = max(0, depth - 1)
            default: if depth == 0 { text.unicodeScalars.append(scalar.value < 0x20 ? " " : scalar) }
            }
        }
        let words = text.split(separator: " ").joined(separator: " ")
        return words.count > 120 ? String(words.prefix(120)) + "…" : words
    }
}

extension Substring {
    /// Where a text first stands in another.
    fileprivate func range(of text: String) -> Range<Index>? {
        var place = startIndex
        while place < endIndex {
            if self[place...].hasPrefix(text) { return place..<index(place, offsetBy: text.count) }
            place = index(after: place)
        }
        return nil
    }
}
