import Glibc

/// Looks at a shared object as bytes, before the dynamic loader maps it.
///
/// The loader trusts the file's headers: one that was cut short is mapped past its end and the process dies of SIGBUS
/// inside `dlopen`. Layout from the ELF specification (System V ABI, chapter 4; "ELF header", "program header").
struct SharedObjectFile {
    /// - Throws: `notFound`, `broken` or `foreign`.
    static func check(_ path: String) throws(PluginError) {
        // O_NONBLOCK because a path may name a FIFO that nobody writes to.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let reason = unsafe String(cString: strerror(errno))
            throw PluginError(.notFound, "plugin '\(shown(path))' cannot be opened: \(reason)")
        }
        defer { close(descriptor) }
        guard let facts = FileFacts(path) else {
            throw PluginError(.broken, "plugin '\(shown(path))' is not a regular file")
        }
        let header = bytes(descriptor, at: 0, count: 64)
        func broken(_ what: String) -> PluginError { PluginError(.broken, "plugin '\(shown(path))' \(what)") }
        guard header.count >= 4, header[0...3] == [0x7F, 0x45, 0x4C, 0x46] else {
            throw broken(
                "is not a shared object (no ELF header); name the .so that was built, not its source or a text")
        }
        guard header.count == 64 else {
            throw broken("is cut short: \(facts.bytes) bytes, not even a whole header; copy or build it again")
        }
        guard header[4] == 2, header[5] == 1, word(header, 18, 2) == Self.machine else {
            throw PluginError(
                .foreign,
                "plugin '\(shown(path))' was built for \(machineName(header)), this is \(Self.machineNames[Self.machine] ?? "another machine")"
                    + "; build it for this one")
        }
        guard word(header, 16, 2) == 3 else {
            throw broken("is an ELF file but not a shared object; link it with -shared")
        }
        let offset = word(header, 32, 8)
        let entryBytes = word(header, 54, 2)
        let count = word(header, 56, 2)
        guard entryBytes == 56, count >= 1, count <= 1024 else {
            throw broken("has an ELF header that makes no sense; build it again")
        }
        let length = UInt64(facts.bytes)
        func cut(_ needed: UInt64) -> PluginError {
            broken("is cut short: \(facts.bytes) bytes where its header promises \(needed); copy or build it again")
        }
        let (tableEnd, overflow) = offset.addingReportingOverflow(entryBytes * count)
        guard !overflow, tableEnd <= length else { throw cut(overflow ? .max : tableEnd) }
        let table = bytes(descriptor, at: Int(offset), count: Int(entryBytes * count))
        guard table.count == Int(entryBytes * count) else { throw cut(tableEnd) }
        for entry in stride(from: 0, to: table.count, by: Int(entryBytes)) {
            let (end, overflow) = word(table, entry + 8, 8).addingReportingOverflow(word(table, entry + 32, 8))
            guard !overflow, end <= length else { throw cut(overflow ? .max : end) }
        }
    }

    #if arch(x86_64)
        private static let machine: UInt64 = 62
    #elseif arch(arm64)
        private static let machine: UInt64 = 183
    #endif

    private static let machineNames: [UInt64: String] = [
        3: "x86 (32 bit)", 8: "MIPS", 20: "PowerPC", 21: "PowerPC 64", 22: "S390", 40: "ARM (32 bit)", 62: "x86-64",
        183: "AArch64", 243: "RISC-V", 258: "LoongArch",
    ]

    private static func machineName(_ header: [UInt8]) -> String {
        let order = header[5] == 2 ? " (big endian)" : ""
        let number = header[5] == 2 ? UInt64(header[18]) << 8 | UInt64(header[19]) : word(header, 18, 2)
        return (machineNames[number] ?? "machine number \(number)") + order
    }

    /// A little-endian number of 2 or 8 bytes.
    private static func word(_ bytes: [UInt8], _ at: Int, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
    }

    /// As many of the bytes as the file has.
    private static func bytes(_ descriptor: Int32, at offset: Int, count: Int) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = unsafe buffer.withUnsafeMutableBytes { memory in
                unsafe pread(descriptor, memory.baseAddress! + filled, count - filled, off_t(offset + filled))
            }
            if got < 0, errno == EINTR { continue }
            if got <= 0 { break }
            filled += got
        }
        return Array(buffer.prefix(filled))
    }
}
