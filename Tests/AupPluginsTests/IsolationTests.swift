import Testing

@testable import AupPlugins

/// What goes from one process to the other comes out as it went in.
@Suite struct `What a host and a worker tell each other` {
    @Test(arguments: ["", "plain", "a\tb", "line\nend\r\n", "back\\slash\\n", "\\", "ä€\u{1F600}"])
    func `words may hold anything`(word: String) {
        let words = ["x", word, ""]
        let bytes = WorkerText.bytes([WorkerText.line(words), WorkerText.line([word])])
        let lines = WorkerText.lines(bytes)
        #expect(lines.map { WorkerText.words($0) } == [words, [word]])
    }

    @Test func `an error keeps its code and its words`() {
        let error = PluginError(.layout, "plugin 'x':\ttakes\n2")
        #expect(WorkerText.error(WorkerText.lines(error)) == error)
        #expect(WorkerText.error(["error\tno such code\twords"]) == nil)
        #expect(WorkerText.error([]) == nil)
    }

    @Test func `a request keeps every setting`() {
        var request = WorkerRequest("a\tfile.so:label")
        request.rate = 44_100
        request.settings = [.init(key: "path", value: "a=\n\tb\\"), .init(key: "gain", value: "-6dB")]
        #expect(WorkerRequest(lines: request.lines()) == request)
        request.setup = PluginInstance.Setup(
            rate: 96_000.5, maxFrames: 4096, channels: 6, seed: .max, isOffline: true,
            carried: ["gain": -0.1, "mix": 1e-300], keepsDenormals: true)
        #expect(WorkerRequest(lines: request.lines()) == request)
    }

    @Test func `what is not whole is nothing`() {
        var request = WorkerRequest("gain")
        request.setup = PluginInstance.Setup(rate: 48_000, maxFrames: 64, channels: 1, seed: 0, isOffline: false)
        let lines = request.lines()
        #expect(WorkerRequest(lines: []) == nil)
        #expect(WorkerRequest(lines: ["plugin\tgain\tfast"]) == nil)
        #expect(WorkerRequest(lines: lines + ["other\tline"]) == nil)
        #expect(WorkerRequest(lines: lines.map { $0.replacing("\t1\t", with: "\tone\t") }) == nil)
    }

    @Test func `what an instance is comes over whole`() throws {
        let found = try PluginLibrary().find("\(Guests.own)/gain/gain.so")
        let setup = PluginInstance.Setup(rate: 48_000, maxFrames: 64, channels: 2, seed: 1, isOffline: true)
        let facts = try PluginInstance(found, settings: [.init(key: "gain", value: "-6.1")], setup: setup).facts
        let lines = facts.lines()
        #expect(InstanceFacts(lines: lines) == facts)
        #expect(facts.initialValues == [-6.1])
        // A worker may have been overwritten by its guest: every cut is refused or whole, and none traps.
        for count in 0..<lines.count { #expect(InstanceFacts(lines: Array(lines.prefix(count))) != facts) }
        #expect(InstanceFacts(lines: lines.map { $0.replacing("values", with: "value") }) == nil)
    }

    @Test func `a program that is none is told`() {
        #expect(throws: PluginError.self) {
            _ = try PluginLibrary(isolation: Isolation(words: ["/nowhere/aup"])).find("\(Guests.own)/gain/gain.so")
        }
        // One that ends at once, and one that never answers but ends.
        for words in [["true"], ["sh", "-c", "exit 3"]] {
            do throws(PluginError) {
                _ = try PluginLibrary(isolation: Isolation(words: words)).find("\(Guests.own)/gain/gain.so")
                Issue.record("found by a program that does nothing")
            } catch {
                #expect(error.code == .failed)
                #expect(error.message.contains("lost its process (status \(words.count == 1 ? 0 : 3))"))
            }
        }
    }
}
