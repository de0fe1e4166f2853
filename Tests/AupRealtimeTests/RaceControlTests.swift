import Testing

/// The positive control of ThreadSanitizer: two threads that count in one place without a word between them.
@Suite struct RaceControlTests {
    /// `@unchecked Sendable` is the lie that the sanitizer must see through.
    @safe
    private struct Careless: @unchecked Sendable {
        let count = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    }

    /// Only `Tests/Sanitizers/tsan.sh` asks for it, and fails unless it is caught.
    @Test(.enabled(if: isWanted("AUP_TSAN_CONTROL"), "fails on purpose: Tests/Sanitizers/tsan.sh runs it"))
    func `a race is caught`() {
        let careless = Careless()
        unsafe careless.count.initialize(to: 0)
        let threads = (0..<2).map { _ in
            Companion { for _ in 0..<10_000 { unsafe careless.count.pointee += 1 } }
        }
        for thread in threads { thread.join() }
        unsafe careless.count.deallocate()
    }
}
