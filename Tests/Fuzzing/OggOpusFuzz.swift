// What libFuzzer calls with Ogg Opus files of its own making; Tests/Fuzzing/run.sh builds and runs it.
//
// For every input: reading ends, and never traps; it ends without the file saying more than ten minutes a hole; a second
// reading gives the same; a pipe gives what a file gives; seeks land where they say. The first byte says whether the
// checksums of the pages are mended first, because no fuzzer guesses them. What is no Ogg is tried as one Opus packet.

import AupFiles
import AupOpus
import AupSound
import AupSystem
import Glibc

@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    guard let data, size > 1 else { return 0 }
    let mode = unsafe data[0]
    var bytes = unsafe Array(UnsafeBufferPointer(start: data + 1, count: size - 1))
    guard bytes.starts(with: "OggS".utf8) else {
        tryPacket(bytes)
        return 0
    }
    if mode & 1 != 0 { mend(&bytes) }
    guard let reader = open(bytes) else { return 0 }
    let (first, frames) = drain(reader)
    if let total = reader.totalFrames { precondition(total >= 0) }
    guard frames < mostFrames else { return 0 }
    guard let again = open(bytes) else { preconditionFailure("read once and not again") }
    precondition(drain(again).sum == first, "a second reading differs")
    // To wherever the input says, and on from there to an end.
    let place = Int64(mode >> 1) * max(frames, 1) / 100
    do throws(FileError) {
        try reader.seek(to: place)
        precondition(reader.position >= 0 && reader.position <= max(place, reader.totalFrames ?? place))
        _ = drain(reader)
        try reader.seek(to: 0)
        precondition(reader.position == 0)
    } catch {
        precondition(!error.message.isEmpty)
    }
    return 0
}

/// What is read of one input at most.
let mostFrames: Int64 = 48_000 * 60

func open(_ bytes: [UInt8]) -> SoundFileReader? {
    // In memory, and gone when it is closed.
    let path = "/dev/shm/aup-fuzz-\(getpid())"
    let number = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
    precondition(number >= 0)
    unsafe unlink(path)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(number, $0.baseAddress, $0.count) }
    lseek(number, 0, SEEK_SET)
    do throws(FileError) {
        return try SoundFileReader(Descriptor(adopting: number), firstBytes: [], path: "fuzz", opus: .library)
    } catch {
        precondition(!error.message.isEmpty && !error.message.contains("\n"))
        return nil
    }
}

/// A sum of all samples, in order; and how many frames there were.
func drain(_ reader: SoundFileReader) -> (sum: UInt64, frames: Int64) {
    let frames = 4096
    let space = UnsafeMutableRawBufferPointer.allocate(byteCount: frames * reader.format.frameBytes, alignment: 64)
    defer { unsafe space.deallocate() }
    var (sum, all) = (UInt64(14_695_981_039_346_656_037), Int64(0))
    while all < mostFrames {
        let count = (try? unsafe reader.read(into: space.baseAddress!, frames: frames)) ?? 0
        if count == 0 { break }
        all += Int64(count)
        for index in 0..<count * reader.format.channels {
            let bits = unsafe space.load(fromByteOffset: index * 4, as: UInt32.self)
            sum = (sum ^ UInt64(bits)) &* 1_099_511_628_211
        }
    }
    return (sum, all)
}

/// Lengths are what the library takes them for, and nothing that is no packet is decoded to more than it says.
func tryPacket(_ bytes: [UInt8]) {
    let own = OpusPacketLength.frames(bytes)
    unsafe bytes.withUnsafeBytes { packet in
        let library = unsafe OpusDecoder.frames(packet)
        precondition(own == library, "\(String(describing: own)) is not \(String(describing: library))")
        for channels in 1...2 {
            let configuration = OpusConfiguration(channels: channels, preSkipFrames: 0, frameSize: 960)!
            guard let decoder = try? OpusDecoder(configuration) else { return }
            let sound = unsafe try? decoder.decode(packet, frames: own ?? 5760)
            if let sound = unsafe sound { precondition(sound.count <= 5760 * channels) }
            precondition(unsafe decoder.conceal(frames: own ?? 960).count <= 5760 * channels)
        }
    }
}

/// Puts right checksums into whatever looks like pages.
func mend(_ bytes: inout [UInt8]) {
    var place = 0
    while place + 27 <= bytes.count, bytes[place..<place + 4].elementsEqual("OggS".utf8) {
        let segments = Int(bytes[place + 26])
        guard place + 27 + segments <= bytes.count else { return }
        let end = place + 27 + segments + bytes[place + 27..<place + 27 + segments].reduce(0) { $0 + Int($1) }
        guard end <= bytes.count else { return }
        for index in 22..<26 { bytes[place + index] = 0 }
        let sum = bytes[place..<end].reduce(UInt32(0)) { sum, byte in sum << 8 ^ table[Int(UInt8(sum >> 24) ^ byte)] }
        for index in 0..<4 { bytes[place + 22 + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))) }
        place = end
    }
}

// From RFC 3533 and not from the room that is tried.
let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte) << 24) { sum, _ in sum & 0x8000_0000 != 0 ? sum << 1 ^ 0x04C1_1DB7 : sum << 1 }
}
