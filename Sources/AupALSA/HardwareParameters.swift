import AupSound
import CALSA

/// The space of configurations that a device still offers; each choice narrows it.
///
/// The owner of alsa-lib's `snd_pcm_hw_params_t`, and the only place that speaks to it.
///
/// - Thread: control.
@safe
struct HardwareParameters: ~Copyable {
    let pcm: OpaquePointer
    let parameters: OpaquePointer

    /// Everything the device can do. With `resampling` a converting plugin may offer rates that its device lacks.
    init(_ pcm: OpaquePointer, name: String, resampling: Bool) throws(DeviceError) {
        var allocated: OpaquePointer?
        let code = unsafe snd_pcm_hw_params_malloc(&allocated)
        guard code == 0, let allocated = unsafe allocated else {
            throw .running(name, "cannot describe its abilities", code: code)
        }
        let any = unsafe snd_pcm_hw_params_any(pcm, allocated)
        guard any >= 0 else {
            let error = DeviceError.running(name, "offers no configuration", code: any, said: ALSAMessages.take())
            unsafe snd_pcm_hw_params_free(allocated)
            throw error
        }
        // An error only says that this kind of PCM never resamples.
        _ = unsafe snd_pcm_hw_params_set_rate_resample(pcm, allocated, resampling ? 1 : 0)
        unsafe self.pcm = pcm
        unsafe parameters = allocated
    }

    deinit {
        unsafe snd_pcm_hw_params_free(parameters)
    }

    // MARK: - What is offered

    func offers(memoryMapped: Bool) -> Bool {
        unsafe snd_pcm_hw_params_test_access(pcm, parameters, Self.access(memoryMapped: memoryMapped)) == 0
    }

    func offers(_ format: SampleFormat) -> Bool {
        unsafe snd_pcm_hw_params_test_format(pcm, parameters, format.alsaFormat) == 0
    }

    func offers(rate: Int) -> Bool {
        unsafe snd_pcm_hw_params_test_rate(pcm, parameters, UInt32(rate), 0) == 0
    }

    func offers(channels: Int) -> Bool {
        unsafe snd_pcm_hw_params_test_channels(pcm, parameters, UInt32(channels)) == 0
    }

    /// alsa-lib's names of all formats on offer, also of those that we do not speak.
    var formatNames: [String] {
        var mask: OpaquePointer?
        guard unsafe snd_pcm_format_mask_malloc(&mask) == 0, let mask = unsafe mask else { return [] }
        defer { unsafe snd_pcm_format_mask_free(mask) }
        unsafe snd_pcm_hw_params_get_format_mask(parameters, mask)
        var names: [String] = []
        for value in 0...SND_PCM_FORMAT_LAST.rawValue {
            let format = snd_pcm_format_t(rawValue: value)
            if unsafe snd_pcm_format_mask_test(mask, format) != 0, let name = unsafe snd_pcm_format_name(format) {
                names.append(unsafe String(cString: name))
            }
        }
        return names
    }

    var rateRange: ClosedRange<Int> {
        var low: UInt32 = 0
        var high: UInt32 = 0
        var direction: Int32 = 0
        guard unsafe snd_pcm_hw_params_get_rate_min(parameters, &low, &direction) == 0,
            unsafe snd_pcm_hw_params_get_rate_max(parameters, &high, &direction) == 0, low <= high
        else { return 0...0 }
        return Int(low)...Int(high)
    }

    /// The rate on offer that suits sound of another best: its own; else the lowest whole multiple, which repeats what it
    /// has without a remainder; else the lowest above it, which loses nothing; else the highest.
    func rate(for sound: Int) -> Int? {
        if offers(rate: sound) { return sound }
        let highest = min(rateRange.upperBound, Limits.rates.upperBound)
        for multiple in stride(from: 2 * sound, through: highest, by: sound) where offers(rate: multiple) {
            return multiple
        }
        return lowestRate(from: sound) ?? (offers(rate: highest) ? highest : nil)
    }

    /// The lowest rate on offer that is not below this one.
    func lowestRate(from rate: Int) -> Int? {
        var allocated: OpaquePointer?
        guard unsafe snd_pcm_hw_params_malloc(&allocated) == 0, let narrowed = unsafe allocated else { return nil }
        defer { unsafe snd_pcm_hw_params_free(narrowed) }
        unsafe snd_pcm_hw_params_copy(narrowed, parameters)
        var value = UInt32(rate)
        var direction: Int32 = 0
        // Narrowing writes the lowest rate that is left.
        guard unsafe snd_pcm_hw_params_set_rate_min(pcm, narrowed, &value, &direction) == 0 else { return nil }
        return offers(rate: Int(value)) ? Int(value) : nil
    }

    var channelRange: ClosedRange<Int> {
        var low: UInt32 = 0
        var high: UInt32 = 0
        guard unsafe snd_pcm_hw_params_get_channels_min(parameters, &low) == 0,
            unsafe snd_pcm_hw_params_get_channels_max(parameters, &high) == 0, low <= high
        else { return 0...0 }
        return Int(low)...Int(high)
    }

    // MARK: - Choices

    func choose(memoryMapped: Bool) -> Bool {
        unsafe snd_pcm_hw_params_set_access(pcm, parameters, Self.access(memoryMapped: memoryMapped)) == 0
    }

    func choose(_ format: SampleFormat) -> Bool {
        unsafe snd_pcm_hw_params_set_format(pcm, parameters, format.alsaFormat) == 0
    }

    func choose(rate: Int) -> Bool {
        unsafe snd_pcm_hw_params_set_rate(pcm, parameters, UInt32(rate), 0) == 0
    }

    func choose(channels: Int) -> Bool {
        unsafe snd_pcm_hw_params_set_channels(pcm, parameters, UInt32(channels)) == 0
    }

    /// Takes the offered rate next to `rate` and returns it.
    func choose(rateNear rate: Int) -> Int? {
        var value = UInt32(rate)
        guard unsafe snd_pcm_hw_params_set_rate_near(pcm, parameters, &value, nil) == 0 else { return nil }
        return Int(value)
    }

    /// Takes the offered channel count next to `channels` and returns it.
    func choose(channelsNear channels: Int) -> Int? {
        var value = UInt32(channels)
        guard unsafe snd_pcm_hw_params_set_channels_near(pcm, parameters, &value) == 0 else { return nil }
        return Int(value)
    }

    /// Takes the offered sizes next to those wished for. The period first: it decides the latency, while the buffer only
    /// has to be long enough.
    func choose(periodNear periodFrames: Int, bufferNear bufferFrames: Int) {
        var periods: UInt32 = 2
        var direction: Int32 = 0
        // A single period cannot be filled while it is being played. Refused only where it is so anyway.
        _ = unsafe snd_pcm_hw_params_set_periods_min(pcm, parameters, &periods, &direction)
        var period = UInt(periodFrames)
        direction = 0
        _ = unsafe snd_pcm_hw_params_set_period_size_near(pcm, parameters, &period, &direction)
        var buffer = UInt(bufferFrames)
        _ = unsafe snd_pcm_hw_params_set_buffer_size_near(pcm, parameters, &buffer)
    }

    /// Hands the chosen configuration to the device, which is prepared by that. Returns a negative errno when refused.
    func install() -> Int32 {
        unsafe snd_pcm_hw_params(pcm, parameters)
    }

    // MARK: - Read back

    var format: SampleFormat? {
        var value = SND_PCM_FORMAT_UNKNOWN
        guard unsafe snd_pcm_hw_params_get_format(parameters, &value) == 0 else { return nil }
        return SampleFormat(alsaFormat: value)
    }

    var isMemoryMapped: Bool {
        var value = SND_PCM_ACCESS_RW_INTERLEAVED
        return unsafe snd_pcm_hw_params_get_access(parameters, &value) == 0 && value == SND_PCM_ACCESS_MMAP_INTERLEAVED
    }

    var rate: Int {
        var value: UInt32 = 0
        var direction: Int32 = 0
        return unsafe snd_pcm_hw_params_get_rate(parameters, &value, &direction) == 0 ? Int(value) : 0
    }

    var channels: Int {
        var value: UInt32 = 0
        return unsafe snd_pcm_hw_params_get_channels(parameters, &value) == 0 ? Int(value) : 0
    }

    var periodFrames: Int {
        var value: UInt = 0
        var direction: Int32 = 0
        return unsafe snd_pcm_hw_params_get_period_size(parameters, &value, &direction) == 0 ? Int(value) : 0
    }

    var bufferFrames: Int {
        var value: UInt = 0
        return unsafe snd_pcm_hw_params_get_buffer_size(parameters, &value) == 0 ? Int(value) : 0
    }

    private static func access(memoryMapped: Bool) -> snd_pcm_access_t {
        memoryMapped ? SND_PCM_ACCESS_MMAP_INTERLEAVED : SND_PCM_ACCESS_RW_INTERLEAVED
    }
}
