import AupFiles
import AupSound
import AupSystem
import AupWire

/// WAV, AU or headerless samples from a descriptor.
///
/// - Thread: transport.
final class PCMSource: PacketSource {
    enum Reader {
        case wav(WAVReader)
        case au(AUReader)
        case raw(PCMFormat)
    }

    /// Bytes asked for at once: a second of CD sound is three of them.
    static let chunkBytes = 64 << 10

    private let descriptor: Descriptor
    private let name: String
    private let stopRequest: StopRequest
    private var reader: Reader
    private var header: SoundFileHeader?
    private var hasSentFormat = false
    /// What the header says about the sound, right behind the format.
    private var waitingTags: [EventPacket] = []
    /// Bytes of sound still to come; `nil` for "until the end of the input".
    private var remainingBytes: UInt64?
    private var chunk = ScratchBytes()
    /// What is in the chunk: bytes of an incomplete frame first, then what the last read brought.
    private var filled = 0
    /// Whole frames of it handed out with the last packet.
    private var consumed = 0
    private var firstBytes: [UInt8]
    private var position: Int64 = 0
    private var isInputOver = false
    private var isStopping = false
    private var hasEnded = false
    private(set) var ending = SessionEnding.done
    private let expected = Guarded<Int64?>(nil)
    var expectedFrames: Int64? { expected.read { $0 } }

    init(_ descriptor: Descriptor, name: String, reader: Reader, firstBytes: [UInt8], stop: StopRequest) {
        self.descriptor = descriptor
        self.name = name
        self.reader = reader
        self.firstBytes = firstBytes
        stopRequest = stop
        if case .raw(let format) = reader {
            header = SoundFileHeader(
                container: .wav, format: format, storage: .native, dataBytes: nil, headerBytes: 0)
        }
    }

    func next() -> Packet? {
        if hasEnded { return nil }
        let space = unsafe chunk.space(Self.chunkBytes)
        unsafe moveRestToFront(space)
        if !firstBytes.isEmpty {
            for (index, byte) in firstBytes.enumerated() { unsafe space[filled + index] = byte }
            filled += firstBytes.count
            firstBytes = []
            unsafe readHeader(space)
        }
        guard let header else { return isInputOver || isStopping ? endInsideHeader() : nil }
        if !hasSentFormat {
            hasSentFormat = true
            waitingTags = TagList.events(header.tags).reversed()
            return .format(StreamDescription(header.format, source: name == "-" ? "" : name))
        }
        if let tag = waitingTags.popLast() { return .event(tag) }
        if let packet = unsafe audio(space, header) { return packet }
        if remainingBytes == 0 { return end(.normal) }
        if isInputOver { return inputOver(header) }
        return isStopping ? end(.stopped) : nil
    }

    func wait() {
        guard !isInputOver else { return }
        if stopRequest.isRequested {
            isStopping = true
            return
        }
        let space = unsafe chunk.space(Self.chunkBytes)
        unsafe moveRestToFront(space)
        do throws(SystemError) {
            let free = unsafe UnsafeMutableRawBufferPointer(rebasing: space[filled...])
            guard let count = try unsafe descriptor.read(into: free, stop: stopRequest) else { return }
            filled += count
            isInputOver = count == 0
        } catch {
            ending = .failed("\(InputSniffer.place(name)): cannot read: \(error.reason)")
            isInputOver = true
        }
        unsafe readHeader(space)
    }

    func stop() { isStopping = true }

    func close() {}

    private func moveRestToFront(_ space: UnsafeMutableRawBufferPointer) {
        guard consumed > 0 else { return }
        unsafe space.copyMemory(from: UnsafeRawBufferPointer(rebasing: space[consumed..<filled]))
        filled -= consumed
        consumed = 0
    }

    private func readHeader(_ space: UnsafeMutableRawBufferPointer) {
        guard header == nil, filled > 0 else { return }
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: space[..<filled])
        do throws(FileError) {
            switch reader {
            case .raw: return
            case .wav(var wav):
                consumed = try unsafe wav.feed(bytes.bindMemory(to: UInt8.self).span)
                header = wav.header
                reader = .wav(wav)
            case .au(var au):
                consumed = try unsafe au.feed(bytes.bindMemory(to: UInt8.self).span)
                header = au.header
                reader = .au(au)
            }
            remainingBytes = header?.dataBytes
            if let header, let bytes = header.dataBytes {
                expected.write { $0 = Int64(clamping: bytes) / Int64(header.format.frameBytes) }
            }
        } catch {
            ending = .failed("\(InputSniffer.place(name)): \(error.message)")
            isInputOver = true
        }
    }

    private func audio(_ space: UnsafeMutableRawBufferPointer, _ header: SoundFileHeader) -> Packet? {
        unsafe moveRestToFront(space)
        let available = min(UInt64(filled), remainingBytes ?? .max)
        let frames = Int(available) / header.format.frameBytes
        guard frames > 0 else { return nil }
        let count = frames * header.format.frameBytes
        let sound = unsafe UnsafeMutableRawBufferPointer(rebasing: space[..<count])
        unsafe header.storage.convert(sound, header.format.sampleFormat)
        let packet = unsafe AudioPacket(
            position: position, captureTime: nil, frames: frames, payload: UnsafeRawBufferPointer(sound))
        position += Int64(frames)
        consumed = count
        if let rest = remainingBytes { remainingBytes = rest - UInt64(count) }
        return .audio(packet)
    }

    /// The input is over before the header said so, or at the end it did not know.
    private func inputOver(_ header: SoundFileHeader) -> Packet {
        if ending == .done, let rest = remainingBytes, rest >= UInt64(header.format.frameBytes) {
            ending = .upstreamFailed(
                "\(InputSniffer.place(name)) was cut off: its header promises \(rest) bytes more; what arrived was kept"
            )
        }
        return end(ending == .done ? .normal : .error)
    }

    private func endInsideHeader() -> Packet {
        if ending == .done, !isStopping {
            ending = .upstreamFailed(
                "\(InputSniffer.place(name)) was cut off inside its header; look at what writes it")
        }
        return end(ending == .done ? .stopped : .error)
    }

    private func end(_ reason: EndReason) -> Packet {
        hasEnded = true
        return .end(EndPacket(totalFrames: position, lostFrames: 0, reason: reason, message: ending.message ?? ""))
    }
}
