/// What is wrong with a configuration: one line, beginning with the place.
///
/// - Thread: any.
public struct ConfigurationMistake: Error, Equatable, Sendable {
    public let origin: SettingOrigin
    public let message: String

    public init(_ origin: SettingOrigin, _ message: String) {
        self.origin = origin
        self.message = message
    }

    public var line: String { "\(origin.text): \(message)" }
}

/// Where a value was said.
public enum SettingOrigin: Equatable, Sendable {
    /// A line of a file, counted from 1; 0 for the file as a whole.
    case file(path: String, line: Int)
    /// A variable of the environment.
    case environment(name: String)
    case commandLine
    /// Nobody said it: the program's own.
    case builtIn

    /// As reports have it: `/etc/aup/config.toml:3`.
    public var text: String {
        switch self {
        case .file(let path, 0): path
        case .file(let path, let line): "\(path):\(line)"
        case .environment(let name): name
        case .commandLine: "command line"
        case .builtIn: "built in"
        }
    }
}
