import AupSound
import CALSA

/// A card's control device: what the driver calls card and PCMs, where procfs does not tell.
///
/// - Thread: control.
@safe
struct CardControl: ~Copyable {
    private let control: OpaquePointer
    private let index: Int

    /// `nil` where there is no such card, or it may not be opened.
    init?(card: Int) {
        ALSAMessages.prepareLibrary()
        var opened: OpaquePointer?
        guard unsafe snd_ctl_open(&opened, "hw:\(card)", SND_CTL_NONBLOCK) == 0, let control = unsafe opened else {
            _ = ALSAMessages.take()
            return nil
        }
        unsafe self.control = control
        index = card
    }

    deinit {
        unsafe snd_ctl_close(control)
        _ = ALSAMessages.take()
    }

    var listing: CardListing? {
        var allocated: OpaquePointer?
        guard unsafe snd_ctl_card_info_malloc(&allocated) == 0, let info = unsafe allocated else { return nil }
        defer { unsafe snd_ctl_card_info_free(info) }
        guard unsafe snd_ctl_card_info(control, info) == 0 else { return nil }
        return CardListing(
            index: index, id: unsafe Self.text(snd_ctl_card_info_get_id(info)),
            driver: unsafe Self.text(snd_ctl_card_info_get_driver(info)),
            name: unsafe Self.text(snd_ctl_card_info_get_name(info)),
            longName: unsafe Self.text(snd_ctl_card_info_get_longname(info)))
    }

    /// The PCMs by number; who holds them is not told here.
    var pcms: [CardPCM] {
        var allocated: OpaquePointer?
        guard unsafe snd_pcm_info_malloc(&allocated) == 0, let info = unsafe allocated else { return [] }
        defer { unsafe snd_pcm_info_free(info) }
        var pcms: [CardPCM] = []
        var device: Int32 = -1
        // The kernel's own limit of devices on a card is far below.
        while pcms.count < 512, unsafe snd_ctl_pcm_next_device(control, &device) == 0, device >= 0 {
            for direction in [DeviceDirection.playback, .capture] {
                unsafe snd_pcm_info_set_device(info, UInt32(device))
                unsafe snd_pcm_info_set_subdevice(info, 0)
                unsafe snd_pcm_info_set_stream(
                    info, direction == .capture ? SND_PCM_STREAM_CAPTURE : SND_PCM_STREAM_PLAYBACK)
                guard unsafe snd_ctl_pcm_info(control, info) == 0 else { continue }
                var pcm = CardPCM(card: index, device: Int(device), direction: direction)
                pcm.id = unsafe Self.text(snd_pcm_info_get_id(info))
                pcm.name = unsafe Self.text(snd_pcm_info_get_name(info))
                pcm.subdevices = Int(unsafe snd_pcm_info_get_subdevices_count(info))
                pcms.append(pcm)
            }
        }
        return pcms
    }

    private static func text(_ text: UnsafePointer<CChar>?) -> String {
        guard let text = unsafe text else { return "" }
        return unsafe String(cString: text)
    }
}
