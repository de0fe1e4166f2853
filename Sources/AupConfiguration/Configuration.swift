import AupSound

/// What users and machines have arranged beforehand: defaults for options, names for devices and for chains.
///
///     [defaults]            for every command that has the option
///     [defaults.capture]    for one
///     [devices]             names for -D @NAME
///     [chains]              names for process @NAME
///
/// - Thread: any.
public struct Configuration: Sendable {
    /// A name and what it stands for.
    public struct Named: Equatable, Sendable {
        public let value: SettingValue
        public let origin: SettingOrigin
    }

    /// The files that were read, the one that counts most first.
    public private(set) var paths: [String] = []
    /// The one that counts most first.
    public internal(set) var settings: [Setting] = []
    public private(set) var devices: [String: Named] = [:]
    public private(set) var chains: [String: Named] = [:]

    /// What one configuration may hold of each, and letters of a name.
    static let limit = 1024
    static let longestName = 64

    public init() {}

    private static let sections = ["defaults", "devices", "chains"]

    /// Reads the files that there are.
    ///
    /// - Parameters:
    ///   - paths: the one that counts most first.
    ///   - mustExist: whether one that is not there is a mistake.
    /// - Returns: `nil` where there is none.
    public static func reading(
        _ paths: [String], mustExist: Bool = false
    ) throws(ConfigurationMistake) -> Configuration? {
        var configuration: Configuration?
        for path in paths {
            guard let bytes = try ConfigurationFile.bytes(path) else {
                guard mustExist else { continue }
                throw ConfigurationMistake(.file(path: path, line: 0), "there is no such file, or no way to it")
            }
            var all = configuration ?? Configuration()
            try all.add(bytes, path: path)
            configuration = all
        }
        return configuration
    }

    /// Adds a file that counts less than those before it.
    mutating func add(_ bytes: [UInt8], path: String) throws(ConfigurationMistake) {
        let document = try TOMLDocument(bytes, path: path)
        paths.append(path)
        var common: [Setting] = []
        for section in document.entries {
            let origin = SettingOrigin.file(path: path, line: section.line)
            guard Self.sections.contains(section.key) else {
                throw ConfigurationMistake(
                    origin,
                    "there is nothing like '\(section.key)' here, only [defaults], [defaults.COMMAND], [devices] and "
                        + "[chains]" + NearWord.question(section.key, among: Self.sections))
            }
            guard case .table(let entries) = section.value else {
                throw ConfigurationMistake(origin, "'\(section.key)' is a table: [\(section.key)]")
            }
            switch section.key {
            case "defaults": try addDefaults(entries, path: path, common: &common)
            case "devices": try addNames(entries, path: path, to: \.devices)
            default: try addNames(entries, path: path, to: \.chains)
            }
        }
        // What one command is told counts more than what all are.
        settings += common
        guard settings.count <= Self.limit else {
            throw ConfigurationMistake(.file(path: path, line: 0), "more than \(Self.limit) defaults")
        }
    }

    private mutating func addDefaults(
        _ entries: [TOMLDocument.Entry], path: String, common: inout [Setting]
    ) throws(ConfigurationMistake) {
        for entry in entries {
            guard case .table(let members) = entry.value else {
                common.append(try Self.setting(entry, command: nil, path: path))
                continue
            }
            for member in members { settings.append(try Self.setting(member, command: entry.key, path: path)) }
        }
    }

    private static func setting(
        _ entry: TOMLDocument.Entry, command: String?, path: String
    ) throws(ConfigurationMistake) -> Setting {
        let origin = SettingOrigin.file(path: path, line: entry.line)
        return Setting(command: command, key: entry.key, value: try value(entry, origin), origin: origin)
    }

    private static func value(
        _ entry: TOMLDocument.Entry, _ origin: SettingOrigin
    ) throws(ConfigurationMistake) -> SettingValue {
        switch entry.value {
        case .plain(let value): return value
        case .list(let entries):
            var values: [SettingValue] = []
            for element in entries {
                guard case .plain(let value) = element.value else {
                    throw ConfigurationMistake(origin, "'\(entry.key)': a list of texts and numbers is what it takes")
                }
                values.append(value)
            }
            guard values.count <= limit else {
                throw ConfigurationMistake(origin, "'\(entry.key)' lists more than \(limit)")
            }
            return .list(values)
        case .time: throw ConfigurationMistake(origin, "'\(entry.key)': put times and dates into quotes")
        case .table:
            throw ConfigurationMistake(origin, "'\(entry.key)' is an option's name and takes a value, no table")
        }
    }

    private mutating func addNames(
        _ entries: [TOMLDocument.Entry], path: String, to names: WritableKeyPath<Configuration, [String: Named]>
    ) throws(ConfigurationMistake) {
        for entry in entries {
            let origin = SettingOrigin.file(path: path, line: entry.line)
            let value = try Self.value(entry, origin)
            guard Self.isName(entry.key) else {
                throw ConfigurationMistake(
                    origin, "'\(entry.key)' is no name: letters, digits, - and _, \(Self.longestName) at most")
            }
            let isDevice = names == \Configuration.devices
            guard isDevice ? Self.isDevice(value) : Self.isChain(value) else {
                throw ConfigurationMistake(
                    origin,
                    isDevice
                        ? "'\(entry.key)': a device is a text, as -D takes it: \"hw:CARD=Mic\""
                        : "'\(entry.key)': a chain is what stands behind process, as one text or as a list of words")
            }
            guard isDevice || !Self.namesAnother(value) else {
                throw ConfigurationMistake(origin, "'\(entry.key)': no name stands for another; write its words here")
            }
            // What counts more came first.
            if self[keyPath: names][entry.key] == nil {
                self[keyPath: names][entry.key] = Named(value: value, origin: origin)
            }
            guard self[keyPath: names].count <= Self.limit else {
                throw ConfigurationMistake(origin, "more than \(Self.limit) names")
            }
        }
    }

    private static func isName(_ text: String) -> Bool {
        (1...longestName).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
    }

    private static func isText(_ text: String, _ most: Int) -> Bool {
        (1...most).contains(text.utf8.count) && !text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
    }

    /// A name for a device is no other name, so that there is no circle.
    private static func isDevice(_ value: SettingValue) -> Bool {
        guard case .text(let text) = value else { return false }
        return isText(text, 1024) && !text.hasPrefix("@")
    }

    private static func namesAnother(_ value: SettingValue) -> Bool {
        switch value {
        case .text(let text): text.split(whereSeparator: \.isWhitespace).contains { $0.hasPrefix("@") }
        case .list(let words): words.contains { $0.word?.hasPrefix("@") == true }
        default: false
        }
    }

    private static func isChain(_ value: SettingValue) -> Bool {
        switch value {
        // A long chain may be written over several lines.
        case .text(let text):
            !text.isEmpty && text.utf8.count <= 16_384 && !text.utf8.contains { $0 < 0x20 && $0 != 10 && $0 != 9 }
        case .list(let words):
            !words.isEmpty && words.count <= 256
                && words.allSatisfy { if case .text(let word) = $0 { isText(word, 4096) } else { false } }
        default: false
        }
    }
}
