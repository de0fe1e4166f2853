import Glibc
public import Testing

/// Conditions of tests that AddressSanitizer makes meaningless, each with its reason, which is printed.
public enum Sanitizer {
    private static let isAddress = unsafe dlsym(nil, "__asan_init") != nil

    /// For tests of how much memory a process has.
    public static var leavesMemory: ConditionTrait {
        .disabled(if: isAddress, "AddressSanitizer keeps what is freed")
    }
    /// For tests in which a process crashes, or is ended in the midst of its work.
    public static var leavesTheLastWord: ConditionTrait {
        .disabled(if: isAddress, "AddressSanitizer has crashes to itself, and calls what is held at such an end lost")
    }
    /// Whether memory is locked when it is said to be.
    public static var locksMemory: Bool { !isAddress }
}
