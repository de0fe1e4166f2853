import AupFiles
import AupSimulation
import AupSound
import AupSystem

/// Reads a whole WAV file into memory, for a simulated device that plays it in a loop.
enum SoundFileLoader {
    /// Twenty minutes of CD sound; a simulation needs no more.
    static let largestBytes = 256 << 20

    static func load(_ path: String, for device: String) throws(DeviceError) -> SimulatedFile {
        var found: SoundFileHeader?
        var sound: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        let stop = StopRequest()
        do {
            let file = try Descriptor.reading(path)
            var reader = WAVReader(totalBytes: file.fileBytes)
            while true {
                let count = try unsafe chunk.withUnsafeMutableBytes { try unsafe file.read(into: $0, stop: stop) } ?? 0
                if count == 0 { break }
                let header = try reader.feed(chunk.span.extracting(..<count))
                sound += chunk[header..<count]
                guard sound.count <= largestBytes else {
                    throw DeviceError.unsupported(
                        name: device, what: "\(path) is longer than the \(largestBytes >> 20) MiB a simulation holds")
                }
            }
            try reader.finish()
            found = reader.header
        } catch let error as SystemError {
            throw .unknown(name: device, remedy: "cannot read \(path): \(error.reason)")
        } catch let error as FileError {
            throw .unsupported(name: device, what: "\(path): \(error.message)")
        } catch let error as DeviceError {
            throw error
        } catch {
            throw .broken(name: device, what: "\(path): \(error)")
        }
        guard let header = found else { throw .unsupported(name: device, what: "\(path) holds no sound") }
        if let bytes = header.dataBytes { sound = Array(sound.prefix(Int(clamping: bytes))) }
        return SimulatedFile(format: header.format, bytes: sound)
    }
}
