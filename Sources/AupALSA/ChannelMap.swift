import AupSound
import CALSA
import Glibc

/// The channel positions a device works with. alsa-lib's codes are those of ``ChannelPosition``.
///
/// - Thread: control.
enum ChannelMap {
    /// Sets the layout that was asked for where the device can change it, and returns what now holds.
    ///
    /// A device without channel maps leaves the meaning of its channels to the user: then the layout asked for holds,
    /// and without one nobody knows.
    static func settle(_ pcm: OpaquePointer, asked: ChannelLayout?, channels: Int) -> ChannelLayout? {
        if let asked, unsafe current(pcm) != asked { unsafe set(pcm, asked) }
        return unsafe current(pcm) ?? (asked?.positions.count == channels ? asked : nil)
    }

    /// The device's layout; `nil` where it has none, or one that this project cannot name.
    private static func current(_ pcm: OpaquePointer) -> ChannelLayout? {
        guard let map = unsafe snd_pcm_get_chmap(pcm) else { return nil }
        defer { unsafe free(map) }
        return unsafe layout(UnsafeRawPointer(map))
    }

    /// Reads `unsigned int channels; unsigned int pos[];`: the positions lie behind the count.
    static func layout(_ words: UnsafeRawPointer) -> ChannelLayout? {
        let count = Int(unsafe words.load(as: UInt32.self))
        guard (1...Limits.channels).contains(count) else { return nil }
        var positions: [ChannelPosition] = []
        for index in 1...count {
            let code = unsafe words.load(fromByteOffset: index * MemoryLayout<UInt32>.size, as: UInt32.self)
            // The upper bits are flags (phase inverse, driver specific), not positions.
            positions.append(ChannelPosition(rawValue: UInt8(truncatingIfNeeded: code)) ?? .unknown)
        }
        guard positions.contains(where: { $0 != .unknown }) else { return nil }
        return ChannelLayout(positions)
    }

    /// Asks for a layout; a device that cannot change its own keeps it.
    private static func set(_ pcm: OpaquePointer, _ layout: ChannelLayout) {
        let words = [UInt32(layout.positions.count)] + layout.positions.map { UInt32($0.rawValue) }
        unsafe words.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            _ = unsafe snd_pcm_set_chmap(pcm, start.assumingMemoryBound(to: snd_pcm_chmap_t.self))
        }
        _ = ALSAMessages.take()
    }
}
