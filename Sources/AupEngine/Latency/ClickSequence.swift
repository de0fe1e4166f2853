/// A sound that is found again whatever a loop does to its level, its sign or its spectrum: a maximum length sequence.
///
/// Its correlation with itself is a single peak, 1023 times as high as what lies beside it, so noise of the same level
/// is no danger.
///
/// - Thread: any.
struct ClickSequence: Sendable {
    /// Frames of the sequence: 21 ms at 48 kHz.
    static let frames = 1023
    /// A peak must stand so far above the correlation's mean square root, or nothing came back.
    static let leastProminence = 12.0

    /// ±1.
    let values: [Float]

    init() {
        // x¹⁰ + x⁷ + 1, which is primitive: every state but zero comes once.
        var state: UInt32 = 1
        values = (0..<Self.frames).map { _ in
            let bit = (state >> 9 ^ state >> 6) & 1
            state = (state << 1 | bit) & 0x3FF
            return bit == 1 ? 1 : -1
        }
    }

    /// Where the sequence begins in a sound; `nil` when it is not in there.
    func find(in sound: [Float]) -> Int? {
        guard sound.count > Self.frames else { return nil }
        var (best, place, squares) = (0.0, 0, 0.0)
        let starts = sound.count - Self.frames
        // The plain sum over all places: 50 million steps for a second of sound, which nobody waits for twice.
        unsafe sound.withUnsafeBufferPointer { sound in
            unsafe values.withUnsafeBufferPointer { values in
                for start in 0..<starts {
                    var sum: Float = 0
                    for index in 0..<Self.frames { unsafe sum += sound[start + index] * values[index] }
                    let height = Double(abs(sum))
                    squares += height * height
                    if height > best { (best, place) = (height, start) }
                }
            }
        }
        // Without the peak's own share, which in a silent loop is all there is.
        let rest = max(squares - best * best, 0) / Double(starts)
        return best > 0 && best >= Self.leastProminence * rest.squareRoot() ? place : nil
    }
}
