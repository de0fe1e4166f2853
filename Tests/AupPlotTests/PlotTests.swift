import Foundation
import Testing

@testable import AupPlot

/// What programs other than ours find in the pictures.
@Suite(.enabled(if: Plot.isAvailable && Picture.canBeRead, "libcairo2 and python3 are not both installed"))
struct PlotTests {
    @Test func `a PNG has the size that was asked for`() throws {
        let plot = Programmes.varied(seconds: 4, channels: 2)
        for (width, height) in [(1600, 1000), (401, 247)] {
            let picture = try Picture(plot.png(width: width, height: height))
            #expect(picture.width == width && picture.height == height)
        }
    }

    @Test func `an SVG is XML with labels that are text and its spectrogram inside`() throws {
        var plot = Programmes.varied(seconds: 600, channels: 2)
        plot.title = "Rock & Roll <live> \"one\"\u{7}\u{FFFE}.wav"
        plot.channelNames = ["FL", "FR"]
        let picture = try Picture(plot.svg(width: 1500, height: 900))
        #expect(picture.width == 1500 && picture.height == 900)
        let texts = Set(picture.texts)
        for label in [
            "Rock & Roll <live> \"one\"  .wav", "Waveform", "Spectrogram", "Loudness", "FL", "FR", "dBFS", "LUFS",
            "frequency (Hz)", "time (min:s)", "0:00", "10:00", "20", "1k", "10k", "-120", "integrated -23.1 LUFS",
            "target -23.0 LUFS", "gates -70.0 and -33.4 LUFS", "range 6.4 LU (-27.2 to -20.8)", "I -23.1",
            "short-term (3 s), max -18.4", "momentary (400 ms), max -14.2", "true peak 0.3 dBTP, marks: above -1.0",
        ] {
            #expect(texts.contains(label), "\(label) is missing")
        }
        // The spectrogram and its scale.
        #expect(picture.pixels == [2])
    }

    @Test func `the same plot gives the same bytes`() throws {
        let plot = Programmes.varied(seconds: 30, channels: 1)
        #expect(try plot.svg() == plot.svg())
        #expect(try plot.png() == plot.png())
        // Two of its texts need no more.
        #expect(try plot.svg().count < 1_500_000)
    }

    @Test func `pixels have the colours of what is there`() throws {
        var plot = Plot()
        plot.seconds = 10
        // Left of the middle half of full scale, right of it nothing.
        var waveform = WaveformOverview(channels: 1, framesPerColumn: 8)
        for column in 0..<1000 {
            let level: Float = column < 500 ? 0.5 : 0
            // An rms of half the peak.
            waveform.add([level, -level, 0, 0, 0, 0, 0, 0].span)
        }
        plot.waveform = waveform
        // 1 kHz at -21 dBFS right of the middle.
        var spectrogram = SpectrogramOverview(bins: 1025, rate: 48000, secondsPerColumn: 0.1)
        for column in 0..<100 {
            var powers = [Float](repeating: 0, count: 1025)
            if column >= 50 { for bin in 35...50 { powers[bin] = Float(pow(10, -2.1)) } }
            spectrogram.add(powers.span)
        }
        plot.spectrogram = spectrogram
        for theme in Plot.Theme.allCases {
            plot.theme = theme
            let drawing = plot.drawing(width: 600, height: 500)
            let lane = try #require(drawing.clips.first)
            let image = try #require(drawing.images.first)
            func place(_ area: Area, _ x: Double, _ y: Double) -> (x: Int, y: Int) {
                (Int(area.x + x * area.width), Int(area.y + y * area.height))
            }
            // Of the height of a picture from 20 Hz to 24 kHz, 1 kHz is 0.55 from the bottom.
            let tone = 1 - log(1000.0 / 20) / log(24000.0 / 20)
            let picture = try Picture(
                plot.png(width: 600, height: 500),
                at: [
                    (1, 1), place(lane, 0.23, 0.5 - 0.2), place(lane, 0.23, 0.45), place(lane, 0.23, 0.1),
                    place(lane, 0.77, 0.3), place(image, 0.23, tone), place(image, 0.77, tone), place(image, 0.77, 0.2),
                ])
            let palette = theme == .light ? Palette.light : .dark
            let wanted = [
                palette.background.code >> 8, palette.peak.code >> 8, palette.rms.code >> 8, palette.panel.code >> 8,
                palette.panel.code >> 8, ColourScale.colour(0), ColourScale.colour(99.0 / 120), ColourScale.colour(0),
            ]
            #expect(picture.pixels == wanted, "\(theme)")
        }
    }

    @Test func `a tone appears at its frequency's height at any rate`() throws {
        for rate in [8000, 44100, 192_000] {
            for hertz in [100.0, 997, 3000] {
                var overview = SpectrogramOverview(bins: 4097, rate: rate, secondsPerColumn: 1)
                var powers = [Float](repeating: 0, count: 4097)
                let hertzPerBin = Double(rate) / 8192
                powers[Int((hertz / hertzPerBin).rounded())] = 1
                overview.add(powers.span)
                var plot = Plot()
                plot.seconds = 1
                let panel = SpectrogramPanel(overview, Sheet(plot, width: 800, height: 600))
                let pixels = panel.pixels(width: 2, height: 400)
                let brightest = (0..<400).max { lightness(pixels.values[$0 * 2]) < lightness(pixels.values[$1 * 2]) }!
                let low = min(20, Double(rate) / 20)
                let found = low * pow(Double(rate) / 2 / low, 1 - (Double(brightest) + 0.5) / 400)
                #expect(abs(found - hertz) < hertz * 0.04 + hertzPerBin, "\(rate) \(hertz) \(found)")
            }
        }
    }

    @Test func `bands of parts of an octave stand at their frequencies without holes`() {
        let centres = (0..<240).map { 20 * pow(2, Double($0) / 24) }
        let half = pow(2, 1.0 / 48)
        var overview = SpectrogramOverview(
            lowerHertz: centres.map { $0 / half }, upperHertz: centres.map { $0 * half }, secondsPerColumn: 1)
        let powers = (0..<240).map { Float(pow(10, -Double(240 - $0) / 24)) }
        overview.add(powers.span)
        var plot = Plot()
        plot.seconds = 1
        for height in [60, 240, 700] {
            let panel = SpectrogramPanel(overview, Sheet(plot, width: 800, height: 600))
            let pixels = panel.pixels(width: 1, height: height)
            // Power rises by 10 dB an octave, from -100 to 0 dB: so does the colour, from below.
            var shares: [Int] = []
            for value in pixels.values { shares.append(ColourScale.table.firstIndex(of: value) ?? 256) }
            #expect(shares == shares.sorted(by: >), "\(height)")
            // -50 dB of a scale of 120.
            #expect(abs(shares[height / 2] - 149) < 6, "\(height)")
        }
    }

    private func lightness(_ code: UInt32) -> UInt32 { (code >> 16 & 255) + (code >> 8 & 255) + (code & 255) }

    @Test func `clips, true peaks above the limit, gaps and numbers that are none are marked`() throws {
        var samples = [Float](repeating: 0.1, count: 48_000)
        samples[24_000] = 1.25
        samples[36_000] = .nan
        var plot = Programmes.samples(samples)
        plot.gaps = [.init(seconds: 0.2, lengthSeconds: 0.05)]
        var loudness = LoudnessOverview()
        for point in 0..<10 { loudness.add(momentary: -20, shortTerm: -21, truePeak: point == 5 ? 1.9 : -14) }
        plot.loudnessOverTime = loudness
        let texts = plot.drawing(width: 1200, height: 800).texts
        for label in ["at or above full scale", "no numbers", "frames lost", "1.9 dBTP"] {
            #expect(texts.contains(label), "\(label) is missing")
        }
        // Beyond full scale the lane has room for it.
        #expect(texts.contains("6"))
        let palette = Palette.light
        let colours = plot.drawing(width: 1200, height: 800).fills
        for colour in [palette.alarm, palette.target, palette.gap] { #expect(colours.contains(colour)) }
    }

    @Test func `odd programmes have pictures too`() throws {
        var odd: [(name: String, plot: Plot)] = [
            ("nothing", Plot()), ("no frames", Programmes.samples([])), ("one frame", Programmes.samples([0.5])),
            ("NaN", Programmes.samples([Float](repeating: .nan, count: 5000))),
            ("silence", Programmes.samples([Float](repeating: 0, count: 48_000))),
            ("infinity", Programmes.samples([.infinity, -.infinity, .greatestFiniteMagnitude])),
            ("tenth of a second", Programmes.varied(seconds: 0.1, channels: 1)),
            ("ten hours", Programmes.varied(seconds: 36_000, channels: 2)),
            ("64 channels", Programmes.varied(seconds: 20, channels: 64)),
            ("8 kHz", Programmes.varied(seconds: 3, channels: 1, rate: 8000)),
        ]
        var strange = Programmes.varied(seconds: 2, channels: 1)
        strange.seconds = .nan
        strange.loudness.integrated = -.infinity
        strange.loudness.target = .nan
        strange.loudness.rangeLow = .infinity
        strange.loudness.truePeak = .infinity
        strange.gaps = [.init(seconds: .nan, lengthSeconds: .infinity), .init(seconds: -1, lengthSeconds: 1e9)]
        odd.append(("strange numbers", strange))
        for (name, plot) in odd {
            for (width, height) in [(900, 600), (400, 240)] {
                let png = try Picture(plot.png(width: width, height: height))
                #expect(png.width == width && png.height == height, "\(name)")
                let svg = try plot.svg(width: width, height: height)
                let words = String(decoding: svg, as: UTF8.self)
                // What a number is written as that is none.
                let hasNumbers = !["\"?\"", "?,", ",?"].contains { words.contains($0) }
                #expect(hasNumbers, "\(name)")
                #expect(throws: Never.self, "\(name)") { try Picture(svg) }
            }
            try Gallery.keep(name, plot)
        }
        #expect(Programmes.samples([]).drawing(width: 800, height: 600).texts.contains("no sound"))
        let silent = Programmes.samples([Float](repeating: 0, count: 48_000)).drawing(width: 800, height: 600)
        #expect(silent.texts.contains("-inf"))
    }

    @Test func `a size that cannot be drawn is refused with the sizes that can`() throws {
        for (width, height) in [(0, 0), (-5, 500), (399, 500), (20_000, 500), (800, 100_000)] {
            #expect(throws: PlotError.size(width: width, height: height)) {
                try Plot().png(width: width, height: height)
            }
        }
        #expect(PlotError.size(width: 1, height: 2).message.contains("400 to 16384"))
    }

    @Test func `bytes are written in base64 as RFC 4648 has it`() {
        for (text, code) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            #expect(SVGText.base64(Array(text.utf8)) == code)
        }
    }

    @Test func `texts of one line stay apart`() throws {
        for (seconds, channels) in [(0.1, 1), (77.0, 2), (5000, 6), (36_000, 64)] {
            var plot = Programmes.varied(seconds: seconds, channels: channels)
            plot.loudness.integrated = -22.9
            for (width, height) in [(1600, 1000), (800, 600), (3000, 2000), (400, 400)] {
                let boxes = plot.drawing(width: width, height: height).textBoxes
                for (index, one) in boxes.enumerated() {
                    #expect(one.area.x >= 0 && one.area.right <= Double(width), "\(one.text) is cut off at \(width)")
                    #expect(one.area.bottom <= Double(height), "\(one.text) is cut off at \(height)")
                    let covered = boxes[(index + 1)...].first { other in
                        one.area.right > other.area.x && other.area.right > one.area.x
                            && one.area.bottom > other.area.y && other.area.bottom > one.area.y
                    }
                    #expect(
                        covered == nil,
                        "\(one.text) lies on \(covered?.text ?? "") at \(width)×\(height), \(seconds) s")
                }
            }
        }
    }

    @Test func `programmes are drawn for eyes where AUP_GALLERY names a folder`() throws {
        try Gallery.keep("programme", Programmes.varied(seconds: 215, channels: 2))
        var dark = Programmes.varied(seconds: 5000, channels: 6)
        dark.theme = .dark
        dark.channelNames = ["FL", "FR", "FC", "LFE", "RL", "RR"]
        dark.gaps = [.init(seconds: 2100, lengthSeconds: 40)]
        try Gallery.keep("dark", dark)
    }
}

extension Drawing {
    var texts: Set<String> { Set(textBoxes.map(\.text)) }

    var clips: [Area] {
        shapes.compactMap { shape in
            if case .clip(let area) = shape { area } else { nil }
        }
    }

    var images: [Area] {
        shapes.compactMap { shape in
            if case .image(_, let area) = shape { area } else { nil }
        }
    }

    var fills: [Colour] {
        shapes.compactMap { shape in
            if case .rectangle(_, let colour) = shape { colour } else { nil }
        }
    }

    /// Where each text lies, about; letters that go below the line are left out of account.
    var textBoxes: [(text: String, area: Area)] {
        shapes.compactMap { shape in
            guard case .text(let text, let place, let size, let anchor, _, _, let isUpwards) = shape else { return nil }
            let width = Lettering.width(text, size: size)
            let before = anchor.rawValue * width
            let area =
                isUpwards
                ? Area(x: place.x - size * 0.75, y: place.y - width + before, width: size * 0.75, height: width)
                : Area(x: place.x - before, y: place.y - size * 0.75, width: width, height: size * 0.75)
            return (text, area)
        }
    }
}

/// Keeps pictures where somebody wants to look at them.
enum Gallery {
    static func keep(_ name: String, _ plot: Plot) throws {
        guard let folder = ProcessInfo.processInfo.environment["AUP_GALLERY"] else { return }
        let file = URL(filePath: folder).appending(path: name.replacingOccurrences(of: " ", with: "-"))
        try Data(plot.png()).write(to: file.appendingPathExtension("png"))
        try Data(plot.svg()).write(to: file.appendingPathExtension("svg"))
    }
}
