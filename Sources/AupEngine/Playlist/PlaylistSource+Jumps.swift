import AupSound

/// What a listener's wishes do to the order.
///
/// - Thread: transport.
extension PlaylistSource {
    /// Drops what is not heard yet and goes on elsewhere. Several wishes add up: two steps of five seconds are ten.
    func jump(_ jumps: [PlaybackControls.Jump]) {
        let unheard = outlet.unheardNanoseconds()
        guard let heard = timeline.read({ $0.place(unheard: unheard) }) else { return }
        var index = heard.item.index
        var frame = heard.frame
        var isElsewhere = false
        for jump in jumps {
            switch jump {
            case .file(let steps):
                guard let found = playable(from: index, steps) else { continue }
                (index, frame, isElsewhere) = (found, 0, true)
            case .seek(let seconds):
                guard canSeek(index, heard) else { continue }
                frame = max(0, frame + Int64((seconds * Double(heard.item.rate)).rounded()))
                isElsewhere = true
                if index == heard.item.index, let total = heard.item.totalFrames, frame >= total {
                    (index, frame) = (index + 1, 0)
                }
            }
        }
        guard isElsewhere else { return }
        let producing = timeline.read { $0.place(unheard: 0)?.item }
        let discarded = outlet.discard()
        timeline.write { $0.takeBack(nanoseconds: discarded) }
        go(to: index, frame, producing)
    }

    /// The entry so many steps away; before the first is the first, behind the last is the end of the order.
    private func playable(from index: Int, _ steps: Int) -> Int? {
        var place = index
        while true {
            place += steps
            if place >= entries.count { return entries.count }
            if place < 0 { return canReopen(index) ? index : nil }
            if canReopen(place), !failed.contains(place) { return place }
        }
    }

    /// What passes once cannot be begun again; what comes later can be begun.
    private func canReopen(_ index: Int) -> Bool {
        guard index <= (current?.index ?? nextIndex - 1) else { return true }
        if case .path(let path) = entries[index].place { return FileKind.isRegular(path) }
        return false
    }

    private func canSeek(_ index: Int, _ heard: PlaybackTimeline.Place) -> Bool {
        if index != heard.item.index { return true }
        if canReopen(index) { return true }
        events.post(
            .note(
                "\(heard.item.file == "-" ? "standard input" : heard.item.file) passes once: no way to go about in it"))
        return false
    }

    private func go(to index: Int, _ frame: Int64, _ producing: PlaybackTimeline.Item?) {
        reopen()
        skip = nil
        if let entry = current, entry.index == index, entry.isSeekable {
            entry.seek(to: frame)
            // One that has not begun says so itself when it does.
            if let producing, producing.index == index { timeline.write { $0.mark(producing, frame: frame) } }
            return
        }
        upcoming?.close()
        upcoming = nil
        current?.close()
        current = nil
        nextIndex = index
        skip = frame > 0 ? .frames(frame) : nil
    }
}
