/// What connects a playlist with the device it is heard from.
extension Line {
    func connect(_ playlist: PlaylistSource, _ configuration: SessionConfiguration) {
        played?.timeline = playlist.timeline
        guard let device = tail as? DeviceSink else { return }
        device.controls = configuration.playlist?.controls
        playlist.outlet = PlaylistSource.Outlet(
            unheardNanoseconds: { [weak device] in device?.unheardNanoseconds ?? 0 },
            isSounding: { [weak device] in device?.isSounding ?? false },
            discard: { [weak self, weak device] in
                guard let dropped = device?.discardQueued() else { return 0 }
                self?.giveBack(nanoseconds: dropped)
                return dropped
            },
            setComplete: { [weak device] in device?.setComplete($0) })
    }

    /// Sound that a jump threw away was neither heard nor does it use up the time that was to be played.
    private func giveBack(nanoseconds: Int64) {
        passage.giveBack(nanoseconds: nanoseconds)
        duration?.giveBack(nanoseconds: nanoseconds)
    }

    /// Holds the sound of the device or lets it go on. - Thread: main.
    func togglePause() { (tail as? DeviceSink)?.togglePause() }

    /// Wakes whoever waits for room in the device, since a wish has come. - Thread: main.
    func hurry() { (tail as? DeviceSink)?.hurry() }
}
