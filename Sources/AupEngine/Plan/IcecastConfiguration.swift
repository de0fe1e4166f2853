import AupNetwork
import AupSound
import AupSystem
import Glibc

/// How sound goes to an Icecast server. Each value has a word, which an address may hold behind a question mark:
/// `icecast://host/talk.opus?name=Talk`.
public struct IcecastConfiguration: Sendable, Equatable {
    public enum Codec: String, Sendable, CaseIterable {
        case opus, flac
    }

    /// `nil` leaves it to the mount: `.flac` and `.oga` are FLAC, anything else is Opus.
    public var codec: Codec?
    /// What the server tells listeners and directories.
    public var name: String?
    public var text: String?
    public var genre: String?
    public var url: String?
    public var isPublic = false
    /// What waits at most while the server is away.
    public var spoolNanoseconds: Int64 = 60_000_000_000
    /// Where the password lies; else it is in the environment.
    public var secretPath: String?
    /// Certificates that a server may show over TLS, as PEM; `nil` for those that the system trusts.
    public var certificatesPath: String?

    public static let spoolLimits: ClosedRange<Int64> = 100_000_000...3_600_000_000_000
    /// Bytes that wait at most, however much time they are: a minute of FLAC in eight channels of 24 bits at 48 kHz.
    static let spoolBytes = 64 << 20
    /// Bytes of a text in a line of the head.
    public static let longestText = 1024
    public static let passwordVariable = "AUP_ICECAST_PASSWORD"

    public init() {}

    /// The words of ``set(_:_:)``.
    public static let keys = ["codec", "name", "description", "genre", "url", "public", "spool", "secret-file", "ca"]

    /// Takes a value by its word.
    ///
    /// - Returns: what is wrong with it; `nil` where nothing is.
    public mutating func set(_ key: String, _ value: String) -> String? {
        switch key {
        case "codec":
            guard let codec = Codec(rawValue: value.lowercased()) else { return "'\(value)': opus or flac" }
            self.codec = codec
        case "name", "description", "genre", "url":
            guard (1...Self.longestText).contains(value.utf8.count),
                !value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
            else { return "one line of 1 to \(Self.longestText) bytes" }
            switch key {
            case "name": name = value
            case "description": text = value
            case "genre": genre = value
            default: url = value
            }
        case "public":
            guard ["0", "1"].contains(value) else { return "'\(value)': 0 or 1" }
            isPublic = value == "1"
        case "spool":
            guard let span = TimeSpan(value), case .nanoseconds(let time) = span, Self.spoolLimits.contains(time) else {
                return "'\(value)': 100ms to 1h"
            }
            spoolNanoseconds = time
        case "secret-file": secretPath = value
        case "ca": certificatesPath = value
        default: return "there is no such word; there are \(Self.keys.joined(separator: ", "))"
        }
        return nil
    }

    /// What sound becomes that is not coded yet.
    func codec(mount: String) -> Codec {
        codec ?? ([".flac", ".oga"].contains { mount.lowercased().hasSuffix($0) } ? .flac : .opus)
    }

    /// The password, from the file if there is one.
    func password() throws(SessionFailure) -> String {
        do throws(PasswordFile.Refusal) {
            if let secretPath { return try PasswordFile.password(in: secretPath, option: "--secret-file") }
            if let password = try PasswordFile.password(inEnvironment: Self.passwordVariable) { return password }
        } catch {
            throw .before(.failed(error.message))
        }
        throw .before(
            .usage(
                "icecast: a server wants a password; put it into a file and give --secret-file, or into \(Self.passwordVariable)"
            ))
    }
}

/// An Icecast server and all that it is told.
struct IcecastPlan: Sendable {
    let address: IcecastAddress
    let configuration: IcecastConfiguration
    let password: String
    /// For how long a connection is tried: the first one, and one that stood; `nil` for ever, 0 for one attempt.
    let firstPatience: Int64?
    let laterPatience: Int64?
    let pageNanoseconds: Int64
    /// How long a welcome, and an acknowledgement, are waited for.
    var livenessNanoseconds = SourceLink.usualPatience

    var codec: IcecastConfiguration.Codec { configuration.codec(mount: address.mount) }

    /// The head of the request, for sound like this.
    func request(_ heading: CodedHeading, bitsPerSecond: Int?) -> HTTPUpload.Request {
        var lines = ["Content-Type: audio/ogg", "Ice-Public: \(configuration.isPublic ? 1 : 0)"]
        for case (let key, let value?) in [
            ("Name", configuration.name), ("Description", configuration.text), ("Genre", configuration.genre),
            ("Url", configuration.url),
        ] {
            lines.append("Ice-\(key): \(value)")
        }
        var facts = "ice-samplerate=\(heading.rate);ice-channels=\(heading.channels)"
        if let bitsPerSecond {
            let kilobits = (bitsPerSecond + 500) / 1000
            lines.append("Ice-Bitrate: \(kilobits)")
            facts += ";ice-bitrate=\(kilobits)"
        }
        lines.append("Ice-Audio-Info: \(facts)")
        var request = HTTPUpload.Request(
            url: address.url, user: address.user, password: password, agent: ProgramName.withVersion, lines: lines)
        request.certificatesPath = configuration.certificatesPath
        request.connectMilliseconds = Int32(clamping: livenessNanoseconds / 1_000_000)
        request.deadMilliseconds = request.connectMilliseconds
        return request
    }
}

extension NetworkConfiguration {
    /// Whether sound that goes to an endpoint must be samples: it becomes something other than Opus there.
    public func wantsSamples(_ output: Endpoint) -> Bool {
        guard case .network(let word) = output else { return false }
        if Self.isRTP(word) { return (try? rtp(word))?.plan.payload.map { $0.coding != .opus } ?? false }
        guard IcecastAddress.isMeant(by: word), let (address, plan) = try? icecast(word) else { return false }
        return plan.codec(mount: address.mount) == .flac
    }

    /// A word of Icecast, and how: what it says itself counts before what options said.
    func icecast(_ word: String) throws(SessionFailure) -> (address: IcecastAddress, plan: IcecastConfiguration) {
        var plan = icecast
        plan.secretPath = plan.secretPath ?? secretPath
        let address: IcecastAddress
        do throws(StreamAddress.Malformed) {
            address = try IcecastAddress(word)
        } catch {
            throw .before(.usage(error.message))
        }
        for wish in address.wishes {
            if let complaint = plan.set(wish.key, wish.value) {
                throw .before(.usage("icecast: \(wish.key): \(complaint)"))
            }
        }
        return (address, plan)
    }

    func icecastPlan(
        _ word: String, codec: IcecastConfiguration.Codec?, pageNanoseconds: Int64
    ) throws(SessionFailure) -> IcecastPlan {
        var (address, plan) = try icecast(word)
        plan.codec = codec ?? plan.codec
        if let path = plan.certificatesPath, Descriptor.Kind(path: path) == nil {
            throw .before(.failed("--ca: cannot read \(path): there is no such file"))
        }
        // Somebody who said nothing wants to hear of a mistake at once, and not to lose a stream that was running.
        return IcecastPlan(
            address: address, configuration: plan, password: try plan.password(), firstPatience: retryNanoseconds,
            laterPatience: retryNanoseconds == 0 ? nil : retryNanoseconds, pageNanoseconds: pageNanoseconds,
            livenessNanoseconds: livenessNanoseconds)
    }
}
