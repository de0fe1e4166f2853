import CCairo

/// Turns a drawing into pixels with cairo, and pixels into PNG.
///
/// - Thread: one at a time.
@safe
struct Canvas: ~Copyable {
    // Owned alone by this value, freed in its deinit.
    private let handle: UnsafeMutableRawPointer

    static var isAvailable: Bool { unsafe aup_cairo_missing() == nil }

    static func png(_ drawing: Drawing) throws(PlotError) -> [UInt8] {
        let canvas = try Canvas(width: drawing.width, height: drawing.height)
        for shape in drawing.shapes { canvas.draw(shape) }
        return try canvas.png()
    }

    static func png(_ pixels: Pixels) throws(PlotError) -> [UInt8] {
        let canvas = try Canvas(width: pixels.width, height: pixels.height)
        canvas.draw(
            .image(pixels, Area(x: 0, y: 0, width: Double(pixels.width), height: Double(pixels.height))))
        return try canvas.png()
    }

    private init(width: Int, height: Int) throws(PlotError) {
        if let why = unsafe aup_cairo_missing() { throw .missingLibrary(why: unsafe String(cString: why)) }
        var why: UnsafePointer<CChar>?
        guard let made = unsafe aup_cairo_create(Int32(width), Int32(height), &why) else {
            throw unsafe Self.refusal(why)
        }
        unsafe handle = made
    }

    deinit { unsafe aup_cairo_delete(handle) }

    private static func refusal(_ why: UnsafePointer<CChar>?) -> PlotError {
        .refused(what: unsafe why.map { unsafe String(cString: $0) } ?? "no reason given")
    }

    private func draw(_ shape: Drawing.Shape) {
        switch shape {
        case .rectangle(let area, let colour):
            unsafe aup_cairo_rectangle(handle, area.x, area.y, area.width, area.height, colour.code)
        case .area(let points, let colour):
            unsafe aup_cairo_area(handle, Self.flat(points), points.count, colour.code)
        case .line(let points, let colour, let width, let dash):
            unsafe aup_cairo_line(handle, Self.flat(points), points.count, width, dash, colour.code)
        case .text(let text, let place, let size, let anchor, let colour, let isBold, let isUpwards):
            unsafe aup_cairo_text(
                handle, SVGText.legible(text), place.x, place.y, size, anchor.rawValue, isBold ? 1 : 0,
                isUpwards ? 1 : 0,
                colour.code)
        case .image(let pixels, let area):
            unsafe aup_cairo_image(
                handle, pixels.values, Int32(pixels.width), Int32(pixels.height), area.x, area.y, area.width,
                area.height)
        case .clip(let area): unsafe aup_cairo_clip(handle, area.x, area.y, area.width, area.height)
        case .unclip: unsafe aup_cairo_unclip(handle)
        }
    }

    private static func flat(_ points: [Point]) -> [Double] { points.flatMap { [$0.x, $0.y] } }

    private func png() throws(PlotError) -> [UInt8] {
        var count = 0
        var why: UnsafePointer<CChar>?
        guard let bytes = unsafe aup_cairo_png(handle, &count, &why) else { throw unsafe Self.refusal(why) }
        defer { unsafe aup_cairo_free(bytes) }
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    }
}
