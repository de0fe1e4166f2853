import ArgumentParser
import AupEngine
import AupSound

/// How others are reached, and who may reach this one.
struct NetworkOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Try a connection again that is lost or not there yet: for so long, or --retry alone for ever.",
            valueName: "time"))
    var retry: RetryArgument?

    @Option(
        help: ArgumentHelp(
            "A file with a secret that both ends must know, readable by its owner only.", valueName: "file"))
    var secretFile: String?

    @Option(
        help: ArgumentHelp(
            "Who can reach a socket in the file system, as chmod has it (default 600).", valueName: "mode"))
    var mode: ModeArgument?

    @Option(help: ArgumentHelp("The group that the socket belongs to; means --mode 660.", valueName: "name"))
    var group: GroupArgument?

    @Option(
        help: ArgumentHelp(
            "A user who may connect beside you and root, or any; may be given more than once.", valueName: "user"))
    var allowUid: [UserArgument] = []

    @Option(help: ArgumentHelp("Subscribers at one time, 1 to 4096 (default 1024).", valueName: "n"))
    var clients: Int?

    @Option(
        help: ArgumentHelp(
            "How far a subscriber may be behind before it loses frames (default 2s; with --latency as far as they need).",
            valueName: "time")
    )
    var queue: TimeSpan?

    @Flag(help: "Go on when a source has ended, for the next one; nobody who listens notices but that it is still.")
    var keep = false

    @Option(help: ArgumentHelp("Take the stream only if it is pcm, or opus.", valueName: "codec"))
    var want: NetworkConfiguration.Codec?

    func validate() throws {
        if let clients, !NetworkConfiguration.clientLimits.contains(clients) {
            throw ValidationError("--clients=\(clients): 1 to 4096")
        }
        if let queue, !NetworkConfiguration.queueLimits.contains(queue.nanoseconds(rate: 48_000)) {
            throw ValidationError("--queue: 20ms to 60s")
        }
    }

    func apply(to configuration: inout SessionConfiguration) throws {
        var network = NetworkConfiguration()
        if let retry { network.retryNanoseconds = retry.nanoseconds }
        network.secretPath = secretFile
        network.group = group?.number
        network.mode = mode?.bits ?? (group == nil ? 0o600 : 0o660)
        // Where nobody says who, whoever may open the socket: that is what --mode and --group are for.
        let opensToOthers = allowUid.isEmpty && network.mode & 0o077 != 0
        network.users =
            opensToOthers || allowUid.contains { $0.number == nil } ? nil : Set(allowUid.compactMap(\.number))
        if let clients { network.clientLimit = clients }
        if let queue { network.queueNanoseconds = queue.nanoseconds(rate: 48_000) }
        network.codec = want ?? .any
        network.keeps = keep
        configuration.network = network
    }
}

/// `--retry`: a time, or `forever`.
struct RetryArgument: ExpressibleByArgument {
    let nanoseconds: Int64?
    init?(argument: String) {
        if argument == "forever" {
            nanoseconds = nil
        } else if let span = TimeSpan(argument), case .nanoseconds(let time) = span, time > 0 {
            nanoseconds = time
        } else {
            return nil
        }
    }
}

/// Octal permissions: `660`, `0660`.
struct ModeArgument: ExpressibleByArgument {
    let bits: UInt32
    init?(argument: String) {
        guard let bits = UInt32(argument, radix: 8), bits <= 0o777 else { return nil }
        self.bits = bits
    }
}

/// A group's name or number.
struct GroupArgument: ExpressibleByArgument {
    let number: UInt32
    init?(argument: String) {
        guard let number = UInt32(argument) ?? NetworkConfiguration.group(named: argument) else { return nil }
        self.number = number
    }
}

/// A user's name or number, or `any`.
struct UserArgument: ExpressibleByArgument {
    let number: UInt32?
    init?(argument: String) {
        if argument == "any" {
            number = nil
        } else if let number = UInt32(argument) ?? NetworkConfiguration.user(named: argument) {
            self.number = number
        } else {
            return nil
        }
    }
}
