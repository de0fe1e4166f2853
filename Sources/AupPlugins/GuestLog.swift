import CAupPlugin
import Synchronization

/// What a guest said through `aup_host.log`, kept until somebody on the control side reads it.
///
/// - Thread: any but audio.
final class GuestLog: Sendable {
    /// Lines kept; later ones are counted and dropped, so that a talkative guest cannot grow without bound.
    static let limit = 64

    private let kept = Mutex<(lines: [String], dropped: Int)>(([], 0))

    /// Takes what has gathered since the last time.
    func take() -> [String] {
        kept.withLock { kept in
            let lines = kept.lines + (kept.dropped > 0 ? ["\(kept.dropped) more lines dropped"] : [])
            kept = ([], 0)
            return lines
        }
    }

    func add(_ line: String) {
        kept.withLock { kept in
            if kept.lines.count < Self.limit { kept.lines.append(line) } else { kept.dropped += 1 }
        }
    }
}

/// The `aup_host` that one instance sees; lives longer than the instance.
@safe final class GuestHost {
    let log = GuestLog()
    let pointer: UnsafeMutablePointer<aup_host>
    private let name: UnsafeMutablePointer<CChar>
    private let version: UnsafeMutablePointer<CChar>

    init() {
        unsafe name = Self.copy("aup")
        unsafe version = Self.copy("0.1.0")
        unsafe pointer = .allocate(capacity: 1)
        unsafe pointer.initialize(to: aup_host())
        unsafe pointer.pointee.size = UInt32(MemoryLayout<aup_host>.size)
        unsafe pointer.pointee.abi_major = UInt32(AUP_ABI_MAJOR)
        unsafe pointer.pointee.abi_minor = UInt32(AUP_ABI_MINOR)
        unsafe pointer.pointee.name = UnsafePointer(name)
        unsafe pointer.pointee.version = UnsafePointer(version)
        // Unretained because the instance that holds this host outlives every call of the guest.
        unsafe pointer.pointee.context = Unmanaged.passUnretained(log).toOpaque()
        unsafe pointer.pointee.log = { context, _, text in
            guard let context = unsafe context, let text = unsafe text else { return }
            let bytes = unsafe UnsafeBufferPointer(start: text, count: 240).prefix { $0 != 0 }
            let line = String(decoding: unsafe bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            unsafe Unmanaged<GuestLog>.fromOpaque(context).takeUnretainedValue().add(visible(line))
        }
        unsafe pointer.pointee.extension = { _, _ in nil }
    }

    deinit {
        unsafe pointer.deallocate()
        unsafe name.deallocate()
        unsafe version.deallocate()
    }

    private static func copy(_ text: String) -> UnsafeMutablePointer<CChar> {
        let bytes = text.utf8CString
        let memory = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        for (index, byte) in bytes.enumerated() { unsafe memory[index] = byte }
        return unsafe memory
    }
}
