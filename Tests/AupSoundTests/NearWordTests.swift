import AupSound
import Testing

@Suite struct `A word that is near another` {
    private let names = ["latency", "device", "sidecar", "overwrite", "input"]

    @Test(arguments: [
        ("latecny", ["latency"]), ("lat", ["latency"]), ("Device", ["device"]), ("dvice", ["device"]), ("zzz", []),
        ("", []), (String(repeating: "a", count: 1000), []), ("device", []),
    ]) func `has no more slips than a third of its letters, or begins so`(word: String, near: [String]) {
        #expect(NearWord.near(word, among: names) == near)
    }

    @Test func `of several the nearest comes first, and there are three at most`() {
        #expect(NearWord.near("mike", among: ["mire", "mik", "mikes", "nike", "mikado"]) == ["mik", "mikes", "mire"])
        #expect(NearWord.near("micro", among: ["microphone", "mikro"]) == ["mikro", "microphone"])
        #expect(NearWord.near("micro", among: ["microphone", "mikro"], isBeginningEnough: false) == ["mikro"])
        #expect(NearWord.near("microfone", among: ["microphone"], atMost: 1) == [])
    }

    @Test func `is a question at the end of a message`() {
        #expect(NearWord.question("sidcar", among: names) == "; did you mean 'sidecar'?")
        #expect(NearWord.question("nothing", among: names) == "")
    }

    @Test(arguments: [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("abc", "aBCd", 1), ("müde", "mude", 1)])
    func `counts letters left out, added, exchanged and swapped`(left: String, right: String, slips: Int) {
        #expect(NearWord.slips(between: left, and: right) == slips)
    }
}
