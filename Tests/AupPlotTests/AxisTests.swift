import Glibc
import Testing

@testable import AupPlot

@Suite struct AxisTests {
    private func labels(_ seconds: Double, _ most: Int = 12) -> [String] {
        TimeAxis(seconds: seconds, mostMarks: most).marks.map(\.label)
    }

    @Test func `a time axis has round marks in the unit of its length`() {
        let expected: [(Double, String, [String])] = [
            (
                0.1, "time (s)",
                ["0.00", "0.01", "0.02", "0.03", "0.04", "0.05", "0.06", "0.07", "0.08", "0.09", "0.10"]
            ),
            (0.02, "time (ms)", ["0", "2", "4", "6", "8", "10", "12", "14", "16", "18", "20"]),
            (1, "time (s)", ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1.0"]),
            (9.5, "time (s)", ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]),
            (100, "time (s)", ["0", "10", "20", "30", "40", "50", "60", "70", "80", "90", "100"]),
            (200, "time (min:s)", ["0:00", "0:30", "1:00", "1:30", "2:00", "2:30", "3:00"]),
            (
                3600, "time (min:s)",
                [
                    "0:00", "5:00", "10:00", "15:00", "20:00", "25:00", "30:00", "35:00", "40:00",
                    "45:00", "50:00", "55:00", "60:00",
                ]
            ),
            (
                36_000, "time (h:min)",
                [
                    "0:00", "1:00", "2:00", "3:00", "4:00", "5:00", "6:00", "7:00", "8:00", "9:00",
                    "10:00",
                ]
            ),
        ]
        for (seconds, name, wanted) in expected {
            #expect(TimeAxis(seconds: seconds, mostMarks: 12).name == name, "\(seconds)")
            #expect(labels(seconds) == wanted, "\(seconds)")
        }
    }

    @Test func `marks of any length are few, rise, lie within, and have names of their own`() {
        for most in [1, 2, 5, 12, 30] {
            for power in -16...24 {
                for factor in [1.0, 1.3, 2.7, 4.99, 7.2, 9.99] {
                    let seconds = factor * (0..<abs(power)).reduce(1.0) { sum, _ in power < 0 ? sum / 2 : sum * 2 }
                    let axis = TimeAxis(seconds: seconds, mostMarks: most)
                    #expect(axis.marks.count <= most + 1 && axis.marks.first?.seconds == 0)
                    #expect(most < 5 || axis.marks.count >= 3, "\(seconds) \(most)")
                    #expect(Set(axis.marks.map(\.label)).count == axis.marks.count, "\(seconds) \(most)")
                    #expect(axis.marks.allSatisfy { $0.seconds <= seconds * 1.000001 })
                }
            }
        }
        for odd in [0, -1, Double.nan, .infinity] { #expect(labels(odd).count == 1) }
    }

    @Test func `levels have round steps that leave room for their names`() {
        #expect(
            Scale.decibelMarks(from: -120, to: 0, height: 300) == [
                0, -10, -20, -30, -40, -50, -60, -70, -80, -90,
                -100, -110, -120,
            ])
        #expect(
            Scale.decibelMarks(from: -41, to: -14, height: 240) == stride(from: -15, through: -39, by: -3).map { $0 })
        #expect(Scale.decibelMarks(from: 0, to: 0, height: 100).isEmpty)
    }

    @Test func `frequencies have names at 1, 2 and 5 of each decade`() {
        let names = Scale.frequencyMarks(from: 20, to: 24_000).compactMap(\.name)
        #expect(names == ["20", "50", "100", "200", "500", "1k", "2k", "5k", "10k", "20k"])
        #expect(Scale.frequencyMarks(from: 20, to: 96_000).last?.hertz == 90_000)
    }

    @Test func `numbers are written without a locale, whatever they are`() {
        #expect(Lettering.number(-23.04, decimals: 1) == "-23.0")
        #expect(Lettering.number(-0.04, decimals: 1) == "0.0")
        #expect(Lettering.number(0.005, decimals: 3) == "0.005")
        #expect(Lettering.number(.nan, decimals: 1) == "?" && Lettering.number(-.infinity, decimals: 1) == "-inf")
        #expect(Lettering.number(1e300, decimals: 2).count < 30)
    }

    @Test func `colours grow lighter in even steps`() {
        let lightness = ColourScale.table.map { code -> Double in
            // CIE 1976 L* of sRGB (IEC 61966-2-1).
            let linear = [code >> 16 & 255, code >> 8 & 255, code & 255].map { byte -> Double in
                let value = Double(byte) / 255
                return value <= 0.04045 ? value / 12.92 : power((value + 0.055) / 1.055, 2.4)
            }
            let y = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
            return y > 216.0 / 24389 ? 116 * power(y, 1.0 / 3) - 16 : y * 24389 / 27
        }
        let steps = zip(lightness, lightness.dropFirst()).map { $1 - $0 }
        #expect(steps.allSatisfy { $0 > -0.05 && $0 < 1 })
        // Over any sixteenth of the scale it rises by about as much as over any other.
        let rises = stride(from: 0, to: 240, by: 16).map { lightness[$0 + 16] - lightness[$0] }
        #expect(rises.allSatisfy { $0 > 3 && $0 < 8 }, "\(rises)")
        #expect(ColourScale.colour(-1) == ColourScale.table[0] && ColourScale.colour(2) == ColourScale.table[255])
    }

    private func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
}
