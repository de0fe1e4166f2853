/// An amount of bytes as a user writes it: `500M`, `2G`, `1.5T`, `640000`.
///
/// K, M, G and T count in 1024s, with a B behind them in 1000s, as coreutils' `split -b` has it. Upper case only: `m` is
/// a minute where a time may stand in the same place.
///
/// - Thread: any.
public struct ByteCount: Equatable, Sendable {
    public let bytes: Int64

    public init(_ bytes: Int64) { self.bytes = bytes }

    public init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard digits.first?.isNumber == true, let value = Double(digits) else { return nil }
        let factor: Double
        switch text.dropFirst(digits.count) {
        case "": factor = 1
        case "K": factor = 1024
        case "M": factor = 1_048_576
        case "G": factor = 1_073_741_824
        case "T": factor = 1_099_511_627_776
        case "KB": factor = 1e3
        case "MB": factor = 1e6
        case "GB": factor = 1e9
        case "TB": factor = 1e12
        default: return nil
        }
        // An exabyte is more than any disk and far from overflow.
        guard value * factor >= 1, value * factor <= 1e18 else { return nil }
        bytes = Int64(value * factor)
    }
}
