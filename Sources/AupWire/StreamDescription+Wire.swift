internal import AupSound

/// Where the fields of a format packet's payload lie; docs/wire.md draws them.
enum FormatLayout {
    static let codec = 0, sampleFormat = 1, channels = 2, flags = 3, rate = 4, clock = 8, positions = 9
    static let reserved = 10..<16
    static let boot = 16
    static let fixedSize = 32
    // Opus only, and after these one byte of mapping for each channel.
    static let preSkip = 32, frameSize = 34, originalRate = 36, streams = 40, coupled = 41
    static let opusReserved = 42..<48
    static let opusSize = 48
}

extension StreamDescription {
    /// The payload of the format packet that says this.
    var payload: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: FormatLayout.fixedSize)
        bytes[FormatLayout.channels] = UInt8(channels)
        bytes[FormatLayout.flags] = isLive ? 1 : 0
        bytes.store(UInt32(rate), at: FormatLayout.rate)
        bytes[FormatLayout.clock] = clock.kind.rawValue
        bytes[FormatLayout.positions] = UInt8(layout?.positions.count ?? 0)
        if clock.kind == .monotonic {
            bytes.replaceSubrange(FormatLayout.boot..<FormatLayout.fixedSize, with: clock.boot)
        }
        switch coding {
        case .pcm(let format):
            bytes[FormatLayout.sampleFormat] = format.sampleFormat.rawValue
        case .opus(let opus):
            bytes[FormatLayout.codec] = 1
            bytes[FormatLayout.sampleFormat] = opus.originalFormat?.rawValue ?? 0
            bytes += [UInt8](repeating: 0, count: FormatLayout.opusSize - FormatLayout.fixedSize)
            bytes.store(UInt16(opus.preSkipFrames), at: FormatLayout.preSkip)
            bytes.store(UInt16(opus.frameSize), at: FormatLayout.frameSize)
            bytes.store(UInt32(opus.originalRate ?? 0), at: FormatLayout.originalRate)
            bytes[FormatLayout.streams] = UInt8(opus.streams)
            bytes[FormatLayout.coupled] = UInt8(opus.coupledStreams)
            bytes += opus.mapping
        }
        bytes += (layout?.positions ?? []).map(\.rawValue)
        bytes += WireText.cleaned(source).utf8
        return bytes
    }

    /// Reads the payload of a format packet that begins at byte `offset` of the input.
    init(payload: UnsafeRawBufferPointer, at offset: UInt64) throws(WireError) {
        let reader = unsafe PayloadReader(payload, at: offset)
        try reader.need(FormatLayout.fixedSize, .formatLength, "a format packet")
        let codec = reader.byte(FormatLayout.codec)
        guard codec <= 1 else { throw reader.error(.codec, FormatLayout.codec, "codec \(codec) is not known") }
        let sampleCode = reader.byte(FormatLayout.sampleFormat)
        let sampleFormat = SampleFormat(rawValue: sampleCode)
        if sampleFormat == nil, codec == 0 || sampleCode != 0 {
            throw reader.error(.codec, FormatLayout.sampleFormat, "sample format \(sampleCode) is not known")
        }
        let channels = Int(reader.byte(FormatLayout.channels))
        guard (1...Limits.channels).contains(channels) else {
            throw reader.error(.rateAndChannels, FormatLayout.channels, "\(channels) channels, 1 to 64 may be")
        }
        let rate = Int(reader.word(FormatLayout.rate))
        guard codec == 0 ? Limits.rates.contains(rate) : rate == OpusConfiguration.rate else {
            throw reader.error(.rateAndChannels, FormatLayout.rate, "a rate of \(rate) Hz")
        }
        let flags = reader.byte(FormatLayout.flags)
        guard flags & ~1 == 0 else {
            throw reader.error(.reserved, FormatLayout.flags, "reserved format flags are set")
        }
        try reader.zeros(FormatLayout.reserved)
        let clock = try Self.clock(reader)

        var next = FormatLayout.fixedSize
        if codec == 1 {
            next = FormatLayout.opusSize + channels
            try reader.need(next, .formatLength, "an Opus format packet")
        }
        let layout = try Self.layout(reader, from: &next, channels: channels)
        if codec == 1 {
            let opus = try Self.opus(reader, channels: channels, format: sampleFormat, layout: layout)
            coding = .opus(opus)
        } else {
            guard let sampleFormat, let format = PCMFormat(sampleFormat, rate: rate, channels: channels, layout: layout)
            else { throw reader.error(.codec, FormatLayout.sampleFormat, "this PCM format cannot be") }
            coding = .pcm(format)
        }
        isLive = flags & 1 != 0
        self.clock = clock
        source = try reader.text(from: next)
    }

    private static func clock(_ reader: PayloadReader) throws(WireError) -> ClockIdentity {
        let code = reader.byte(FormatLayout.clock)
        guard let kind = ClockIdentity.Kind(rawValue: code) else {
            throw reader.error(.clock, FormatLayout.clock, "clock \(code) is not known")
        }
        let boot = (FormatLayout.boot..<FormatLayout.fixedSize).map(reader.byte)
        guard kind == .monotonic || boot.allSatisfy({ $0 == 0 }) else {
            throw reader.error(.clock, FormatLayout.boot, "a boot id with a clock that has none")
        }
        return ClockIdentity(kind: kind, boot: boot)
    }

    /// Reads the positions at `next` and moves it behind them.
    private static func layout(
        _ reader: PayloadReader, from next: inout Int, channels: Int
    ) throws(WireError) -> ChannelLayout? {
        let count = Int(reader.byte(FormatLayout.positions))
        guard count != 0 else { return nil }
        guard count == channels else {
            throw reader.error(.layout, FormatLayout.positions, "\(count) positions for \(channels) channels")
        }
        let first = next
        next += count
        try reader.need(next, .formatLength, "a format packet with positions")
        let positions = (first..<next).compactMap { ChannelPosition(rawValue: reader.byte($0)) }
        guard positions.count == count, let layout = ChannelLayout(positions) else {
            throw reader.error(.layout, first, "a channel position is unknown or used twice")
        }
        return layout
    }

    private static func opus(
        _ reader: PayloadReader, channels: Int, format: SampleFormat?, layout: ChannelLayout?
    ) throws(WireError) -> OpusConfiguration {
        try reader.zeros(FormatLayout.opusReserved)
        let originalRate = Int(reader.word(FormatLayout.originalRate))
        let mapping = (0..<channels).map { reader.byte(FormatLayout.opusSize + $0) }
        guard
            let opus = OpusConfiguration(
                channels: channels, preSkipFrames: Int(reader.half(FormatLayout.preSkip)),
                frameSize: Int(reader.half(FormatLayout.frameSize)),
                originalRate: originalRate == 0 ? nil : originalRate, originalFormat: format,
                streams: Int(reader.byte(FormatLayout.streams)),
                coupledStreams: Int(reader.byte(FormatLayout.coupled)), mapping: mapping, layout: layout)
        else { throw reader.error(.opus, FormatLayout.preSkip, "an Opus configuration that cannot be") }
        return opus
    }
}
