import AupSound
import Foundation
import Testing

@testable import AupPlugins

@Suite struct AutomationTests {
    private let gain = Guests.library()

    private func plugins() throws -> [PluginDescription] {
        [
            try gain.find("gain").description, try gain.find(Guests.rude(Guests.polite)).description,
            try gain.find("gain").description,
        ]
    }

    private func read(_ text: String) throws -> Automation {
        try Automation(Array(text.utf8), name: "a.txt", plugins: try plugins())
    }

    private func complaint(_ text: String) throws -> String? {
        do throws(PluginError) {
            _ = try Automation(Array(text.utf8), name: "a.txt", plugins: try! plugins())
            return nil
        } catch {
            return error.message
        }
    }

    @Test func `a line has a time, a plugin, a key, a value and maybe a way`() throws {
        let read = try read(
            "# gain up\n0 1 gain -6dB\r\n\n 1.5s\trude cutoff 1kHz 20ms # why not\n48000f,3,gain,3,480f")
        #expect(
            read.entries == [
                Automation.Entry(time: .nanoseconds(0), plugin: 0, key: "gain", value: -6),
                Automation.Entry(
                    time: .nanoseconds(1_500_000_000), plugin: 1, key: "cutoff", value: 1000,
                    ramp: .nanoseconds(20_000_000)),
                Automation.Entry(time: .frames(48000), plugin: 2, key: "gain", value: 3, ramp: .frames(480)),
            ])
        #expect(try self.read("").entries.isEmpty)
        #expect(try self.read("\n\n# nothing").entries.isEmpty)
    }

    @Test(arguments: [
        ("1s 1 gain", 1, 10, "a plugin, a parameter and a value"), ("soon 1 gain 3", 1, 1, "'soon' is no time"),
        ("\n1 2 gian 3", 2, 5, "gian"), ("1 7 gain 3", 1, 3, "there is no plugin number 7"),
        ("1 gain gain 3", 1, 3, "write its number: 1, 3"), ("1 rude level 99", 1, 14, "-90 dB to 24 dB"),
        ("1 rude level 3Hz", 1, 14, "unit"), ("1 rude delay 3ms", 1, 14, "fixed while it runs"),
        ("1 rude note hello", 1, 13, "fixed while it runs"), ("1 rude calls 3", 1, 14, "cannot be set"),
        ("  1   1   gain   3   fast", 1, 22, "'fast' is no length of time"), ("1 1 gain 3 1s x", 1, 15, "too many"),
        ("0 1 gain 0\n0 1 gain 0\n\u{1B}[31m 1 gain 0", 3, 1, "?[31m"), ("-1 1 gain 3", 1, 1, "no time"),
    ])
    func `a mistake is named with its line and column`(text: String, line: Int, column: Int, why: String) throws {
        let said = try #require(try complaint(text))
        #expect(said.hasPrefix("automation 'a.txt', line \(line), column \(column): "), "\(said)")
        #expect(said.contains(why), "\(said)")
    }

    @Test func `a file has a largest size, in bytes and in changes`() throws {
        let line = "0 1 gain 0\n"
        let most = String(repeating: line, count: Automation.entryLimit)
        #expect(try complaint(most) == nil)
        #expect(try complaint(most + line)?.contains("\(Automation.entryLimit) changes") == true)
        let large = [UInt8](repeating: 10, count: Automation.byteLimit + 1)
        #expect(throws: PluginError.self) { try Automation(large, name: "a", plugins: try plugins()) }
    }

    @Test func `random bytes are refused or read, and nothing else`() throws {
        let plugins = try plugins()
        var random = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 0..<80, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = try? Automation(bytes, name: "random", plugins: plugins)
        }
        let words = [
            "0", "1s", "gain", "1", "rude", "level", "-6dB", "20ms", "\n", ",", "#", "", "9e99", "nan", "48000f",
        ]
        for _ in 0..<3000 {
            let text = (0..<12).map { _ in words.randomElement(using: &random)! }.joined(separator: " ")
            _ = try? Automation(Array(text.utf8), name: "random", plugins: plugins)
        }
    }
}
