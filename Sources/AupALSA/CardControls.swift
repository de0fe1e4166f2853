public import AupSound
import CALSA
import Glibc

/// Hears what happens at the cards' controls: a volume that is moved, a jack that is plugged, by whomever.
///
/// A control that is held open keeps a card that was unplugged half alive in the kernel, so ``watch(_:)`` is told of every
/// change of the cards.
///
/// - Thread: control.
@safe
public final class CardControls {
    @safe private struct Control {
        var handle: OpaquePointer
        var descriptor: Int32
    }

    private var controls: [Int: Control] = [:]

    public init() {}

    deinit { watch([]) }

    /// Readable when something happened at a card.
    public var numbers: [Int32] { controls.values.map(\.descriptor) }

    /// Watches these cards, by number, and no others. One that cannot be opened is left out.
    public func watch(_ cards: Set<Int>) {
        for card in controls.keys where !cards.contains(card) { close(card) }
        for card in cards where controls[card] == nil { open(card) }
        _ = ALSAMessages.take()
    }

    /// Takes what happened; whether anything did. A card that is gone is watched no more.
    public func takeChanges() -> Bool {
        var hasChanged = false
        var gone: [Int] = []
        var allocated: OpaquePointer?
        guard unsafe snd_ctl_event_malloc(&allocated) == 0, let event = unsafe allocated else { return false }
        defer { unsafe snd_ctl_event_free(event) }
        for (card, control) in controls {
            // As many as a mixer has controls; what is left over rings again.
            for _ in 0..<1024 {
                let code = unsafe snd_ctl_read(control.handle, event)
                if code > 0 { hasChanged = true }
                if code < 0, code != -EAGAIN, code != -EINTR { gone.append(card) }
                guard code > 0 else { break }
            }
        }
        for card in gone { close(card) }
        return hasChanged || !gone.isEmpty
    }

    /// Tells a card's devices among these how loud they are set; see ``CardMixer/tell(_:card:)``.
    public static func readVolumes(into devices: inout [SoundDevice], card: Int) {
        CardMixer.tell(&devices, card: card)
    }

    private func open(_ card: Int) {
        ALSAMessages.prepareLibrary()
        var opened: OpaquePointer?
        guard unsafe snd_ctl_open(&opened, "hw:\(card)", SND_CTL_NONBLOCK | SND_CTL_READONLY) == 0,
            let handle = unsafe opened
        else { return }
        var entry = pollfd()
        guard unsafe snd_ctl_subscribe_events(handle, 1) >= 0,
            unsafe snd_ctl_poll_descriptors(handle, &entry, 1) == 1
        else {
            unsafe snd_ctl_close(handle)
            return
        }
        unsafe controls[card] = Control(handle: handle, descriptor: entry.fd)
    }

    private func close(_ card: Int) {
        guard let control = controls.removeValue(forKey: card) else { return }
        unsafe snd_ctl_close(control.handle)
    }
}
