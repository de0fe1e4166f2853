internal import AupSystem
internal import Glibc

/// The files that a configuration is made of: where they lie, and which are read.
///
/// - Thread: any.
public enum ConfigurationFile {
    /// The machine's.
    public static let systemPath = "/etc/aup/config.toml"
    /// Names the files instead, the first one counting most, with colons between; empty for none.
    public static let variable = "AUP_CONFIG"

    /// Where to look, the place that counts most first: the user's ($XDG_CONFIG_HOME, else ~/.config), then the machine's.
    ///
    /// - Parameter value: of a variable of the environment.
    public static func paths(_ value: (String) -> String?) -> [String] {
        if let named = value(variable) { return named.split(separator: ":").map(String.init) }
        // A relative one is to be ignored, as the base directory specification says.
        let home =
            value("XDG_CONFIG_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? value("HOME").flatMap { $0.hasPrefix("/") ? $0 + "/.config" : nil }
        return (home.map { [$0 + "/aup/config.toml"] } ?? []) + [systemPath]
    }

    /// What stands in a file; `nil` where there is none.
    ///
    /// A configuration may name commands to be run and libraries to be loaded, so one that others could have written is
    /// refused: it belongs to this user or to root, and only its owner may write it.
    static func bytes(_ path: String) throws(ConfigurationMistake) -> [UInt8]? {
        let place = SettingOrigin.file(path: path, line: 0)
        // Without O_NONBLOCK a FIFO of that name would be waited for.
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if number < 0 {
            let reason = errno
            if reason == ENOENT || reason == ENOTDIR || reason == EACCES && !canBeSeen(path) { return nil }
            errno = reason
            throw ConfigurationMistake(place, "it cannot be read: \(SystemError("open").reason)")
        }
        let file = Descriptor(adopting: number)
        var facts = stat()
        guard unsafe fstat(number, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw ConfigurationMistake(place, "this is no regular file")
        }
        if let objection = objection(owner: facts.st_uid, mode: facts.st_mode, user: geteuid()) {
            throw ConfigurationMistake(place, objection)
        }
        do throws(SystemError) {
            return try file.readAll(limit: TOMLDocument.longest + 1)
        } catch {
            throw ConfigurationMistake(place, "it cannot be read: \(error.reason)")
        }
    }

    /// Whether there is a way to a file. To one in another user's home, whose name the environment still has after a change of
    /// user, there is none, and it means somebody else.
    private static func canBeSeen(_ path: String) -> Bool {
        var facts = stat()
        return unsafe stat(path, &facts) == 0 || errno != EACCES
    }

    /// Why a file is not to be trusted.
    static func objection(owner: UInt32, mode: UInt32, user: UInt32) -> String? {
        if owner != user, owner != 0 {
            return "it belongs to user \(owner), and may name commands to be run; make it yours: chown \(user)"
        }
        return mode & 0o022 == 0 ? nil : "others may write it, and it may name commands to be run; chmod go-w it"
    }
}
