/// The packets of one logical stream, put together from pages.
///
/// - Thread: any; a plain value.
struct OggPackets {
    /// What a page brought.
    struct Harvest {
        var packets: [[UInt8]] = []
        /// A packet was cut off or grew beyond ``limitBytes``.
        var hasBroken = false
        /// A packet ends on the page whose beginning is not there.
        var hasOrphan = false
    }

    /// Longer packets are left out.
    var limitBytes: Int
    private var partial: [UInt8] = []
    private var isInside = false
    private var isTooLong = false

    init(limitBytes: Int) { self.limitBytes = limitBytes }

    /// The page before is missing.
    mutating func lose() {
        partial = []
        isInside = false
        isTooLong = false
    }

    mutating func take(_ page: OggStreamPage) -> Harvest {
        var harvest = Harvest()
        if isInside, !page.isContinued {
            harvest.hasBroken = true
            lose()
        }
        var isOrphan = page.isContinued && !isInside
        var place = page.body
        var start = place
        for index in 0..<page.segments {
            let size = Int(page.bytes[27 + index])
            place += size
            if size == 255 { continue }
            if isOrphan {
                harvest.hasOrphan = true
                isOrphan = false
            } else if isTooLong || partial.count + (place - start) > limitBytes {
                harvest.hasBroken = true
            } else if partial.isEmpty {
                harvest.packets.append(Array(page.bytes[start..<place]))
            } else {
                harvest.packets.append(partial + page.bytes[start..<place])
            }
            lose()
            start = place
        }
        let goesOn = page.segments > 0 && page.bytes[27 + page.segments - 1] == 255
        if goesOn, !isOrphan {
            isInside = true
            isTooLong = isTooLong || partial.count + (place - start) > limitBytes
            if isTooLong { partial = [] } else { partial += page.bytes[start..<place] }
        }
        return harvest
    }
}
