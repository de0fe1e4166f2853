import AupALSA
import AupSound
import Foundation
import TestSupport
import Testing

/// Everything against the virtual card, one test at a time: a process has one ALSA configuration.
@Suite(.realTime, .serialized)
enum ALSASuites {}

/// Sound whose every sample is its own number (modulo the width), so that loss, doubling and order show to the frame.
enum Ramp {
    static func bytes(_ format: PCMFormat, frames: Int, from first: Int = 0) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(frames * format.frameBytes)
        for sample in first * format.channels..<(first + frames) * format.channels {
            switch format.sampleFormat {
            case .f32: append(Float(sample % 16_777_216) / 16_777_216, to: &bytes)
            // Sign extended from 24 bits, as the format asks.
            case .s24: append(Int32(truncatingIfNeeded: sample << 8) >> 8, to: &bytes)
            case .s24Packed:
                bytes.append(contentsOf: [UInt8(sample & 255), UInt8(sample >> 8 & 255), UInt8(sample >> 16 & 255)])
            case .s16: append(Int16(truncatingIfNeeded: sample), to: &bytes)
            default: append(Int32(truncatingIfNeeded: sample), to: &bytes)
            }
        }
        return bytes
    }

    private static func append<T>(_ value: T, to bytes: inout [UInt8]) {
        unsafe withUnsafeBytes(of: value) { unsafe bytes.append(contentsOf: $0) }
    }
}

extension DeviceRequest {
    static func capture(
        _ name: String, _ format: SampleFormat? = nil, rate: Int? = nil, channels: Int? = nil, period: Int64 = 256,
        buffer: Int64 = 1024
    ) -> DeviceRequest {
        var request = DeviceRequest(name: name, direction: .capture)
        (request.sampleFormat, request.rate, request.channels) = (format, rate, channels)
        (request.period, request.buffer) = (.frames(period), .frames(buffer))
        return request
    }

    static func playback(
        _ name: String, _ format: SampleFormat? = nil, rate: Int? = nil, channels: Int? = nil, period: Int64 = 256,
        buffer: Int64 = 1024
    ) -> DeviceRequest {
        var request = capture(name, format, rate: rate, channels: channels, period: period, buffer: buffer)
        request.direction = .playback
        return request
    }
}

/// An audio loop in its simplest form, on the test's own thread.
struct Loop {
    let device: ALSADevice
    let port: ALSAPort
    var descriptors: [pollfd]

    init(_ request: DeviceRequest, isLive: Bool = false) throws {
        device = try ALSADevice(request)
        try device.prepare(isLive: isLive)
        port = device.port
        descriptors = device.pollDescriptors.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
    }

    /// Waits for the device, ten seconds of real time at most.
    mutating func wait() -> PollEvents {
        for _ in 0..<10_000 {
            _ = unsafe poll(&descriptors, UInt(descriptors.count), 100)
            let events = unsafe port.pollEvents(&descriptors, count: descriptors.count)
            if events.isReady || events.isFailed { return events }
        }
        return unsafe port.pollEvents(&descriptors, count: descriptors.count)
    }

    /// Waits for one answer of poll, whatever it is.
    mutating func waitOnce() -> PollEvents {
        _ = unsafe poll(&descriptors, UInt(descriptors.count), 100)
        return unsafe port.pollEvents(&descriptors, count: descriptors.count)
    }

    /// Reads `frames` frames, or less when something else than waiting is needed; says what.
    mutating func read(_ frames: Int) -> (bytes: [UInt8], status: PortStatus) {
        var bytes = [UInt8](repeating: 0xEE, count: frames * port.frameBytes)
        var done = 0
        while done < frames {
            let status = unsafe bytes.withUnsafeMutableBytes { bytes in
                guard let start = bytes.baseAddress else { return PortStatus.ready(frames: 0) }
                return unsafe port.read(
                    into: start + done * port.frameBytes, frames: min(frames - done, port.periodFrames))
            }
            guard case .ready(let moved) = status else { return (Array(bytes.prefix(done * port.frameBytes)), status) }
            done += moved
            if moved == 0 {
                if case .ready(let available) = port.available(), available > port.bufferFrames {
                    return (Array(bytes.prefix(done * port.frameBytes)), .ready(frames: available))
                }
                _ = wait()
            }
        }
        return (bytes, .ready(frames: done))
    }

    /// Writes everything, starting the device once two periods (or all there is) lie in its buffer.
    mutating func write(_ bytes: [UInt8], isStarted: Bool = false) -> PortStatus {
        let frames = bytes.count / port.frameBytes
        var done = 0
        var isStarted = isStarted
        while done < frames {
            let status = unsafe bytes.withUnsafeBytes { bytes in
                guard let start = bytes.baseAddress else { return PortStatus.ready(frames: 0) }
                return unsafe port.write(
                    from: start + done * port.frameBytes, frames: min(frames - done, port.periodFrames))
            }
            guard case .ready(let moved) = status else { return status }
            done += moved
            if !isStarted, done >= min(2 * port.periodFrames, frames) {
                guard case .ready = port.start() else { return .xrun }
                isStarted = true
            }
            if moved == 0 { _ = wait() }
        }
        return .ready(frames: done)
    }
}
