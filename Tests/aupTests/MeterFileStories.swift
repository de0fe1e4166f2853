import Foundation
import TestSupport
import Testing

/// What `aup meter` makes of files, and into them.
@Suite struct `A meter of files` {
    private func objects(_ data: Data) throws -> [[String: Any]] {
        try data.split(separator: UInt8(ascii: "\n")).map {
            try #require(try JSONSerialization.jsonObject(with: $0) as? [String: Any])
        }
    }

    private static func wav(_ scratch: Scratch, _ name: String, seconds: Int, level: Double = -20) throws -> String {
        let path = scratch.path(name)
        #expect(
            try Pipeline.run(["aup capture -q -D 'sim:sine?pace=fast&level=\(level)' -d \(seconds)s -o '\(path)'"])
                .statuses
                == [0])
        return path
    }

    @Test func `finds in pieces what it finds in one go`() throws {
        let scratch = try Scratch()
        let (wav, flac, cut) = (scratch.path("a.wav"), scratch.path("a.flac"), scratch.path("cut.flac"))
        // Loud, silent across a seam, soft: the gate and the range have something to do.
        let parts = ["sim:noise?level=-10&", "sim:silence?", "sim:sweep?level=-30&"].map {
            "aup capture -q -D '\($0)pace=fast' -f s16 -r 44100 -d 15s"
        }
        #expect(
            try Pipeline.run(["sh -c \"\(parts.joined(separator: "; "))\"", "aup process -q -o '\(wav)'"]).statuses == [
                0, 0,
            ])
        #expect(try Pipeline.run(["aup encode -q '\(wav)' -o '\(flac)'"]).statuses == [0])
        try Data(contentsOf: URL(filePath: flac)).dropLast(50_000).write(to: URL(filePath: cut))
        for file in [wav, flac, cut] {
            let one = try Pipeline.run(["aup meter --json --jobs 1 '\(file)'"])
            #expect((one.statuses == [0]) == (file != cut))
            for jobs in [2, 4] {
                let many = try Pipeline.run(["aup meter --json --jobs \(jobs) '\(file)'"])
                #expect(many.statuses == one.statuses)
                let isSame = many.output == one.output
                #expect(isSame && many.errors == one.errors, "\(file) in \(jobs): \(many.errors)")
            }
        }
    }

    @Test func `knows the loudspeakers of a WAV file that names none`() throws {
        let scratch = try Scratch()
        let (wav, flac) = (scratch.path("six.wav"), scratch.path("six.flac"))
        var header = Data("RIFF".utf8)
        func little(_ value: Int, _ bytes: Int) {
            for byte in 0..<bytes { header.append(UInt8(value >> (8 * byte) & 255)) }
        }
        little(36 + 4800 * 12, 4)
        header += Data("WAVEfmt ".utf8)
        // PCM, six channels: no place for a mask.
        for (value, bytes) in [(16, 4), (1, 2), (6, 2), (48_000, 4), (576_000, 4), (12, 2), (16, 2)] {
            little(value, bytes)
        }
        header += Data("data".utf8)
        little(4800 * 12, 4)
        var sound = Data()
        for frame in 0..<4800 { for channel in 0..<6 { sound += [UInt8(frame & 255), UInt8(channel + 1)] } }
        try (header + sound).write(to: URL(filePath: wav))
        let object = try #require(try objects(try Pipeline.run(["aup meter --json '\(wav)'"]).output).first)
        let names = (object["channels"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
        #expect(names == ["FL", "FR", "FC", "LFE", "RL", "RR"])
        // FLAC has the same order, so no channel changes its place; and it is played to a device channel by channel.
        #expect(try Pipeline.run(["aup encode -q '\(wav)' -o '\(flac)'"]).statuses == [0])
        let isSame = try Pipeline.run(["aup process -q -i '\(flac)' --as raw"]).output == sound
        #expect(isSame)
        #expect(try Pipeline.run(["aup play -q -D 'sim:null?pace=fast' '\(wav)'"]).statuses == [0])
    }

    @Test func `writes of an album only if every file is whole`() throws {
        let scratch = try Scratch()
        let one = try Self.wav(scratch, "one.wav", seconds: 2)
        let (a, b) = (scratch.path("a.flac"), scratch.path("b.flac"))
        for file in [a, b] { #expect(try Pipeline.run(["aup encode -q '\(one)' -o '\(file)'"]).statuses == [0]) }
        func tags(_ file: String) throws -> String {
            String(decoding: try Pipeline.run(["metaflac --export-tags-to=- '\(file)'"]).output, as: UTF8.self)
        }
        let run = try Pipeline.run(["aup meter --tag r128 '\(a)' '\(scratch.path("none.flac"))'"])
        #expect(run.statuses == [1])
        #expect(run.errors[0].contains("as an album"))
        #expect(try tags(a).contains("REPLAYGAIN_TRACK_GAIN") && !tags(a).contains("ALBUM"))
        #expect(try Pipeline.run(["aup meter --tag r128 '\(a)' '\(b)'"]).statuses == [0])
        #expect(try tags(a).contains("REPLAYGAIN_ALBUM_GAIN") && tags(b).contains("REPLAYGAIN_ALBUM_GAIN"))
    }

    @Test func `leaves nothing of halves when it is stopped`() throws {
        let story = try ShellStory()
        // However far it is when the signal comes: what is told is whole, and each picture has its row.
        let run = try story.run(
            """
            for name in a b c d; do aup capture -q -D 'sim:sine?pace=fast' -d 20s -o $name.wav; done
            aup meter --json --jobs 2 --plot '{stem}.svg' a.wav b.wav c.wav d.wav >rows &
            meter=$!
            sleep 0.3
            kill -INT $meter
            wait $meter
            echo $? >status
            ls *.svg 2>/dev/null | wc -l >pictures
            """)
        #expect(run.status == 0, "\(run.text)")
        let files = try story.events("rows", "file")
        #expect(files.allSatisfy { $0["frames"] as? Int == 960_000 })
        let album = try story.events("rows", "all").first
        #expect(album == nil ? files.isEmpty : album?["frames"] as? Int == files.count * 960_000)
        let pictures = try String(contentsOfFile: story.scratch.path("pictures"), encoding: .utf8)
        #expect(Int(pictures.trimmingCharacters(in: .whitespacesAndNewlines)) == files.count)
    }

    @Test func `normalizes whole files or none when it is stopped`() throws {
        let story = try ShellStory()
        let run = try story.run(
            """
            for name in a b c; do aup capture -q -D 'sim:sine?pace=fast' -f s16 -d 40s -o $name.wav; done
            mkdir out
            aup meter -q --normalize -16 -o 'out/{stem}.wav' a.wav b.wav c.wav &
            meter=$!
            until_true 'ls out/*.part >/dev/null 2>&1 || ! kill -0 $meter 2>/dev/null'
            kill -INT $meter
            wait $meter
            echo "$? $(ls out/*.part 2>/dev/null | wc -l)"
            """)
        #expect(run.status == 0 && run.text.contains("\n0 0\n"), "\(run.text)")
        let out = try FileManager.default.contentsOfDirectory(atPath: story.scratch.path("out"))
        #expect(out.contains("a.wav"))
        for file in out {
            let path = story.scratch.path("out/\(file)")
            let object = try #require(try objects(try Pipeline.run(["aup meter --json '\(path)'"]).output).first)
            #expect(object["frames"] as? Int == 1_920_000)
            #expect(abs((object["integrated_lufs"] as? Double ?? 0) + 16) < 0.05)
        }
    }

    @Test func `dithers what it makes louder by a part of a step`() throws {
        let scratch = try Scratch()
        let (raw, wav, louder) = (scratch.path("a.raw"), scratch.path("a.wav"), scratch.path("b.wav"))
        // A tone to be measured, and behind it a constant of three steps, which loudness does not hear.
        var samples = (0..<192_000).map { Int16(3276 * sin(2 * .pi * 997 * Double($0) / 48_000)) }
        samples += Array(repeating: 3, count: 192_000)
        try unsafe samples.withUnsafeBytes { unsafe try Data($0).write(to: URL(filePath: raw)) }
        #expect(
            try Pipeline.run(["aup process -q --raw -f s16 -r 48000 -c 1 -i '\(raw)' -o '\(wav)'"]).statuses == [0])
        let told = try Pipeline.run(["aup meter --json --normalize -21.1 -o '\(louder)' '\(wav)'"])
        #expect(told.statuses == [0])
        let gain = try #require(try objects(told.output).first?["gain_db"] as? Double)
        #expect(gain > 1 && gain < 3)
        let bytes = try Pipeline.run(["aup process -q -i '\(louder)' --as raw"]).output
        let made = unsafe bytes.withUnsafeBytes { unsafe Array($0.bindMemory(to: Int16.self)) }
        try #require(made.count == samples.count)
        let tail = made[200_000...]
        let wanted = 3 * pow(10, gain / 20)
        let mean = tail.reduce(0) { $0 + Double($1) } / Double(tail.count)
        // Rounding alone would make all of them one number, a third of a step beside it.
        #expect(abs(wanted - wanted.rounded()) > 0.1)
        #expect(abs(mean - wanted) < 0.02, "\(mean) \(wanted)")
        #expect(Set(tail).count >= 3)
    }
}
