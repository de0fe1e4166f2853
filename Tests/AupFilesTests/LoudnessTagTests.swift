import AupSound
import Testing

@testable import AupFiles

/// How loud a sound is, in the words of each container.
@Suite struct `Loudness as tags` {
    private func texts(_ tags: [SoundTag]) -> [String] { tags.map(\.text) }

    @Test(arguments: [
        (-23.0, 0.987654, "0", "5.00 dB", "0.987654"), (-12.57, 1, "-2670", "-5.43 dB", "1.000000"),
        (-18.001, 1.25, "-1280", "0.00 dB", "1.250000"), (-18.004, 0.0000004, "-1279", "0.00 dB", "0.000000"),
        (-70, 0.1, "12032", "52.00 dB", "0.100000"), (-23.05, 0.5, "13", "5.05 dB", "0.500000"),
    ])
    func `count from -23 LUFS in 1/256 dB and from -18 LUFS in hundredths`(
        loudness: Double, peak: Double, steps: String, decibels: String, amplitude: String
    ) {
        let tags = LoudnessTags(trackLoudness: loudness, trackPeak: peak, albumLoudness: -23, albumPeak: 0.25)
        #expect(texts(tags.r128) == ["R128_TRACK_GAIN=\(steps)", "R128_ALBUM_GAIN=0"])
        #expect(
            texts(tags.replayGain) == [
                "REPLAYGAIN_TRACK_GAIN=\(decibels)", "REPLAYGAIN_TRACK_PEAK=\(amplitude)",
                "REPLAYGAIN_ALBUM_GAIN=5.00 dB", "REPLAYGAIN_ALBUM_PEAK=0.250000",
            ])
    }

    @Test func `say nothing of what has no loudness, and stay within what their form can hold`() {
        let silent = LoudnessTags(trackLoudness: -.infinity, trackPeak: 0, albumLoudness: .nan, albumPeak: -.infinity)
        #expect(silent.r128.isEmpty && texts(silent.replayGain) == ["REPLAYGAIN_TRACK_PEAK=0.000000"])
        let loud = LoudnessTags(trackLoudness: 1e300, trackPeak: 1e300, albumLoudness: -1e300, albumPeak: .nan)
        #expect(texts(loud.r128) == ["R128_TRACK_GAIN=-32768", "R128_ALBUM_GAIN=32767"])
        #expect(
            texts(loud.replayGain) == [
                "REPLAYGAIN_TRACK_GAIN=-99.99 dB", "REPLAYGAIN_TRACK_PEAK=1000.000000",
                "REPLAYGAIN_ALBUM_GAIN=99.99 dB",
            ])
        let alone = LoudnessTags(trackLoudness: -20, trackPeak: 1)
        #expect(alone.r128.count == 1 && alone.replayGain.count == 2)
    }

    /// Of which some is no text and some no tag.
    private static let comments: [[UInt8]] = [
        Array("TITLE=a".utf8), [0xFF, 0xFE], Array("=x".utf8), [], Array("replaygain_Track_Gain=-1 dB".utf8),
        Array("A=".utf8) + [0xFC, 0], Array("REPLAYGAIN_TRACK_GAIN_X=1".utf8), Array("REPLAYGAIN_TRACK_GAIN".utf8),
    ]

    private func packed(_ comments: [[UInt8]], rest: [UInt8] = []) -> [UInt8] {
        Bytes.little(3, 4) + [1, 0xFF, 3] + Bytes.little(UInt64(comments.count), 4)
            + comments.flatMap { Bytes.little(UInt64($0.count), 4) + $0 } + rest
    }

    @Test func `take the place of others of their key, and every other byte stays`() throws {
        var list = try #require(CommentList(packed(Self.comments, rest: [9, 8])[...]))
        #expect(list.comments == Self.comments && list.rest == [9, 8] && list.vendor == [1, 0xFF, 3])
        #expect(list.bytes == packed(Self.comments))
        let tag = try #require(SoundTag("REPLAYGAIN_TRACK_GAIN", "2.00 dB"))
        list.replace([tag.key], with: [tag])
        var expected = Self.comments
        expected.remove(at: 4)
        expected.append(Array(tag.text.utf8))
        #expect(list.bytes == packed(expected))
        let once = list
        list.replace([tag.key], with: [tag])
        #expect(list == once)
    }

    @Test func `are looked for in comments whose lengths are true, and in no others`() {
        let good = packed(Self.comments)
        for cut in 0..<good.count { #expect(CommentList(good[..<cut]) == nil) }
        for (place, byte) in [(0, UInt8(0xFF)), (3, 0xFF), (7, 9), (10, 0x7F), (14, 0x80)] {
            var bad = good
            bad[place] = byte
            #expect(CommentList(bad[...]) == nil)
        }
    }
}
