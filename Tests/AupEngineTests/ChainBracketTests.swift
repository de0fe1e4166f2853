import AupPlugins
import AupRealtime
import AupSystem
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import AupEngine

/// What a chain does to a block, inside the bracket: under RealtimeSanitizer (`make rtsan`) any allocation, lock or blocking
/// call in it ends the process.
@Suite(.serialized) struct `A chain on the audio thread` {
    @Test func `changes, ramps, events and bypasses neither allocate nor lock`() throws {
        let gain = Repository.root.appending(path: "plugins/gain/gain.so").path
        let specs = [
            PluginSpec(gain), PluginSpec(TestGuest.path("echo"), [.init(key: "lag", value: "77")]),
            PluginSpec(TestGuest.path("rude", defines: ["RUDE_EVENTS"])),
        ]
        let chain = try PluginChain(specs: specs, rate: 48_000, maxFrames: 512, channels: 2)
        let level = try #require(chain.plugins[2].parameter("level")).index
        var changes: [ChainChange] = []
        for step in 0..<5000 {
            let plugin = step % 3
            let value: Double = plugin == 1 ? Double(step % 10) / 11 : -Double(step % 30) / 7
            changes.append(
                ChainChange(
                    frame: Int64(step * 9), plugin: plugin, parameter: plugin == 2 ? level : 0, value: value,
                    rampFrames: [-1, 0, 100][step / 3 % 3]))
        }
        chain.schedule(changes)
        let input = PlanarBuffer(channels: 2, frames: 512)
        let output = PlanarBuffer(channels: 2, frames: 512)
        let isOver = Flag()
        // A control client in a hurry.
        let client = try WorkerThread(name: "client") {
            var step = 0
            while !isOver.value.load(ordering: .relaxed) {
                step += 1
                _ = try? chain.set(plugin: 0, key: "gain", to: "-\(step % 20)", rampFrames: step % 3 == 0 ? 50 : nil)
                try? chain.setBypass(plugin: step % 3, step % 7 == 0)
                _ = chain.settings
            }
        }
        var failures = 0
        for _ in 0..<200 {
            RealtimeSection.enter()
            let status = unsafe chain.process(input: input.planes, output: output.planes, frames: 512)
            RealtimeSection.exit()
            if case .failed = status { failures += 1 }
        }
        isOver.value.store(true, ordering: .relaxed)
        client.join()
        #expect(failures == 0)
        #expect(chain.waitingChanges == 0)
    }

    @Test(.enabled(if: TestGuest.hasForeignHeaders, "ladspa-sdk and lv2-dev are not installed"))
    func `what makes LADSPA, LV2 and CLAP look like our own neither allocates nor locks`() throws {
        var search = PluginSearch(folders: [])
        search.lv2Folders = [try TestGuest.lv2Folder("guest")]
        let specs = [
            PluginSpec(TestGuest.path("rude_ladspa")), PluginSpec("lv2:urn:aup:test:guest"),
            PluginSpec(TestGuest.path("clap_guest")),
        ]
        let chain = try PluginChain(
            specs: specs, library: PluginLibrary(search: search), rate: 48_000, maxFrames: 512, channels: 2)
        let gains = try chain.plugins.map { try #require($0.parameter("gain")).index }
        chain.schedule(
            (0..<3000).map { step in
                ChainChange(
                    frame: Int64(step * 31), plugin: step % 3, parameter: gains[step % 3],
                    value: Double(step % 9 + 1) / 3, rampFrames: [-1, 0, 100][step / 3 % 3])
            })
        let input = PlanarBuffer(channels: 2, frames: 512)
        let output = PlanarBuffer(channels: 2, frames: 512)
        var failures = 0
        for step in 0..<200 {
            RealtimeSection.enter()
            let status = unsafe chain.process(input: input.planes, output: output.planes, frames: 512 - step % 3)
            RealtimeSection.exit()
            if case .failed = status { failures += 1 }
        }
        #expect(failures == 0)
        #expect(chain.waitingChanges == 0)
        // Each guest counts its frames, and some of what it was told besides.
        for (plugin, key) in ["level", "reading", "reading"].enumerated() {
            #expect(try chain.value(plugin: plugin, key: key) > 100_000)
        }
    }

    private final class Flag: Sendable {
        let value = Atomic<Bool>(false)
    }
}
