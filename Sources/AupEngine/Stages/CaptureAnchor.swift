/// When frames were captured, for a stage that takes them at one rate and gives them at another, or in other packets.
struct CaptureAnchor {
    private var position: Int64 = 0
    private var time: Int64?

    /// A frame of the input and its time, if it is known.
    mutating func note(position: Int64, time: Int64?) {
        guard let time else { return }
        self.position = position
        self.time = time
    }

    /// When a frame of the input was captured; its place may lie between two.
    func time(at place: Double, rate: Int) -> Int64? {
        time.map { $0 + Int64((place - Double(position)) / Double(rate) * 1e9) }
    }
}
