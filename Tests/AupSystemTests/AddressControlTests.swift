import Glibc
import Testing

/// The positive controls of AddressSanitizer and LeakSanitizer.
///
/// Only `Tests/Sanitizers/asan.sh` asks for them, and fails unless they are caught.
@Suite struct AddressControlTests {
    @Test(.enabled(if: unsafe getenv("AUP_ASAN_CONTROL") != nil, "fails on purpose: Tests/Sanitizers/asan.sh runs it"))
    func `a write past the end is caught`() {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 8)
        // By memset, which the sanitizer watches: in a debug build Swift's own loads and stores are calls into the
        // standard library, which it does not.
        unsafe memset(memory, 1, 17)
        unsafe memory.deallocate()
    }

    @Test(.enabled(if: unsafe getenv("AUP_LSAN_CONTROL") != nil, "fails on purpose: Tests/Sanitizers/asan.sh runs it"))
    func `memory that nobody frees is caught`() {
        for _ in 0..<100 {
            let memory = UnsafeMutableRawPointer.allocate(byteCount: 4321, alignment: 8)
            unsafe memory.initializeMemory(as: UInt8.self, repeating: 1, count: 4321)
        }
        #expect(Bool(true))
    }
}
