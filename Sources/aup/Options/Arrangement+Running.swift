import ArgumentParser
import AupConfiguration
import AupEngine
import Synchronization

extension Arrangement {
    /// How far a command goes with the defaults it was given.
    private enum Trial: Int {
        /// All the way: they are known to fit, or there are none.
        case none
        /// All the way, if nothing speaks against it.
        case careful
        /// To where it would begin.
        case dry
    }

    /// What is thrown where a command would begin.
    private struct Fits: Error {}

    private static let trial = Atomic<Int>(Trial.none.rawValue)

    /// Called by commands when everything is said and nothing is done yet: a wish that makes no sense beside the others, as
    /// `split` does without a file, may be a default, which is then left out.
    static func settle(_ configuration: SessionConfiguration) throws {
        guard trial.load(ordering: .relaxed) != Trial.none.rawValue else { return }
        if let objection = configuration.objection { throw ValidationError(objection) }
        try begin()
    }

    /// The same where there is no one configuration to object to.
    static func begin() throws {
        if isDry { throw Fits() }
    }

    /// Whether a command only goes to where it would begin, and must not make anything yet.
    static var isDry: Bool { trial.load(ordering: .relaxed) == Trial.dry.rawValue }

    /// Parses and runs; a default that the command refuses is left out then too.
    func run() throws {
        let standing = try parsed().standing
        do {
            return try run(standing, standing.isEmpty ? .none : .careful)
        } catch is ValidationError where !standing.isEmpty {
            // Commands look at their wishes before they do anything, so that another attempt begins anew.
        }
        // What the user wrote is told as if nothing were arranged.
        guard try objection([]) == nil else { return try run([], .none) }
        var kept: [Default] = []
        for one in standing where try objection(kept + [one]) == nil { kept.append(one) }
        try run(kept, .none)
    }

    /// Which of the defaults that the parser takes the command itself leaves out, and why, found by going to where it would
    /// begin. Nothing of what does something else, or is wrong by itself.
    func refused(_ standing: [Default]) throws -> [LeftOut] {
        let isOther = plan.given.contains { command.option($0)?.isAction == true }
        guard !isOther, command.name != Devices.configuration.commandName, try objection(standing) != nil,
            try objection([]) == nil
        else { return [] }
        var kept: [Default] = []
        var refused: [LeftOut] = []
        for one in standing {
            if let reason = try objection(kept + [one]) {
                refused.append(LeftOut(setting: one.setting, reason: reason))
            } else {
                kept.append(one)
            }
        }
        return refused
    }

    /// What a command has against defaults; `nil` where it would begin.
    private func objection(_ defaults: [Default]) throws -> String? {
        do {
            try run(defaults, .dry)
        } catch is Fits {
            return nil
        } catch let error as ValidationError {
            return error.message
        }
        // It was done without a session, and once is enough.
        throw ExitCode.success
    }

    private func run(_ defaults: [Default], _ trial: Trial) throws {
        Self.trial.store(trial.rawValue, ordering: .relaxed)
        var command = try Aup.parsed(words(defaults))
        try command.run()
    }
}
