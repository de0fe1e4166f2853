import AupSystem

/// Where a listener's keys become what they wish.
///
/// - Thread: main.
final class PlaybackDesk {
    private let keys: TerminalKeys
    private var decoder = PlaybackKeys()
    private let controls: PlaybackControls

    /// `nil` where nobody listens, or no terminal is at hand.
    init?(_ configuration: SessionConfiguration) {
        guard let playlist = configuration.playlist, playlist.hasControls,
            let keys = TerminalKeys(mayUseInput: !playlist.words.contains("-"))
        else { return nil }
        self.keys = keys
        controls = playlist.controls
    }

    /// What to wait at; `nil` where no keys come now.
    var readable: Int32? { keys.readable }

    func handleKeys(_ transport: Transport, _ stop: StopRequest) {
        for command in decoder.take(keys.read()) {
            switch command {
            case .togglePause: transport.togglePause()
            case .seek(let seconds): ask(.seek(seconds), transport)
            case .nextFile: ask(.file(1), transport)
            case .previousFile: ask(.file(-1), transport)
            case .quit: stop.finish()
            }
        }
    }

    /// Continued, here or in the foreground again.
    func resume() { keys.resume() }

    /// Gives the terminal back.
    func leave() { keys.suspend() }

    private func ask(_ jump: PlaybackControls.Jump, _ transport: Transport) {
        controls.ask(jump)
        transport.hurry()
    }
}
