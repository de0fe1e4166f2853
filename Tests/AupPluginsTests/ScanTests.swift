import Foundation
import TestSupport
import Testing

@testable import AupPlugins

@Suite struct ScanTests {
    @Test(arguments: [Guests.rude("POLITE"), Guests.rude("TWO"), ForeignGuests.clap("POLITE")])
    func `what was seen comes back from its lines as it was`(path: String) {
        let scan = PluginScan(path: path)
        #expect(!scan.plugins.isEmpty)
        let back = PluginScan(lines: scan.lines(), path: path)
        #expect(back?.plugins == scan.plugins)
        #expect(back?.error == nil)
    }

    @Test(.enabled(if: ForeignGuests.hasLADSPA, "ladspa-sdk and swh-plugins are not installed"))
    func `so do refusals and errors`() {
        let partly = PluginScan(path: ForeignGuests.ladspa("NULL_RUN_OF_TWO"))
        #expect(partly.refusals.count == 1)
        #expect(PluginScan(lines: partly.lines(), path: partly.path)?.refusals == partly.refusals)
        let broken = PluginScan(path: ForeignGuests.ladspa("ENDLESS"))
        #expect(broken.error != nil)
        #expect(PluginScan(lines: broken.lines(), path: broken.path)?.error == broken.error)
        let range = PluginScan(path: "/usr/lib/ladspa/lowpass_iir_1891.so")
        #expect(PluginScan(lines: range.lines(), path: range.path)?.plugins == range.plugins)
    }

    @Test(arguments: [
        ("undefined symbol: __powf_finite", "the plugin has to be built again)"),
        ("symbol lookup error: /x.so: undefined symbol: fftwf_execute, version 3", "LD_PRELOAD=LIBRARY.so"),
        ("undefined symbol:", ""), ("file too short", ""),
    ])
    func `a missing function comes with what can be done about it`(reason: String, advice: String) {
        let said = SharedObject.advice(on: reason)
        #expect(advice.isEmpty ? said.isEmpty : said.contains(advice))
    }

    @Test func `lines that are not whole are no scan`() {
        let path = Guests.rude("POLITE")
        let lines = PluginScan(path: path).lines()
        #expect(PluginScan(lines: [], path: path) == nil)
        #expect(PluginScan(lines: Array(lines.dropFirst()), path: path) == nil)
        for at in lines.indices {
            var cut = lines
            cut[at] = String(cut[at].prefix(while: { $0 != "\t" })) + "\tx"
            let isKnown = lines[at].hasPrefix("label")
            #expect((PluginScan(lines: cut, path: path) == nil) == !isKnown, "line \(at)")
        }
    }
}
