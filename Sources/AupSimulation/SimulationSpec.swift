public import AupSound

/// What a `sim:` name asks for: `sim:SOURCE?option=value&…`.
///
/// - Thread: any.
public struct SimulationSpec: Equatable, Sendable {
    public enum Source: Equatable, Sendable {
        case sine, noise, silence, sweep, impulse
        /// Plays into nothing.
        case null
        /// Captures a sound file, looped. Whoever opens the device reads the file.
        case file(path: String)
    }

    public enum Pace: Equatable, Sendable {
        /// A period takes as long as it sounds.
        case realtime
        /// As fast as the caller can.
        case fast
    }

    /// The whole name, `sim:` included, as reports show it.
    public let name: String
    public let source: Source
    /// Hertz of the sine, kept as a whole number of microhertz so that its phase is exact for ever.
    public private(set) var frequencyMicrohertz: Int64 = 1_000_000_000
    /// Peak level in dBFS.
    public private(set) var levelDecibels = -20.0
    public private(set) var rate: Int?
    public private(set) var channels: Int?
    public private(set) var format: SampleFormat?
    /// How much faster than nominal the device's clock runs, in parts per million.
    public private(set) var ppm = 0.0
    public private(set) var pace = Pace.realtime
    /// Frames of the device at which it stops with an xrun, ascending.
    public private(set) var xruns: [TimeSpan] = []
    /// When the device vanishes, counted from its first start.
    public private(set) var unplug: TimeSpan?
    /// When it can be opened again, counted from its first start.
    public private(set) var replug: TimeSpan?
    /// Seeds the noise.
    public private(set) var seed: UInt64 = 1

    /// Whether a name belongs here.
    public static func isSimulated(_ name: String) -> Bool { name.hasPrefix("sim:") }

    public init(_ name: String) throws(DeviceError) {
        self.name = name
        guard Self.isSimulated(name) else { throw Self.unknown(name) }
        let body = name.dropFirst(4)
        // The last '?' begins the options only where one follows, so that a file may have one in its name.
        let mark = body.lastIndex(of: "?").flatMap { at in
            body[at...].contains("=") || body[at...].count == 1 ? at : nil
        }
        let sourceName = String(mark.map { body[..<$0] } ?? body)
        source =
            switch sourceName {
            case "sine": .sine
            case "noise": .noise
            case "silence": .silence
            case "sweep": .sweep
            case "impulse": .impulse
            case "null": .null
            case "": throw Self.unknown(name)
            // A bare word is a mistyped source more often than a file.
            case let path where path.contains("/") || path.contains("."): .file(path: path)
            default: throw Self.unknown(name)
            }
        guard let mark else { return }
        for option in body[body.index(after: mark)...].split(separator: "&") {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw unsupported("option '\(option)' has no value; write \(option)=VALUE") }
            try set(String(parts[0]), String(parts[1]))
        }
        if replug != nil, unplug == nil { throw unsupported("replug without unplug; give unplug=TIME too") }
    }

    private mutating func set(_ key: String, _ value: String) throws(DeviceError) {
        switch key {
        case "freq":
            guard let hertz = Double(plain: value), hertz > 0, hertz <= 384_000 else {
                throw refused(key, value, "hertz up to 384000, such as 440 or 997.5")
            }
            frequencyMicrohertz = Int64((hertz * 1e6).rounded())
        case "level":
            guard let level = Double(plain: value), (-200...0).contains(level) else {
                throw refused(key, value, "decibels from -200 to 0, such as -20")
            }
            levelDecibels = level
        case "rate":
            guard let rate = parseRate(value) else { throw refused(key, value, "a rate such as 48000 or 44.1k") }
            self.rate = rate
        case "channels":
            guard let channels = Int(value), (1...Limits.channels).contains(channels) else {
                throw refused(key, value, "1 to \(Limits.channels)")
            }
            self.channels = channels
        case "format":
            guard let format = SampleFormat(name: value) else {
                throw refused(key, value, "one of \(SampleFormat.allCases.map(\.name).joined(separator: " "))")
            }
            self.format = format
        case "ppm":
            guard let ppm = Double(plain: value), (-100_000...100_000).contains(ppm) else {
                throw refused(key, value, "parts per million, such as +150 or -80")
            }
            self.ppm = ppm
        case "pace":
            guard value == "realtime" || value == "fast" else { throw refused(key, value, "realtime or fast") }
            pace = value == "fast" ? .fast : .realtime
        case "xrun":
            xruns = []
            for item in value.split(separator: ",", omittingEmptySubsequences: false) {
                guard let at = Self.moment(item) else {
                    throw refused(key, value, "frames, such as 48000 or 48000,96000")
                }
                xruns.append(at)
            }
        case "unplug":
            guard let at = TimeSpan(value) else { throw refused(key, value, "a time, such as 5s") }
            unplug = at
        case "replug":
            guard let at = TimeSpan(value) else { throw refused(key, value, "a time, such as 8s") }
            replug = at
        case "seed":
            guard let seed = UInt64(value) else { throw refused(key, value, "a whole number") }
            self.seed = seed
        default:
            throw unsupported("there is no option '\(key)'; the options are \(Self.options)")
        }
    }

    static let options = "freq level rate channels format ppm pace xrun unplug replug seed"

    /// A bare number is a frame here, not a second: an xrun happens at a frame.
    private static func moment(_ text: Substring) -> TimeSpan? {
        if let frame = Int64(text) { return frame >= 0 ? .frames(frame) : nil }
        return TimeSpan(String(text))
    }

    private static func unknown(_ name: String) -> DeviceError {
        .unknown(
            name: name,
            remedy: "simulated are sim:sine sim:noise sim:silence sim:sweep sim:impulse sim:null and sim:./FILE.wav")
    }

    private func refused(_ key: String, _ value: String, _ wanted: String) -> DeviceError {
        unsupported("\(key)=\(value) is out of the question; give \(wanted)")
    }

    private func unsupported(_ what: String) -> DeviceError { .unsupported(name: name, what: what) }
}

extension Double {
    /// Digits with a sign and a point: no exponent, no `nan`, no locale.
    fileprivate init?(plain text: String) {
        let digits = text.hasPrefix("+") || text.hasPrefix("-") ? text.dropFirst() : Substring(text)
        guard let first = digits.first, first.isASCII, first.isNumber,
            digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") })
        else { return nil }
        self.init(text)
    }
}
