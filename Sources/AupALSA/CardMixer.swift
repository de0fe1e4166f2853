import AupSound
import CALSA

/// A card's mixer, as far as it says how loud a direction is.
///
/// - Thread: control.
@safe
struct CardMixer: ~Copyable {
    private let mixer: OpaquePointer

    /// `nil` where the card has no mixer, or it may not be read.
    init?(card: Int) {
        ALSAMessages.prepareLibrary()
        var opened: OpaquePointer?
        guard unsafe snd_mixer_open(&opened, 0) == 0, let mixer = unsafe opened else { return nil }
        guard unsafe snd_mixer_attach(mixer, "hw:\(card)") == 0,
            unsafe snd_mixer_selem_register(mixer, nil, nil) == 0, unsafe snd_mixer_load(mixer) == 0
        else {
            unsafe snd_mixer_close(mixer)
            _ = ALSAMessages.take()
            return nil
        }
        unsafe self.mixer = mixer
    }

    deinit {
        unsafe snd_mixer_close(mixer)
        _ = ALSAMessages.take()
    }

    /// Tells a card's devices how loud they are set. A mixer's volume is that of the card's analogue sockets: a monitor's or
    /// a digital one beside those has none.
    static func tell(_ devices: inout [SoundDevice], card: Int) {
        let own = devices.indices.filter { devices[$0].kind == .hardware && devices[$0].card?.index == card }
        guard !own.isEmpty, let mixer = CardMixer(card: card) else { return }
        for direction in [DeviceDirection.capture, .playback] {
            guard let volume = mixer.volume(direction) else { continue }
            for index in Self.heard(devices, own, direction) {
                if direction == .capture { devices[index].capture?.volume = volume }
                if direction == .playback { devices[index].playback?.volume = volume }
            }
        }
    }

    /// Those of a card's devices that its volume is for.
    static func heard(_ devices: [SoundDevice], _ own: [Int], _ direction: DeviceDirection) -> [Int] {
        let all = own.filter { devices[$0].side(direction) != nil }
        let analogue = all.filter { index in
            let form = devices[index].side(direction)?.form
            return form != .hdmi && form != .digital
        }
        return analogue.isEmpty ? all : analogue
    }

    /// The control that most likely is the volume of a direction; `nil` where there is none.
    func volume(_ direction: DeviceDirection) -> DeviceVolume? {
        let names: [String] =
            direction == .capture
            ? ["Capture", "Mic", "Headset", "Digital"] : ["Master", "PCM", "Speaker", "Headphone"]
        var best: (rank: Int, element: OpaquePointer)?
        var next = unsafe snd_mixer_first_elem(mixer)
        while let element = unsafe next {
            unsafe next = snd_mixer_elem_next(element)
            guard unsafe snd_mixer_selem_is_active(element) != 0, unsafe Self.hasVolume(element, direction),
                let name = unsafe Self.name(element)
            else { continue }
            let rank = names.firstIndex(of: name) ?? names.count
            if unsafe rank < (best?.rank ?? .max) { unsafe best = (rank, element) }
        }
        guard let found = unsafe best else { return nil }
        return unsafe Self.reading(found.element, direction)
    }

    private static func name(_ element: OpaquePointer) -> String? {
        guard let name = unsafe snd_mixer_selem_get_name(element) else { return nil }
        return unsafe String(cString: name)
    }

    private static func hasVolume(_ element: OpaquePointer, _ direction: DeviceDirection) -> Bool {
        direction == .capture
            ? unsafe snd_mixer_selem_has_capture_volume(element) != 0
            : unsafe snd_mixer_selem_has_playback_volume(element) != 0
    }

    /// The loudest of the channels, and muted only when all of them are.
    private static func reading(_ element: OpaquePointer, _ direction: DeviceDirection) -> DeviceVolume? {
        let isCapture = direction == .capture
        var low = 0
        var high = 0
        let code =
            isCapture
            ? unsafe snd_mixer_selem_get_capture_volume_range(element, &low, &high)
            : unsafe snd_mixer_selem_get_playback_volume_range(element, &low, &high)
        guard code == 0, let name = unsafe name(element) else { return nil }
        let hasSwitch =
            isCapture
            ? unsafe snd_mixer_selem_has_capture_switch(element) != 0
            : unsafe snd_mixer_selem_has_playback_switch(element) != 0
        var loudest: Int?
        var decibels: Double?
        var isHeard = false
        for place in 0...SND_MIXER_SCHN_LAST.rawValue {
            let channel = snd_mixer_selem_channel_id_t(rawValue: place)
            var value = 0
            var hundredths = 0
            var isOn: Int32 = 1
            if isCapture {
                guard unsafe snd_mixer_selem_has_capture_channel(element, channel) != 0,
                    unsafe snd_mixer_selem_get_capture_volume(element, channel, &value) == 0
                else { continue }
                if unsafe snd_mixer_selem_get_capture_dB(element, channel, &hundredths) == 0 {
                    decibels = max(decibels ?? -.infinity, Double(hundredths) / 100)
                }
                if hasSwitch { _ = unsafe snd_mixer_selem_get_capture_switch(element, channel, &isOn) }
            } else {
                guard unsafe snd_mixer_selem_has_playback_channel(element, channel) != 0,
                    unsafe snd_mixer_selem_get_playback_volume(element, channel, &value) == 0
                else { continue }
                if unsafe snd_mixer_selem_get_playback_dB(element, channel, &hundredths) == 0 {
                    decibels = max(decibels ?? -.infinity, Double(hundredths) / 100)
                }
                if hasSwitch { _ = unsafe snd_mixer_selem_get_playback_switch(element, channel, &isOn) }
            }
            loudest = max(loudest ?? .min, value)
            if isOn != 0 { isHeard = true }
        }
        let percent = loudest.flatMap {
            high > low ? Int((Double($0 - low) * 100 / Double(high - low)).rounded()) : nil
        }
        return DeviceVolume(
            control: name, percent: percent, decibels: decibels, isMuted: hasSwitch ? !isHeard : nil)
    }
}
