/// Lays the panels of a plot on its page.
///
///     title
///     facts
///     waveform      legend
///     ┌──────────────────┐
///     └──────────────────┘
///     spectrogram
///     ┌──────────────────┐ ▐ scale
///     └──────────────────┘
///     loudness      legend
///     ┌──────────────────┐ values
///     └──────────────────┘
///      0:00   1:00   2:00
struct Sheet {
    let plot: Plot
    let palette: Palette
    let width: Double
    let height: Double
    /// Of the time axis; a length that is none counts as nothing.
    let seconds: Double
    let time: TimeAxis

    private static let left = 78.0
    private static let right = 108.0
    private static let headerHeight = 22.0
    private static let legendRow = 17.0

    init(_ plot: Plot, width: Double, height: Double) {
        self.plot = plot
        self.width = width
        self.height = height
        seconds = plot.seconds.isFinite ? max(0, plot.seconds) : 0
        palette = plot.theme == .light ? .light : .dark
        // A label of hours and minutes, and as much room again.
        time = TimeAxis(seconds: seconds, mostMarks: Int((width - Self.left - Self.right) / 84))
    }

    func drawing() -> Drawing {
        var drawing = Drawing(width: Int(width), height: Int(height), title: plot.title)
        drawing.fill(Area(x: 0, y: 0, width: width, height: height), palette.background)
        let top = header(&drawing)
        let panels = self.panels
        guard !panels.isEmpty else { return drawing }
        let legends = panels.map { legend($0.legend) }
        let heads = legends.map { Self.headerHeight + Double(max(0, $0.count - 1)) * Self.legendRow }
        let room = height - top - 42 - heads.reduce(0, +)
        let shares = panels.map(\.share).reduce(0, +)
        var y = top
        for (index, panel) in panels.enumerated() {
            y += heads[index]
            let panelHeight = max(8, (room * panel.share / shares - 8).rounded(.down))
            let area = Area(x: Self.left, y: y, width: width - Self.left - Self.right, height: panelHeight)
            drawing.text(panel.title, Self.left, y - 7, size: 13, palette.text, isBold: true)
            draw(legends[index], above: area, &drawing)
            panel.draw(area, &drawing)
            let isLast = index == panels.count - 1
            timeMarks(below: area, isNamed: isLast, &drawing)
            y += panelHeight + 8
        }
        return drawing
    }

    private var panels: [any Panel] {
        var panels: [any Panel] = []
        if let waveform = plot.waveform { panels.append(WaveformPanel(waveform, self)) }
        if let spectrogram = plot.spectrogram { panels.append(SpectrogramPanel(spectrogram, self)) }
        if let loudness = plot.loudnessOverTime { panels.append(LoudnessPanel(loudness, self)) }
        return panels
    }

    /// Draws what stands above all panels; returns where they begin.
    private func header(_ drawing: inout Drawing) -> Double {
        let room = width - 2 * 24
        let title = Lettering.fitted(plot.title, width: room, size: 20)
        drawing.text(title, 24, 34, size: 20, palette.text, isBold: true)
        var y = plot.title.isEmpty ? 14.0 : 44
        for line in lines(of: plot.facts, width: room) {
            drawing.text(line, 24, y + 12, size: 13, palette.faint)
            y += 18
        }
        return y + 6
    }

    /// Facts side by side, on as many lines as they need.
    private func lines(of facts: [String], width: Double) -> [String] {
        var lines: [String] = []
        for fact in facts {
            let fact = Lettering.fitted(fact, width: width, size: 13)
            let joined = lines.last.map { $0 + "  ·  " + fact } ?? ""
            if lines.isEmpty || Lettering.width(joined, size: 13) > width {
                lines.append(fact)
            } else {
                lines[lines.count - 1] = joined
            }
        }
        return Array(lines.prefix(4))
    }

    // MARK: - Time

    func x(_ seconds: Double, in area: Area) -> Double {
        guard self.seconds > 0, !seconds.isNaN else { return area.x }
        return area.x + area.width * min(1, max(0, seconds / self.seconds))
    }

    func timeGrid(_ area: Area, _ drawing: inout Drawing) {
        for mark in time.marks where mark.seconds > 0 && mark.seconds < seconds {
            let x = x(mark.seconds, in: area)
            drawing.rule(Point(x: x, y: area.y), Point(x: x, y: area.bottom), palette.grid)
        }
    }

    /// Marks below a panel, and their names below the last.
    private func timeMarks(below area: Area, isNamed: Bool, _ drawing: inout Drawing) {
        for mark in time.marks {
            let x = min(x(mark.seconds, in: area), area.right - 1)
            drawing.rule(Point(x: x, y: area.bottom), Point(x: x, y: area.bottom + 4), palette.frame)
            if isNamed {
                drawing.text(mark.label, x, area.bottom + 17, size: Lettering.size, anchored: .middle, palette.text)
            }
        }
        if isNamed {
            let middle = area.x + area.width / 2
            drawing.text(time.name, middle, area.bottom + 34, size: Lettering.size, anchored: .middle, palette.faint)
        }
    }

    // MARK: - Frame, axis, legend

    func frame(_ area: Area, _ drawing: inout Drawing) {
        let corners = [
            Point(x: area.x - 0.5, y: area.y - 0.5), Point(x: area.right + 0.5, y: area.y - 0.5),
            Point(x: area.right + 0.5, y: area.bottom + 0.5), Point(x: area.x - 0.5, y: area.bottom + 0.5),
            Point(x: area.x - 0.5, y: area.y - 0.5),
        ]
        drawing.line(corners, palette.frame)
    }

    /// The name of an upright axis.
    func axisName(_ name: String, _ area: Area, _ drawing: inout Drawing) {
        guard area.height >= Lettering.width(name, size: Lettering.size) else { return }
        drawing.text(
            name, 22, area.y + area.height / 2, size: Lettering.size, anchored: .middle, palette.faint, isUpwards: true)
    }

    /// A name at a mark of an upright axis, kept inside the panel's height.
    func axisMark(_ name: String, _ y: Double, _ area: Area, _ drawing: inout Drawing) {
        drawing.rule(Point(x: area.x - 4, y: y), Point(x: area.x, y: y), palette.frame)
        let baseline = min(max(y + 4, area.y + 9), area.bottom + 3)
        drawing.text(name, area.x - 8, baseline, size: Lettering.small, anchored: .end, palette.text)
    }

    /// Words in the middle of a panel that has nothing to show.
    func words(_ text: String, _ area: Area, _ drawing: inout Drawing) {
        drawing.text(
            text, area.x + area.width / 2, area.y + area.height / 2 + 5, size: 14, anchored: .middle, palette.faint)
    }

    private func entryWidth(_ entry: LegendEntry) -> Double {
        26 + Lettering.width(entry.name, size: Lettering.small) + 18
    }

    /// Entries in rows that fit beside the title.
    private func legend(_ entries: [LegendEntry]) -> [[LegendEntry]] {
        let room = width - Self.left - Self.right - 110
        var rows: [[LegendEntry]] = []
        var used = Double.infinity
        for entry in entries {
            let name = Lettering.fitted(entry.name, width: room - 44, size: Lettering.small)
            let entry = LegendEntry(name: name, colour: entry.colour, kind: entry.kind)
            let needed = entryWidth(entry)
            if used + needed > room {
                rows.append([])
                used = 0
            }
            rows[rows.count - 1].append(entry)
            used += needed
        }
        return rows
    }

    private func draw(_ rows: [[LegendEntry]], above area: Area, _ drawing: inout Drawing) {
        for (index, row) in rows.enumerated() {
            let y = area.y - 7 - Double(rows.count - 1 - index) * Self.legendRow
            var x = area.right + 18 - row.map { entryWidth($0) }.reduce(0, +)
            for entry in row {
                swatch(entry, x, y, &drawing)
                drawing.text(entry.name, x + 26, y, size: Lettering.small, palette.text)
                x += entryWidth(entry)
            }
        }
    }

    private func swatch(_ entry: LegendEntry, _ x: Double, _ y: Double, _ drawing: inout Drawing) {
        switch entry.kind {
        case .area: drawing.fill(Area(x: x, y: y - 9, width: 20, height: 10), entry.colour)
        case .line(let width, let dash):
            drawing.rule(Point(x: x, y: y - 4), Point(x: x + 20, y: y - 4), entry.colour, width: width, dash: dash)
        case .mark: LoudnessPanel.mark(x + 12, y - 8, entry.colour, &drawing)
        }
    }
}

/// What a colour means.
struct LegendEntry {
    enum Kind {
        case area
        case line(width: Double, dash: Double)
        case mark
    }

    let name: String
    let colour: Colour
    let kind: Kind
}

protocol Panel {
    var title: String { get }
    var legend: [LegendEntry] { get }
    /// Of the page's height, beside those of the others.
    var share: Double { get }
    func draw(_ area: Area, _ drawing: inout Drawing)
}
