public import AupSound

/// Changes of parameters that were written down beforehand: a text with a line for each.
///
///     # when    plugin  parameter  value  way there
///     0         gain    gain       -60dB
///     1.5s      gain    gain       0dB    2s
///     96000f    2       cutoff     440Hz
///
/// Fields are divided by blanks, tabs or commas; `#` begins a remark. A time is one of the command line's, or frames.
public struct Automation: Sendable, Equatable {
    /// Bytes of a file.
    public static let byteLimit = 16 << 20
    /// Changes of a file.
    public static let entryLimit = 500_000
    /// The key of an event in the stream that is such a line without its time.
    public static let eventKey = "set"

    /// One change, checked against the plugin it is for.
    public struct Entry: Sendable, Equatable {
        public var time: TimeSpan
        /// Place in the chain, from 0.
        public var plugin: Int
        public var key: String
        public var value: Double
        /// How long the way to the value takes; `nil` for the usual.
        public var ramp: TimeSpan?
    }

    public private(set) var entries: [Entry] = []

    public init() {}

    /// Reads a file's bytes.
    ///
    /// - Throws: ``PluginError/Code/value`` naming the file, the line and the column, both from 1.
    public init(_ bytes: [UInt8], name: String, plugins: [PluginDescription]) throws(PluginError) {
        guard bytes.count <= Self.byteLimit else {
            throw PluginError(.value, "automation '\(shown(name))' is larger than \(Self.byteLimit >> 20) MiB")
        }
        for (number, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            let fields = Self.fields(line)
            func wrong(_ field: Int, _ why: String) -> PluginError {
                let column = (field < fields.count ? fields[field].column : line.count) + 1
                return PluginError(
                    .value, "automation '\(shown(name))', line \(number + 1), column \(column): \(why)")
            }
            if fields.isEmpty { continue }
            guard entries.count < Self.entryLimit else {
                throw wrong(0, "more than \(Self.entryLimit) changes")
            }
            guard let time = TimeSpan(fields[0].text) else {
                throw wrong(0, "'\(shown(fields[0].text))' is no time; write 1.5s, 00:01:30, or 48000f for frames")
            }
            do throws(FieldError) {
                entries.append(try Self.entry(fields.dropFirst().map(\.text), time: time, plugins: plugins))
            } catch {
                throw wrong(error.field + 1, error.message)
            }
        }
    }

    /// A line without its time: `gain gain -6dB 20ms`, as an event of the stream has it.
    ///
    /// - Returns: `nil` where it is meant for a plugin that is not in the chain.
    public static func entry(
        _ text: String, time: TimeSpan, plugins: [PluginDescription]
    ) throws(PluginError) -> Entry? {
        let words = fields(Array(text.utf8)[...]).map(\.text)
        guard let first = words.first, plugins.contains(where: { $0.id == first }) else { return nil }
        do throws(FieldError) {
            return try entry(words, time: time, plugins: plugins)
        } catch {
            throw PluginError(.value, "\(eventKey)=\(shown(text)): \(error.message)")
        }
    }

    /// The changes as a chain of these plugins takes them.
    ///
    /// - Parameters:
    ///   - rate: frames per second.
    ///   - frame: what a time, in frames at that rate, is counted as.
    /// - Returns: those whose parameter is there and takes the value.
    public static func changes(
        _ entries: [Entry], plugins: [PluginDescription], rate: Int, frame: (TimeSpan) -> Int64
    ) -> [ChainChange] {
        entries.compactMap { entry in
            guard plugins.indices.contains(entry.plugin),
                let parameter = plugins[entry.plugin].parameter(entry.key), parameter.canChange,
                parameter.range.contains(entry.value)
            else { return nil }
            let ramp = entry.ramp.map { Int(clamping: $0.frames(rate: rate)) }
            return ChainChange(
                frame: frame(entry.time), plugin: entry.plugin, parameter: parameter.index, value: entry.value,
                rampFrames: ramp ?? -1)
        }
    }

    /// What is wrong with which of the fields after the time.
    private struct FieldError: Error {
        let field: Int
        let message: String
    }

    private static func entry(
        _ words: [String], time: TimeSpan, plugins: [PluginDescription]
    ) throws(FieldError) -> Entry {
        guard words.count >= 3 else {
            throw FieldError(field: words.count, message: "a change has a plugin, a parameter and a value")
        }
        guard words.count <= 4 else {
            throw FieldError(field: 4, message: "'\(shown(words[4]))' is one word too many")
        }
        var ramp: TimeSpan?
        if words.count == 4 {
            ramp = TimeSpan(words[3])
            guard ramp != nil else {
                throw FieldError(field: 3, message: "'\(shown(words[3]))' is no length of time; write 20ms")
            }
        }
        let plugin = try at(0) { () throws(PluginError) in try ChainAddress.plugin(words[0], in: plugins) }
        _ = try at(1) { () throws(PluginError) in try plugins[plugin].parameter(named: words[1]) }
        let value = try at(2) { () throws(PluginError) in try plugins[plugin].change(words[1], to: words[2]).value }
        return Entry(time: time, plugin: plugin, key: words[1], value: value, ramp: ramp)
    }

    private static func at<Value>(
        _ field: Int, _ body: () throws(PluginError) -> Value
    ) throws(FieldError) -> Value {
        do throws(PluginError) {
            return try body()
        } catch {
            throw FieldError(field: field, message: error.message)
        }
    }

    /// The words of a line and the bytes before each, up to a remark.
    private static func fields(_ line: ArraySlice<UInt8>) -> [(text: String, column: Int)] {
        let written = line.prefix { $0 != UInt8(ascii: "#") }
        let dividers: [UInt8] = [9, 13, 32, UInt8(ascii: ",")]
        return written.split(whereSeparator: dividers.contains).map { word in
            (String(decoding: word, as: UTF8.self), word.startIndex - line.startIndex)
        }
    }
}
