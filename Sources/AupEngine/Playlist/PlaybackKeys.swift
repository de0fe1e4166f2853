/// Turns what a terminal sends into wishes: mpv's keys where mpv has them.
///
///     space        pause, go on    ← →  5 s back, on    ↑ ↓  60 s on, back
///     n > Enter    next file       p <  file before     q    quit
///
/// An arrow is `ESC [ A` or `ESC O A` (ECMA-48, DEC VT100), with modifiers `ESC [ 1 ; 2 A`; it may come in pieces. A plain
/// value.
struct PlaybackKeys {
    private enum State {
        case plain, escape, sequence
    }
    private var state = State.plain

    /// Seconds of an arrow to the side, and up or down.
    static let step = 5.0
    static let stride = 60.0

    mutating func take(_ bytes: [UInt8]) -> [PlaybackCommand] { bytes.compactMap { take($0) } }

    private mutating func take(_ byte: UInt8) -> PlaybackCommand? {
        switch state {
        case .plain: return key(byte)
        case .escape:
            // `[` or `O`; anything else was the Escape key by itself, and a key of its own.
            state = byte == 0x5B || byte == 0x4F ? .sequence : .plain
            return state == .plain ? key(byte) : nil
        case .sequence:
            // Parameters until the final byte, 0x40 to 0x7E.
            guard (0x40...0x7E).contains(byte) else { return nil }
            state = .plain
            return arrow(byte)
        }
    }

    private mutating func key(_ byte: UInt8) -> PlaybackCommand? {
        switch byte {
        case 0x1B:
            state = .escape
            return nil
        case UInt8(ascii: " "): return .togglePause
        case UInt8(ascii: "n"), UInt8(ascii: ">"), 0x0A, 0x0D: return .nextFile
        case UInt8(ascii: "p"), UInt8(ascii: "<"): return .previousFile
        case UInt8(ascii: "q"): return .quit
        default: return nil
        }
    }

    private func arrow(_ byte: UInt8) -> PlaybackCommand? {
        switch byte {
        case UInt8(ascii: "A"): .seek(Self.stride)
        case UInt8(ascii: "B"): .seek(-Self.stride)
        case UInt8(ascii: "C"): .seek(Self.step)
        case UInt8(ascii: "D"): .seek(-Self.step)
        default: nil
        }
    }
}
