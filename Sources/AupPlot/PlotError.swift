/// Why a picture cannot be drawn, in one line with the remedy.
public enum PlotError: Error, Equatable, Sendable {
    /// The library is not there, or not as it should be.
    case missingLibrary(why: String)
    case size(width: Int, height: Int)
    /// The library's own words.
    case refused(what: String)

    public var message: String {
        switch self {
        case .missingLibrary(let why): "pictures are drawn by cairo: \(why); install it (Debian: libcairo2)"
        case .size(let width, let height):
            "a picture of \(width) × \(height) pixels cannot be drawn: take \(PlotSize.widths.lowerBound) to "
                + "\(PlotSize.widths.upperBound) × \(PlotSize.heights.lowerBound) to \(PlotSize.heights.upperBound)"
        case .refused(let what): "cairo cannot draw the picture: \(what)"
        }
    }
}
