/// Reads a sampling rate as users write it: `48000`, `48k`, `44.1k`. Only whole hertz within ``Limits/rates``.
public func parseRate(_ text: String) -> Int? {
    let thousands = text.hasSuffix("k") || text.hasSuffix("K")
    let digits = thousands ? text.dropLast() : Substring(text)
    guard let first = digits.first, first.isNumber, digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
        let value = Double(digits)
    else { return nil }
    let hertz = thousands ? value * 1000 : value
    guard hertz == hertz.rounded(), hertz <= Double(Limits.rates.upperBound) else { return nil }
    let rate = Int(hertz)
    return Limits.rates.contains(rate) ? rate : nil
}
