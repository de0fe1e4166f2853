import AupPlugins
import Foundation
import Synchronization
import TestSupport

/// Guests of other interfaces: Debian's, and rude ones built with the interface's own header.
enum ForeignGuests {
    static let hasLADSPA =
        FileManager.default.fileExists(atPath: "/usr/include/ladspa.h")
        && FileManager.default.fileExists(atPath: "/usr/lib/ladspa/sc4_1882.so")

    /// Links to the files of ladspa-sdk and swh-plugins: what else is installed may crash, and has labels twice.
    private static let ladspaFolder: String = {
        let folder = Guests.folder + "/ladspa"
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/ladspa")) ?? []
        for name in names where name.wholeMatch(of: /(amp|delay|filter|noise|sine|.*_[0-9]{4})\.so/) != nil {
            try? FileManager.default.createSymbolicLink(
                atPath: "\(folder)/\(name)", withDestinationPath: "/usr/lib/ladspa/\(name)")
        }
        return folder
    }()

    /// A library that finds Debian's LADSPA plugins and the project's own.
    static func library(_ more: [String] = []) -> PluginLibrary {
        var search = PluginSearch(folders: [Guests.own])
        search.ladspaFolders = more + [ladspaFolder]
        return PluginLibrary(search: search)
    }

    private static let built = Mutex<Set<String>>([])

    /// Tests/Guests/rude_ladspa.c with one way of being rude.
    static func ladspa(_ way: String) -> String {
        TestGuest.path("rude_ladspa", defines: ["RUDE_\(way)"])
    }

    /// The plainest host there can be.
    static let ladspaHost: String = {
        let path = "\(Guests.folder)/ladspa_host"
        build(path, ["\(Repository.root.path)/Tests/Guests/ladspa_host.c", "-Wl,--no-as-needed", "-ldl", "-lm"])
        return path
    }()

    static func build(_ path: String, _ arguments: [String]) {
        built.withLock { built in
            guard built.insert(path).inserted else { return }
            Guests.compile(["-std=gnu11", "-O1", "-w", "-o", path] + arguments)
        }
    }

    /// What a plain host makes of the same sound with the same values.
    static func reference(
        _ host: String, _ words: [String], sound: [[Float]], outputs: Int
    ) throws -> [[Float]] {
        let scratch = try Scratch()
        let input = sound.reduce(into: Data()) { data, channel in
            unsafe channel.withUnsafeBytes { unsafe data.append(contentsOf: $0) }
        }
        try input.write(to: URL(filePath: scratch.path("in")))
        let command = ([host] + words).map { "'\($0)'" }.joined(separator: " ")
        Guests.run("/bin/sh", ["-c", "\(command) <\(scratch.path("in")) >\(scratch.path("out"))"])
        let bytes = try Data(contentsOf: URL(filePath: scratch.path("out")))
        let frames = sound[0].count
        guard bytes.count == outputs * frames * 4 else { return [] }
        let samples = unsafe bytes.withUnsafeBytes { unsafe Array($0.bindMemory(to: Float.self)) }
        return (0..<outputs).map { Array(samples[($0 * frames)..<(($0 + 1) * frames)]) }
    }
}

/// Half a second that wakes every kind of effect: a burst, a sweep, an impulse, silence.
func material(channels: Int, frames: Int) -> [[Float]] {
    (0..<channels).map { channel in
        var state = UInt32(truncatingIfNeeded: channel + 1) &* 2_654_435_761
        return (0..<frames).map { frame in
            state = state &* 1_664_525 &+ 1_013_904_223
            let noise = Float(Int32(bitPattern: state)) / 2_147_483_648
            switch frame * 4 / frames {
            case 0: return noise * 0.5
            case 1:
                let time = Float(frame - frames / 4)
                return 0.7 * sin(time * time * 0.00002 + Float(channel))
            case 2: return frame == frames / 2 + 10 ? 1 : 0
            default: return noise * 0.01
            }
        }
    }
}

/// LV2 bundles.
extension ForeignGuests {
    static let hasLV2 =
        FileManager.default.fileExists(atPath: "/usr/include/lilv-0/lilv/lilv.h")
        && FileManager.default.fileExists(atPath: "/usr/lib/lv2/mda.lv2")
        && FileManager.default.fileExists(atPath: "/usr/lib/lv2/ZamEQ2.lv2")

    /// A library that finds LV2 bundles in these folders, or Debian's.
    static func lv2Library(_ folders: [String]? = nil) -> PluginLibrary {
        var search = PluginSearch(folders: [Guests.own])
        search.lv2Folders = folders
        search.findsLV2 = true
        return PluginLibrary(search: search)
    }

    /// A folder with the bundle of Tests/Guests/lv2_guest.c, with one way of being rude.
    static func lv2Folder(_ way: String, feature: String = "http://lv2plug.in/ns/ext/log#log") throws -> String {
        try TestGuest.lv2Folder("guest", defines: ["RUDE_\(way)"], feature: feature)
    }

    /// A folder with the bundle of Tests/Guests/lv2_ports.c.
    static func lv2PortsFolder() throws -> String {
        let folder = "\(Guests.folder)/lv2_ports"
        let bundle = folder + "/ports.lv2"
        try FileManager.default.createDirectory(atPath: bundle, withIntermediateDirectories: true)
        let source = "\(Repository.root.path)/Tests/Guests/lv2_ports"
        build(bundle + "/ports.so", ["-shared", "-fPIC", source + ".c"])
        let words = try String(contentsOfFile: source + ".ttl", encoding: .utf8)
        try words.write(toFile: bundle + "/ports.ttl", atomically: true, encoding: .utf8)
        let preset =
            "<urn:aup:test:high> a <http://lv2plug.in/ns/ext/presets#Preset> ; "
            + "<http://lv2plug.in/ns/lv2core#appliesTo> <urn:aup:test:state> ; "
            + "<http://www.w3.org/2000/01/rdf-schema#seeAlso> <ports.ttl> .\n"
        let entries = ["old", "voltage", "mute", "key", "state"].map {
            "<urn:aup:test:\($0)> a <http://lv2plug.in/ns/lv2core#Plugin> ; "
                + "<http://lv2plug.in/ns/lv2core#binary> <ports.so> ; "
                + "<http://www.w3.org/2000/01/rdf-schema#seeAlso> <ports.ttl> .\n"
        }
        try (entries.joined() + preset).write(toFile: bundle + "/manifest.ttl", atomically: true, encoding: .utf8)
        return folder
    }

    static let lv2Host: String = {
        let path = "\(Guests.folder)/lv2_host"
        build(path, ["\(Repository.root.path)/Tests/Guests/lv2_host.c", "-llilv-0"])
        return path
    }()
}

/// CLAP files.
extension ForeignGuests {
    static let hasCLAP =
        FileManager.default.fileExists(atPath: "/usr/lib/clap/ZamEQ2.clap")
        && FileManager.default.fileExists(atPath: "/usr/lib/lv2/ZamEQ2.lv2")

    /// A library that finds Debian's CLAP plugins, and the bundles of LV2 where lilv looks.
    static func clapLibrary(_ folders: [String] = ["/usr/lib/clap"]) -> PluginLibrary {
        var search = PluginSearch(folders: [Guests.own])
        search.clapFolders = folders
        return PluginLibrary(search: search)
    }

    /// Tests/Guests/clap_guest.c with one way of being rude.
    static func clap(_ way: String) -> String {
        TestGuest.path("clap_guest", defines: ["RUDE_\(way)"])
    }
}
