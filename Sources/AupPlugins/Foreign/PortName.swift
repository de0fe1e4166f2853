/// What a port's name says beside the name: `Frequency (Hz)` is the key `frequency` with the unit `Hz`.
///
/// - Thread: any.
struct PortName: Equatable {
    /// Lower case, `_` for everything else, a unit in brackets dropped, at most 64 bytes; empty where the name has neither
    /// letter nor digit.
    let key: String
    /// As our own parameters spell it, or empty.
    let unit: String
    /// The name without the unit.
    let text: String

    init(_ name: String) {
        var rest = name
        var unit = ""
        for (open, close) in [("(", ")"), ("[", "]")] where unit.isEmpty {
            guard let start = name.lastIndex(of: Character(open)),
                let end = name[start...].firstIndex(of: Character(close)),
                let known = Self.unit(String(name[name.index(after: start)..<end]))
            else { continue }
            unit = known
            rest = String(name[..<start]) + String(name[name.index(after: end)...])
        }
        self.unit = unit
        text = rest.split(separator: " ").joined(separator: " ")
        key = Self.slug(rest)
    }

    /// A unit however authors spell it, as our own parameters do; `nil` for other words.
    static func unit(_ text: String) -> String? { units[text.lowercased().filter { $0 != " " && $0 != "." }] }

    private static let units: [String: String] = [
        "db": "dB", "decibel": "dB", "decibels": "dB", "dbfs": "dB", "hz": "Hz", "hertz": "Hz", "khz": "kHz",
        "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s", "ms": "ms", "msec": "ms", "msecs": "ms",
        "millisecond": "ms", "milliseconds": "ms", "us": "us", "µs": "us", "min": "min", "minutes": "min", "%": "%",
        "percent": "%", "samples": "samples", "sample": "samples", "frames": "frames", "degrees": "degrees",
        "deg": "degrees", "°": "degrees", "semitones": "semitones", "semitone": "semitones", "st": "semitones",
        "cents": "cents", "cent": "cents", "octaves": "octaves", "octave": "octaves", "oct": "octaves", "bpm": "bpm",
        "m": "m", "meters": "m", "metres": "m", "cm": "cm", "mm": "mm", "bits": "bits", "bit": "bits",
    ]

    /// Bytes of the longest key.
    private static let keyBytes = 64

    static func slug(_ text: String) -> String {
        var key = ""
        var isApart = false
        for byte in text.lowercased().utf8 {
            guard (97...122).contains(byte) || (48...57).contains(byte) else {
                isApart = true
                continue
            }
            if isApart, !key.isEmpty { key.append("_") }
            isApart = false
            key.unicodeScalars.append(Unicode.Scalar(byte))
            if key.utf8.count >= keyBytes { break }
        }
        return key
    }
}

/// Gives every key once: the second `gain` becomes `gain_2`.
struct DistinctKeys {
    private var taken: Set<String> = []

    /// - Parameter fallback: where a name left no key.
    mutating func next(_ wanted: String, fallback: String) -> String {
        let stem = wanted.isEmpty ? fallback : wanted
        var key = stem
        var number = 2
        while !taken.insert(key).inserted {
            key = "\(stem)_\(number)"
            number += 1
        }
        return key
    }
}
