import AupRealtime
import AupSound
import Glibc
import Testing

/// The synthetic signals of EBU Tech 3341, table 1 (1-6 and 9-14), and EBU Tech 3342, table 1 (1-4), made from their
/// descriptions. 7 and 8, and 5 and 6 of 3342, are programmes.
@Suite struct LoudnessComplianceTests {
    static let rates = [44_100, 48_000, 96_000, 192_000]

    private func near(_ value: Double, _ wanted: Double, within tolerance: Double = 0.1) -> Bool {
        abs(value - wanted) <= tolerance
    }

    @Test(arguments: rates, [-23.0, -33.0])
    func `3341 1 and 2: a steady tone is as loud in every window`(_ rate: Int, _ level: Double) {
        var rig = MeterRig(rate: rate)
        rig.tone(level, seconds: 20)
        #expect(near(rig.loudness.momentary, level))
        #expect(near(rig.loudness.shortTerm, level))
        #expect(near(rig.loudness.integrated, level), "\(rig.loudness.integrated)")
    }

    @Test(arguments: rates)
    func `3341 3: the relative gate leaves out the quiet ends`(_ rate: Int) {
        var rig = MeterRig(rate: rate)
        for (level, seconds) in [(-36.0, 10.0), (-23, 60), (-36, 10)] { rig.tone(level, seconds: seconds) }
        #expect(near(rig.loudness.integrated, -23), "\(rig.loudness.integrated)")
    }

    @Test(arguments: rates)
    func `3341 4: the absolute gate leaves out what is all but silent`(_ rate: Int) {
        var rig = MeterRig(rate: rate)
        for (level, seconds) in [(-72.0, 10.0), (-36, 10), (-23, 60), (-36, 10), (-72, 10)] {
            rig.tone(level, seconds: seconds)
        }
        #expect(near(rig.loudness.integrated, -23), "\(rig.loudness.integrated)")
    }

    @Test(arguments: rates)
    func `3341 5: what passes the gates is averaged`(_ rate: Int) {
        var rig = MeterRig(rate: rate)
        for (level, seconds) in [(-26.0, 20.0), (-20, 20.1), (-26, 20)] { rig.tone(level, seconds: seconds) }
        #expect(near(rig.loudness.integrated, -23), "\(rig.loudness.integrated)")
    }

    @Test(arguments: rates)
    func `3341 6: surrounds count for more`(_ rate: Int) {
        var rig = MeterRig(rate: rate, layout: [.frontLeft, .frontRight, .frontCenter, .sideLeft, .sideRight])
        rig.tone([-28, -28, -24, -30, -30], seconds: 20)
        #expect(near(rig.loudness.integrated, -23), "\(rig.loudness.integrated)")
        // The order of the channels makes no difference, and the low frequency channel none at all.
        var other = MeterRig(
            rate: rate, layout: [.frontLeft, .frontRight, .rearLeft, .rearRight, .frontCenter, .lowFrequency])
        other.tone([-28, -28, -30, -30, -24, 0], seconds: 20)
        #expect(near(other.loudness.integrated, rig.loudness.integrated, within: 1e-9))
    }

    @Test(arguments: rates)
    func `3341 9: short-term loudness is constant over a pattern of 3 s`(_ rate: Int) {
        var rig = MeterRig(rate: rate)
        var worst = 0.0
        for turn in 0..<5 {
            for (level, steps) in [(-20.0, 134), (-30.0, 166)] {
                for _ in 0..<steps {
                    rig.tone(level, seconds: 0.01)
                    if turn > 0 { worst = max(worst, abs(rig.loudness.shortTerm + 23)) }
                }
            }
        }
        #expect(worst <= 0.1, "\(worst)")
    }

    @Test(arguments: rates)
    func `3341 10: the largest short-term loudness is found wherever the tone begins`(_ rate: Int) {
        for segment in 0..<20 {
            var rig = MeterRig(rate: rate)
            rig.silence(seconds: Double(segment) * 0.15)
            rig.tone(-23, seconds: 3)
            rig.silence(seconds: 1)
            #expect(near(rig.loudness.maxShortTerm, -23), "\(segment): \(rig.loudness.maxShortTerm)")
        }
    }

    @Test(arguments: rates)
    func `3341 11: the largest short-term loudness follows live`(_ rate: Int) {
        var rig = MeterRig(rate: rate)
        for segment in 0..<20 {
            rig.silence(seconds: Double(segment) * 0.15)
            rig.tone(Double(segment) - 38, seconds: 3)
            rig.silence(seconds: 3 - Double(segment) * 0.15)
            #expect(near(rig.loudness.maxShortTerm, Double(segment) - 38), "\(segment)")
        }
    }

    @Test(arguments: rates)
    func `3341 12: momentary loudness is constant over a pattern of 0.4 s`(_ rate: Int) {
        var rig = MeterRig(rate: rate)
        var worst = 0.0
        for turn in 0..<25 {
            for (level, steps) in [(-20.0, 18), (-30.0, 22)] {
                for _ in 0..<steps {
                    rig.tone(level, seconds: 0.01)
                    if turn > 2 { worst = max(worst, abs(rig.loudness.momentary + 23)) }
                }
            }
        }
        #expect(worst <= 0.1, "\(worst)")
    }

    @Test(arguments: rates)
    func `3341 13: the largest momentary loudness is found wherever the tone begins`(_ rate: Int) {
        for segment in 0..<20 {
            var rig = MeterRig(rate: rate)
            rig.silence(seconds: Double(segment) * 0.02)
            rig.tone(-23, seconds: 0.4)
            rig.silence(seconds: 1)
            #expect(near(rig.loudness.maxMomentary, -23), "\(segment): \(rig.loudness.maxMomentary)")
        }
    }

    @Test(arguments: rates)
    func `3341 14: the largest momentary loudness follows live`(_ rate: Int) {
        var rig = MeterRig(rate: rate)
        for segment in 0..<20 {
            rig.silence(seconds: Double(segment) * 0.02)
            rig.tone(Double(segment) - 38, seconds: 0.4)
            rig.silence(seconds: 0.4 - Double(segment) * 0.02)
            #expect(near(rig.loudness.maxMomentary, Double(segment) - 38), "\(segment)")
        }
    }

    @Test(arguments: rates)
    func `3342 1 to 4: loudness range`(_ rate: Int) {
        let cases: [(levels: [Double], range: Double)] = [
            ([-20, -30], 10), ([-20, -15], 5), ([-40, -20], 20), ([-50, -35, -20, -35, -50], 15),
        ]
        for (levels, range) in cases {
            var rig = MeterRig(rate: rate)
            for level in levels { rig.tone(level, seconds: 20) }
            #expect(near(rig.loudness.range, range, within: 1), "\(levels): \(rig.loudness.range)")
        }
    }
}
