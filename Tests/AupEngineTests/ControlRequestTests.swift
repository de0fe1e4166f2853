import AupSound
import Testing

@testable import AupEngine

@Suite struct `Wishes of a control client` {
    private func command(_ line: String) throws -> ControlCommand? { try ControlRequest(Array(line.utf8))?.command }

    private func mistake(_ line: [UInt8]) -> ControlRequest.Mistake? {
        do throws(ControlRequest.Mistake) {
            _ = try ControlRequest(line)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a line of words is a command`() throws {
        #expect(try command("list") == .list)
        #expect(try command("  get gain.gain\t2.cutoff\r") == .get(["gain.gain", "2.cutoff"]))
        let one = ControlCommand.Setting(parameter: "gain.gain", value: "-6dB")
        #expect(try command("set gain.gain -6dB") == .set([one], ramp: nil))
        #expect(try command("set gain.gain -6dB 2s") == .set([one], ramp: .nanoseconds(2_000_000_000)))
        #expect(try command("gain.gain=-6dB") == .set([one], ramp: nil))
        let two = ControlCommand.Setting(parameter: "mix", value: "50%")
        #expect(try command("set gain.gain=-6dB mix=50% ramp=100f") == .set([one, two], ramp: .frames(100)))
        #expect(try command("bypass") == .bypass(nil, nil))
        #expect(try command("bypass on") == .bypass(nil, true))
        #expect(try command("bypass gain off") == .bypass("gain", false))
        #expect(try command("bypass gain") == .bypass("gain", nil))
        #expect(try command("subscribe") == .subscribe([], nanoseconds: 100_000_000))
        #expect(try command("subscribe a.b every=1s") == .subscribe(["a.b"], nanoseconds: 1_000_000_000))
        #expect(try command("reload") == .reload)
        #expect(try command("quit") == .quit)
        #expect(try command("") == nil)
        #expect(try command(" \t ") == nil)
        #expect(try command("# remark") == nil)
    }

    @Test func `an object is a command too, and its id comes back`() throws {
        let text = #"{"command":"set","parameter":"gain.gain","value":-6.5,"ramp":"20ms","id":7}"#
        let request = try #require(try ControlRequest(Array(text.utf8)))
        #expect(request.manner == .json(id: "7"))
        #expect(
            request.command
                == .set([.init(parameter: "gain.gain", value: "-6.5")], ramp: .nanoseconds(20_000_000)))
        #expect(try command(#"{"command":"bypass","plugin":"gain","value":true}"#) == .bypass("gain", true))
        #expect(try command(#"{"command":"get"}"#) == .get([]))
        #expect(mistake(Array(#"{"command":"fly","id":"x"}"#.utf8))?.manner == .json(id: "\"x\""))
        #expect(mistake(Array(#"{"id":"x"}"#.utf8))?.message == "the member command is missing")
    }

    @Test(arguments: [
        "fly", "set", "set gain", "set gain 1 2 3", "set a=1 b", "set gain -6 soon", "a=1 ramp=x", "bypass gain maybe",
        "bypass a b c", "subscribe every=1ms", "subscribe every=x", "list all", "quit now", "{", "{\"command\":3}",
        "{\"command\":\"set\",\"parameter\":\"x\"}", "{\"command\":\"set\",\"value\":1}", "\u{1B}[2J", "get \u{7}",
    ])
    func `what is no command is refused in one line`(line: String) {
        let said = mistake(Array(line.utf8))
        #expect(said != nil && said?.message.isEmpty == false && said?.message.contains("\n") == false)
    }

    @Test func `random lines are understood or refused, and nothing else`() {
        var random = SystemRandomNumberGenerator()
        let words =
            ControlRequest.usage + ["set", "get", "gain.gain", "=", "a=b", "-6dB", "every=", "ramp=1s", "{\"", "\u{0}"]
        for _ in 0..<20_000 {
            var line: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<6, using: &random) {
                line +=
                    Bool.random(using: &random)
                    ? Array(words.randomElement(using: &random)!.utf8) + [32]
                    : [UInt8.random(in: 0...255, using: &random)]
            }
            _ = try? ControlRequest(line)
        }
    }
}
