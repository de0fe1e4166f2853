internal import AupSound

/// Sound in an Ogg Opus file or stream, at 48 kHz whatever rate it was made from, as RFC 7845 has it played.
///
/// A chain of streams is read as one sound with the channels of the first; the others are mixed to these. The header's
/// gain is applied, tags of loudness are not. Where pages or packets are missing, the codec guesses what was there for
/// as long as such guesses are worth anything, and then there is silence: everything behind keeps its place, in pipes
/// too.
///
/// - Thread: one at a time.
@safe final class OggOpusDecoder: SoundDecoder {
    let format: PCMFormat
    let totalFrames: Int64?
    let tags: [SoundTag] = []
    /// 80 ms are the least (RFC 7845, 4.6), after which nobody hears a difference; voice with long-term prediction takes
    /// up to a second, and longer in a steady tone, to be the same bit by bit.
    let originalRate: Int?
    var preRollFrames: Int64 { 2 * Int64(OpusConfiguration.rate) }
    var lastLanding: Int64? { nil }
    var isTorn: Bool { pages.isTorn }

    private let input: ByteInput
    private let codec: OpusCodec
    private let map: OggOpusMap?
    private var pages: OggPageReader
    /// `nil` where a stream cannot be read.
    private var stream: OggOpusStream?
    private var decoder: any OpusPacketDecoder
    private var configuration: OpusConfiguration
    private var mix: MixMatrix?
    /// What was decoded and not yet given; the decoder's.
    private var ready = unsafe UnsafeBufferPointer<Float>(start: nil, count: 0)
    private var readyFrames = 0
    private var silentFrames = 0
    /// Pages of sound have come since the last stream began.
    private var hasBegun = true
    private var damagedPieces = 0
    private var guessedFrames: Int64 = 0
    private var holeGuessed: Int64 = 0

    /// Guesses are good for a packet or two; what comes after is silence.
    private static let longestGuess: Int64 = 5760
    /// Places that a seek tries.
    private static let landings = 8
    private static let container = "Ogg Opus"

    init(_ input: ByteInput, codec: OpusCodec) throws(FileError) {
        self.input = input
        self.codec = codec
        var pages = OggPageReader(input)
        guard let first = pages.next(), first.place == 0 else {
            throw .truncated(container: Self.container, byteOffset: pages.isTorn ? UInt64(pages.end) : 0)
        }
        let head = try OggOpusHead(Array(first.bytes[first.body...]), at: Int64(first.body))
        let (channels, layout) = (head.configuration.channels, head.configuration.layout)
        guard let format = PCMFormat(.f32, rate: OpusConfiguration.rate, channels: channels, layout: layout) else {
            throw .unsupported(container: Self.container, what: "\(channels) channels", byteOffset: 0)
        }
        self.format = format
        originalRate = head.configuration.originalRate
        configuration = Self.configuration(of: head)
        do throws(OpusCodec.Refusal) {
            decoder = try codec.decoder(configuration)
        } catch {
            throw error.isLibraryMissing
                ? .missingReader(
                    container: Self.container, library: "libopus", package: "libopus0", why: error.message)
                : .undecodable(container: Self.container, why: error.message)
        }
        var stream = OggOpusStream(head, serial: first.serial, number: first.number)
        while !stream.hasTags, let page = pages.next() {
            if page.serial == stream.serial { stream.take(page) }
        }
        guard stream.hasTags else { throw .truncated(container: Self.container, byteOffset: UInt64(pages.end)) }
        guard stream.isTagged || !stream.isEmpty else {
            throw .malformed(
                container: Self.container, what: "no tags behind the identification header",
                byteOffset: UInt64(first.bytes.count))
        }
        self.stream = stream
        self.pages = pages
        map = OggOpusSurvey.map(input)
        totalFrames = map?.frames
        input.mayBeShort = true
        input.settle()
    }

    /// The decoder is to give everything: what is left out is left out here.
    private static func configuration(of head: OggOpusHead) -> OpusConfiguration {
        let all = head.configuration
        return OpusConfiguration(
            channels: all.channels, preSkipFrames: 0, frameSize: all.frameSize, originalRate: nil, originalFormat: nil,
            streams: all.streams, coupledStreams: all.coupledStreams, mapping: all.mapping, layout: all.layout)!
    }

    // MARK: - Places

    func reopen() throws(FileError) {
        _ = seek(to: 0)
    }

    func seek(to frame: Int64) -> Int64? {
        guard let map, let (link, index) = map.landing(for: max(0, frame)), enter(link.head) else { return nil }
        dropReady()
        hasBegun = true
        // Where a page is damaged, one before it: what is heard behind damage depends on what was before it.
        for landing in link.landings[...index].suffix(Self.landings).reversed() {
            pages = OggPageReader(input, at: landing.place)
            stream = OggOpusStream(link, at: landing)
            while stream?.position == nil {
                guard nextPage() else { break }
            }
            if stream?.hasLanded ?? false { break }
        }
        // Damage before the place is nobody's.
        stream?.damageIsSeen()
        guard let stream, let position = stream.position else { return map.frames }
        return link.base + max(0, position - stream.firstHeard)
    }

    private func dropReady() {
        unsafe ready = UnsafeBufferPointer(start: nil, count: 0)
        (readyFrames, silentFrames) = (0, 0)
        (damagedPieces, guessedFrames, holeGuessed) = (0, 0, 0)
    }

    /// Makes a decoder for a stream; false where there is none.
    private func enter(_ head: OggOpusHead) -> Bool {
        let wanted = Self.configuration(of: head)
        if wanted == configuration {
            decoder.reset()
        } else {
            guard let made = try? codec.decoder(wanted) else { return false }
            decoder = made
            configuration = wanted
        }
        guard wanted.channels != format.channels || wanted.layout != format.layout else {
            mix = nil
            return true
        }
        func layout(_ channels: Int, _ layout: ChannelLayout?) -> ChannelLayout {
            layout ?? ChannelLayout.usual(channels: channels)!
        }
        mix = MixMatrix(
            .auto, from: layout(wanted.channels, wanted.layout), to: layout(format.channels, format.layout))
        return true
    }

    /// Takes the next page, of whatever stream; false at the end.
    private func nextPage() -> Bool {
        guard let page = pages.next() else { return false }
        if page.isFirst, hasBegun {
            guard page.bytes.span.starts("OpusHead", at: page.body) else { return true }
            hasBegun = false
            stream = nil
            if let head = try? OggOpusHead(Array(page.bytes[page.body...]), at: page.place), enter(head) {
                stream = OggOpusStream(head, serial: page.serial, number: page.number)
            } else {
                damagedPieces += 1
            }
            return true
        }
        if stream?.serial == page.serial || stream == nil { hasBegun = true }
        if stream?.serial == page.serial {
            stream?.take(page)
            holeGuessed = 0
        }
        return true
    }

    // MARK: - Sound

    func read(into target: UnsafeMutableRawPointer, frames: Int) throws(FileError) -> DecodedFrames {
        let samples = unsafe target.assumingMemoryBound(to: Float.self)
        var done = 0
        while done < frames {
            if readyFrames > 0 || silentFrames > 0 {
                done += unsafe give(samples + done * format.channels, frames - done)
            } else if stream?.isEmpty ?? true {
                // What is there goes out before anybody waits for a page.
                if done > 0 { break }
                guard nextPage() else { break }
            } else {
                decode()
            }
        }
        var decoded = DecodedFrames(count: done)
        decoded.damagedPieces = damagedPieces + (stream?.damagedPieces ?? 0)
        decoded.guessedFrames = guessedFrames
        stream?.damageIsSeen()
        (damagedPieces, guessedFrames) = (0, 0)
        return decoded
    }

    /// Makes the next sound ready: of a hole, or of a packet.
    private func decode() {
        guard let hole = stream?.hole else { return }
        if hole > 0 {
            let isGuessed = holeGuessed < Self.longestGuess
            let count = min(hole, Self.longestGuess)
            if isGuessed {
                unsafe ready = decoder.conceal(frames: Int(count))
                // Where the codec gives less, as of no packet before it, the rest is silence.
                let made = Int64(unsafe ready.count / configuration.channels)
                holeGuessed += made == 0 ? Self.longestGuess : made
                if made > 0 { hear(made, isGuess: true) }
                stream?.fill(made)
            } else {
                // Behind silence nothing of what was before it is heard, so that a seek gives the same.
                decoder.reset()
                unsafe ready = UnsafeBufferPointer(start: nil, count: 0)
                hear(count, isGuess: true)
                stream?.fill(count)
            }
            return
        }
        guard let packet = stream?.next() else { return }
        let frames = OpusPacketLength.frames(packet) ?? 0
        let made = unsafe packet.withUnsafeBytes { unsafe try? decoder.decode($0, frames: OpusPacketLength.longest) }
        if unsafe made?.count == frames * configuration.channels {
            unsafe ready = made!
            hear(Int64(frames), isGuess: false)
        } else {
            damagedPieces += 1
            unsafe ready = decoder.conceal(frames: frames)
            if unsafe ready.count != frames * configuration.channels {
                unsafe ready = UnsafeBufferPointer(start: nil, count: 0)
            }
            hear(Int64(frames), isGuess: true)
        }
        stream?.advance(Int64(frames))
    }

    /// Leaves out what is not to be heard of so many frames: the pre-skip, and what is beyond the end.
    private func hear(_ frames: Int64, isGuess: Bool) {
        guard let stream, let position = stream.position else { return }
        let first = min(frames, max(0, stream.firstHeard - position))
        let last = min(frames, max(first, stream.end - position))
        let count = Int(last - first)
        if isGuess { guessedFrames += Int64(count) }
        if unsafe ready.isEmpty {
            silentFrames = count
        } else {
            let channels = configuration.channels
            unsafe ready = UnsafeBufferPointer(rebasing: ready[Int(first) * channels..<Int(last) * channels])
            readyFrames = count
        }
    }

    private func give(_ target: UnsafeMutablePointer<Float>, _ room: Int) -> Int {
        let channels = format.channels
        if silentFrames > 0 {
            let count = min(silentFrames, room)
            unsafe target.update(repeating: 0, count: count * channels)
            silentFrames -= count
            return count
        }
        let count = min(readyFrames, room)
        let gain = stream?.head.gain ?? 1
        let width = configuration.channels
        if let mix {
            for frame in 0..<count {
                for channel in 0..<channels {
                    var sum = 0.0
                    for source in 0..<width {
                        let sample = unsafe ready[frame * width + source]
                        sum += mix.coefficients[channel * width + source] * Double(sample)
                    }
                    unsafe target[frame * channels + channel] = Float(sum) * gain
                }
            }
        } else if gain != 1 {
            for index in 0..<count * channels { unsafe target[index] = ready[index] * gain }
        } else {
            unsafe target.update(from: ready.baseAddress!, count: count * channels)
        }
        unsafe ready = UnsafeBufferPointer(rebasing: ready[(count * width)...])
        readyFrames -= count
        return count
    }
}
