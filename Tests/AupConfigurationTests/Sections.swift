@testable import AupConfiguration

/// A table as small as a test can use, and configurations from text.
enum Sections {
    static let table = OptionTable(
        lines: """
            capture device D value default
            capture input i value default
            capture output o values default
            capture latency - value default
            capture realtime - value default
            capture no-realtime - flag default
            capture sidecar - flag default
            capture no-sidecar - flag default
            capture quiet q flag default
            capture verbose v flag default
            capture json - flag default
            capture rate r value default
            capture check - flag action
            capture color - value default auto
            play latency - value default
            play output o value default
            play no-controls - flag default
            devices latency - flag action
            """)
    static let bare = ["realtime": "40"]

    static var capture: OptionTable.Command { table["capture"]! }

    /// Files, the one that counts most first: `a.toml`, `b.toml`.
    static func configuration(_ texts: String...) throws -> Configuration {
        var configuration = Configuration()
        for (name, text) in zip(["a.toml", "b.toml"], texts) { try configuration.add(Array(text.utf8), path: name) }
        return configuration
    }

    /// What is wrong with it, with its place.
    static func mistake(_ text: String) -> String? {
        do {
            try configuration(text).check(table, bare: bare)
            return nil
        } catch {
            return (error as? ConfigurationMistake)?.line
        }
    }

    static func plan(_ configuration: Configuration, _ words: [String], _ command: String = "capture") throws
        -> DefaultsPlan
    {
        try DefaultsPlan(configuration, for: table[command]!, words: words, bare: bare)
    }
}
