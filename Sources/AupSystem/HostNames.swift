import Glibc

/// The names that others on its network may know this machine by: what it calls itself, in short, and in short with
/// `.local`, as it is announced by multicast DNS (RFC 6762). Nobody is asked; names that only a server knows are not there.
///
/// - Thread: any.
public func hostNames() -> [String] {
    // HOST_NAME_MAX is 64 in Linux; a longer one is cut off without an end.
    var space = [CChar](repeating: 0, count: 257)
    guard unsafe gethostname(&space, space.count - 1) == 0 else { return [] }
    return hostNames(of: String(decoding: space.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
}

/// The same of a machine that calls itself so.
func hostNames(of name: String) -> [String] {
    let short = String(name.prefix { $0 != "." })
    // What every machine is called is nobody's name.
    guard !short.isEmpty, short != "localhost" else { return [] }
    return name == short ? [short, short + ".local"] : [name, short, short + ".local"]
}
