import Glibc

/// Amplitude ratio of a level in decibels: 10^(dB/20).
public func amplitude(decibels: Double) -> Double { pow(10, decibels / 20) }

/// Level in decibels of an amplitude ratio; `-inf` for zero.
public func decibels(amplitude: Double) -> Double { 20 * log10(amplitude) }

/// A level as reports print it: one decimal, a sign, `-inf` for silence. Without printf, so without a locale.
public func levelText(_ decibels: Double) -> String {
    guard decibels.isFinite else { return decibels < 0 ? "-inf" : "inf" }
    let tenths = Int((decibels * 10).rounded())
    return (tenths < 0 ? "-" : "") + "\(abs(tenths) / 10).\(abs(tenths) % 10)"
}
