import AupSimulation
import AupSound
import Glibc

/// A simulated device with a buffer to read into, driven by hand.
final class Rig {
    let device: SimulatedDevice
    let port: SimulatedPort

    /// Opens a device whose clock stands still; period 480 and buffer 4800 frames.
    init(
        _ name: String, _ direction: DeviceDirection = .capture, file: SimulatedFile? = nil, at nanoseconds: Int64 = 0,
        isLive: Bool = false
    ) throws {
        var request = DeviceRequest(name: name, direction: direction)
        request.period = .frames(480)
        request.buffer = .frames(4800)
        device = try SimulatedDevice(manual: request, file: file, nanoseconds: nanoseconds)
        port = device.port
        try device.prepare(isLive: isLive)
    }

    var format: PCMFormat { device.configuration.format }

    func advance(milliseconds: Int64) { device.advance(nanoseconds: milliseconds * 1_000_000) }

    /// Reads so many frames in blocks of the given sizes, in turn.
    func read(_ frames: Int, blocks: [Int] = [480]) -> [UInt8] {
        var sound: [UInt8] = []
        var turn = 0
        while sound.count < frames * format.frameBytes {
            let wanted = min(blocks[turn % blocks.count], frames - sound.count / format.frameBytes)
            turn += 1
            var block = [UInt8](repeating: 0xAA, count: wanted * format.frameBytes)
            let status = unsafe block.withUnsafeMutableBytes {
                unsafe port.read(into: $0.baseAddress!, frames: wanted)
            }
            guard case .ready(let count) = status, count > 0 else { break }
            sound += block[..<(count * format.frameBytes)]
        }
        return sound
    }

    func write(_ frames: Int) -> PortStatus {
        let block = [UInt8](repeating: 0, count: frames * format.frameBytes)
        return unsafe block.withUnsafeBytes { unsafe port.write(from: $0.baseAddress!, frames: frames) }
    }

    /// Whether poll would return at once.
    var isReadable: Bool {
        device.port.setWakeUp()
        var entry = pollfd(fd: device.pollDescriptors[0], events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 0) == 1
    }
}

func deviceError(_ body: () throws -> Void) -> DeviceError? {
    do { try body() } catch { return error as? DeviceError }
    return nil
}

extension [UInt8] {
    /// The samples of 64-bit floating point sound.
    var doubles: [Double] {
        unsafe withUnsafeBytes { bytes in
            (0..<bytes.count / 8).map { unsafe bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Double.self) }
        }
    }

    var int16s: [Int16] {
        unsafe withUnsafeBytes { bytes in
            (0..<bytes.count / 2).map { unsafe bytes.loadUnaligned(fromByteOffset: $0 * 2, as: Int16.self) }
        }
    }
}
