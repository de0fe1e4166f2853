import CAupPlugin
import Glibc

/// What of a process its guests must leave alone, as it is now.
///
/// - Thread: control.
struct ProcessState {
    /// What each descriptor leads to.
    let descriptors: [Int: String]
    private let signals: [UInt64]
    let locale: String
    let directory: String
    let mask: UInt32
    let threads: Int

    init() {
        descriptors = Self.openDescriptors()
        var signals = [UInt64](repeating: 0, count: Int(AUP_SIGNALS))
        unsafe aup_signal_state(&signals)
        self.signals = signals
        locale = unsafe setlocale(LC_ALL, nil).map { unsafe String(cString: $0) } ?? ""
        let folder = unsafe getcwd(nil, 0)
        directory = unsafe folder.map { unsafe String(cString: $0) } ?? ""
        unsafe free(folder)
        mask = umask(0)
        umask(mask)
        threads = Self.threadCount()
    }

    func descriptorComplaint(_ later: ProcessState) -> String? {
        for (number, goal) in descriptors.sorted(by: { $0.key < $1.key }) {
            guard let now = later.descriptors[number] else { return "it closes descriptor \(number)" }
            if now != goal { return "it makes descriptor \(number) lead to \(now)" }
        }
        let left = later.descriptors.filter { descriptors[$0.key] == nil }.sorted { $0.key < $1.key }
        return left.first.map { "it leaves \(left.count) open: descriptor \($0.key), \($0.value)" }
    }

    func signalComplaint(_ later: ProcessState) -> String? {
        if signals[0] != later.signals[0] { return "it changes which signals are blocked" }
        let changed = signals.indices.first { signals[$0] != later.signals[$0] }
        return changed.map { "it changes what happens at \(unsafe String(cString: aup_signal_word(Int32($0))))" }
    }

    private static func openDescriptors() -> [Int: String] {
        var found: [Int: String] = [:]
        // The folder itself is open while it is read; it is gone when its name is looked for.
        for name in PluginSearch.entries(of: "/proc/self/fd") {
            var goal = [CChar](repeating: 0, count: 256)
            guard let number = Int(name), unsafe readlink("/proc/self/fd/\(name)", &goal, goal.count - 1) > 0 else {
                continue
            }
            let bytes = goal.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            found[number] = String(decoding: bytes, as: UTF8.self)
        }
        return found
    }

    /// Threads that have been joined may still be seen for a moment.
    private static func threadCount() -> Int {
        var count = 0
        for _ in 0..<20 {
            count = PluginSearch.entries(of: "/proc/self/task").count
            if count <= 1 { break }
            usleep(10000)
        }
        return count
    }
}
