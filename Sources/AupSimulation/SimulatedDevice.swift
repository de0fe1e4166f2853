public import AupSound
internal import AupSystem
internal import Glibc

/// A sound device made of arithmetic: what `sim:` names open, with a real device's pace, clock error and faults.
///
/// - Thread: control. The audio thread uses ``port`` between ``prepare(isLive:)`` and the moment it is joined.
@safe
public final class SimulatedDevice {
    /// What the device agreed to.
    public let configuration: DeviceConfiguration
    /// The audio thread's end. Not to be used after ``close()``.
    public let port: SimulatedPort

    private let spec: SimulationSpec
    private let timer: TimerDescriptor
    private let state: UnsafeMutablePointer<SimulatedState>
    private let cable: SimulatedCable
    private var isOpen = true

    /// - Parameters:
    ///   - request: values that the name does not fix are taken from here, else 16 bit, 48 kHz, stereo.
    ///   - file: the sound of `sim:PATH`; `nil` for all others.
    public convenience init(_ request: DeviceRequest, file: SimulatedFile? = nil) throws(DeviceError) {
        try self.init(request, file: file, manualNanoseconds: -1)
    }

    /// A device whose clock stands until ``advance(nanoseconds:)`` moves it, so that tests need no time.
    package convenience init(
        manual request: DeviceRequest, file: SimulatedFile? = nil, nanoseconds: Int64 = 0
    ) throws(DeviceError) {
        try self.init(request, file: file, manualNanoseconds: nanoseconds)
    }

    private init(_ request: DeviceRequest, file: SimulatedFile?, manualNanoseconds: Int64) throws(DeviceError) {
        let spec = try SimulationSpec(request.name)
        let format = try Self.agree(spec, request, file)
        // Nobody waits for a period that no clock paces: large ones cost less.
        var request = request
        if spec.pace == .fast, request.period == nil { request.period = .frames(4096) }
        let sizes = request.sizes(rate: format.rate)
        let cable = SimulatedCable(name: request.name, direction: request.direction)
        let now = manualNanoseconds >= 0 ? manualNanoseconds : monotonicNanoseconds()
        let unplugFrame = try cable.plug(spec, rate: format.rate, now: now)
        guard let timer = TimerDescriptor() else {
            throw .broken(name: request.name, what: "no descriptor left for its timer; raise the limit (ulimit -n)")
        }
        self.spec = spec
        self.cable = cable
        configuration = DeviceConfiguration(
            format: format, periodFrames: sizes.periodFrames, bufferFrames: sizes.bufferFrames, isMemoryMapped: false,
            name: request.name)
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(
            to: SimulatedState(
                waveform: Waveform(spec, format), isCapture: request.direction == .capture, isFast: spec.pace == .fast,
                frameBytes: format.frameBytes, periodFrames: Int64(sizes.periodFrames),
                bufferFrames: Int64(sizes.bufferFrames), wakeFrames: Int64(sizes.periodFrames),
                framesPerNanosecond: Double(format.rate) * (1 + spec.ppm * 1e-6) / 1e9, timer: timer.descriptor,
                manualNanoseconds: manualNanoseconds, unplugFrame: unplugFrame))
        self.timer = timer
        port = unsafe SimulatedPort(state: state)
        copy(file, frameBytes: format.frameBytes)
        let xruns = spec.xruns.map { $0.frames(rate: format.rate) }.sorted()
        if !xruns.isEmpty {
            let memory = UnsafeMutablePointer<Int64>.allocate(capacity: xruns.count)
            for (index, frame) in xruns.enumerated() { unsafe (memory + index).initialize(to: frame) }
            unsafe state.pointee.xruns = memory
            unsafe state.pointee.xrunCount = xruns.count
        }
    }

    deinit {
        close()
        unsafe state.pointee.file?.deallocate()
        unsafe state.pointee.xruns?.deallocate()
        unsafe state.deallocate()
    }

    /// Descriptors to poll for input, whatever the direction: readable when a period can be moved or a fault is due.
    public var pollDescriptors: [Int32] { [timer.descriptor] }

    /// Empties the buffer and makes the device ready to start.
    ///
    /// Capture runs freely, its overruns are counted by the caller; playback stops when it has run dry.
    ///
    /// - Parameter isLive: playback of a live source wakes only when all but one period is free, because the source, not
    ///   the device, decides when there is something to write. Otherwise it wakes for each free period.
    public func prepare(isLive: Bool = false) throws(DeviceError) {
        guard isOpen, port.prepareAgain() == .ready(frames: 0) else { throw .gone(name: configuration.name) }
        let periodFrames = configuration.periodFrames
        let emptyFrames = max(configuration.bufferFrames - periodFrames, 1)
        unsafe state.pointee.wakeFrames = Int64(isLive && !state.pointee.isCapture ? emptyFrames : periodFrames)
        unsafe state.pointee.arm()
    }

    /// Lets the clock run.
    public func start() throws(DeviceError) {
        guard isOpen, port.start() == .ready(frames: 0) else { throw .gone(name: configuration.name) }
    }

    /// Waits until the last frame written has been heard, at most as long as the buffer sounds, then stops.
    ///
    /// - Parameter shouldStop: asked every 20 ms at the latest; `true` ends the wait and throws the rest away.
    /// - Returns: whether everything was heard.
    public func drain(shouldStop: () -> Bool = { false }) -> Bool {
        defer { drop() }
        guard isOpen, unsafe !state.pointee.isCapture else { return true }
        if port.delayFrames() ?? 0 > 0 { _ = port.start() }
        while let frames = port.delayFrames(), frames > 0, case .ready = port.available() {
            if shouldStop() { return false }
            let nanoseconds = unsafe Double(frames) / state.pointee.framesPerNanosecond
            // A test's clock would stand for ever.
            if unsafe state.pointee.manualNanoseconds >= 0 {
                advance(nanoseconds: Int64(nanoseconds) + 1)
            } else {
                var pause = timespec(tv_sec: 0, tv_nsec: Int(min(nanoseconds, 20e6)) + 1)
                unsafe nanosleep(&pause, nil)
            }
        }
        return unsafe state.pointee.phase != .gone
    }

    /// Stops at once and forgets what was not heard.
    public func drop() {
        if isOpen { _ = port.prepareAgain() }
    }

    /// Lets go of the device. Harmless when repeated.
    public func close() {
        guard isOpen else { return }
        isOpen = false
        unsafe cable.unplug(epoch: state.pointee.epochNanoseconds, isGone: state.pointee.phase == .gone)
        TimerDescriptor.arm(timer.descriptor, at: .max)
    }

    /// Moves the clock of a device that a test has opened.
    package func advance(nanoseconds: Int64) {
        unsafe precondition(state.pointee.manualNanoseconds >= 0)
        unsafe state.pointee.manualNanoseconds += nanoseconds
        unsafe state.pointee.arm()
    }

    private func copy(_ file: SimulatedFile?, frameBytes: Int) {
        guard let file else { return }
        let frames = file.bytes.count / frameBytes
        let memory = UnsafeMutableRawPointer.allocate(byteCount: frames * frameBytes, alignment: 16)
        for index in 0..<frames * frameBytes {
            unsafe memory.storeBytes(of: file.bytes[index], toByteOffset: index, as: UInt8.self)
        }
        unsafe state.pointee.file = memory
        unsafe state.pointee.fileFrames = Int64(frames)
    }

    /// The format both sides can live with: what the name or the file fixes, then what is asked for, then a default.
    static func agree(
        _ spec: SimulationSpec, _ request: DeviceRequest, _ file: SimulatedFile?
    ) throws(DeviceError) -> PCMFormat {
        func unsupported(_ what: String) -> DeviceError { .unsupported(name: spec.name, what: what) }
        switch (request.direction, spec.source) {
        case (.capture, .null): throw unsupported("it only plays; capture from sim:sine, sim:noise or another")
        case (.playback, .null), (.capture, _): break
        case (.playback, _): throw unsupported("it only captures; play to sim:null")
        }
        if case .file(let path) = spec.source {
            guard let file else { throw unsupported("the sound of \(path) was not read") }
            guard file.bytes.count >= file.format.frameBytes else { throw unsupported("\(path) holds no sound") }
        }
        func choose<Value: Equatable>(
            _ what: String, _ fixed: Value?, _ file: Value?, _ asked: Value?, _ usual: Value,
            _ text: (Value) -> String
        ) throws(DeviceError) -> Value {
            if let fixed, let file, fixed != file { throw unsupported("\(what) of the file is \(text(file))") }
            let has = file ?? fixed
            if let has, let asked, has != asked {
                throw unsupported("\(what) \(text(asked)) is refused, it has \(text(has)); ask for that or for none")
            }
            return has ?? asked ?? usual
        }
        // A sample format that is asked for is a wish, as it is at a sound card: whoever asked converts.
        let wish = spec.format == nil && file == nil ? request.sampleFormat : nil
        let sample = try choose("sample format", spec.format, file?.format.sampleFormat, wish, .s16, \.name)
        let usualRate = request.soundRate ?? 48_000
        let rate = try choose("rate", spec.rate, file?.format.rate, request.rate, usualRate) { "\($0)" }
        let channels = try choose("channel count", spec.channels, file?.format.channels, request.channels, 2) {
            "\($0)"
        }
        let layout = file?.format.layout ?? request.layout
        guard let format = PCMFormat(sample, rate: rate, channels: channels, layout: layout) else {
            throw unsupported(
                "\(channels) channels at \(rate) Hz with this layout cannot be; look at -c and --channel-map")
        }
        return format
    }
}

extension Waveform {
    init(_ spec: SimulationSpec, _ format: PCMFormat) {
        shape =
            switch spec.source {
            case .sine: .sine
            case .noise: .noise
            case .silence, .null: .silence
            case .sweep: .sweep
            case .impulse: .impulse
            case .file: .file
            }
        self.format = format.sampleFormat
        channels = format.channels
        frameBytes = format.frameBytes
        silenceByte = format.sampleFormat.silenceByte
        rate = Int64(format.rate)
        amplitude = AupSound.amplitude(decibels: spec.levelDecibels)
        frequencyMicrohertz = spec.frequencyMicrohertz
        seed = spec.seed
    }
}
