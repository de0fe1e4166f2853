import AupRealtime
import AupSound

/// A converter that is planned anew when the format changes, and a plain copy where there is nothing to convert.
struct SampleConverterSlot {
    private var converter: SampleConverter?
    private var bytesPerSample = 0
    /// Samples that did not fit, since the start.
    private(set) var clippedSamples: Int64 = 0
    /// Whether the target's bytes are the source's.
    var isCopy: Bool { converter == nil }

    mutating func plan(from source: SampleFormat, to target: SampleFormat) {
        converter = source == target ? nil : SampleConverter(from: source, to: target)
        bytesPerSample = target.bytesPerSample
    }

    mutating func convert(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, samples: Int) {
        guard samples > 0 else { return }
        if converter == nil {
            unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<(samples * bytesPerSample)]))
        } else {
            let clipped = unsafe converter!.convert(
                from: source.baseAddress!, to: target.baseAddress!, samples: samples)
            clippedSamples += Int64(clipped)
        }
    }
}
