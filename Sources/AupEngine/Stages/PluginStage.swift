import AupPlugins
import AupRealtime
import AupSound
import AupWire

/// A chain of plugins in a stream: planar floats in the middle, exact where the chain changes nothing.
///
///     packet ─▶ planar f32 ─▶ chain ─▶ unchanged? ─yes─▶ the samples as they came
///                                          └──no──▶ interleaved in the output's format
///
/// What leaves is f32, or f64 where more came in: room above full scale between two processes, and no second dither.
/// The chain's latency is taken out again: the first frames are dropped, the last ones are called for at the end and
/// before a gap. At the end the chain sounds on for its tail. A change of format makes the chain anew, with the values its
/// parameters have by then.
///
/// - Thread: transport, but for ``status``.
final class PluginStage: PacketSink {
    /// Frames of one block at most; longer packets are cut.
    static let blockFrames = 4096

    /// What other threads may know of this stage.
    struct Status: Sendable {
        var invalidSamples: Int64 = 0
        var clippedSamples: Int64 = 0
        var latencyNanoseconds: Int64 = 0
        /// Times the plugins were made anew and took over.
        var reloads: Int64 = 0
        /// Times the process of a plugin ended.
        var crashes: Int64 = 0
    }

    let desk: ChainDesk
    let plan: ChainConfiguration
    let target: SampleFormat?
    let keepsSampleFormat: Bool
    let isBypassed: Bool
    /// A device plays what leaves.
    let isHeard: Bool
    let next: any PacketSink
    let events: EventQueue
    var automation = Automation()
    var chain: PluginChain?
    /// A chain that is taking over.
    var swap: ChainSwap?
    /// Plugins of the chain whose processes have ended, as was said.
    var toldLosses: Set<Int> = []
    /// When the chain was made anew after a crash.
    var restarts: [Int64] = []
    /// Nobody listens meanwhile.
    var isOffline = false
    var source: PCMFormat?
    var output: PCMFormat?
    var input = PlanarBuffer(channels: 1, frames: PluginStage.blockFrames)
    var result = PlanarBuffer(channels: 1, frames: PluginStage.blockFrames)
    var deinterleaver = SampleConverter(from: .f32, to: .f32)
    var interleaver = SampleConverter(from: .f32, to: .f32)
    var exactCopy = SampleConverterSlot()
    var scratch = ScratchBytes()
    /// Frames of the chain's latency that are still to be dropped from its output.
    var pendingLatency = 0
    /// Only silence follows, says the chain.
    var isDone = false
    var position: Int64 = 0
    /// Frames that came in, silence and gaps included.
    var takenFrames: Int64 = 0
    /// What had come in when the present format began.
    var formatStart: (frames: Int64, nanoseconds: Int64) = (0, 0)
    let shared = Guarded(Status())

    /// - Parameters:
    ///   - target: the sample format that was asked for, if any.
    ///   - keepsSampleFormat: the output is a file, which is stored as its input was.
    ///   - isHeard: the output is a device.
    init(
        _ desk: ChainDesk, _ plan: ChainConfiguration, isBypassed: Bool, target: SampleFormat?,
        keepsSampleFormat: Bool, isHeard: Bool, events: EventQueue, next: any PacketSink
    ) {
        self.desk = desk
        self.plan = plan
        self.isBypassed = isBypassed
        self.target = target
        self.keepsSampleFormat = keepsSampleFormat
        self.isHeard = isHeard
        self.events = events
        self.next = next
    }

    var status: Status { shared.read { $0 } }

    /// Loads every plugin and lets go of it again, and reads the automation: mistakes are told before the first frame is
    /// waited for.
    func check() throws(SessionFailure) {
        do throws(PluginError) {
            let descriptions = try desk.descriptions()
            if let path = plan.automationPath { try readAutomation(path, descriptions) }
        } catch {
            throw Self.failure(error)
        }
    }

    func take(_ packet: Packet) throws(SessionFailure) {
        switch packet {
        case .format(let description): try plan(description)
        case .audio(let audio):
            try run(audio)
            takenFrames += Int64(audio.frames)
        case .silence(let silence):
            try runSilence(silence.frames)
            takenFrames += silence.frames
        case .gap(let gap):
            try callForLatency()
            settleSwap(takesOver: true)
            position += gap.frames
            takenFrames += gap.frames
            chain?.seek(to: takenFrames)
            try next.take(packet)
        case .event(let event):
            if event.key == Automation.eventKey { obey(event) }
            try next.take(packet)
        case .end(let end):
            try ringOut(end.reason)
            try next.take(packet)
        }
    }

    func flush() throws(SessionFailure) { try next.flush() }

    static func failure(_ error: PluginError) -> SessionFailure {
        .before(error.code == .usage ? .usage(error.message) : .failed(error.message))
    }

    // MARK: - Format

    private func plan(_ description: StreamDescription) throws(SessionFailure) {
        guard let format = description.pcm else {
            throw .before(.failed("cannot process \(description.summary): only PCM streams are processed"))
        }
        if source != nil { try callForLatency() }
        settleSwap(takesOver: true)
        let chain: PluginChain
        let setup = ChainDesk.Setup(rate: format.rate, channels: format.channels, isOffline: !description.isLive)
        do throws(PluginError) {
            chain = try desk.make(setup)
        } catch {
            throw Self.failure(error)
        }
        let outputChannels = isBypassed ? format.channels : chain.outputChannels
        guard
            let output = PCMFormat(
                sampleFormat(for: format.sampleFormat), rate: format.rate, channels: outputChannels,
                layout: outputChannels == format.channels ? format.layout : nil)
        else { throw .before(.failed("the chain makes \(outputChannels) channels, which no stream holds")) }
        if let source {
            formatStart.nanoseconds += TimeSpan.frames(takenFrames - formatStart.frames).nanoseconds(rate: source.rate)
            formatStart.frames = takenFrames
        }
        self.chain = chain
        toldLosses = []
        isOffline = setup.isOffline
        source = format
        self.output = output
        pendingLatency = isBypassed ? 0 : chain.latencyFrames
        input = PlanarBuffer(channels: format.channels, frames: Self.blockFrames)
        result = PlanarBuffer(channels: outputChannels, frames: Self.blockFrames)
        deinterleaver = SampleConverter(from: format.sampleFormat, to: .f32)
        interleaver = SampleConverter(from: .f32, to: output.sampleFormat)
        exactCopy.plan(from: format.sampleFormat, to: output.sampleFormat)
        let latency = TimeSpan.frames(Int64(pendingLatency)).nanoseconds(rate: format.rate)
        shared.write { $0.latencyNanoseconds = latency }
        chain.seek(to: takenFrames)
        scheduleAutomation(chain)
        desk.seat(chain, setup)
        tellOfChannels(chain, from: format.channels, to: outputChannels)
        tellMessages(chain)
        var changed = description
        changed.coding = .pcm(output)
        try next.take(.format(changed))
    }

    private func sampleFormat(for source: SampleFormat) -> SampleFormat {
        if let target { return target }
        if keepsSampleFormat { return source }
        return source == .s32 || source == .f64 ? .f64 : .f32
    }

    /// Says once for each format what becomes of channels.
    private func tellOfChannels(_ chain: PluginChain, from: Int, to: Int) {
        guard !isBypassed else { return }
        let notes = chain.channelNotes
        for note in notes { events.post(.happened(NamedEvent("channels", note))) }
        if from != to, notes.count > 1 { events.post(.warning("the chain turns \(from) channels into \(to)")) }
    }

    /// What plugins wished to say.
    func tellMessages(_ chain: PluginChain) {
        for message in chain.takeMessages() { events.post(.note("plugin \(message)")) }
    }
}
