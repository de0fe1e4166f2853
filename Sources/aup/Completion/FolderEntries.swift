import AupSound
import Glibc

/// Names of files behind a prefix that shells do not know, such as `unix:` and `sim:`.
enum FolderEntries {
    enum Wanted {
        case sockets
        case ending(Set<String>)
    }

    /// So many are more than anybody reads, and a folder may have millions.
    private static let most = 1000

    /// - Parameters:
    ///   - typed: the word, its prefix included.
    ///   - behind: the prefix.
    static func offers(_ typed: String, behind prefix: String, _ wanted: Wanted) -> [Offer] {
        let path = String(typed.dropFirst(prefix.count))
        let end = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let folder = String(path[..<end])
        let showsHidden = path[end...].hasPrefix(".")
        guard let stream = unsafe opendir(FileName.bytes(folder.isEmpty ? "." : folder)) else { return [] }
        defer { unsafe closedir(stream) }
        var offers: [Offer] = []
        while offers.count < most, let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe FileName.text(Array(unsafe bytes.prefix { $0 != 0 }))
            }
            guard name != ".", name != "..", showsHidden || !name.hasPrefix(".") else { continue }
            // Neither a socket nor a sound has a line break in its name; a bare word behind sim: is a signal.
            let word = prefix == "sim:" && folder.isEmpty ? "./" + name : folder + name
            switch kind(folder + name) {
            case UInt32(S_IFDIR): offers.append(Offer(value: prefix + word + "/"))
            case UInt32(S_IFSOCK): if case .sockets = wanted { offers.append(Offer(value: prefix + word)) }
            case UInt32(S_IFREG):
                guard case .ending(let endings) = wanted, let dot = name.lastIndex(of: "."),
                    endings.contains(name[name.index(after: dot)...].lowercased())
                else { continue }
                offers.append(Offer(value: prefix + word))
            default: continue
            }
        }
        return offers.sorted { $0.value < $1.value }
    }

    private static func kind(_ path: String) -> UInt32 {
        var status = stat()
        guard unsafe stat(FileName.bytes(path), &status) == 0 else { return 0 }
        return status.st_mode & UInt32(S_IFMT)
    }
}
