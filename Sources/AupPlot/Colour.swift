/// A colour of the sRGB space, with how much it covers.
struct Colour: Equatable, Sendable {
    /// 0xRRGGBBAA.
    let code: UInt32

    /// - Parameter code: 0xRRGGBB.
    init(_ code: UInt32, opacity: Double = 1) {
        self.code = code << 8 | UInt32((opacity * 255).rounded())
    }

    var opacity: Double { Double(code & 255) / 255 }
    /// `#rrggbb`.
    var hex: String { "#" + Self.hex(code >> 8, digits: 6) }

    private static func hex(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }
}

/// The colours of a picture, by what they are for.
struct Palette: Sendable {
    let background, panel, grid, frame, text, faint: Colour
    let peak, rms, alarm, gap: Colour
    let momentary, shortTerm, integrated, range, target, gate: Colour

    static let light = Palette(
        background: Colour(0xFFFFFF), panel: Colour(0xF6F7F9), grid: Colour(0xDCE0E6), frame: Colour(0x9AA3AF),
        text: Colour(0x1B2330), faint: Colour(0x586273), peak: Colour(0x7FAEDC), rms: Colour(0x2461A3),
        alarm: Colour(0xCE1F2D), gap: Colour(0xE08A00, opacity: 0.35), momentary: Colour(0x8B97A8),
        shortTerm: Colour(0xC2570C), integrated: Colour(0x0F7A3D), range: Colour(0x0F7A3D, opacity: 0.13),
        target: Colour(0x6D34C9), gate: Colour(0x586273))

    static let dark = Palette(
        background: Colour(0x11151C), panel: Colour(0x19202A), grid: Colour(0x2C3542), frame: Colour(0x596576),
        text: Colour(0xE8ECF2), faint: Colour(0x9DA8B8), peak: Colour(0x3E74AD), rms: Colour(0x9CCBFA),
        alarm: Colour(0xFF5A5F), gap: Colour(0xFFB238, opacity: 0.35), momentary: Colour(0x75839A),
        shortTerm: Colour(0xFF9F4A), integrated: Colour(0x4CD98A), range: Colour(0x4CD98A, opacity: 0.15),
        target: Colour(0xB694FF), gate: Colour(0x9DA8B8))
}
