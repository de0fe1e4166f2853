import AupPlugins
import Foundation
import Synchronization
import TestSupport

/// Builds guests with the C compiler into a folder of this run.
enum Guests {
    static let folder = TestGuest.folder

    private static let built = Mutex<[String: String]>([:])

    /// Tests/Guests/rude.c with one way of being rude.
    static func rude(_ way: String) -> String {
        built.withLock { built in
            if let path = built[way] { return path }
            let path = "\(folder)/rude_\(way.lowercased()).so"
            let root = Repository.root.path
            compile([
                "-DRUDE_\(way)", "-I\(root)/plugins", "-std=gnu11", "-O1", "-w", "-shared", "-fPIC",
                "-fvisibility=hidden",
                "-o", path, "\(root)/Tests/Guests/rude.c", "-lm",
            ])
            built[way] = path
            return path
        }
    }

    static let polite = "POLITE"

    /// The project's own plugins, built by its own Makefile.
    static let own: String = {
        let path = Repository.root.path + "/plugins"
        run("/usr/bin/make", ["-s", "-C", path])
        return path
    }()

    static func compile(_ arguments: [String]) { run("/usr/bin/cc", arguments) }

    /// Runs a tool to its end and stops the test run if it fails, since nothing would be tested then.
    static func run(_ tool: String, _ arguments: [String]) {
        let command = ([tool] + arguments).map { "'\($0)'" }.joined(separator: " ")
        guard unsafe system(command) == 0 else { fatalError("\(command) failed") }
    }

    /// A library that finds the project's own plugins by name and nothing else.
    static func library(_ more: [String] = []) -> PluginLibrary {
        PluginLibrary(search: PluginSearch(folders: more + [own]))
    }

    /// What loading a rude guest says.
    static func complaint(_ way: String) -> PluginError? {
        let path = rude(way)
        do throws(PluginError) {
            _ = try PluginModule(path: path)
            return nil
        } catch {
            return error
        }
    }
}

/// Planar sound in memory of its own, for running chains.
@safe final class Planar {
    let frames: Int
    let channels: [UnsafeMutablePointer<Float>]
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<Float>>

    init(_ sound: [[Float]]) {
        frames = sound[0].count
        unsafe channels = unsafe sound.map { samples in
            let memory = UnsafeMutablePointer<Float>.allocate(capacity: max(samples.count, 1))
            for (index, sample) in samples.enumerated() { unsafe memory.advanced(by: index).initialize(to: sample) }
            return unsafe memory
        }
        unsafe pointers = .allocate(capacity: sound.count)
        for index in unsafe channels.indices { unsafe pointers.advanced(by: index).initialize(to: channels[index]) }
    }

    deinit {
        for index in unsafe channels.indices { unsafe channels[index].deallocate() }
        unsafe pointers.deallocate()
    }

    var sound: [[Float]] {
        unsafe channels.map { channel in (0..<frames).map { unsafe channel[$0] } }
    }
}

extension PluginChain {
    /// Runs sound through in calls of `block` frames.
    func run(_ sound: [[Float]], block: Int, inPlace: Bool = false) -> (sound: [[Float]], status: ChainStatus) {
        let frames = sound[0].count
        var result = [[Float]](repeating: [], count: outputChannels)
        var status = ChainStatus.running
        var at = 0
        while at < frames {
            let count = min(block, frames - at)
            let input = Planar(sound.map { Array($0[at..<at + count]) })
            // Never-written output must show.
            let output =
                inPlace ? input : Planar(Array(repeating: Array(repeating: 9, count: count), count: outputChannels))
            status = unsafe process(input: input.pointers, output: output.pointers, frames: count)
            for (channel, samples) in output.sound.enumerated() { result[channel] += samples }
            if case .failed = status { break }
            at += count
        }
        return (result, status)
    }
}

/// Sound whose every sample of the first 16 million differs, with odd bit patterns.
func ramp(channels: Int, frames: Int) -> [[Float]] {
    var sound: [[Float]] = []
    for channel in 0..<channels {
        var samples: [Float] = []
        for frame in 0..<frames {
            let number: Int = (frame &* 1_640_531 &+ channel &* 40503) % 16_777_213
            samples.append(Float(number - 8_388_606) / 8_388_608)
        }
        sound.append(samples)
    }
    return sound
}
