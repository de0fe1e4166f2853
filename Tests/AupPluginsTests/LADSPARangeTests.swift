import Testing

@testable import AupPlugins

/// Hints of ladspa.h as numbers, so that a wrong declaration of ours is found out too.
@Suite struct LADSPARangeTests {
    private func range(_ hints: Int32, _ lower: Float = 0, _ upper: Float = 0, rate: Double = 48000) -> LADSPARange {
        LADSPARange(hints: hints, lower: lower, upper: upper, rate: rate)
    }

    private static let both: Int32 = 0x1 | 0x2

    @Test(arguments: [
        (0x40, 10.0), (0x80, 32.5), (0xC0, 55.0), (0x100, 77.5), (0x140, 100.0), (0x200, 0.0), (0x240, 1.0),
        (0x280, 100.0), (0x2C0, 440.0), (0, 10.0),
    ])
    func `a default lies where its hint says, between the bounds`(hint: Int, expected: Double) {
        #expect(range(Self.both | Int32(hint), 10, 100).defaultValue == expected)
    }

    @Test(arguments: [(0x80, 31.622_776_6), (0xC0, 100.0), (0x100, 316.227_766)])
    func `in ratios where the port is logarithmic`(hint: Int, expected: Double) {
        let found = range(Self.both | 0x10 | Int32(hint), 10, 1000)
        #expect(abs(found.defaultValue - expected) < 1e-4)
        #expect(found.scale == .logarithmic)
    }

    @Test(arguments: [(Float(0), Float(1000), 500.0), (-10, 10, 0)])
    func `but linearly where a bound is not above zero`(lower: Float, upper: Float, expected: Double) {
        let found = range(Self.both | 0x10 | 0xC0, lower, upper)
        #expect(found.defaultValue == expected)
        #expect(found.scale == .linear)
    }

    @Test func `bounds that are fractions of the rate grow with it, literal defaults do not`() {
        let hints = Self.both | 0x8
        #expect(range(hints | 0x140, 0, 0.5, rate: 96000).defaultValue == 48000)
        #expect(range(hints | 0x140, 0, 0.5, rate: 44100).bounds == 0...22050)
        for rate in [8000.0, 44100, 96000, 192_000] {
            #expect(range(hints | 0x2C0, 0, 0.5, rate: rate).defaultValue == 440)
            #expect(range(hints | 0x240, 0, 0.5, rate: rate).defaultValue == 1)
        }
        #expect(range(hints | 0x2C0, 0, 0.5).scalesWithRate)
    }

    @Test(arguments: [(0x240, 1.0), (0x200, 0.0), (0x140, 1.0), (0x40, 0.0), (0, 0.0)])
    func `a toggle is on or off whatever its bounds`(hint: Int, expected: Double) {
        let found = range(0x4 | Self.both | Int32(hint), 0, 7)
        #expect(found.scale == .toggle)
        #expect(found.bounds == 0...1)
        #expect(found.defaultValue == expected)
    }

    @Test func `a bound is the number its author wrote`() {
        #expect(range(Self.both | 0x40, 0.1, 0.7).bounds == 0.1...0.7)
        #expect(range(Self.both | 0x8 | 0x40, 0.0001, 0.45).bounds == 4.8...21600)
    }

    @Test func `whole numbers stay whole`() {
        let found = range(Self.both | 0x20 | 0x80, 0.6, 8.6)
        #expect(found.scale == .integer)
        #expect(found.bounds == 1...8)
        #expect(found.defaultValue == 3)
    }

    @Test func `without a default it is zero, or the bound next to it`() {
        #expect(range(Self.both, -5, 5).defaultValue == 0)
        #expect(range(Self.both, 2, 5).defaultValue == 2)
        #expect(range(Self.both, -5, -2).defaultValue == -2)
        #expect(range(0x2, 0, -2).defaultValue == -2)
        #expect(range(0).defaultValue == 0)
    }

    @Test func `what makes no sense is put right`() {
        #expect(range(Self.both, 5, -5).bounds == -5...5)
        #expect(range(Self.both | 0x280, 0, 1).bounds == 0...100, "the author's default counts")
        #expect(range(Self.both, .nan, .infinity).defaultValue == 0)
        #expect(range(-1, .nan, .nan).bounds == 0...1)
    }

    @Test(arguments: [
        ("Frequency (Hz)", "frequency", "Hz"), ("Gain [dB]", "gain", "dB"), ("Delay (seconds)", "delay", "s"),
        ("Attack time (ms)", "attack_time", "ms"), ("Ratio (1:n)", "ratio_1_n", ""),
        ("Dry/Wet  Mix (%)", "dry_wet_mix", "%"),
        ("  ", "", ""), ("Müsli", "m_sli", ""), ("Gain (dB) left", "gain_left", "dB"), ("(dB", "db", ""),
        ("Stages(2 poles per stage)", "stages_2_poles_per_stage", ""),
    ])
    func `a name is a key and often a unit`(name: String, key: String, unit: String) {
        #expect(PortName(name).key == key)
        #expect(PortName(name).unit == unit)
    }

    @Test func `no key is given twice`() {
        var keys = DistinctKeys()
        let given = ["gain", "gain", "gain_2", "gain", ""].map { keys.next($0, fallback: "c4") }
        #expect(given == ["gain", "gain_2", "gain_2_2", "gain_3", "c4"])
        #expect(PortName(String(repeating: "x", count: 500)).key.count == 64)
    }
}
