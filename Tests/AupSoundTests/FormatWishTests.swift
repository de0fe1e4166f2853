import Testing

@testable import AupSound

@Suite struct `A format that is asked about` {
    @Test(
        arguments: [
            ("f32/48000/2", SampleFormat.f32, 48_000, 2), ("s16", .s16, nil, nil), ("48000", nil, 48_000, nil),
            ("44.1k", nil, 44_100, nil), ("s16//2", .s16, nil, 2), ("//6", nil, nil, 6), ("/96k", nil, 96_000, nil),
            ("S24_3LE/48k/", .s24Packed, 48_000, nil), ("48000/2", nil, 48_000, 2), ("cd", .s16, 44_100, 2),
            ("DAT", .s16, 48_000, 2),
        ] as [(String, SampleFormat?, Int?, Int?)])
    func `may leave any part open`(_ text: String, _ format: SampleFormat?, _ rate: Int?, _ channels: Int?) throws {
        let wish = try #require(FormatWish(text))
        #expect(wish.sampleFormat == format)
        #expect(wish.rate == rate)
        #expect(wish.channels == channels)
    }

    @Test(arguments: [
        "", "/", "//", "x16", "s16/x", "s16/48000/0", "s16/48000/65", "s16/48000/2/1", "cd/2", "48000/48000/2/",
    ])
    func `is refused where it says nothing or nonsense`(_ text: String) {
        #expect(FormatWish(text) == nil)
    }
}
