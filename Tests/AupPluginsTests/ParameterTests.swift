import AupPlugins
import Testing

@Suite struct ParameterTests {
    private let plugin: PluginDescription

    init() throws {
        plugin = try PluginModule(path: Guests.rude(Guests.polite)).plugins[0]
    }

    private func parse(_ key: String, _ text: String) throws -> ParameterValue {
        try #require(plugin.parameter(key)).parse(text, plugin: "rude")
    }

    private func complaint(_ key: String, _ text: String) -> String {
        do throws(PluginError) {
            _ = try plugin.parameter(key)!.parse(text, plugin: "rude")
            return "(accepted)"
        } catch {
            return error.message
        }
    }

    @Test(arguments: [
        ("level", "-6", -6.0), ("level", "-6dB", -6), ("level", "-6 DB", -6), ("level", "+3.5db", 3.5),
        ("level", "1e1", 10), ("level", "-1.5e-1dB", -0.15), ("cutoff", "440Hz", 440), ("cutoff", "1.5kHz", 1500),
        ("cutoff", "1.5k", 1500), ("cutoff", "20000", 20000), ("delay", "20ms", 20), ("delay", "1s", 1000),
        ("delay", "2s", 2000), ("delay", "500us", 0.5), ("mix", "50%", 50), ("mix", "50", 50), ("amount", "50%", 0.5),
        ("amount", "100%", 1), ("amount", "0.25", 0.25), ("band", "low", 0), ("band", "HIGH", 2), ("band", "1", 1),
        ("order", "4", 4), ("listen", "on", 1), ("listen", "Off", 0), ("listen", "true", 1), ("listen", "false", 0),
        ("listen", "1", 1), ("listen", "no", 0),
    ])
    func `values with and without units mean what they say`(key: String, text: String, expected: Double) throws {
        guard case .number(let number) = try parse(key, text) else {
            Issue.record("\(key)=\(text) is no number")
            return
        }
        #expect(abs(number - expected) < 1e-9)
    }

    @Test func `a text is taken as it is`() throws {
        #expect(try parse("note", "a = b, ünï") == .text("a = b, ünï"))
        #expect(try parse("note", "") == .text(""))
    }

    @Test(arguments: [
        ("level", "6Hz"), ("level", "loud"), ("level", ""), ("level", "-91"), ("level", "24.1dB"), ("level", "nan"),
        ("level", "inf"), ("level", "0x10"), ("level", "1e999"), ("level", "1,5"), ("level", "--6"), ("level", "6dBm"),
        ("level", "1eV"), ("cutoff", "19"), ("cutoff", "20.1kHz"), ("cutoff", "20ms"), ("delay", "3s"), ("mix", "101%"),
        ("amount", "1dB"), ("band", "lowest"), ("band", "3"), ("band", "0.5"), ("order", "2.5"), ("order", "9"),
        ("listen", "maybe"), ("listen", "2"), ("calls", "1"), ("level", "\u{1B}[31m"),
    ])
    func `what does not fit is refused with key and value`(key: String, text: String) {
        let message = complaint(key, text)
        #expect(message.hasPrefix("plugin 'rude': \(key)"))
        #expect(!message.unicodeScalars.contains { $0.value < 32 })
    }

    @Test func `a refusal names the range`() {
        #expect(complaint("level", "99") == "plugin 'rude': level=99: out of range; level takes -90 dB to 24 dB")
        #expect(
            complaint("cutoff", "3dB")
                == "plugin 'rude': cutoff=3dB: the unit 'dB' does not fit Hz; cutoff takes 20 Hz to 20000 Hz")
        #expect(complaint("mix", "x") == "plugin 'rude': mix=x: not a number; mix takes 0% to 100%")
        #expect(
            complaint("band", "hihg")
                == "plugin 'rude': band=hihg: no such choice; did you mean 'High'?; band takes Low, Mid or High")
        #expect(
            complaint("order", "9") == "plugin 'rude': order=9: out of range; order takes a whole number from 1 to 8")
        #expect(complaint("listen", "x") == "plugin 'rude': listen=x: neither on nor off; listen takes on or off")
    }

    @Test func `values are shown with their units`() throws {
        func shown(_ key: String, _ value: Double) -> String? { plugin.parameter(key)?.format(value) }
        #expect(shown("level", -6) == "-6 dB")
        #expect(shown("level", -0.5) == "-0.5 dB")
        #expect(shown("mix", 50) == "50%")
        #expect(shown("listen", 1) == "on")
        #expect(shown("band", 2) == "High")
        #expect(shown("amount", 0.5) == "0.5")
    }

    @Test func `an unknown key offers near ones`() throws {
        func complaint(_ words: [String]) -> String? {
            do throws(PluginError) {
                _ = try PluginChain(
                    specs: ChainArguments.parse(words, limit: 8), library: Guests.library(), rate: 48000, maxFrames: 64,
                    channels: 1)
                return nil
            } catch {
                return error.message
            }
        }
        #expect(complaint(["gain", "gian=3"]) == "plugin 'gain' has no parameter 'gian'; did you mean 'gain'?")
        #expect(complaint(["gain", "volume=3"]) == "plugin 'gain' has no parameter 'volume'; it has gain")
        #expect(
            complaint(["gain", "gain=99"]) == "plugin 'gain': gain=99: out of range; gain takes -90 dB to 24 dB")
    }
}
