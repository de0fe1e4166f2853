import AupFiles
import AupSystem
import Synchronization

/// Packets of one encoding thread on their way to the transport, in order: so many bytes and no more.
///
///     aup.encode: put ─▶ 4 bytes length, 4 bytes frames, packet; …, end ─▶ take: transport
///
/// - Thread: one puts, another one takes.
@safe final class PacketQueue: @unchecked Sendable {
    // @unchecked because the memory is written and read under the lock of its counts only.
    /// One packet and the frames it stands for.
    struct Item: Equatable {
        var bytes: [UInt8]
        var frames: Int
    }

    enum Taken {
        case packet(Item)
        /// A segment's end.
        case end(EncodedEnd)
    }

    private struct Content {
        var first = 0
        var count = 0
        var ends: [EncodedEnd] = []
        var isClosed = false
    }

    /// A packet longer than all would never fit: the longest of 64 streams has less.
    static let leastBytes = 512 << 10
    /// In front of each packet: its length, and the frames it stands for.
    static let headBytes = 8
    /// What stands where a length would, for an end.
    private static let endMark = UInt32.max

    private let memory: UnsafeMutableRawBufferPointer
    private let content = Mutex(Content())
    private let room = Doorbell()
    /// Rung now and then when packets were put, and always at an end.
    private let bell: Doorbell
    private var unheard = 0

    /// Packets that are put without a ring: a wake-up costs more than a packet.
    private static let ringPackets = 32

    init(bytes: Int, bell: Doorbell) {
        unsafe memory = .allocate(byteCount: max(bytes, Self.leastBytes), alignment: 16)
        self.bell = bell
    }

    deinit { unsafe memory.deallocate() }

    /// Puts a packet, after waiting for room; false once the queue is closed.
    ///
    /// - Thread: aup.encode.
    func put(_ packet: UnsafeRawBufferPointer, frames: Int) -> Bool {
        precondition(packet.count + Self.headBytes <= (unsafe memory.count), "a packet is shorter than its queue")
        while true {
            let (isIn, isClosed) = content.withLock { content in
                if content.isClosed { return (false, true) }
                guard unsafe memory.count - content.count >= packet.count + Self.headBytes else {
                    return (false, false)
                }
                write(UInt32(packet.count), &content)
                write(UInt32(frames), &content)
                unsafe write(packet, &content)
                return (true, false)
            }
            if isIn || isClosed {
                unheard += 1
                if unheard >= Self.ringPackets { ring() }
                return isIn
            }
            ring()
            // Rung when there is room; the time is a backstop.
            room.wait(milliseconds: 100)
        }
    }

    /// Puts the end of a segment, for which there is always room.
    ///
    /// - Thread: aup.encode.
    func put(_ end: EncodedEnd) {
        var isIn = false
        while !isIn {
            isIn = content.withLock { content in
                if content.isClosed { return true }
                guard unsafe memory.count - content.count >= Self.headBytes else { return false }
                write(Self.endMark, &content)
                write(0, &content)
                content.ends.append(end)
                return true
            }
            ring()
            if !isIn { room.wait(milliseconds: 100) }
        }
    }

    /// The next packet or end; `nil` where there is none yet.
    ///
    /// - Thread: transport.
    func take() -> Taken? {
        let (taken, wasTight): (Taken?, Bool) = content.withLock { content in
            guard content.count > 0 else { return (nil, false) }
            let wasTight = unsafe content.count > memory.count / 2
            let length = readNumber(&content)
            let frames = readNumber(&content)
            if length == Self.endMark { return (.end(content.ends.removeFirst()), wasTight) }
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Int(length)) { space, count in
                unsafe read(into: UnsafeMutableRawBufferPointer(space), Int(length), &content)
                count = Int(length)
            }
            return (.packet(Item(bytes: bytes, frames: Int(frames))), wasTight)
        }
        if wasTight { room.ring() }
        return taken
    }

    /// Whoever waits for room is told that nobody takes any more.
    func close() {
        content.withLock { $0.isClosed = true }
        room.ring()
    }

    private func ring() {
        unheard = 0
        bell.ring()
    }

    // MARK: - Under the lock

    private func write(_ number: UInt32, _ content: inout Content) {
        var number = number
        unsafe withUnsafeBytes(of: &number) { unsafe write($0, &content) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, _ content: inout Content) {
        let place = unsafe (content.first + content.count) % memory.count
        let behind = unsafe min(bytes.count, memory.count - place)
        unsafe UnsafeMutableRawBufferPointer(rebasing: memory[place...])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<behind]))
        unsafe memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[behind...]))
        content.count += bytes.count
    }

    private func readNumber(_ content: inout Content) -> UInt32 {
        var number: UInt32 = 0
        unsafe withUnsafeMutableBytes(of: &number) { unsafe read(into: $0, 4, &content) }
        return number
    }

    private func read(into space: UnsafeMutableRawBufferPointer, _ count: Int, _ content: inout Content) {
        let behind = unsafe min(count, memory.count - content.first)
        unsafe space.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: memory[content.first..<(content.first + behind)]))
        unsafe UnsafeMutableRawBufferPointer(rebasing: space[behind..<count])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<(count - behind)]))
        unsafe content.first = (content.first + count) % memory.count
        content.count -= count
    }
}

/// How the encoding of a segment came to its end.
enum EncodedEnd: Equatable, Sendable {
    /// The next segment goes on, and was run into.
    case handedOver
    /// The sound is over.
    case over(EncodedLength)
    /// The file cannot be read on, or the codec gave up.
    case failed(String)
}

/// What the last segment tells of the whole sound.
struct EncodedLength: Equatable, Sendable {
    /// At the rate of the file.
    var frames: Int64
    /// What the file promises and does not have.
    var cutOff: CutOff?
}
