import Foundation
import Synchronization
import TestSupport

/// Guests with one misdeed each, built from Tests/Guests/misdeed_*.c with the C compiler.
enum Misdeeds {
    enum Interface: String, CaseIterable, Sendable {
        case native, ladspa
    }

    static let hasLADSPA = FileManager.default.fileExists(atPath: "/usr/include/ladspa.h")
    static let interfaces: [Interface] = hasLADSPA ? [.native, .ladspa] : [.native]

    private static let scratch = try! Scratch()
    private static let built = Mutex<Set<String>>([])

    /// The file of a guest with these misdeeds, words of misdeeds.h.
    static func guest(_ misdeeds: [String], _ interface: Interface) throws -> String {
        let path = scratch.path("\(interface.rawValue)_\(misdeeds.joined(separator: "_").lowercased()).so")
        try built.withLock { built in
            guard built.insert(path).inserted else { return }
            let root = Repository.root.path
            let run = try ToolRun(
                "cc",
                misdeeds.map { "-DMISDEED_\($0)" } + [
                    "-I\(root)/plugins", "-std=gnu11", "-O1", "-w", "-shared", "-fPIC", "-o", path,
                    "\(root)/Tests/Guests/misdeed_\(interface.rawValue).c", "-lm", "-lpthread",
                ])
            guard run.status == 0 else { throw CocoaError(.fileWriteUnknown) }
        }
        return path
    }
}
