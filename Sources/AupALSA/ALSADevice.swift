public import AupSound
import CALSA
import Glibc

/// The owner of one open PCM: opens, negotiates, prepares, drains and closes it.
///
/// The sound itself passes through ``port``, which the audio thread copies. Order of a life:
///
///     init ─► prepare(isLive:) ─► [audio thread: port] ─► drain or drop ─► close
///
/// - Thread: control. While an audio thread uses the port, nobody calls anything here but ``configuration``.
@safe
public final class ALSADevice {
    public let request: DeviceRequest
    /// What the device agreed to, read back.
    public let configuration: DeviceConfiguration
    private var handle: OpaquePointer?

    /// Opens a PCM without blocking and settles its configuration; see ``negotiate(_:_:)`` for the rules.
    public init(_ request: DeviceRequest) throws(DeviceError) {
        let pcm = unsafe try Self.openPCM(request)
        do throws(DeviceError) {
            configuration = unsafe try Self.negotiate(pcm, request)
        } catch {
            unsafe snd_pcm_close(pcm)
            throw error
        }
        self.request = request
        unsafe handle = pcm
        _ = ALSAMessages.take()
    }

    deinit {
        close()
    }

    /// Opens a PCM without blocking; nothing is agreed on yet.
    ///
    /// - Parameter isAdvised: whether an error names what may have been meant, or who holds it, for which all devices are looked at.
    static func openPCM(_ request: DeviceRequest, isAdvised: Bool = true) throws(DeviceError) -> OpaquePointer {
        ALSAMessages.prepareLibrary()
        _ = ALSAMessages.take()
        var opened: OpaquePointer?
        let stream = request.direction == .capture ? SND_PCM_STREAM_CAPTURE : SND_PCM_STREAM_PLAYBACK
        let known = try ALSADirectory.pcmName(request.name)
        let code = unsafe snd_pcm_open(&opened, known, stream, SND_PCM_NONBLOCK)
        guard code == 0, let pcm = unsafe opened else {
            throw .opening(request, code: code, said: ALSAMessages.take(), isAdvised: isAdvised)
        }
        // Said once more because plugins that do the transfer themselves do not look at how they were opened, and would
        // block in a drain for as long as their server likes.
        unsafe snd_pcm_nonblock(pcm, 1)
        return unsafe pcm
    }

    /// The audio thread's view of this device, valid until ``close()``.
    public var port: ALSAPort {
        unsafe ALSAPort(pcm: open, direction: request.direction, configuration: configuration)
    }

    /// Sets when the device wakes us and when it stops, and empties its buffer.
    ///
    /// ``ALSAPort/start()`` starts the device; a sound server's also starts by itself at two periods. Capture never stops on an overrun, the count of waiting frames
    /// goes on instead, so the loss is known to the frame. Playback stops when the buffer has run dry.
    ///
    /// - Parameter isLive: playback of a live source wakes only when its buffer is nearly empty (all but one period is
    ///   free), because the source, not the device, decides when there is something to write. Otherwise the device
    ///   wakes us for each free period.
    public func prepare(isLive: Bool = false) throws(DeviceError) {
        let bufferFrames = UInt(configuration.bufferFrames)
        let periodFrames = UInt(configuration.periodFrames)
        let name = configuration.name
        var allocated: OpaquePointer?
        let pcm = unsafe open
        guard unsafe snd_pcm_sw_params_malloc(&allocated) == 0, let parameters = unsafe allocated else {
            throw .broken(name: name, what: "out of memory")
        }
        defer { unsafe snd_pcm_sw_params_free(parameters) }
        var boundary: UInt = 0
        var code = unsafe snd_pcm_sw_params_current(pcm, parameters)
        if code == 0 { code = unsafe snd_pcm_sw_params_get_boundary(parameters, &boundary) }
        let isCapture = request.direction == .capture
        let wakeFrames = !isCapture && isLive ? max(bufferFrames - periodFrames, 1) : periodFrames
        let stopFrames = isCapture ? boundary : bufferFrames
        // A server's client makes of the start threshold how much the server collects before it plays, also after an
        // underrun. Without any it plays on through nothing and drops what comes late: the first period was lost.
        let kind = unsafe Kind(pcm)
        let startFrames = !isCapture && kind == .external ? min(2 * periodFrames, bufferFrames) : boundary
        if code == 0 { code = unsafe snd_pcm_sw_params_set_start_threshold(pcm, parameters, startFrames) }
        if code == 0 { code = unsafe snd_pcm_sw_params_set_stop_threshold(pcm, parameters, stopFrames) }
        if code == 0 { code = unsafe snd_pcm_sw_params_set_avail_min(pcm, parameters, wakeFrames) }
        if code == 0 { code = unsafe snd_pcm_sw_params_set_tstamp_mode(pcm, parameters, SND_PCM_TSTAMP_ENABLE) }
        if code == 0, !isCapture, kind == .hardware {
            // The driver clears what it has played: a period that is not full to its end at the drain, and whatever
            // follows an underrun, is then silence and not the sound of one buffer ago. Refusal is no loss of frames.
            _ = unsafe snd_pcm_sw_params_set_silence_size(pcm, parameters, boundary)
        }
        if code == 0 {
            // Plugins that keep their own time refuse; their clock is monotonic where it matters.
            _ = unsafe snd_pcm_sw_params_set_tstamp_type(pcm, parameters, SND_PCM_TSTAMP_TYPE_MONOTONIC)
            code = unsafe snd_pcm_sw_params(pcm, parameters)
        }
        if code == 0 { code = unsafe snd_pcm_prepare(pcm) }
        guard code == 0 else {
            throw .running(name, "cannot be prepared", code: code, said: ALSAMessages.take())
        }
    }

    /// Lets the device run; the audio thread usually does this itself through the port.
    public func start() throws(DeviceError) {
        let code = unsafe snd_pcm_start(open)
        guard code == 0 else {
            throw .running(configuration.name, "cannot start", code: code, said: ALSAMessages.take())
        }
    }

    /// Stops at once; what was written and not yet heard is lost.
    public func drop() {
        if let pcm = unsafe handle { unsafe snd_pcm_drop(pcm) }
    }

    /// Stops at once and gives the device back. The port is void from here on. Harmless to repeat.
    public func close() {
        guard let pcm = unsafe handle else { return }
        unsafe handle = nil
        unsafe snd_pcm_drop(pcm)
        unsafe snd_pcm_close(pcm)
        _ = ALSAMessages.take()
    }

    /// What poll must watch for this device, in the order that ``ALSAPort/pollEvents(_:count:)`` expects.
    public var pollDescriptors: [PollDescriptor] {
        descriptors().map { PollDescriptor(descriptor: $0.fd, events: $0.events) }
    }

    /// The open handle; using a closed device is a bug of ours.
    var open: OpaquePointer {
        guard let pcm = unsafe handle else { preconditionFailure("the device was closed") }
        return unsafe pcm
    }

    func descriptors() -> [pollfd] {
        let count = unsafe snd_pcm_poll_descriptors_count(open)
        guard count > 0 else { return [] }
        var descriptors = Array(repeating: pollfd(), count: Int(count))
        let filled = unsafe snd_pcm_poll_descriptors(open, &descriptors, UInt32(count))
        return Array(descriptors.prefix(Int(max(filled, 0))))
    }
}

/// One entry of what poll must watch: the fields of C's `struct pollfd` that are set before the call.
public struct PollDescriptor: Sendable, Equatable {
    public let descriptor: Int32
    public let events: Int16
}
