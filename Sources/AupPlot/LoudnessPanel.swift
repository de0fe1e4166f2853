import Glibc

/// Momentary and short-term loudness over time, with what was measured of the whole: integrated loudness, gates, range, true
/// peaks, and the target.
struct LoudnessPanel: Panel {
    private let overview: LoudnessOverview
    private let sheet: Sheet
    private let top: Double
    private let bottom: Double

    private var numbers: Plot.Loudness { sheet.plot.loudness }

    init(_ overview: LoudnessOverview, _ sheet: Sheet) {
        self.overview = overview
        self.sheet = sheet
        let numbers = sheet.plot.loudness
        var highest = -20.0
        var lowest = -40.0
        for index in 0..<overview.count {
            for reach in [overview.cell(index).momentary, overview.cell(index).shortTerm] {
                guard let reach else { continue }
                if reach.high.isFinite { highest = max(highest, Double(reach.high)) }
                // Silence is below every axis, and makes the gate a thing to look at.
                lowest = min(lowest, reach.low.isNaN ? lowest : max(-75, Double(reach.low)))
            }
        }
        for line in [numbers.integrated, numbers.target, numbers.relativeGate, numbers.rangeLow, numbers.rangeHigh] {
            guard let line, line.isFinite else { continue }
            highest = max(highest, line)
            lowest = min(lowest, max(-75, line))
        }
        // Room for marks of true peaks above.
        top = min(30, ((highest + 4) / 5).rounded(.up) * 5)
        bottom = max(-75, ((lowest - 2) / 5).rounded(.down) * 5)
    }

    var title: String { "Loudness" }
    var share: Double { 0.31 }

    var legend: [LegendEntry] {
        let palette = sheet.palette
        var entries = [
            entry("momentary (400 ms)", numbers.maximumMomentary, palette.momentary, width: 1),
            entry("short-term (3 s)", numbers.maximumShortTerm, palette.shortTerm, width: 2),
        ]
        if let integrated = finite(numbers.integrated) {
            entries.append(
                LegendEntry(
                    name: "integrated \(level(integrated)) LUFS", colour: palette.integrated,
                    kind: .line(width: 2, dash: 0)))
        }
        if let range = finite(numbers.range) {
            var name = "range \(level(range)) LU"
            if let low = finite(numbers.rangeLow), let high = finite(numbers.rangeHigh) {
                name += " (\(level(low)) to \(level(high)))"
            }
            entries.append(LegendEntry(name: name, colour: palette.range, kind: .area))
        }
        if let target = finite(numbers.target) {
            entries.append(
                LegendEntry(
                    name: "target \(level(target)) LUFS", colour: palette.target, kind: .line(width: 2, dash: 6)))
        }
        let gates = [numbers.absoluteGate, numbers.relativeGate].compactMap(finite)
        if !gates.isEmpty {
            let name = (gates.count > 1 ? "gates " : "gate ") + gates.map(level).joined(separator: " and ") + " LUFS"
            entries.append(LegendEntry(name: name, colour: palette.gate, kind: .line(width: 1, dash: 2)))
        }
        if let peak = finite(numbers.truePeak) {
            let limit = level(numbers.truePeakLimit)
            let name = "true peak \(level(peak)) dBTP" + (isOver(peak) ? ", marks: above \(limit)" : "")
            entries.append(LegendEntry(name: name, colour: isOver(peak) ? palette.alarm : palette.faint, kind: .mark))
        }
        return entries
    }

    private func entry(_ name: String, _ maximum: Double?, _ colour: Colour, width: Double) -> LegendEntry {
        let most = finite(maximum).map { ", max \(level($0))" } ?? ""
        return LegendEntry(name: name + most, colour: colour, kind: .line(width: width, dash: 0))
    }

    private func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
    private func level(_ value: Double) -> String { Lettering.number(value, decimals: 1) }
    private func isOver(_ peak: Double) -> Bool { peak > numbers.truePeakLimit }

    // MARK: - Drawing

    func draw(_ area: Area, _ drawing: inout Drawing) {
        drawing.fill(area, sheet.palette.panel)
        sheet.timeGrid(area, &drawing)
        let marks = Scale.decibelMarks(from: bottom, to: top, height: area.height)
        for mark in marks where mark < top && mark > bottom {
            let y = y(mark, area)
            drawing.rule(Point(x: area.x, y: y), Point(x: area.right, y: y), sheet.palette.grid)
        }
        drawing.clipped(to: area) { drawing in
            range(area, &drawing)
            line(area, sheet.palette.momentary, width: 1, bandOpacity: 0.4, &drawing) { $0.momentary }
            line(area, sheet.palette.shortTerm, width: 2, bandOpacity: 0.35, &drawing) { $0.shortTerm }
        }
        levels(area, &drawing)
        peaks(area, &drawing)
        sheet.frame(area, &drawing)
        sheet.axisName("LUFS", area, &drawing)
        for mark in marks {
            sheet.axisMark(Lettering.number(mark, decimals: 0), min(y(mark, area), area.bottom - 1), area, &drawing)
        }
        if let words = emptiness { sheet.words(words, area, &drawing) }
    }

    /// Why there is nothing to see, if so.
    private var emptiness: String? {
        if overview.count == 0 { return sheet.seconds > 0 ? "too short to have a loudness" : "no sound" }
        var hasValue = false
        for index in 0..<overview.count {
            for reach in [overview.cell(index).momentary, overview.cell(index).shortTerm] {
                guard let reach else { continue }
                if Double(reach.high) > bottom { return nil }
                hasValue = true
            }
        }
        return hasValue ? "nothing above \(Lettering.number(bottom, decimals: 0)) LUFS" : "too short to have a loudness"
    }

    private func y(_ level: Double, _ area: Area) -> Double {
        area.y + (top - level) / (top - bottom) * area.height
    }

    private func range(_ area: Area, _ drawing: inout Drawing) {
        guard let low = finite(numbers.rangeLow), let high = finite(numbers.rangeHigh) else { return }
        let upper = y(high, area)
        drawing.fill(Area(x: area.x, y: upper, width: area.width, height: y(low, area) - upper), sheet.palette.range)
    }

    /// A line of the highest of each cell, with a band down to the lowest where a cell is of several points.
    private func line(
        _ area: Area, _ colour: Colour, width: Double, bandOpacity: Double, _ drawing: inout Drawing,
        _ value: (LoudnessOverview.Cell) -> LoudnessOverview.Reach?
    ) {
        var upper: [Point] = []
        var lower: [Point] = []
        // Lines run out of the panel below, and are cut there.
        let floor = bottom - (top - bottom)
        let flush = { (drawing: inout Drawing) in
            if overview.pointsPerCell > 1 {
                drawing.fill(upper + lower.reversed(), Colour(colour.code >> 8, opacity: bandOpacity))
            }
            drawing.line(upper, colour, width: width)
        }
        var last = -Double.infinity
        for index in 0..<overview.count {
            guard let reach = value(overview.cell(index)) else {
                flush(&drawing)
                upper = []
                lower = []
                continue
            }
            // A point tells of the time before it: the first is at the end of its interval.
            let seconds = (Double(index) + (overview.pointsPerCell > 1 ? 0.5 : 1)) * overview.secondsPerCell
            let x = sheet.x(seconds, in: area)
            let high = y(max(floor, Double(reach.high)), area)
            let low = y(max(floor, Double(reach.low)), area)
            // Several cells in one column of pixels: the highest and the lowest count.
            if x - last < 0.5, let place = upper.indices.last {
                upper[place].y = min(upper[place].y, high)
                lower[place].y = max(lower[place].y, low)
                continue
            }
            last = x
            upper.append(Point(x: x, y: high))
            lower.append(Point(x: x, y: low))
        }
        flush(&drawing)
    }

    /// Lines across, with their names at the right, apart from each other.
    private func levels(_ area: Area, _ drawing: inout Drawing) {
        let palette = sheet.palette
        let lines: [(name: String, value: Double?, colour: Colour, width: Double, dash: Double)] = [
            ("gate", numbers.absoluteGate, palette.gate, 1, 2), ("gate", numbers.relativeGate, palette.gate, 1, 2),
            // The target last, so that its dashes show on a programme that meets it.
            ("I", numbers.integrated, palette.integrated, 2, 0), ("target", numbers.target, palette.target, 2, 6),
        ]
        var names: [(text: String, y: Double, colour: Colour)] = []
        for line in lines {
            guard let value = finite(line.value), value > bottom, value < top else { continue }
            let y = y(value, area)
            drawing.rule(
                Point(x: area.x, y: y), Point(x: area.right, y: y), line.colour, width: line.width, dash: line.dash)
            names.append(("\(line.name) \(level(value))", y + 4, line.colour))
        }
        names.sort { $0.y < $1.y }
        for index in names.indices.dropFirst() { names[index].y = max(names[index].y, names[index - 1].y + 14) }
        var lowest = area.bottom + 4
        for index in names.indices.reversed() {
            names[index].y = min(names[index].y, lowest)
            lowest = names[index].y - 14
        }
        for name in names {
            drawing.text(name.text, area.right + 8, name.y, size: Lettering.small, name.colour, isBold: true)
        }
    }

    // MARK: - True peaks

    /// Marks at the top where the true peak is over its limit, one for a few pixels, and words at the highest.
    private func peaks(_ area: Area, _ drawing: inout Drawing) {
        var last = -Double.infinity
        var highest: (peak: Float, x: Double)?
        for index in 0..<overview.count {
            guard let peak = overview.cell(index).truePeak?.high, isOver(Double(peak)) else { continue }
            let x = sheet.x((Double(index) + 0.5) * overview.secondsPerCell, in: area)
            if peak > highest?.peak ?? -.infinity { highest = (peak, x) }
            guard x - last >= 3 else { continue }
            last = x
            Self.mark(x, area.y + 2, sheet.palette.alarm, &drawing)
        }
        guard let highest, highest.peak.isFinite, area.height >= 40 else { return }
        let text = "\(level(Double(highest.peak))) dBTP"
        let half = Lettering.width(text, size: Lettering.small) / 2 + 2
        let x = min(max(highest.x, area.x + half), area.right - half)
        drawing.text(text, x, area.y + 20, size: Lettering.small, anchored: .middle, sheet.palette.alarm, isBold: true)
    }

    /// A small triangle that points down.
    static func mark(_ x: Double, _ y: Double, _ colour: Colour, _ drawing: inout Drawing) {
        drawing.fill([Point(x: x - 4, y: y), Point(x: x + 4, y: y), Point(x: x, y: y + 7)], colour)
    }
}
