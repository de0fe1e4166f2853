// invert - turns the polarity of sound round. An aup plugin in Embedded Swift: no runtime, no dependency, a small .so.
// The functions stand here, the constant table that names them in table.c: a host reads it without running code.

/// What one instance remembers.
private struct Invert {
    var channels: Int
}

@_cdecl("invert_create")
func create(
    _ host: UnsafePointer<aup_host>, _ plugin: UnsafePointer<aup_plugin>, _ setup: UnsafePointer<aup_setup>,
    _ error: UnsafeMutablePointer<aup_error>
) -> UnsafeMutableRawPointer? {
    let instance = UnsafeMutablePointer<Invert>.allocate(capacity: 1)
    instance.initialize(to: Invert(channels: Int(setup.pointee.in_channels)))
    return UnsafeMutableRawPointer(instance)
}

@_cdecl("invert_destroy")
func destroy(_ instance: UnsafeMutableRawPointer) {
    instance.assumingMemoryBound(to: Invert.self).deallocate()
}

/// A toggle that is a ramp: from 1 to -1 and back in a straight line, so that switching does not click.
@_cdecl("invert_process")
func process(_ instance: UnsafeMutableRawPointer, _ block: UnsafePointer<aup_block>) -> Int32 {
    let channels = instance.assumingMemoryBound(to: Invert.self).pointee.channels
    let frames = Int(block.pointee.frames)
    guard let inputs = block.pointee.in, let outputs = block.pointee.out, let value = block.pointee.value,
        let valueEnd = block.pointee.value_end
    else { return Int32(AUP_E_INVALID.rawValue) }
    let from = Float(1 - 2 * value[0])
    let to = Float(1 - 2 * valueEnd[0])
    let step = (to - from) / Float(frames)
    for channel in 0..<channels {
        guard let input = inputs[channel], let output = outputs[channel] else { return Int32(AUP_E_INVALID.rawValue) }
        for frame in 0..<frames {
            output[frame] = input[frame] * (from + step * Float(frame))
        }
    }
    return Int32(AUP_OK.rawValue)
}
