import Glibc

/// What watches this process while it is tested.
public enum Sanitizer {
    /// AddressSanitizer keeps what was freed for a while, so that how much memory a process has tells nothing, and locks none.
    public static let keepsMemory = unsafe dlsym(nil, "__asan_init") != nil
    /// It has crashes to itself, and takes what a process held that was ended in the midst of its work for lost.
    public static let hasLastWord = keepsMemory
}
