import AupPlugins
import AupSound
import AupSystem
import AupWire

/// Changes at exact frames: from a file, and from events of the stream.
extension PluginStage {
    func readAutomation(_ path: String, _ plugins: [PluginDescription]) throws(PluginError) {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Descriptor.reading(path).readAll(limit: Automation.byteLimit + 1)
        } catch {
            throw PluginError(.value, "automation: cannot read \(error.message)")
        }
        automation = try Automation(bytes, name: path, plugins: plugins)
    }

    /// Gives a new chain what is still to come.
    ///
    /// - Parameter isOnlyFuture: the chain takes over in the middle, where changes may be under way to late plugins.
    func scheduleAutomation(_ chain: PluginChain, isOnlyFuture: Bool = false) {
        guard let source, !automation.entries.isEmpty else { return }
        var changes = Automation.changes(
            automation.entries, plugins: chain.plugins, rate: source.rate, frame: frame(of:))
        // What is over has been taken over with the old chain's values.
        if !isOnlyFuture { changes.removeAll { $0.frame < takenFrames } }
        // What is set for the first frame is what the sound begins with.
        for index in changes.indices where changes[index].frame == 0 && changes[index].rampFrames < 0 {
            changes[index].rampFrames = 0
        }
        chain.schedule(changes, isOnlyFuture: isOnlyFuture)
    }

    /// The frame of the input that a time is.
    private func frame(of time: TimeSpan) -> Int64 {
        switch time {
        case .frames(let frames): frames
        case .nanoseconds(let nanoseconds):
            formatStart.frames
                + TimeSpan.nanoseconds(nanoseconds - formatStart.nanoseconds).frames(rate: source?.rate ?? 48_000)
        }
    }

    /// `set=gain gain -6dB 20ms`: takes effect with the next frame.
    func obey(_ event: EventPacket) {
        guard let chain, let source, !isBypassed else { return }
        do throws(PluginError) {
            guard
                let entry = try Automation.entry(
                    event.value, time: .frames(takenFrames), plugins: chain.plugins)
            else { return }
            chain.schedule(
                Automation.changes([entry], plugins: chain.plugins, rate: source.rate, frame: frame(of:)))
        } catch {
            events.post(.warning("event in the stream: \(error.message)"))
        }
    }
}
