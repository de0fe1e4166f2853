import AupRealtime
import AupSound
import Testing

/// ITU-T G.711 on the 16 bit scale of ITU-T G.191.
@Suite struct CompandingTests {
    private let codes = (0...255).map { UInt8($0) }

    @Test func `every A-law code comes back`() {
        let all = Samples(.alaw, bytes: codes)
        for by in [SampleFormat.s16, .s24, .s24Packed, .s32, .f32, .f64] {
            #expect(convert(convert(all, to: by).samples, to: .alaw).samples == all)
        }
    }

    @Test func `every mu-law code comes back, and minus zero as zero`() {
        let all = Samples(.mulaw, bytes: codes)
        let wanted = codes.map { $0 == 0x7F ? 0xFF : $0 }
        for by in [SampleFormat.s16, .s24, .s24Packed, .s32, .f32, .f64] {
            #expect(convert(convert(all, to: by).samples, to: .mulaw).samples.bytes == wanted)
        }
    }

    @Test func `known codes have the values of the recommendation`() {
        let alaw: [(UInt8, Int)] = [
            (0xD5, 8), (0x55, -8), (0xD4, 24), (0xAA, 32256), (0x2A, -32256), (0xC5, 264), (0x80, 5504), (0x00, -5504),
        ]
        #expect(convert(Samples(.alaw, bytes: alaw.map(\.0)), to: .s16).samples.steps == alaw.map(\.1))
        let mulaw: [(UInt8, Int)] = [
            (0xFF, 0), (0x7F, 0), (0xFE, 8), (0x7E, -8), (0x80, 32124), (0x00, -32124), (0xEF, 132), (0x8F, 16764),
        ]
        #expect(convert(Samples(.mulaw, bytes: mulaw.map(\.0)), to: .s16).samples.steps == mulaw.map(\.1))
    }

    /// A step doubles from segment to segment, and the first two of A-law have one size.
    private func halfStep(_ format: SampleFormat, _ code: UInt8) -> Int {
        let segment = Int((format == .alaw ? code ^ 0x55 : ~code) >> 4) & 7
        return format == .alaw ? 8 << max(segment - 1, 0) : 4 << segment
    }

    @Test(arguments: [SampleFormat.alaw, .mulaw])
    func `every 16 bit sample gets a code less than half a step away`(_ format: SampleFormat) {
        let sent = convert(Samples(.s16, steps: -32768..<32768), to: format).samples
        let heard = convert(sent, to: .s16).samples.steps
        // Beyond its largest value mu-law clips; its grid is one of 14 bits, which adds up to 3.
        let (limit, slack) = format == .alaw ? (32768, 0) : (32635, 3)
        var wrong = 0
        for (index, value) in heard.enumerated() {
            let sample = max(min(index - 32768, limit), -limit)
            if abs(value - sample) > halfStep(format, sent.bytes[index]) + slack { wrong += 1 }
        }
        #expect(wrong == 0)
        #expect(zip(heard, heard.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test func `silence is the byte that the format says`() {
        let zero = Samples(.s16, steps: [0])
        for format in SampleFormat.allCases {
            let bytes = convert(zero, to: format).samples.bytes
            #expect(bytes.allSatisfy { $0 == format.silenceByte })
        }
    }
}
