// How fast the framing is by itself: decode and encode again, in memory. `Tests/Bench/wire.sh` builds and runs it.

import AupSound
import AupWire

@main enum WireBench {
    static func main() {
        for frames in [256, 4096] {
            for checks in [false, true] { measure(frames: frames, checksAudio: checks) }
        }
    }

    /// Feeds a stream of s16 stereo in reads of 64 KiB, what a pipe gives, and encodes every packet again.
    static func measure(frames: Int, checksAudio: Bool) {
        guard let format = PCMFormat(.s16, rate: 48_000, channels: 2) else { return }
        let packets = (64 << 20) / (frames * format.frameBytes)
        var writer = PacketEncoder(checksAudio: checksAudio)
        writer.encodeFormat(StreamDescription(format))
        let sound = [UInt8](repeating: 0x5A, count: frames * format.frameBytes)
        for _ in 0..<packets {
            unsafe sound.withUnsafeBytes { unsafe writer.encodeAudio(captureTime: nil, payload: $0) }
        }
        writer.encodeEnd(.normal)
        let stream = unsafe writer.output.bytes

        var best = Duration.seconds(1000)
        for _ in 0..<7 {
            let clock = ContinuousClock()
            best = min(best, clock.measure { unsafe pass(stream, checksAudio: checksAudio) })
        }
        let seconds = Double(best.components.attoseconds) / 1e18 + Double(best.components.seconds)
        let rate = Double(stream.count) / seconds / 1e9
        let each = seconds / Double(packets) * 1e9
        let check = checksAudio ? "with payload check" : "without payload check"
        print("\(frames) frames, \(check): \((rate * 100).rounded() / 100) GB/s, \(each.rounded()) ns a packet")
    }

    static func pass(_ stream: UnsafeRawBufferPointer, checksAudio: Bool) {
        var decoder = PacketDecoder()
        var encoder = PacketEncoder(checksAudio: checksAudio)
        var offset = 0
        var total = 0
        do {
            while offset < stream.count {
                while let packet = try decoder.next() {
                    switch packet {
                    case .format(let description): encoder.encodeFormat(description)
                    case .audio(let audio):
                        unsafe encoder.encodeAudio(captureTime: audio.captureTime, payload: audio.payload)
                    case .end(let end): encoder.encodeEnd(end.reason)
                    default: break
                    }
                    total += encoder.output.count
                    encoder.output.removeAll()
                }
                let count = min(64 << 10, stream.count - offset)
                let piece = unsafe UnsafeRawBufferPointer(rebasing: stream[offset..<offset + count])
                offset += unsafe decoder.feed(piece)
            }
            while let packet = try decoder.next() { if case .end = packet { break } }
            try decoder.finish()
        } catch {
            fatalError(error.message)
        }
        precondition(total > stream.count / 2)
    }
}
