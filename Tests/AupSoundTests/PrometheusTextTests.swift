import AupSound
import Testing

@Suite struct `Numbers for Prometheus` {
    @Test func `stand under what they mean and are, each family once`() {
        var text = PrometheusText(labels: [.init("stream", "studio")])
        text.add("aup_stream_frames_total", .counter, "Frames.", Int64(48_000))
        text.add("aup_publish_queue_fill_ratio", .gauge, "Fill.", 0.25, [.init("who", "most")])
        text.add("aup_stream_waiting", .gauge, "Not known, so not there.", Int64?.none)
        #expect(
            text.text == """
                # HELP aup_stream_frames_total Frames.
                # TYPE aup_stream_frames_total counter
                aup_stream_frames_total{stream="studio"} 48000
                # HELP aup_publish_queue_fill_ratio Fill.
                # TYPE aup_publish_queue_fill_ratio gauge
                aup_publish_queue_fill_ratio{stream="studio",who="most"} 0.25

                """)
    }

    @Test func `of times are counted within rising bounds, the last of which is all`() {
        var text = PrometheusText()
        text.add(seconds: "aup_age_seconds", "Age.", within: [(0.00001, 1), (0.5, 3), (10, 3)], count: 4, sum: 31)
        #expect(
            text.text == """
                # HELP aup_age_seconds Age.
                # TYPE aup_age_seconds histogram
                aup_age_seconds_bucket{le="1e-05"} 1
                aup_age_seconds_bucket{le="0.5"} 3
                aup_age_seconds_bucket{le="10"} 3
                aup_age_seconds_bucket{le="+Inf"} 4
                aup_age_seconds_sum 31
                aup_age_seconds_count 4

                """)
    }

    @Test func `escape what would end a value or a line`() {
        var text = PrometheusText(labels: [.init("stream", "a\"b\\c\nd")])
        text.add("aup_x_total", .counter, "Back\\slash,\nnew \"line\".", Int64(1))
        #expect(text.text.contains(#"stream="a\"b\\c\nd""#))
        #expect(text.text.contains(#"# HELP aup_x_total Back\\slash,\nnew "line"."#))
        #expect(text.text.split(separator: "\n").count == 3)
    }

    @Test(arguments: [
        (0.0, "0"), (1.5, "1.5"), (1e21, "1e+21"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
    ])
    func `are written as Go reads them`(value: Double, text: String) {
        var out = PrometheusText()
        out.add("aup_x", .gauge, "X.", value)
        #expect(out.text.hasSuffix("aup_x \(text)\n"))
    }
}
