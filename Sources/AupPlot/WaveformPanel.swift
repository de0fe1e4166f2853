import AupSound

/// Lowest and highest sample, and RMS, of each channel over time, one lane a channel.
struct WaveformPanel: Panel {
    private let overview: WaveformOverview
    private let sheet: Sheet
    /// Linear amplitude at the edge of a lane: full scale, or more where samples go beyond.
    private let edge: Double
    private let hasClips: Bool
    private let hasInvalid: Bool

    init(_ overview: WaveformOverview, _ sheet: Sheet) {
        self.overview = overview
        self.sheet = sheet
        var highest = 0.0
        var hasInvalid = false
        for index in 0..<overview.count {
            for channel in 0..<overview.channels {
                let cell = overview.cell(index, channel: channel)
                hasInvalid = hasInvalid || cell.invalidSamples > 0
                if cell.samples > 0 { highest = max(highest, Double(max(-cell.minimum, cell.maximum))) }
            }
        }
        self.hasInvalid = hasInvalid
        hasClips = highest >= 1
        // In steps of 6 dB, so that lanes of several pictures stay comparable.
        var edge = 1.0
        while edge < highest, edge < 1e6 { edge *= 2 }
        self.edge = edge
    }

    var title: String { "Waveform" }
    var share: Double { overview.channels > 8 ? 0.45 : 0.31 }

    var legend: [LegendEntry] {
        let palette = sheet.palette
        var entries = [
            LegendEntry(name: "lowest to highest sample", colour: palette.peak, kind: .area),
            LegendEntry(name: "RMS", colour: palette.rms, kind: .area),
        ]
        if hasClips { entries.append(.init(name: "at or above full scale", colour: palette.alarm, kind: .area)) }
        if hasInvalid { entries.append(.init(name: "no numbers", colour: palette.target, kind: .area)) }
        if !sheet.plot.gaps.isEmpty { entries.append(.init(name: "frames lost", colour: palette.gap, kind: .area)) }
        return entries
    }

    func draw(_ area: Area, _ drawing: inout Drawing) {
        let lanes = self.lanes(area)
        for lane in lanes { drawing.fill(lane, sheet.palette.panel) }
        sheet.timeGrid(area, &drawing)
        for (channel, lane) in lanes.enumerated() {
            scale(lane, &drawing)
            if overview.frames > 0 { drawing.clipped(to: lane) { sound(channel, lane, &$0) } }
        }
        gaps(area, &drawing)
        for (channel, lane) in lanes.enumerated() { names(channel, lane, lanes.count, area, &drawing) }
        sheet.frame(area, &drawing)
        sheet.axisName(lanes.contains { !levels($0).isEmpty } ? "dBFS" : "channels", area, &drawing)
        if overview.frames == 0 { sheet.words("no sound", area, &drawing) }
    }

    private func lanes(_ area: Area) -> [Area] {
        let each = area.height / Double(overview.channels)
        let between = each >= 12 ? 2.0 : 0
        return (0..<overview.channels).map { channel in
            let isLast = channel == overview.channels - 1
            return Area(
                x: area.x, y: area.y + Double(channel) * each, width: area.width, height: each - (isLast ? 0 : between))
        }
    }

    // MARK: - Sound

    private func sound(_ channel: Int, _ lane: Area, _ drawing: inout Drawing) {
        let middle = lane.y + lane.height / 2
        let half = lane.height / 2 / edge
        let framesPerPixel = Double(overview.frames) / lane.width
        if framesPerPixel < 1 { return samples(channel, lane, &drawing) }
        // Thin lanes are many, and show no more when they are drawn finer.
        let step = lane.height < 20 ? 2.0 : 1
        var upper: [Point] = []
        var lower: [Point] = []
        var rmsUpper: [Point] = []
        var rmsLower: [Point] = []
        var x = 0.0
        while x < lane.width {
            let cell = overview.cell(
                fromFrame: x * framesPerPixel, to: min(x + step, lane.width) * framesPerPixel, channel: channel)
            let place = lane.x + x + step / 2
            let low = cell.samples > 0 ? max(-edge, Double(cell.minimum)) : 0
            let high = cell.samples > 0 ? min(edge, Double(cell.maximum)) : 0
            // As thick as a line at least, so that silence shows.
            upper.append(Point(x: place, y: min(middle - high * half, middle - low * half - 1)))
            lower.append(Point(x: place, y: middle - low * half))
            let rms = min(edge, cell.rms ?? 0)
            rmsUpper.append(Point(x: place, y: middle - rms * half))
            rmsLower.append(Point(x: place, y: middle + rms * half))
            x += step
        }
        drawing.fill(upper + lower.reversed(), sheet.palette.peak)
        drawing.fill(rmsUpper + rmsLower.reversed(), sheet.palette.rms)
        alarms(channel, lane, framesPerPixel, step, &drawing)
    }

    /// So few frames that each has its own place: a line from one to the next.
    private func samples(_ channel: Int, _ lane: Area, _ drawing: inout Drawing) {
        let middle = lane.y + lane.height / 2
        let half = lane.height / 2 / edge
        var points: [Point] = []
        for index in 0..<overview.count {
            let cell = overview.cell(index, channel: channel)
            let x = lane.x + (Double(index) + 0.5) * lane.width / Double(overview.count)
            if cell.samples > 0 {
                points.append(Point(x: x, y: middle - min(edge, max(-edge, Double(cell.maximum))) * half))
            } else {
                drawing.fill(Area(x: x - 1, y: lane.y, width: 2, height: lane.height), sheet.palette.target)
            }
        }
        drawing.line(points, sheet.palette.rms, width: 1.5)
        for point in points where points.count < 100 {
            drawing.fill(Area(x: point.x - 2, y: point.y - 2, width: 4, height: 4), sheet.palette.rms)
        }
    }

    /// Full scale at the edge that was reached, and stretches that are no numbers, wide enough to be seen.
    private func alarms(
        _ channel: Int, _ lane: Area, _ framesPerPixel: Double, _ step: Double, _ drawing: inout Drawing
    ) {
        guard hasClips || hasInvalid else { return }
        let thickness = min(4, lane.height / 4)
        var x = 0.0
        while x < lane.width {
            let cell = overview.cell(fromFrame: x * framesPerPixel, to: (x + step) * framesPerPixel, channel: channel)
            let place = lane.x + x
            if cell.invalidSamples > 0 {
                drawing.fill(
                    Area(x: place - 0.5, y: lane.y, width: step + 1, height: lane.height), sheet.palette.target)
            }
            if cell.samples > 0, cell.maximum >= 1 {
                drawing.fill(Area(x: place - 0.5, y: lane.y, width: step + 1, height: thickness), sheet.palette.alarm)
            }
            if cell.samples > 0, cell.minimum <= -1 {
                drawing.fill(
                    Area(x: place - 0.5, y: lane.bottom - thickness, width: step + 1, height: thickness),
                    sheet.palette.alarm)
            }
            x += step
        }
    }

    private func gaps(_ area: Area, _ drawing: inout Drawing) {
        for gap in sheet.plot.gaps.prefix(Plot.mostGaps) {
            let start = sheet.x(gap.seconds, in: area)
            let end = sheet.x(gap.seconds + gap.lengthSeconds, in: area)
            drawing.fill(
                Area(x: min(start, area.right - 2), y: area.y, width: max(2, end - start), height: area.height),
                sheet.palette.gap)
        }
    }

    // MARK: - Names

    /// Lines at full scale and below, as far as a lane has room.
    private func scale(_ lane: Area, _ drawing: inout Drawing) {
        let middle = lane.y + lane.height / 2
        for level in levels(lane) {
            let offset = amplitude(decibels: level) / edge * lane.height / 2
            guard offset < lane.height / 2 - 1 else { continue }
            for y in [middle - offset, middle + offset] {
                drawing.rule(Point(x: lane.x, y: y), Point(x: lane.right, y: y), sheet.palette.grid)
            }
        }
        if lane.height >= 6 {
            drawing.rule(Point(x: lane.x, y: middle), Point(x: lane.right, y: middle), sheet.palette.grid)
        }
    }

    /// Levels with a mark: from the edge down in steps of 6 dB while names have room.
    private func levels(_ lane: Area) -> [Double] {
        var levels: [Double] = []
        var level = decibels(amplitude: edge).rounded()
        var last = Double.infinity
        while level >= -18 {
            let offset = amplitude(decibels: level) / edge * lane.height / 2
            if last - offset >= 14, offset >= 14 {
                levels.append(level)
                last = offset
            }
            level -= 6
        }
        return levels
    }

    private func names(
        _ channel: Int, _ lane: Area, _ count: Int, _ area: Area, _ drawing: inout Drawing
    ) {
        let names = sheet.plot.channelNames
        let name = channel < names.count && !names[channel].isEmpty ? names[channel] : "\(channel + 1)"
        let middle = lane.y + lane.height / 2
        let levels = self.levels(lane)
        if levels.isEmpty {
            // As many names as have room one below the other.
            let every = max(1, Int((13 / (area.height / Double(count))).rounded(.up)))
            if channel % every == 0 {
                let text = Lettering.fitted(name, width: 48, size: Lettering.small)
                drawing.text(text, lane.x - 8, middle + 4, size: Lettering.small, anchored: .end, sheet.palette.text)
            }
            return
        }
        for level in levels {
            let offset = amplitude(decibels: level) / edge * lane.height / 2
            sheet.axisMark(Lettering.number(level, decimals: 0), middle - offset, lane, &drawing)
            // The lower edge of a lane is the upper edge of the next.
            if offset < lane.height / 2 - 12 || channel == count - 1 {
                sheet.axisMark(Lettering.number(level, decimals: 0), middle + offset, lane, &drawing)
            }
        }
        sheet.axisMark("-inf", middle, lane, &drawing)
        guard count > 1 || !names.isEmpty else { return }
        drawing.text(name, lane.right + 10, middle + 4, size: Lettering.size, sheet.palette.text, isBold: true)
    }
}
