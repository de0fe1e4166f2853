public import AupSound

/// The sound of `sim:PATH`, read and unpacked by whoever opens the device.
///
/// - Thread: control.
public struct SimulatedFile: Sendable {
    public let format: PCMFormat
    /// Interleaved frames in `format`.
    public let bytes: [UInt8]

    public init(format: PCMFormat, bytes: [UInt8]) {
        self.format = format
        self.bytes = bytes
    }
}
