/// Turns counts that an audio thread lets out into events: what was lost since the last look is told at once, and not
/// only at the end.
struct LossWatch {
    private var underrunFrames: Int64 = 0
    private var skippedFrames: Int64 = 0

    mutating func news(_ status: SessionStatus) -> [SessionEvent] {
        var events: [SessionEvent] = []
        if status.underrunFrames > underrunFrames {
            events.append(.underrun(frames: status.underrunFrames - underrunFrames))
            underrunFrames = status.underrunFrames
        }
        if status.skippedFrames > skippedFrames {
            events.append(.skip(frames: status.skippedFrames - skippedFrames))
            skippedFrames = status.skippedFrames
        }
        return events
    }
}
