import Foundation
import TestSupport
import Testing

/// A listener at a terminal, which script(1) makes; the keys come through its standard input.
@Suite(.realTime, .enabled(if: VirtualCard.isAvailable), .serialized)
struct `Keys while files play` {
    /// A WAV file in which every frame is its own number, counted from 1: what was played can be read off.
    private func ramp(_ path: String, _ numbers: ClosedRange<Int>) throws {
        func little(_ value: Int, _ width: Int) -> [UInt8] {
            (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let size = numbers.count * 4
        var bytes = Array("RIFF".utf8) + little(size + 36, 4) + Array("WAVEfmt ".utf8) + little(16, 4)
        bytes += little(1, 2) + little(1, 2) + little(8000, 4) + little(32_000, 4) + little(4, 2) + little(32, 2)
        bytes += Array("data".utf8) + little(size, 4)
        for number in numbers { bytes += little(number, 4) }
        try Data(bytes).write(to: URL(filePath: path))
    }

    private struct Heard {
        var text: String
        var status: Int
        /// First and last number of each stretch without a step; silence left out.
        var stretches: [ClosedRange<Int>]
        var silentFrames: Int
    }

    /// Plays files on a card that goes in real time.
    ///
    /// - Parameter keys: shell words for `printf`, typed half a second after each other.
    private func play(_ words: String, keys: [String]) throws -> Heard {
        let card = try VirtualCard()
        try card.addPCM("out", ["pfile": card.file("played").path, "formats": "S32_LE"])
        let typing = "sleep 1; " + keys.map { "printf '\($0)'; sleep 0.5; " }.joined() + "sleep 0.2"
        let run = try Pipeline.run(
            ["bash -c \"\(typing)\"", "script -qec 'aup play -D out \(words)' /dev/null"],
            environment: card.environment)
        let bytes = card.bytes("played")
        var stretches: [ClosedRange<Int>] = []
        var silent = 0
        for start in stride(from: 0, to: bytes.count - 3, by: 4) {
            let number = (0..<4).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) }
            if number == 0 {
                silent += 1
            } else if let last = stretches.last, last.upperBound + 1 == number {
                stretches[stretches.count - 1] = last.lowerBound...number
            } else {
                stretches.append(number...number)
            }
        }
        return Heard(
            text: String(decoding: run.output, as: UTF8.self), status: run.statuses.last ?? -1, stretches: stretches,
            silentFrames: silent)
    }

    @Test func `space holds the sound, and no frame is lost`() throws {
        let scratch = try Scratch()
        try ramp(scratch.path("a.wav"), 1...24_000)
        let heard = try play(scratch.path("a.wav"), keys: [" ", " "])
        #expect(heard.status == 0)
        #expect(heard.stretches == [1...24_000])
        #expect(heard.silentFrames > 0)
        #expect(heard.text.contains("paused"))
        #expect(heard.text.contains("xruns 0"))
    }

    @Test func `arrows go on and back, to sound without a step before and after`() throws {
        let scratch = try Scratch()
        try ramp(scratch.path("a.wav"), 1...480_000)
        let heard = try play(scratch.path("a.wav"), keys: ["\\033[C", "\\033[A", "q"])
        #expect(heard.status == 0)
        #expect(heard.stretches.count == 2, "\(heard.stretches)")
        // A minute beyond the end is the end: nothing is left but to stop.
        let step = try #require(heard.stretches.last).lowerBound - heard.stretches[0].upperBound
        #expect((36_000...42_000).contains(step), "five seconds are 40000 frames, not \(step)")
    }

    @Test func `n and p go from file to file, q ends`() throws {
        let scratch = try Scratch()
        for file in 0..<3 { try ramp(scratch.path("\(file).wav"), 1_000_000 * file + 1...1_000_000 * file + 80_000) }
        let heard = try play(scratch.folder.path, keys: ["n", ">", "p", "q"])
        #expect(heard.status == 0)
        #expect(heard.stretches.map(\.lowerBound) == [1, 1_000_001, 2_000_001, 1_000_001])
        #expect(heard.text.contains("1/3 0.wav") && heard.text.contains("3/3 2.wav"))
        // The line is gone at the end, whatever is to be said after it.
        #expect(heard.text.components(separatedBy: "\r\u{1B}[K").last?.contains(" / 0:0") == false)
    }

    @Test func `a jump throws sound away and counts it neither as played nor as lost`() throws {
        let scratch = try Scratch()
        try ramp(scratch.path("a.wav"), 1...80_000)
        let heard = try play("--json \(scratch.path("a.wav"))", keys: ["\\033[C"])
        #expect(heard.status == 0)
        #expect(heard.stretches.count == 2 && heard.stretches.last?.upperBound == 80_000, "\(heard.stretches)")
        let frames = heard.stretches.reduce(0) { $0 + $1.count }
        let line = try #require(heard.text.split(whereSeparator: \.isNewline).first { $0.contains("\"end\"") })
        let end = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        for (key, value) in [
            "frames": frames, "played_frames": frames, "lost_frames": 0, "underrun_frames": 0, "skipped_frames": 0,
            "xruns": 0,
        ] { #expect(end[key] as? Int == value, "\(key)") }
        #expect(end["clock_ppm"] is NSNull)
    }

    @Test func `a jump does not use up the duration`() throws {
        let scratch = try Scratch()
        try ramp(scratch.path("a.wav"), 1...160_000)
        let heard = try play("-d 5s \(scratch.path("a.wav"))", keys: ["\\033[C"])
        #expect(heard.status == 0)
        #expect(heard.stretches.count == 2, "\(heard.stretches)")
        #expect(heard.stretches.reduce(0) { $0 + $1.count } == 40_000)
    }

    @Test func `a jump to less sound than the device holds is heard, and ends`() throws {
        let scratch = try Scratch()
        try ramp(scratch.path("1.wav"), 1...80_000)
        try ramp(scratch.path("2.wav"), 1_000_001...1_000_400)
        let heard = try play(scratch.folder.path, keys: ["n"])
        #expect(heard.status == 0)
        #expect(heard.stretches.count == 2 && heard.stretches.last == 1_000_001...1_000_400, "\(heard.stretches)")
    }

    /// What `stty` says of the terminal after each command of a script, under job control.
    private func modes(after commands: String, typing: String) throws -> [String] {
        let scratch = try Scratch()
        try ramp(scratch.path("a.wav"), 1...80_000)
        let script = scratch.path("run.sh")
        try """
        play() { aup play "$@" -D sim:null \(scratch.path("a.wav")); }
        told() { echo "$1 $(stty -a | grep -o -- '-*icanon')"; }
        told before
        \(commands)
        """.write(toFile: script, atomically: true, encoding: .utf8)
        let run = try Pipeline.run(["bash -c \"\(typing)\"", "script -qec 'bash -m \(script)' /dev/null"])
        return String(decoding: run.output, as: UTF8.self).split(whereSeparator: \.isNewline).map {
            $0.trimmingCharacters(in: .whitespacesAndNewlines)
        }.filter { $0.hasSuffix("icanon") }
    }

    @Test func `the terminal is given back at the end, after q, a signal, two signals and a failure`() throws {
        let seen = try modes(
            after: """
                play -q -d 200ms; told end
                play -q; told quit
                timeout --foreground -s INT 1 aup play -q -D sim:null $(dirname $0)/a.wav; told signal
                (sleep 1; aup=$(pgrep -P $$ -x aup); kill -INT $aup; kill -TERM $aup) & play -q; told signals
                play -q nope.wav; told failure
                """,
            typing: "sleep 1; printf q; sleep 5")
        #expect(seen == ["before", "end", "quit", "signal", "signals", "failure"].map { "\($0) icanon" })
    }

    @Test func `Ctrl-Z gives it back, and the foreground takes it again`() throws {
        let seen = try modes(
            after: """
                aup play -q -D sim:null $(dirname $0)/a.wav
                told stopped
                fg > /dev/null; told ended
                """,
            typing: "sleep 1; printf '\\032'; sleep 1; printf q; sleep 1")
        #expect(seen == ["before icanon", "stopped icanon", "ended icanon"])
    }

    @Test func `keys are left alone where that is asked for, where standard input is the sound, and in the background`()
        throws
    {
        let seen = try modes(
            after: """
                (sleep 1; told keys) & play -q -d 2s
                (sleep 1; told asked) & play -q -d 2s --no-controls
                (sleep 1; told input) & aup play -q -d 2s -D sim:null < $(dirname $0)/a.wav
                play -q -d 2s & sleep 1; told background; wait
                """,
            typing: "sleep 12")
        #expect(seen == ["before icanon", "keys -icanon", "asked icanon", "input icanon", "background icanon"])
    }
}
