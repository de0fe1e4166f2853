import Testing

@testable import AupDisplay

@Suite struct MeterScreenTests {
    private func reading(
        _ peaks: [Double], seconds: Double = 0, names: [String] = ["FL", "FR"]
    ) -> MeterScreen.Reading {
        var reading = MeterScreen.Reading()
        reading.seconds = seconds
        reading.channels = peaks.enumerated().map { index, peak in
            var channel = MeterScreen.Reading.Channel()
            channel.name = index < names.count ? names[index] : ""
            channel.peakDBFS = peak
            channel.rmsDBFS = peak - 10
            channel.truePeakDBTP = peak + 0.5
            channel.maxPeakDBFS = -1.2
            return channel
        }
        return reading
    }

    private func full(_ peaks: [Double], seconds: Double = 62) -> MeterScreen.Reading {
        var full = reading(peaks, seconds: seconds)
        full.format = "48000 Hz f32 2 channels"
        full.momentaryLUFS = -18.2
        full.shortTermLUFS = -19
        full.integratedLUFS = -21.3
        full.lraLU = 6.1
        full.maxMomentaryLUFS = -14.2
        full.maxShortTermLUFS = -17
        full.truePeakDBTP = -0.8
        full.correlation = 0.62
        return full
    }

    private func text(_ readings: [MeterScreen.Reading], _ columns: Int, _ rows: Int, isUnicode: Bool = true)
        -> [String]
    {
        var screen = MeterScreen(isUnicode: isUnicode)
        for reading in readings { screen.take(reading) }
        return screen.lines(columns: columns, rows: rows).map(\.text)
    }

    @Test func `a window of 80 columns shows bars, their scale and all figures`() {
        let lines = text([full([-6, -20])], 80, 12)
        #expect(lines.count == 6)
        #expect(lines[0] == "0:01:02  48000 Hz f32 2 channels")
        #expect(lines[1].hasPrefix("FL ██████████") && lines[1].contains("-6.0") && lines[1].contains("max  -1.2"))
        #expect(lines[2].hasPrefix("FR ██████████") && lines[2].contains("-20.0"))
        #expect(lines[3].contains("-60") && lines[3].contains("-20") && lines[3].hasSuffix("0" + blanks(in: lines[3])))
        #expect(lines[4].hasPrefix("M -18.2  S -19.0  I -21.3 LUFS  LRA   6.1 LU  TP  -0.8 dBTP"))
        #expect(lines[5].hasPrefix("max M -14.2  max S -17.0 LUFS  correlation -1 "))
        #expect(lines[5].hasSuffix(" +1 +0.62") && lines[5].contains("●") && lines[5].contains("┼"))
        let cells = { (line: String) in line.filter { "█▉▊▋▌▍▎▏".contains($0) }.count }
        #expect(cells(lines[1]) > cells(lines[2]) + 10)
    }

    private func blanks(in line: String) -> String { String(line.reversed().prefix { $0 == " " }) }

    @Test func `every size has lines that fit, and none has too many`() {
        for channels in [0, 1, 2, 6, 24, 64] {
            var all = full((0..<channels).map { -Double($0) })
            all.gaps = 3
            all.lostFrames = 48_000
            all.silentSeconds = 14
            all.xruns = 2
            for index in all.channels.indices { all.channels[index].clips = Int64(index) }
            for columns in [0, 1, 2, 5, 17, 33, 60, 80, 120, 400] {
                for rows in [0, 1, 2, 3, 4, 5, 10, 24, 100] {
                    for isUnicode in [true, false] {
                        var screen = MeterScreen(isUnicode: isUnicode)
                        screen.take(all)
                        let lines = screen.lines(columns: columns, rows: rows)
                        let fit = lines.count <= rows && lines.allSatisfy { $0.columns < max(1, columns) }
                        let isASCII = lines.allSatisfy { line in line.text.utf8.allSatisfy { $0 < 128 } }
                        #expect(fit && (isUnicode || isASCII), "\(channels) channels, \(columns)×\(rows)")
                    }
                }
            }
        }
    }

    @Test func `sixty-four channels stand side by side, or the rest is summed up in a line`() {
        var many = full((0..<64).map { $0 == 60 ? -1 : -30 - Double($0) / 10 })
        many.channels[63].clips = 5
        let wide = text([many], 160, 24)
        #expect(wide.count <= 24)
        for channel in 3...64 { #expect(wide.contains { " \($0) ".contains(" \(channel) ") }, "channel \(channel)") }
        let narrow = text([many], 50, 12)
        #expect(narrow.count <= 12)
        let rest = narrow.first { $0.contains("more") }
        #expect(rest?.contains("loudest 61 -1.0 dBFS") == true && rest?.contains("clip 5") == true)
    }

    @Test func `half of a bar is its upper 20 decibels, and an eighth of a column shows`() {
        let bar = LevelBar(columns: 40, letters: .blocks)
        let blocks = { (peak: Double) in
            bar.line(peak: peak, rms: -.infinity, hold: -.infinity).text.filter { $0 != " " }
        }
        #expect(blocks(0) == String(repeating: "█", count: 40))
        #expect(blocks(-20) == String(repeating: "█", count: 20))
        #expect(blocks(-19.7).count == 21 && blocks(-19.7).last == "▎")
        #expect(blocks(-60).isEmpty && blocks(-.infinity).isEmpty)
        #expect(blocks(12).count == 40)
        let ascii = LevelBar(columns: 40, letters: .ascii).line(peak: -20, rms: -30, hold: -10).text
        #expect(
            ascii == String(repeating: "#", count: 12) + String(repeating: "=", count: 8)
                + String(repeating: " ", count: 10)
                + "|" + String(repeating: " ", count: 9))
    }

    @Test func `a peak falls by 20 decibels in 1.7 seconds and its mark stays for two`() {
        var screen = MeterScreen(isUnicode: false)
        screen.take(reading([-10], seconds: 0))
        func shown(_ seconds: Double, _ peak: Double = -.infinity) -> (level: String, mark: Int?) {
            screen.take(reading([peak], seconds: seconds))
            let bar = screen.lines(columns: 40, rows: 3).first?.text ?? ""
            let level = bar.split(separator: " ").last.map(String.init) ?? ""
            return (level, bar.firstIndex(of: "|").map { bar.distance(from: bar.startIndex, to: $0) })
        }
        let early = shown(0.85)
        #expect(early.level == "-20.0")
        let middle = shown(1.7)
        #expect(middle.level == "-30.0" && middle.mark == early.mark)
        let late = shown(3.4)
        #expect(late.level == "-50.0" && late.mark != nil && late.mark! < early.mark!)
        #expect(shown(3.5, -3).level == "-3.0")
    }

    @Test func `what has no value yet is a dash and silence is minus infinity`() {
        var empty = MeterScreen.Reading()
        empty.channels = [MeterScreen.Reading.Channel()]
        let lines = text([empty], 80, 10)
        #expect(lines.contains { $0.contains("M  --.-  S  --.-  I  --.-") })
        #expect(lines.allSatisfy { !$0.contains("correlation") })
        var silent = reading([-.infinity])
        silent.momentaryLUFS = -.infinity
        silent.silentSeconds = 75
        silent.correlation = .nan
        let words = text([silent], 80, 10)
        #expect(words[0].hasSuffix("silent 0:01:15") && words.contains { $0.contains("M  -inf") })
        var strange = reading([.nan, 1e300, -1e300])
        strange.integratedLUFS = .infinity
        strange.seconds = .nan
        #expect(!text([strange, strange], 80, 10).isEmpty)
    }

    @Test func `clips, gaps and xruns stand out for three seconds and stay to be read`() {
        var screen = MeterScreen(isUnicode: true)
        screen.take(full([-6, -6], seconds: 10))
        var next = full([0, -6], seconds: 11)
        next.channels[0].clips = 3
        next.gaps = 1
        next.lostFrames = 480
        next.xruns = 2
        screen.take(next)
        func styles() -> [String: ScreenStyle] {
            var styles: [String: ScreenStyle] = [:]
            for line in screen.lines(columns: 90, rows: 12) {
                for stretch in line.stretches { styles[stretch.text] = stretch.style }
            }
            return styles
        }
        for word in ["clip 3", "1 gap, 480 frames lost", "2 xruns"] { #expect(styles()[word] == .alarm, "\(word)") }
        next.seconds = 14.5
        screen.take(next)
        for word in ["clip 3", "1 gap, 480 frames lost", "2 xruns"] { #expect(styles()[word] == .hot, "\(word)") }
    }

    @Test func `without colour a line is its text, with colour it ends plain`() {
        var screen = MeterScreen(isUnicode: true)
        screen.take(full([-1, -40]))
        for line in screen.lines(columns: 80, rows: 10) {
            #expect(line.painted(hasColour: false) == line.text)
            #expect(!line.text.contains("\u{1B}"))
            let painted = line.painted(hasColour: true)
            let isPlain = line.stretches.last?.style == .plain
            #expect(isPlain || painted.hasSuffix("\u{1B}[0m"))
            #expect(painted.replacing(/\u{1B}\[[0-9;]*m/, with: "") == line.text)
        }
        // Green, yellow and red lie where their levels are.
        let bar = LevelBar(columns: 100, letters: .blocks).line(peak: 3, rms: 3, hold: 3)
        #expect(bar.stretches.map(\.style) == [.safe, .loud, .hot])
        #expect(bar.stretches.map(\.text.count) == [55, 38, 7])
    }

    @Test func `control letters in a name or a format never reach the terminal`() {
        var odd = full([-3])
        odd.format = "48000\u{1B}[2J\u{7}"
        odd.channels[0].name = "A\u{1B}"
        #expect(text([odd], 80, 10).allSatisfy { line in !line.unicodeScalars.contains { $0.value < 32 } })
    }
}

extension LevelBar {
    fileprivate func line(peak: Double, rms: Double, hold: Double) -> ScreenLine {
        var line = ScreenLine()
        draw(peak: peak, rms: rms, hold: hold, into: &line)
        return line
    }
}
