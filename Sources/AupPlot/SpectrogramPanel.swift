import Glibc

/// Power over time and frequency, the frequency by octaves and the power by colour.
struct SpectrogramPanel: Panel {
    private let overview: SpectrogramOverview
    private let sheet: Sheet
    private let lowHertz: Double
    private let highHertz: Double

    init(_ overview: SpectrogramOverview, _ sheet: Sheet) {
        self.overview = overview
        self.sheet = sheet
        highHertz = overview.upperHertz[overview.bins - 1]
        // Nobody hears less; a picture of little else would be of rumble.
        lowHertz = min(max(20, overview.lowerHertz[0]), highHertz / 10)
    }

    var title: String { "Spectrogram" }
    var share: Double { 0.38 }
    var legend: [LegendEntry] { [] }

    func draw(_ area: Area, _ drawing: inout Drawing) {
        let dark = Colour(ColourScale.colour(0))
        drawing.fill(area, overview.count > 0 ? dark : sheet.palette.panel)
        if overview.count > 0 {
            let pixels = pixels(width: Int(area.width), height: Int(area.height))
            drawing.image(pixels, Area(x: area.x, y: area.y, width: Double(pixels.width), height: area.height))
        } else {
            sheet.words(sheet.seconds > 0 ? "too short to have a spectrum" : "no sound", area, &drawing)
        }
        sheet.frame(area, &drawing)
        sheet.axisName("frequency (Hz)", area, &drawing)
        marks(area, &drawing)
        scale(area, &drawing)
    }

    private func marks(_ area: Area, _ drawing: inout Drawing) {
        var last = Double.infinity
        for mark in Scale.frequencyMarks(from: lowHertz, to: highHertz) {
            let y = area.bottom - log(mark.hertz / lowHertz) / log(highHertz / lowHertz) * area.height
            if let name = mark.name, last - y >= 14 {
                sheet.axisMark(name, y, area, &drawing)
                last = y
            } else {
                drawing.rule(Point(x: area.x - 2, y: y), Point(x: area.x, y: y), sheet.palette.frame)
            }
        }
    }

    /// What the colours mean.
    private func scale(_ area: Area, _ drawing: inout Drawing) {
        let range = sheet.plot.spectrogramDecibels
        let bar = Area(x: area.right + 14, y: area.y + 18, width: 14, height: max(1, area.height - 18))
        let rows = Int(bar.height)
        let values = (0..<rows).map { ColourScale.colour(1 - (Double($0) + 0.5) / Double(rows)) }
        drawing.image(Pixels(width: 1, height: rows, values: values), bar)
        sheet.frame(bar, &drawing)
        drawing.text("dBFS", bar.x, area.y + 8, size: Lettering.small, sheet.palette.faint)
        let length = range.upperBound - range.lowerBound
        for mark in Scale.decibelMarks(from: range.lowerBound, to: range.upperBound, height: bar.height) {
            let y = min(bar.y + (range.upperBound - mark) / length * bar.height, bar.bottom - 1)
            drawing.rule(Point(x: bar.right, y: y), Point(x: bar.right + 4, y: y), sheet.palette.frame)
            let name = Lettering.number(mark, decimals: 0)
            let baseline = min(max(y + 4, bar.y + 8), bar.bottom + 2)
            drawing.text(name, bar.right + 8, baseline, size: Lettering.small, sheet.palette.text)
        }
    }

    // MARK: - Pixels

    /// Only as wide as the sound that was analysed.
    func pixels(width: Int, height: Int) -> Pixels {
        let analysed = Double(overview.columns) * overview.secondsPerColumn
        let seconds = max(sheet.seconds, .leastNonzeroMagnitude)
        // The analysis ends within a column of the sound: one that ends earlier by less than that fills the picture.
        let isWhole = analysed + 2 * overview.secondsPerColumn >= sheet.seconds
        let drawn = isWhole ? width : min(width, Int((analysed / seconds * Double(width)).rounded(.up)))
        let rows = self.rows(height)
        let range = sheet.plot.spectrogramDecibels
        let length = range.upperBound - range.lowerBound
        var values = [UInt32](repeating: 0, count: drawn * height)
        var powers = [Double](repeating: 0, count: overview.bins)
        for x in 0..<drawn {
            let start = Double(x) / Double(width) * seconds / overview.secondsPerCell
            let end = Double(x + 1) / Double(width) * seconds / overview.secondsPerCell
            average(from: start, to: end, into: &powers)
            for y in 0..<height {
                let power = rows[y].power(in: powers)
                let share = power > 0 ? (10 * log10(power) - range.lowerBound) / length : 0
                values[y * drawn + x] = ColourScale.colour(share)
            }
        }
        return Pixels(width: drawn, height: height, values: values)
    }

    /// Mean power of every bin over cells from `start` to `end`, each by the part of it that is meant.
    private func average(from start: Double, to end: Double, into powers: inout [Double]) {
        for bin in powers.indices { powers[bin] = 0 }
        let first = min(Int(start), overview.count - 1)
        let last = min(max(first, Int(end.rounded(.up)) - 1), overview.count - 1)
        var total = 0.0
        for index in first...last {
            let weight = max(1e-9, min(end, Double(index + 1)) - max(start, Double(index)))
            total += weight
            for bin in powers.indices { powers[bin] += weight * overview.power(index, bin: bin) }
        }
        for bin in powers.indices { powers[bin] /= total }
    }

    /// Which bands a row of pixels stands for: the strongest shows, so that no tone is lost between two others.
    private struct Row {
        let first: Int
        let last: Int

        func power(in powers: [Double]) -> Double {
            powers[first...last].reduce(0, max)
        }
    }

    private func rows(_ height: Int) -> [Row] {
        var first = 0
        var rows: [Row] = []
        // From the lowest row, so that the search goes on where it was.
        for y in (0..<height).reversed() {
            let hertz = { (edge: Double) in lowHertz * pow(highHertz / lowHertz, 1 - edge / Double(height)) }
            let (low, high) = (hertz(Double(y + 1)), hertz(Double(y)))
            // Of every row those whose middle lies in it; of a row without one, the one that it lies in.
            while first < overview.bins - 1, middle(first) < low { first += 1 }
            var last = first
            while last + 1 < overview.bins, middle(last + 1) < high { last += 1 }
            let isBefore = first > 0 && middle(first) >= high && overview.upperHertz[first - 1] > (low + high) / 2
            rows.append(Row(first: isBefore ? first - 1 : first, last: isBefore ? first - 1 : last))
        }
        return rows.reversed()
    }

    private func middle(_ bin: Int) -> Double { (overview.lowerHertz[bin] + overview.upperHertz[bin]) / 2 }
}
