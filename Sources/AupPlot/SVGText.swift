/// Writes a drawing as SVG 1.1. Text stays text, which can be selected and searched; images are PNG inside the file.
enum SVGText {
    static func bytes(_ drawing: Drawing) throws(PlotError) -> [UInt8] {
        let size = "width=\"\(drawing.width)\" height=\"\(drawing.height)\""
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text += "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" \(size) "
        text += "viewBox=\"0 0 \(drawing.width) \(drawing.height)\" role=\"img\" "
        text += "font-family=\"'DejaVu Sans', Verdana, Helvetica, Arial, sans-serif\">\n"
        text += "<title>\(escaped(drawing.title))</title>\n"
        var clips = 0
        for shape in drawing.shapes { text += try element(shape, &clips) }
        text += "</svg>\n"
        return Array(text.utf8)
    }

    private static func element(_ shape: Drawing.Shape, _ clips: inout Int) throws(PlotError) -> String {
        switch shape {
        case .rectangle(let area, let colour): return "<rect \(box(area)) \(paint("fill", colour))/>\n"
        case .area(let points, let colour):
            return "<polygon points=\"\(list(points))\" \(paint("fill", colour))/>\n"
        case .line(let points, let colour, let width, let dash):
            let dashes = dash > 0 ? " stroke-dasharray=\"\(number(dash))\"" : ""
            return "<polyline points=\"\(list(points))\" fill=\"none\" \(paint("stroke", colour)) "
                + "stroke-width=\"\(number(width))\" stroke-linejoin=\"round\"\(dashes)/>\n"
        case .text(let text, let place, let size, let anchor, let colour, let isBold, let isUpwards):
            var attributes = "x=\"\(number(place.x))\" y=\"\(number(place.y))\" font-size=\"\(number(size))\""
            switch anchor {
            case .start: break
            case .middle: attributes += " text-anchor=\"middle\""
            case .end: attributes += " text-anchor=\"end\""
            }
            if isBold { attributes += " font-weight=\"bold\"" }
            if isUpwards { attributes += " transform=\"rotate(-90 \(number(place.x)) \(number(place.y)))\"" }
            return "<text \(attributes) \(paint("fill", colour))>\(escaped(text))</text>\n"
        case .image(let pixels, let area):
            let data = base64(try Canvas.png(pixels))
            return "<image \(box(area)) preserveAspectRatio=\"none\" "
                + "xlink:href=\"data:image/png;base64,\(data)\"/>\n"
        case .clip(let area):
            clips += 1
            return
                "<clipPath id=\"clip\(clips)\"><rect \(box(area))/></clipPath>\n<g clip-path=\"url(#clip\(clips))\">\n"
        case .unclip: return "</g>\n"
        }
    }

    // MARK: - Words

    private static func box(_ area: Area) -> String {
        "x=\"\(number(area.x))\" y=\"\(number(area.y))\" width=\"\(number(area.width))\" "
            + "height=\"\(number(area.height))\""
    }

    private static func list(_ points: [Point]) -> String {
        points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
    }

    private static func paint(_ name: String, _ colour: Colour) -> String {
        let base = "\(name)=\"\(colour.hex)\""
        return colour.opacity < 1
            ? base + " \(name)-opacity=\"\(Lettering.number(colour.opacity, decimals: 2))\"" : base
    }

    /// A tenth of a pixel is finer than any screen, and a waveform has thousands of these.
    private static func number(_ value: Double) -> String {
        let text = Lettering.number(value, decimals: 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// Without what XML 1.0 forbids: a title is somebody's file name.
    static func legible(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    let isForbidden =
                        scalar.properties.generalCategory == .control || scalar.value == 0xFFFE
                        || scalar.value == 0xFFFF
                    return isForbidden ? " " : scalar
                }))
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in legible(text).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// RFC 4648.
    static func base64(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group: UInt32 = 0
            for index in 0..<3 { group = group << 8 | (index < count ? UInt32(bytes[start + index]) : 0) }
            for index in 0..<4 {
                text.append(index <= count ? letters[Int(group >> UInt32(18 - 6 * index) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
