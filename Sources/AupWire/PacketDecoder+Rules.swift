internal import AupSound

// The rules that hold for every packet, in the order of the header's fields.
extension PacketDecoder {
    func error(_ rule: WireRule, _ field: Int, _ what: String) -> WireError {
        WireError(rule, at: offset + UInt64(field), what)
    }

    /// Judges the first bytes of a packet before all of its header is there, so that junk is called junk and not a
    /// cut stream.
    func checkBeginning() throws(WireError) {
        for index in 0..<min(PacketHeader.magic.count, end - start) {
            let byte = unsafe base.load(fromByteOffset: start + index, as: UInt8.self)
            guard byte == PacketHeader.magic[index] else { throw notMagic() }
        }
    }

    private func notMagic() -> WireError {
        error(.magic, 0, offset == 0 ? "this is not an aup stream" : "where a packet should begin there is none")
    }

    /// The header by itself. Returns the type, `nil` where it is unknown and may be skipped.
    func checkHeader(_ header: PacketHeader) throws(WireError) -> PacketType? {
        try checkBeginning()
        guard header.version == PacketHeader.version else {
            throw error(.version, 3, "version \(header.version) of the stream, this aup reads version 1")
        }
        guard unsafe HeaderCheck.value(UnsafeRawPointer(base + start)) == header.check else {
            throw error(.headerCheck, 6, "a header does not match its check")
        }
        guard header.flags & ~PacketFlags.known == 0 else { throw error(.flags, 5, "reserved flags are set") }
        let type = PacketType(rawValue: header.type)
        if let type {
            guard header.isCritical == type.isCritical else {
                throw error(.criticalFlag, 5, "the critical flag does not fit packet type \(header.type)")
            }
        } else if header.isCritical {
            throw error(.unknownCritical, 4, "packet type \(header.type) is not known and may not be skipped")
        }
        guard header.isChecked || type == .audio else {
            throw error(.checkFlag, 5, "a packet of type \(header.type) without a payload check")
        }
        guard header.length <= Limits.payloadBytes else {
            throw error(.payloadLength, 8, "a payload of \(header.length) bytes, \(Limits.payloadBytes) is the most")
        }
        return type
    }

    /// The header against the packets before it.
    func checkOrder(_ header: PacketHeader, _ type: PacketType?) throws(WireError) {
        if description == nil || isAtEnd {
            guard type == .format else { throw error(.formatFirst, 4, "a stream that does not begin with its format") }
            guard header.position <= UInt64(WireLimits.position) else {
                throw error(.positionLimit, 16, "position \(header.position) is past the last one, 2^53")
            }
        } else {
            guard header.sequence == sequence else {
                throw error(.sequence, 12, "packet \(header.sequence) where packet \(sequence) belongs")
            }
            guard header.position == UInt64(position) else {
                throw error(.position, 16, "position \(header.position) where \(position) belongs")
            }
        }
        let mayHaveTime = type == nil || hasClock && type != .format && type != .end
        guard header.captureTime == 0 || mayHaveTime else {
            throw error(.captureTime, 24, "a capture time where there is no clock to compare it with")
        }
    }

    /// The zeros and the check round a payload.
    func checkBody(_ header: PacketHeader, _ body: UnsafeRawBufferPointer) throws(WireError) {
        let zerosEnd = body.count - (header.isChecked ? PacketHeader.checkSize : 0)
        if header.isChecked {
            let wanted = UInt32(littleEndian: unsafe body.loadUnaligned(fromByteOffset: zerosEnd, as: UInt32.self))
            guard unsafe PayloadCheck.value(UnsafeRawBufferPointer(rebasing: body[..<zerosEnd])) == wanted else {
                throw error(.payloadCheck, PacketHeader.size + zerosEnd, "a payload does not match its check")
            }
        }
        for index in Int(header.length)..<zerosEnd where unsafe body[index] != 0 {
            throw error(.padding, PacketHeader.size + index, "the filling after a payload is not zero")
        }
    }
}

extension PacketHeader {
    static let magic: [UInt8] = [0x61, 0x75, 0x70]

    /// The capture time, `nil` where it is not known.
    var time: Int64? { captureTime == 0 ? nil : captureTime }
}
