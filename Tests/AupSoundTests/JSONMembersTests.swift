import AupSound
import Testing

@Suite struct JSONMembersTests {
    private func read(_ text: String) -> [String: JSONMembers.Value]? { (try? JSONMembers(text.utf8))?.members }

    @Test func `an object of plain values is read`() {
        #expect(read("{}") == [:])
        #expect(
            read(" { \"a\" : 1 , \"b\":-2.5e1,\"c\":\"x\\n\\u00e9\\ud83c\\udfb5\",\"d\":true,\"e\":null}\r\n") == [
                "a": .number(1), "b": .number(-25), "c": .text("x\né🎵"), "d": .flag(true), "e": .null,
            ])
        #expect(read("{\"a\":0,\"a\":false}") == ["a": .flag(false)])
    }

    @Test(arguments: [
        "", "{", "}", "[]", "1", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1}x", "{a:1}", "{\"a\":[1]}",
        "{\"a\":{}}",
        "{\"a\":01}", "{\"a\":+1}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":1e999}", "{\"a\":nan}", "{\"a\":tru}",
        "{\"a\":\"x}",
        "{\"a\":\"\\q\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\u{1}\"}", "{\"a\" 1}",
    ])
    func `anything else is refused`(text: String) { #expect(read(text) == nil, "\(text)") }

    @Test func `a mistake says where it is`() throws {
        do throws(JSONMembers.Mistake) {
            _ = try JSONMembers("{\"a\": [1]}".utf8)
            Issue.record("an array was taken")
        } catch {
            #expect(error.offset == 6)
        }
        let many = (0...JSONMembers.limit).map { "\"k\($0)\":0" }.joined(separator: ",")
        #expect(read("{\(many)}") == nil)
    }

    @Test func `random bytes never trap`() {
        var random = SystemRandomNumberGenerator()
        let pieces: [[UInt8]] = ["{", "}", "\"", ":", ",", "\\", "\\u", "1", "e", "-", "true", " ", "d83c"].map {
            Array($0.utf8)
        }
        for _ in 0..<20_000 {
            var bytes: [UInt8] = [UInt8(ascii: "{")]
            for _ in 0..<Int.random(in: 0..<12, using: &random) {
                bytes +=
                    Bool.random(using: &random)
                    ? pieces.randomElement(using: &random)! : [UInt8.random(in: 0...255, using: &random)]
            }
            _ = try? JSONMembers(bytes)
        }
    }
}
