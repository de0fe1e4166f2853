import AupPlot
import AupSound
import AupSystem

/// `--plot`: pictures of measured files, SVG or PNG by their names.
public struct PlotPlan: Sendable {
    /// A file's name, or a pattern of one with `{stem}` and its like.
    public var path: String
    public var overwrite: Bool
    public var isDark: Bool
    /// LUFS and dBTP that are drawn as what the sound should have.
    public var target: Double?
    public var peakLimit: Double?

    public init(path: String, overwrite: Bool, isDark: Bool, target: Double? = nil, peakLimit: Double? = nil) {
        self.path = path
        self.overwrite = overwrite
        self.isDark = isDark
        self.target = target
        self.peakLimit = peakLimit
    }

    /// Why no picture can be made, before anything is measured; `nil` where it can.
    ///
    /// - Parameter inputs: the files that are measured.
    public func objection(inputs: [String]) -> String? {
        guard Self.isKnown(path) else { return "--plot \(path): a picture is a .svg or a .png" }
        guard let pattern = OutputPattern(path, ending: "svg") else {
            return "--plot \(path): {stem}, {name}, {ext} and {dir} are known in braces, and no others"
        }
        if inputs.count > 1, !pattern.namesInput {
            return "--plot \(path): \(inputs.count) files cannot all have this picture; give --plot '{stem}.svg'"
        }
        if let why = OutputPattern.objection(inputs: inputs, outputs: inputs.map { pattern.path(for: $0) }) {
            return why
        }
        return Plot.isAvailable
            ? nil : "--plot: pictures are drawn by cairo, which is not here; install it (Debian: libcairo2)"
    }

    private static func isKnown(_ path: String) -> Bool {
        path.hasSuffix("/") || path.lowercased().hasSuffix(".svg") || path.lowercased().hasSuffix(".png")
    }

    /// Draws one.
    func draw(_ recorder: PlotRecorder, _ reading: MeterReading, of input: String) throws(SessionFailure) {
        guard let pattern = OutputPattern(path, ending: "svg") else { return }
        if let why = pattern.makeFolder() { throw .before(.failed("--plot: \(why)")) }
        let target = pattern.path(for: input)
        var plot = recorder.plot(
            reading, title: FileName.readable(input), target: self.target, peakLimit: peakLimit)
        plot.theme = isDark ? .dark : .light
        let bytes: [UInt8]
        do throws(PlotError) {
            bytes = target.lowercased().hasSuffix(".png") ? try plot.png() : try plot.svg()
        } catch {
            throw .before(.failed("--plot: \(error.message)"))
        }
        do throws(SystemError) {
            try replaceFile(target, with: bytes, isNew: !overwrite)
        } catch {
            let remedy = error.isTaken ? "; choose another name, remove it or give --overwrite" : ""
            throw .before(.failed("--plot: cannot write \(target): \(error.reason)\(remedy)"))
        }
    }
}
