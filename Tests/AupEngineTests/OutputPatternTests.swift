import Testing

@testable import AupEngine

/// What files are called that are made of others.
@Suite struct `A pattern for outputs` {
    private func path(_ pattern: String, _ input: String) -> String? {
        OutputPattern(pattern, ending: "opus")?.path(for: input)
    }

    @Test func `takes the words of the input's name`() {
        #expect(path("{stem}.opus", "album/01 a.b.wav") == "01 a.b.opus")
        #expect(path("{dir}/{name}.opus", "album/01.wav") == "album/01.wav.opus")
        #expect(path("{dir}/{stem}.{ext}", "/a.wav") == "//a.wav")
        #expect(path("{dir}-{ext}", "plain") == ".-")
        #expect(path("{stem}", ".hidden") == ".hidden")
        #expect(path("x", "a.wav") == "x")
    }

    @Test func `a folder is one for every input's stem`() {
        #expect(path("out/", "a/b.wav") == "out/b.opus")
        #expect(path("/tmp", "a/b.wav") == "/tmp/b.opus")
        #expect(OutputPattern("x/", ending: "flac")?.path(for: "b.wav") == "x/b.flac")
    }

    @Test func `other words are none, and a lone brace is a character`() {
        #expect(OutputPattern("{what}", ending: "opus") == nil)
        #expect(path("a{b", "x.wav") == "a{b")
        #expect(path("a}b", "x.wav") == "a}b")
    }

    @Test func `knows whether its outputs can differ`() {
        let names = { OutputPattern($0, ending: "opus")?.namesInput }
        #expect(names("{stem}.opus") == true)
        #expect(names("{name}") == true)
        #expect(names("{ext}.opus") == false)
        #expect(names("a.opus") == false)
    }
}
