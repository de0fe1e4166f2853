internal import AupSound

extension PacketDecoder {
    /// Whether an input that begins with these bytes claims to be a stream: four are enough, fewer never are.
    ///
    /// Any version counts, so that a stream of a newer aup is refused by its name and not taken for noise.
    public static func looksLikeStream(_ firstBytes: some Collection<UInt8>) -> Bool {
        firstBytes.count >= 4 && firstBytes.starts(with: PacketHeader.magic)
            && (1..<0x20).contains(firstBytes[firstBytes.index(firstBytes.startIndex, offsetBy: 3)])
    }

    /// The next packet; `nil` when more bytes are needed.
    ///
    /// Throws the same error again once it has thrown. An audio packet's payload is a view, valid until bytes are
    /// next put in.
    public mutating func next() throws(WireError) -> Packet? {
        if let failure { throw failure }
        do throws(WireError) {
            return try decodeNext()
        } catch {
            failure = error
            throw error
        }
    }

    /// Says that the input is at its end. Call it when ``next()`` has returned `nil`.
    ///
    /// Throws when the input stopped inside a packet (``WireRule/cutInPacket``), before the end packet
    /// (``WireRule/noEnd``), or held nothing at all (``WireRule/empty``).
    public func finish() throws(WireError) {
        if let failure { throw failure }
        let inputEnd = offset + UInt64(end - start)
        guard inputEnd > 0 else { throw WireError(.empty, at: 0, "there is no input") }
        guard end == start else { throw WireError(.cutInPacket, at: inputEnd, "the input stops inside a packet") }
        guard isAtEnd else { throw WireError(.noEnd, at: inputEnd, "the input stops before the end of the stream") }
    }

    private mutating func decodeNext() throws(WireError) -> Packet? {
        while true {
            guard end - start >= PacketHeader.size else {
                try checkBeginning()
                return nil
            }
            let header = unsafe PacketHeader(load: UnsafeRawPointer(base + start))
            let type = try checkHeader(header)
            try checkOrder(header, type)
            let frames = type == .audio ? try audioFrames(header) : 0
            let size = PacketHeader.size + header.bodySize
            guard end - start >= size else {
                pendingBytes = size
                return nil
            }
            let body = unsafe UnsafeRawBufferPointer(start: base + start + PacketHeader.size, count: header.bodySize)
            unsafe try checkBody(header, body)
            let payload = unsafe UnsafeRawBufferPointer(rebasing: body[..<Int(header.length)])
            let packet: Packet?
            if type == .audio {
                packet = .audio(unsafe try audio(header, payload, frames: frames))
            } else {
                unsafe packet = try control(header, type, payload)
            }
            take(size)
            if let packet { return packet }
        }
    }

    private mutating func take(_ size: Int) {
        start += size
        offset += UInt64(size)
        sequence &+= 1
        pendingBytes = 0
        // The bytes stay where they are: only the next ones are put over them.
        if start == end {
            start = 0
            end = 0
        }
    }

    // MARK: - Sound

    /// Frames of a PCM packet, which its length tells before it has arrived; 0 for Opus.
    private func audioFrames(_ header: PacketHeader) throws(WireError) -> Int {
        guard frameBytes > 0 else { return 0 }
        let (frames, rest) = Int(header.length).quotientAndRemainder(dividingBy: frameBytes)
        guard rest == 0, frames > 0 else {
            throw error(.audioFrames, 8, "\(header.length) bytes of audio are not whole frames of \(frameBytes) bytes")
        }
        try checkAdvance(frames)
        return frames
    }

    private mutating func audio(
        _ header: PacketHeader, _ payload: UnsafeRawBufferPointer, frames: Int
    ) throws(WireError) -> AudioPacket {
        var frames = frames
        var sound = unsafe payload
        if frameBytes == 0 {
            guard payload.count > 4 else { throw error(.opusPacket, 8, "an Opus packet of no bytes") }
            let count = UInt32(littleEndian: unsafe payload.loadUnaligned(as: UInt32.self))
            guard count <= WireLimits.opusFrames else {
                throw error(.opusPacket, PacketHeader.size, "an Opus packet of \(count) frames, 5760 is the most")
            }
            frames = Int(count)
            try checkAdvance(frames)
            unsafe sound = UnsafeRawBufferPointer(rebasing: payload[4...])
        }
        let packet = unsafe AudioPacket(
            position: position, captureTime: header.time, frames: frames, isChecked: header.isChecked, payload: sound,
            wire: UnsafeRawBufferPointer(start: base + start, count: PacketHeader.size + header.bodySize))
        position += Int64(frames)
        return packet
    }

    private func checkAdvance(_ frames: Int) throws(WireError) {
        guard Int64(frames) <= WireLimits.position - position else {
            throw error(.positionLimit, 16, "\(frames) frames at position \(position) pass the last position, 2^53")
        }
    }

    // MARK: - Everything else

    /// The packet that a payload says, `nil` for a type to be skipped; moves the stream's counts.
    private mutating func control(
        _ header: PacketHeader, _ type: PacketType?, _ payload: UnsafeRawBufferPointer
    ) throws(WireError) -> Packet? {
        let reader = unsafe PayloadReader(payload, at: offset + UInt64(PacketHeader.size))
        switch type {
        case .format:
            return .format(unsafe try format(header, payload))
        case .silence:
            guard reader.count == 8 else { throw error(.silenceFrames, 8, "a silence packet of \(reader.count) bytes") }
            let packet = SilencePacket(
                position: position, captureTime: header.time,
                frames: try reader.frames(0, at: position, .silenceFrames))
            position += packet.frames
            return .silence(packet)
        case .gap:
            try reader.need(16, .gapFrames, "a gap packet")
            try reader.zeros(9..<16)
            let packet = GapPacket(
                position: position, captureTime: header.time, frames: try reader.frames(0, at: position, .gapFrames),
                cause: GapCause(rawValue: reader.byte(8)) ?? .unknown, seenBy: try reader.text(from: 16))
            position += packet.frames
            lostFrames += packet.frames
            return .gap(packet)
        case .event:
            return .event(try event(header, reader))
        case .end:
            return .end(try endOfStream(reader))
        case .audio, nil:
            skippedPackets += 1
            return nil
        }
    }

    private mutating func format(
        _ header: PacketHeader, _ payload: UnsafeRawBufferPointer
    ) throws(WireError) -> StreamDescription {
        let format = unsafe try StreamDescription(payload: payload, at: offset + UInt64(PacketHeader.size))
        if description == nil || isAtEnd {
            sequence = header.sequence
            position = Int64(header.position)
            startPosition = position
            lostFrames = 0
            isAtEnd = false
        }
        description = format
        frameBytes = format.pcm?.frameBytes ?? 0
        hasClock = format.clock.kind != .none
        return format
    }

    private func event(_ header: PacketHeader, _ reader: PayloadReader) throws(WireError) -> EventPacket {
        let text = try reader.text(from: 0)
        guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")), WireText.isKey(text[..<equals]) else {
            throw reader.error(.eventKey, 0, "an event that is not key=value")
        }
        return EventPacket(
            position: position, captureTime: header.time, key: String(text[..<equals]),
            value: String(text[text.utf8.index(after: equals)...]))
    }

    private mutating func endOfStream(_ reader: PayloadReader) throws(WireError) -> EndPacket {
        try reader.need(24, .endFields, "an end packet")
        try reader.zeros(17..<20)
        guard let reason = EndReason(rawValue: reader.byte(16)) else {
            throw reader.error(.endFields, 16, "end reason \(reader.byte(16)) is not known")
        }
        let total = reader.long(0)
        guard total == UInt64(position - startPosition) else {
            throw reader.error(.endTotals, 0, "the end counts \(total) frames, there were \(position - startPosition)")
        }
        let lost = reader.long(8)
        guard lost == UInt64(lostFrames) else {
            throw reader.error(.endTotals, 8, "the end counts \(lost) lost frames, the gaps held \(lostFrames)")
        }
        let packet = EndPacket(
            totalFrames: Int64(total), lostFrames: Int64(lost), reason: reason,
            code: Int32(bitPattern: reader.word(20)), message: try reader.text(from: 24))
        isAtEnd = true
        return packet
    }
}
