import AupFiles
import AupPlugins
import AupSound
import AupSystem
import AupWire
import Synchronization

/// A source, its stages and its sink, put together as the configuration says.
///
///     source ─▶ [watch ─▶ window] ─▶ [duration] ─▶ [trigger] ─▶ count ─▶ [level] ─▶ [plugins] ─▶ [volume] ─▶ [-f] ─▶ [level] ─▶ sink
///
/// - Thread: transport makes and drives it; ``complete(_:)`` is for main.
final class Line: @unchecked Sendable {
    // @unchecked because main only calls complete(_:), which reads constants and what the parts offer to other threads.
    let source: any PacketSource
    /// The first taker of packets, and the last.
    let head: any PacketSink
    let tail: any PacketSink
    let outputs: LineOutputs
    let duration: DurationLimit?
    private let front: CaptureFront
    let passage: PassageCount
    private let plugins: PluginStage?
    private let control: ControlServer?
    let probe: LatencyProbe?
    private let conversion: ConversionStage?
    private let before: LevelTap?
    private let after: LevelTap?
    let played: PlayedLevelTap?
    private let meter: MeterStage?

    convenience init(
        _ configuration: SessionConfiguration, stop: StopRequest, scheduling: Scheduling, events: EventQueue
    ) throws(SessionFailure) {
        let configuration = configuration.seeingAheadInFiles
        let specs = try Self.specs(configuration)
        // Before the input is waited for: an output that cannot be is told at once.
        let tail = try SinkMaker(
            configuration: configuration, standardOutput: Self.standardOutput(hasGuests: !specs.isEmpty), stop: stop,
            scheduling: scheduling, events: events
        ).make()
        do throws(SessionFailure) {
            try self.init(
                configuration, specs, to: tail, stop: stop, scheduling: scheduling, events: events)
        } catch {
            LineOutputs(tail).close()
            throw error
        }
    }

    private init(
        _ configuration: SessionConfiguration, _ specs: [PluginSpec], to tail: any PacketSink, stop: StopRequest,
        scheduling: Scheduling, events: EventQueue
    ) throws(SessionFailure) {
        self.tail = tail
        outputs = LineOutputs(tail)
        let parallel = try ParallelOpusSource.open(configuration, events: events)
        let keepsFormat = configuration.outputs.contains { $0.isFile } || configuration.outputContainer != nil
        var next: any PacketSink = tail
        let played = configuration.playlist == nil ? nil : PlayedLevelTap(next: next)
        if let played { next = played }
        self.played = played
        after = configuration.measuresLevels ? LevelTap(next: next) : nil
        if let after { next = after }
        let converts = specs.isEmpty && (configuration.volume == 1 || keepsFormat) && !tail.isDevice
        let restores = try Self.restores(configuration)
        conversion =
            converts && parallel == nil && !configuration.isInputRaw && (configuration.sampleFormat != nil || restores)
            ? ConversionStage(to: configuration.sampleFormat, next: next) : nil
        if let conversion { next = conversion }
        if parallel == nil, let rate = try Self.codingRate(configuration) {
            let stage = RateStage(to: rate, tellsLength: try Self.encodes(configuration), next: next)
            next = FillStage(events: events, where: stage.changes, next: stage)
        }
        if configuration.volume != 1 { next = VolumeStage(volume: configuration.volume, next: next) }
        if specs.isEmpty {
            plugins = nil
            control = nil
        } else {
            let isControlled = configuration.chain.isControlled
            let desk = ChainDesk(
                specs, startsBypassed: isControlled && configuration.isChainBypassed,
                canReload: configuration.chain.watches, keepsDenormals: configuration.keepsDenormals,
                isolation: configuration.chain.isolation(realtimePriority: configuration.realtimePriority))
            let stage = PluginStage(
                desk, configuration.chain, isBypassed: configuration.isChainBypassed && !isControlled,
                target: configuration.isInputRaw ? nil : configuration.sampleFormat, keepsSampleFormat: keepsFormat,
                isHeard: configuration.outputs.contains(where: \.isDevice), events: events, next: next)
            try stage.check()
            plugins = stage
            control =
                configuration.chain.isTended
                ? try ControlServer(
                    path: configuration.chain.controlPath, watches: configuration.chain.watches,
                    build: Self.build(configuration.chain, desk), desk: desk, events: events) : nil
            next = stage
        }
        probe = configuration.latencyClick.map { [next] in LatencyProbe(amplitude: $0, next: next) }
        if let probe { next = probe }
        if let wishes = configuration.metering {
            let stage = try MeterStage(wishes, stop: stop, events: events, next: next)
            meter = stage
            next = stage
        } else {
            meter = nil
        }
        before = configuration.measuresLevels ? LevelTap(next: next) : nil
        passage = PassageCount(next: before ?? next)
        // Behind the duration, so that a sound after its end cannot let anything through.
        var first: any PacketSink = passage
        if let trigger = configuration.scheduling.trigger {
            first = TriggerStage(trigger, events: events, next: passage)
        }
        // Packets of a codec cannot be cut; their source heeds it.
        duration = (parallel == nil ? configuration.duration : nil).map { [first] in DurationLimit($0, next: first) }
        front = try CaptureFront(configuration, events: events, next: duration ?? first)
        head = front.head
        source =
            if let parallel { parallel } else {
                try Self.makeSource(configuration, front, stop: stop, scheduling: scheduling, events: events)
            }
        if let playlist = source as? PlaylistSource { connect(playlist, configuration) }
        (source as? ReconnectingSource)?.framesWanted = { [front, duration] in front.framesWanted(duration) }
        do throws(SessionFailure) {
            try control?.start()
        } catch {
            source.close()
            throw error
        }
    }

    /// - Throws: `usage` for what is no command.
    private static func build(
        _ plan: ChainConfiguration, _ desk: ChainDesk
    ) throws(SessionFailure) -> PluginBuild.Wish? {
        guard let command = plan.buildCommand else { return nil }
        guard let words = CommandWords(command)?.words else {
            throw .before(.usage("--build: '\(command)' is no command: a quote is open, or there is nothing in it"))
        }
        var folders = plan.sourceFolders
        if folders.isEmpty { for file in desk.files { folders.append(Self.folder(of: file)) } }
        return PluginBuild.Wish(
            words: words, timeoutNanoseconds: plan.buildTimeoutNanoseconds, folders: folders)
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The rate that `encode` is to give; `nil` where nothing is to be changed. Where all becomes Opus its encoder sees to it
    /// (``OpusTail``).
    private static func codingRate(
        _ configuration: SessionConfiguration
    ) throws(SessionFailure) -> RateStage.Target? {
        guard try restores(configuration) else { return nil }
        if let rate = configuration.rate, !configuration.isInputRaw { return .rate(rate) }
        return .original
    }

    /// Whether an output gets packets of Opus.
    private static func encodes(_ configuration: SessionConfiguration) throws(SessionFailure) -> Bool {
        guard let encoding = configuration.encoding else { return false }
        for output in configuration.outputs where try encoding.isOpus(output, configuration) { return true }
        return false
    }

    /// Whether what was decoded is to be again what it was before it was encoded: wherever it does not become Opus once more.
    private static func restores(_ configuration: SessionConfiguration) throws(SessionFailure) -> Bool {
        guard let encoding = configuration.encoding else { return false }
        for output in configuration.outputs where try !encoding.isOpus(output, configuration) { return true }
        return false
    }

    private static func specs(_ configuration: SessionConfiguration) throws(SessionFailure) -> [PluginSpec] {
        do throws(PluginError) {
            return try ChainArguments.parse(configuration.chainWords, limit: Limits.chainLength)
        } catch {
            throw .before(.usage(error.message))
        }
    }

    /// Where the stream goes that is written to standard output: away from descriptor 1 where guests might print.
    /// From here on a guest that crashes is named.
    private static func standardOutput(hasGuests: Bool) -> Descriptor {
        guard hasGuests else { return .standardOutput }
        CrashReport.install(exitCode: 1)
        CrashReport.prepareThread()
        return GuestText.moveStandardOutputAway().map(Descriptor.init(adopting:)) ?? .standardOutput
    }

    private static func makeSource(
        _ configuration: SessionConfiguration, _ front: CaptureFront, stop: StopRequest, scheduling: Scheduling,
        events: EventQueue
    ) throws(SessionFailure) -> any PacketSource {
        if let playlist = configuration.playlist {
            return try PlaylistSource(playlist, configuration, stop: stop, events: events)
        }
        if case .network(let word) = configuration.input, NetworkConfiguration.isRTP(word) {
            let source = try RTPSource(
                try RTPReceiverPlan(word, configuration.network), patience: configuration.network.retryNanoseconds,
                stop: stop, events: events)
            return configuration.keepsOpus ? source : OpusDecodingSource(source, events: events)
        }
        if let source = try coming(configuration, stop: stop, events: events) {
            return configuration.keepsOpus ? source : OpusDecodingSource(source, events: events)
        }
        guard case .device(let name) = configuration.input else {
            return try InputSniffer(configuration: configuration, stop: stop, events: events).open()
        }
        return try ReconnectingSource(
            name, configuration, opensAt: front.opensAt, scheduling: scheduling, events: events)
    }

    /// What an ending that is no failure becomes where something was not to be.
    func verdict(_ ending: SessionEnding, _ configuration: SessionConfiguration) -> SessionEnding {
        guard ending == .done, let reading = meter?.latest else { return ending }
        return configuration.metering?.verdict(reading) ?? ending
    }

    /// Makes the last reading of a meter, where no end of the stream did.
    func concludeReading() { meter?.conclude() }

    /// Ends what runs beside the line.
    func close() {
        meter?.close()
        control?.stop()
        outputs.close()
    }

    /// Makes the plugins anew; false where that was not asked for.
    func reload() -> Bool {
        guard let control, plugins?.plan.watches ?? false else { return false }
        control.requestReload()
        return true
    }

    var isDurationReached: Bool { front.isOver || duration?.isReached ?? false || probe?.isOver ?? false }

    /// Adds what the parts know to the numbers of the transport.
    func complete(_ status: inout SessionStatus) {
        let counts = passage.counts
        status.format = counts.format
        status.frames = counts.frames
        status.gaps = counts.gaps
        status.lostFrames = counts.lostFrames
        status.inputPeakDecibels = before?.peakDecibels
        status.outputPeakDecibels = after?.peakDecibels
        if let plugins {
            status.clippedSamples += plugins.status.clippedSamples
            status.invalidSamples += plugins.status.invalidSamples
            status.plugins = plugins.desk.chain?.reports.map(PluginStatus.init) ?? []
            status.reloads = plugins.status.reloads
            status.pluginCrashes = plugins.status.crashes
            status.pluginLatencyNanoseconds = plugins.status.latencyNanoseconds
            status.invalidSamples += status.plugins.reduce(0) { $0 + Int64($1.nonFiniteSamples) }
        }
        status.clippedSamples += conversion?.clippedSamples ?? 0
        (source as? ReconnectingSource)?.complete(&status)
        if let coming = ((source as? OpusDecodingSource)?.inner ?? source) as? any ComingSource {
            (status.reconnects, status.isWaiting) = (coming.reconnects, coming.isWaiting)
            status.receiving = coming.receiving
        }
        outputs.complete(&status)
        if let device = tail as? DeviceSink {
            status.now = (source as? PlaylistSource)?.now(isPaused: device.counters.isPaused)
        }
        (tail as? any RecordingTail)?.complete(&status)
        status.expectedFrames = source.expectedFrames
        if let limit = duration?.limitFrames { status.expectedFrames = min(status.expectedFrames ?? limit, limit) }
        status.meter = meter?.latest
        if let parallel = source as? ParallelOpusSource {
            status.encoding = parallel.status
            (status.format, status.frames) = (parallel.countedFormat, parallel.countedFrames)
        }
        completeRTP(&status)
        if let decoded = source as? OpusDecodingSource {
            status.gaps += decoded.lost.gaps
            status.lostFrames += decoded.lost.frames
        }
    }

    private func completeRTP(_ status: inout SessionStatus) {
        guard let source = ((source as? OpusDecodingSource)?.inner ?? source) as? RTPSource else { return }
        var reception = source.status
        status.isWaiting = reception.isWaiting
        if let decoded = self.source as? OpusDecodingSource {
            (reception.repairedFrames, reception.guessedFrames) = (decoded.lost.repairedFrames, decoded.lost.frames)
        }
        status.rtp = reception
    }
}

extension PacketSink {
    fileprivate var isDevice: Bool { self is DeviceSink }
}

extension SessionStatus {
    mutating func add(_ counters: LoopCounters) {
        xruns += Int64(counters.xruns.load(ordering: .relaxed))
        underrunFrames += Int64(counters.underrunFrames.load(ordering: .relaxed))
        skippedFrames += Int64(counters.skippedFrames.load(ordering: .relaxed))
        queuedFrames += Int64(counters.deviceFrames.load(ordering: .relaxed))
        let milliPPM = counters.clockMilliPPM.load(ordering: .relaxed)
        if milliPPM != .min { deviceClockPPM = Double(milliPPM) / 1000 }
    }
}

extension SessionConfiguration {
    func deviceRequest(_ name: String, _ direction: DeviceDirection) -> DeviceRequest {
        var request = DeviceRequest(name: name, direction: direction, latency: latency ?? usualLatency)
        // Where the input is headerless these say what it is, and the device follows it.
        if direction == .capture || !isInputRaw {
            request.sampleFormat = sampleFormat
            request.rate = rate
            request.channels = channels
            request.layout = layout
        }
        request.period = period
        request.buffer = buffer ?? usualBuffer(direction)
        return request
    }
}

extension Endpoint {
    public var isDevice: Bool { if case .device = self { true } else { false } }
    public var isFile: Bool { if case .file = self { true } else { false } }
}
