struct Point: Equatable, Sendable {
    var x: Double
    var y: Double
}

struct Area: Equatable, Sendable {
    var x: Double
    var y: Double
    var width: Double
    var height: Double

    var right: Double { x + width }
    var bottom: Double { y + height }
}

/// Pixels, row by row from the top, 0x00RRGGBB each.
struct Pixels: Equatable, Sendable {
    let width: Int
    let height: Int
    var values: [UInt32]
}

/// A picture as a list of shapes: what is drawn is decided once, and SVG and PNG show the same.
struct Drawing: Sendable {
    /// Where a text begins, has its middle or ends. The raw value is the share of its width before that place.
    enum Anchor: Double {
        case start = 0
        case middle = 0.5
        case end = 1
    }

    enum Shape: Sendable {
        case rectangle(Area, Colour)
        case area([Point], Colour)
        case line([Point], Colour, width: Double, dash: Double)
        case text(String, Point, size: Double, Anchor, Colour, isBold: Bool, isUpwards: Bool)
        case image(Pixels, Area)
        case clip(Area)
        case unclip
    }

    let width: Int
    let height: Int
    let title: String
    private(set) var shapes: [Shape] = []

    init(width: Int, height: Int, title: String) {
        self.width = width
        self.height = height
        self.title = title
    }

    mutating func fill(_ area: Area, _ colour: Colour) { shapes.append(.rectangle(area, colour)) }

    mutating func fill(_ points: [Point], _ colour: Colour) {
        if points.count > 2 { shapes.append(.area(points, colour)) }
    }

    mutating func line(_ points: [Point], _ colour: Colour, width: Double = 1, dash: Double = 0) {
        if points.count > 1 { shapes.append(.line(points, colour, width: width, dash: dash)) }
    }

    /// A line along a whole row or column of pixels, sharp.
    mutating func rule(_ from: Point, _ to: Point, _ colour: Colour, width: Double = 1, dash: Double = 0) {
        let offset = width.truncatingRemainder(dividingBy: 2) == 1 ? 0.5 : 0
        let isLevel = from.y == to.y
        let sharp = { (point: Point) in
            Point(
                x: isLevel ? point.x : point.x.rounded(.down) + offset,
                y: isLevel ? point.y.rounded(.down) + offset : point.y)
        }
        line([sharp(from), sharp(to)], colour, width: width, dash: dash)
    }

    mutating func text(
        _ text: String, _ x: Double, _ y: Double, size: Double, anchored anchor: Anchor = .start, _ colour: Colour,
        isBold: Bool = false, isUpwards: Bool = false
    ) {
        if !text.isEmpty {
            shapes.append(
                .text(text, Point(x: x, y: y), size: size, anchor, colour, isBold: isBold, isUpwards: isUpwards))
        }
    }

    mutating func image(_ pixels: Pixels, _ area: Area) {
        if pixels.width > 0, pixels.height > 0 { shapes.append(.image(pixels, area)) }
    }

    /// What `draw` draws shows only inside.
    mutating func clipped(to area: Area, _ draw: (inout Drawing) -> Void) {
        shapes.append(.clip(area))
        draw(&self)
        shapes.append(.unclip)
    }
}
