import AupSound
import AupWire
import Testing

@Suite("Random streams")
struct ModelTests {
    @Test(arguments: 0..<40)
    func `whatever is encoded is decoded, in any pieces`(_ seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let checks = Bool.random(using: &dice)
        var encoder = PacketEncoder(
            checksAudio: checks, sequence: UInt32.random(in: 0 ... .max, using: &dice),
            position: Int64.random(in: 0...1 << 40, using: &dice))
        var expected: [Seen] = []
        for _ in 0..<Int.random(in: 1...3, using: &dice) {
            Self.addStream(to: &encoder, expecting: &expected, &dice)
        }
        let bytes = unsafe Array(encoder.output.bytes)
        let reading = Reading(bytes, readBytes: 4096) { Int.random(in: 1...9000, using: &dice) }
        #expect(reading.error == nil)
        #expect(reading.seen == expected)
        #expect(try reencoded(bytes, checksAudio: checks) == bytes)
    }

    /// Encodes one stream and notes what a reader should see, counted here and not by the encoder.
    private static func addStream(to encoder: inout PacketEncoder, expecting seen: inout [Seen], _ dice: inout Dice) {
        var sequence = encoder.sequence
        var position = encoder.position
        let start = position
        var lost: Int64 = 0
        func note(_ packet: Packet) {
            seen.append(Seen(packet, sequence: sequence, position: position))
            sequence &+= 1
        }
        var description = randomDescription(&dice)
        encoder.encodeFormat(description)
        note(.format(description))
        for _ in 0..<Int.random(in: 0...30, using: &dice) {
            let time = description.clock.kind == .none ? nil : Int64.random(in: 1 ... .max, using: &dice)
            switch Int.random(in: 0...9, using: &dice) {
            case 0:
                description = randomDescription(&dice)
                encoder.encodeFormat(description)
                note(.format(description))
            case 1:
                let frames = Int64.random(in: 1...1 << 41, using: &dice)
                encoder.encodeSilence(captureTime: time, frames: frames)
                note(.silence(SilencePacket(position: position, captureTime: time, frames: frames)))
                position += frames
            case 2:
                let gap = GapPacket(
                    position: position, captureTime: time, frames: Int64.random(in: 1...1 << 41, using: &dice),
                    cause: GapCause.allCases.randomElement(using: &dice)!, seenBy: randomText(&dice))
                encoder.encodeGap(captureTime: time, frames: gap.frames, cause: gap.cause, seenBy: gap.seenBy)
                note(.gap(gap))
                position += gap.frames
                lost += gap.frames
            case 3:
                let event = EventPacket(
                    position: position, captureTime: time, key: "a-z_0.9", value: randomText(&dice))
                encoder.encodeEvent(captureTime: time, key: event.key, value: event.value)
                note(.event(event))
            default:
                let frames = Int.random(in: 1...500, using: &dice)
                let size = description.pcm.map { $0.frameBytes * frames } ?? frames
                let payload = (0..<size).map { _ in UInt8.random(in: 0...255, using: &dice) }
                unsafe payload.withUnsafeBytes { payload in
                    let checks = encoder.checksAudio
                    unsafe note(audio(position, time, frames, checks, payload))
                    if description.pcm != nil {
                        unsafe encoder.encodeAudio(captureTime: time, payload: payload)
                    } else {
                        unsafe encoder.encodeOpus(captureTime: time, frames: frames, packet: payload)
                    }
                }
                position += Int64(frames)
            }
        }
        let reason = EndReason.allCases.randomElement(using: &dice)!
        let end = EndPacket(
            totalFrames: position - start, lostFrames: lost, reason: reason,
            code: Int32.random(in: .min ... .max, using: &dice), message: randomText(&dice))
        encoder.encodeEnd(reason, code: end.code, message: end.message)
        note(.end(end))
    }

    private static func audio(
        _ position: Int64, _ time: Int64?, _ frames: Int, _ isChecked: Bool, _ payload: UnsafeRawBufferPointer
    ) -> Packet {
        .audio(
            unsafe AudioPacket(
                position: position, captureTime: time, frames: frames, isChecked: isChecked, payload: payload))
    }

    private static func randomDescription(_ dice: inout Dice) -> StreamDescription {
        let clock: ClockIdentity =
            switch Int.random(in: 0...2, using: &dice) {
            case 0: .none
            case 1: ClockIdentity(kind: .utc, boot: Array(repeating: 0, count: 16))
            default: ClockIdentity(kind: .monotonic, boot: (0..<16).map { _ in .random(in: 0...255, using: &dice) })
            }
        let channels = Int.random(in: 1...Limits.channels, using: &dice)
        let layout = Bool.random(using: &dice) ? ChannelLayout.standard(channels: channels) : nil
        let coding: StreamDescription.Coding
        if Int.random(in: 0...3, using: &dice) == 0 {
            coding = .opus(
                OpusConfiguration(
                    channels: channels, preSkipFrames: Int.random(in: 0...65535, using: &dice),
                    frameSize: OpusConfiguration.frameSizes.randomElement(using: &dice)!,
                    originalRate: Bool.random(using: &dice) ? nil : Int.random(in: Limits.rates, using: &dice),
                    originalFormat: SampleFormat.allCases.randomElement(using: &dice), streams: channels,
                    coupledStreams: 0, mapping: Array(0..<UInt8(channels)), layout: layout)!)
        } else {
            coding = .pcm(
                PCMFormat(
                    SampleFormat.allCases.randomElement(using: &dice)!,
                    rate: Int.random(in: Limits.rates, using: &dice), channels: channels, layout: layout)!)
        }
        return StreamDescription(
            coding: coding, isLive: .random(using: &dice), clock: clock, source: randomText(&dice))
    }

    private static func randomText(_ dice: inout Dice) -> String {
        let letters = Array("abc xyz=\"\\/ÄÖÜ漢字🎙é")
        return String((0..<Int.random(in: 0...40, using: &dice)).map { _ in letters.randomElement(using: &dice)! })
    }
}
