import AupSound
import Testing

@Suite struct AlarmExpressionTests {
    @Test func `an alarm is a measure, a comparison and a value`() throws {
        let cases: [(String, AlarmExpression)] = [
            ("momentary>-10 for 3s", AlarmExpression(.momentary, .above, -10, nanoseconds: 3_000_000_000)),
            ("silence>10s", AlarmExpression(.silence, .above, 10)),
            ("silence >= 1m30s", AlarmExpression(.silence, .notBelow, 90)),
            ("I<-23", AlarmExpression(.integrated, .below, -23)),
            (" I <= -23 LUFS ", AlarmExpression(.integrated, .notAbove, -23)),
            ("true_peak>-1", AlarmExpression(.truePeak, .above, -1)),
            ("TP>-1dBTP", AlarmExpression(.truePeak, .above, -1)),
            ("True-Peak>-1dB", AlarmExpression(.truePeak, .above, -1)),
            ("integrated_lufs<-24.5", AlarmExpression(.integrated, .below, -24.5)),
            ("LRA>20LU", AlarmExpression(.range, .above, 20)),
            ("lra_lu>20", AlarmExpression(.range, .above, 20)),
            ("rms_dbfs<-inf", AlarmExpression(.rms, .below, -.infinity)),
            ("correlation<-0.5 for 500ms", AlarmExpression(.correlation, .below, -0.5, nanoseconds: 500_000_000)),
            ("clips>0", AlarmExpression(.clips, .above, 0)),
        ]
        for (text, wanted) in cases { #expect(try AlarmExpression(text) == wanted, "\(text)") }
    }

    @Test func `every measure is read by its name, and its text is read again`() throws {
        for measure in MeterMeasure.allCases {
            for comparison in AlarmExpression.Comparison.allCases {
                let alarm = AlarmExpression(measure, comparison, 2.5, nanoseconds: 1_500_000_000)
                #expect(try AlarmExpression(alarm.text) == alarm)
                #expect(try AlarmExpression(AlarmExpression(measure, comparison, 3).text).limit == 3)
            }
        }
    }

    @Test func `what cannot be read is answered with what is wrong and what to write`() {
        let cases = [
            ("loud", "'loud' compares nothing; write it like 'momentary>-10' or 'silence>10s'"),
            (">3", "'>3' names no measure"),
            ("I<", "'I<' ends before the value to compare with"),
            ("I<-23s", "integrated is a number in LUFS, not '-23s'"),
            ("I<-23dBTP", "integrated is a number in LUFS, not '-23dBTP'"),
            ("I<nan", "integrated is a number in LUFS, not 'nan'"),
            ("silence>-10", "silence is a time like 10s, not '-10'"),
            ("silence>480f", "silence is a time like 10s, not '480f'"),
            ("clips>1dB", "clips is a bare number, not '1dB'"),
            ("M>-10 for", "'for' takes a time like 3s, not ''"),
            ("M>-10 for ever", "'for' takes a time like 3s, not 'ever'"),
            (String(repeating: "x", count: 201), "an alarm has at most 200 characters"),
        ]
        for (text, message) in cases {
            #expect(throws: AlarmExpressionError.self) { try AlarmExpression(text) }
            do { _ = try AlarmExpression(text) } catch { #expect(error.description == message) }
        }
        do { _ = try AlarmExpression("volume>1") } catch {
            #expect(error.description.hasPrefix("there is no measure 'volume'; there are momentary, short_term, "))
        }
    }

    @Test func `a limit is passed or not`() throws {
        let above = try AlarmExpression("M>-10")
        #expect(above.isPassed(by: -9.9) && !above.isPassed(by: -10) && !above.isPassed(by: .nan))
        let inclusive = try AlarmExpression("M<=-10")
        #expect(inclusive.isPassed(by: -10) && inclusive.isPassed(by: -.infinity) && !inclusive.isPassed(by: 0))
    }
}
