import Testing

@testable import AupWeb

@Suite struct FeedTests {
    /// What a browser gets that takes so many bytes.
    private func take(_ feed: inout EventFeed, _ room: Int, _ number: Int64, _ event: String) -> String? {
        var space = [UInt8](repeating: 0, count: room)
        let count = unsafe space.withUnsafeMutableBytes {
            unsafe feed.fill($0, newest: (number, Array(event.utf8)))
        }
        return count.map { String(decoding: space[..<$0], as: UTF8.self) }
    }

    @Test func `a slow browser gets the newest reading, whole, and what it missed is counted`() {
        var feed = EventFeed(greeting: [], seen: 0)
        #expect(take(&feed, 3, 1, "first") == "fir")
        // Two more came; the one that was begun is finished first.
        #expect(take(&feed, 3, 3, "third") == "st")
        #expect(take(&feed, 100, 3, "third") == "third")
        #expect(take(&feed, 100, 3, "third") == "")
        #expect(feed.sent == 2 && feed.skipped == 1)
        #expect(!feed.hasNews(3) && feed.hasNews(4))
    }

    @Test func `notices come before readings, and there are never many of them`() {
        var feed = EventFeed(greeting: [Array("hello".utf8), Array("history".utf8)], seen: 6)
        for _ in 0..<100 { feed.notify(Array("reset".utf8)) }
        var heard: [String] = []
        while let text = take(&feed, 100, 7, "seven"), !text.isEmpty { heard.append(text) }
        #expect(heard == ["hello", "history", "reset", "reset", "seven"])
    }

    @Test func `the end comes after what there is to say`() {
        var feed = EventFeed(greeting: [], seen: 0)
        #expect(take(&feed, 2, 1, "last") == "la")
        feed.end()
        #expect(take(&feed, 9, 1, "last") == "st")
        #expect(feed.hasNews(1))
        #expect(take(&feed, 9, 1, "last") == nil)
    }

    @Test func `an event is one line of data, whatever is in it`() {
        #expect(
            EventFeed.event("levels", Array("{\"a\":\r\n1}".utf8)) == Array("event: levels\ndata: {\"a\":  1}\n\n".utf8)
        )
    }

    private func note(_ history: inout LoudnessHistory, _ seconds: Double, _ rest: String = "") {
        history.note(Array("{\"seconds\":\(seconds)\(rest)}".utf8))
    }

    @Test func `a history has a point a second, as it was written`() {
        var history = LoudnessHistory()
        let rest =
            ",\"channels\":[{\"seconds\":99,\"momentary_lufs\":-1}],\"source\":\"a\\\"seconds\\\":7\",\"momentary_lufs\":-23.10"
        note(&history, 0.5, rest)
        note(&history, 0.9, rest)
        note(&history, 1.1, ",\"short_term_lufs\": -20,\"integrated_lufs\":null")
        let text = String(decoding: history.json, as: UTF8.self)
        #expect(text == "[[0.5,-23.10,null,null],[1.1,null,-20,null]]")
    }

    @Test func `a history is bounded, and begins anew where time does`() {
        var history = LoudnessHistory()
        for second in 0..<2000 { note(&history, Double(second)) }
        #expect(history.count == LoudnessHistory.limit)
        #expect(String(decoding: history.json.prefix(7), as: UTF8.self) == "[[1400.")
        note(&history, 3)
        #expect(String(decoding: history.json, as: UTF8.self) == "[[3.0,null,null,null]]")
        for junk in ["", "{", "\"", "{\"seconds\"", "{\"seconds\":", "{\"seconds\":\"x\"}", "]]", "{\"a\\"] {
            history.note(Array(junk.utf8))
        }
        #expect(history.count == 1)
    }
}
