/// A plugin that a worker is to find, and what it is to be created for.
///
/// - Thread: any.
struct WorkerRequest: Equatable {
    var reference: String
    var settings: [PluginSpec.Setting] = []
    /// Frames per second that it is described for.
    var rate = 48000.0
    var setup: PluginInstance.Setup?

    func lines() -> [String] {
        var lines = [WorkerText.line(["plugin", reference, "\(rate)"])]
        lines += settings.map { WorkerText.line(["set", $0.key, $0.value]) }
        guard let setup else { return lines }
        let marks = [setup.isOffline, setup.keepsDenormals].map { $0 ? "1" : "0" }
        lines.append(
            WorkerText.line(
                ["setup", "\(setup.rate)", "\(setup.maxFrames)", "\(setup.channels)", "\(setup.seed)"] + marks))
        lines += setup.carried.map { WorkerText.line(["carried", $0.key, "\($0.value)"]) }
        return lines
    }

    init(_ reference: String) { self.reference = reference }

    /// `nil` for anything that is not whole.
    init?(lines: [String]) {
        guard let first = lines.first.map(WorkerText.words), first.count == 3, first[0] == "plugin",
            let rate = Double(first[2])
        else { return nil }
        reference = first[1]
        self.rate = rate
        for line in lines.dropFirst() {
            let words = WorkerText.words(line)
            switch (words[0], words.count) {
            case ("set", 3): settings.append(.init(key: words[1], value: words[2]))
            case ("setup", 7):
                guard let rate = Double(words[1]), let frames = Int(words[2]), let channels = Int(words[3]),
                    let seed = UInt64(words[4])
                else { return nil }
                setup = PluginInstance.Setup(
                    rate: rate, maxFrames: frames, channels: channels, seed: seed, isOffline: words[5] == "1",
                    keepsDenormals: words[6] == "1")
            case ("carried", 3): setup?.carried[words[1]] = Double(words[2])
            default: return nil
            }
        }
    }
}
