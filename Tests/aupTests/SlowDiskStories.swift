import Foundation
import TestSupport
import Testing

/// A disk that delivers seconds too late, in the middle of a file.
@Suite(.realTime, .enabled(if: VirtualCard.isAvailable), .serialized)
struct `A slow disk` {
    /// Built once, beside the virtual card's parts, with the compiler that those need too.
    private static let library: String = {
        let path = FileManager.default.temporaryDirectory.appending(path: "aup-slow-disk-\(getpid()).so").path
        let source = Repository.root.appending(path: "Tests/SlowDisk/slow_disk.c").path
        let run = try? ToolRun("cc", ["-std=gnu11", "-O1", "-shared", "-fPIC", "-o", path, source, "-ldl"])
        return run?.status == 0 ? path : "slow_disk.c was not built: \(run?.errors ?? "no C compiler")"
    }()

    /// What was heard against what should have been: how many frames of silence stood between, stretch by stretch, and
    /// whether every frame came once and in its order.
    private func silences(_ played: [UInt8], _ sound: [UInt8], frameBytes: Int) -> (frames: [Int], isWhole: Bool) {
        var (place, at) = (0, 0)
        var silences: [Int] = []
        while at < sound.count {
            let end = at + frameBytes
            guard place + frameBytes <= played.count else { return (silences, false) }
            if played[place..<place + frameBytes] == sound[at..<end] {
                (place, at) = (place + frameBytes, end)
                continue
            }
            let start = place
            while place + frameBytes <= played.count, played[place..<place + frameBytes].allSatisfy({ $0 == 0 }) {
                place += frameBytes
            }
            guard place > start else { return (silences, false) }
            silences.append((place - start) / frameBytes)
        }
        return (silences, played[place...].allSatisfy { $0 == 0 })
    }

    @Test(arguments: ["wav", "flac"])
    func `silence is played where the disk is late, counted to the frame, and the sound goes on where it stood`(
        _ container: String
    ) throws {
        let card = try VirtualCard()
        try card.addPCM("out", ["pfile": card.file("played").path, "formats": "S16_LE"])
        let path = card.file("sound.\(container)").path
        let frames = 9 * 48_000
        let made = try Pipeline.run([
            "bash -c \"aup capture -D 'sim:noise?pace=fast' -d \(frames)f --as raw; "
                + "aup capture -D 'sim:noise?pace=fast' -d \(frames)f -o \(path)\""
        ])
        #expect(made.statuses == [0], "\(made.errors)")
        let bytes = try Int(#require(URL(filePath: path).resourceValues(forKeys: [.fileSizeKey]).fileSize))
        // Three and a half seconds lie ahead of the loudspeaker; two more than that have to be bridged.
        let run = try Pipeline.run(
            [
                "env LD_PRELOAD=\(Self.library) SLOW_FILE=sound.\(container) SLOW_MS=5500 "
                    + "'SLOW_AT=\(bytes * 36 / 90) \(bytes * 76 / 90)' aup play -D out --latency 100ms --json \(path)"
            ], environment: card.environment)
        #expect(run.statuses == [0], "\(run.errors)")
        #expect(!run.errors[0].contains("slow-disk"), "\(run.errors)")
        let end = try #require(try run.events("end", stage: 0).first)
        let heard = silences(card.bytes("played"), Array(made.output), frameBytes: 4)
        #expect(heard.isWhole, "a frame is missing, doubled or out of place; silences of \(heard.frames) frames")
        // A machine that is too busy adds short ones, which are counted too.
        #expect(heard.frames.count { $0 > 24_000 } == 2, "silences of \(heard.frames) frames")
        let counted = try #require(end["underrun_frames"] as? Int)
        let told = try run.events("underrun", stage: 0).compactMap { $0["frames"] as? Int }
        #expect(told.reduce(0, +) == counted)
        let silent = heard.frames.reduce(0, +)
        // Where the machine let even the audio thread wait, the device stopped, and nobody knows for how long exactly.
        let tolerance = end["xruns"] as? Int == 0 ? 0 : 4800
        #expect(abs(silent - counted) <= tolerance, "\(silent) frames of silence, \(counted) told")
        #expect(end["played_frames"] as? Int == frames)
        #expect(end["frames"] as? Int == frames)
        #expect(end["lost_frames"] as? Int == 0)
        #expect(end["skipped_frames"] as? Int == 0)
    }

    @Test func `it is said in words`() throws {
        let run = try Pipeline.run([
            "bash -c \"aup capture -D 'sim:noise?pace=fast' -d 1s --as wav; sleep 3; "
                + "head -c 200000 /dev/zero\"", "aup play -D sim:null --latency 100ms -f s16 -r 48000 -c 2 --raw",
        ])
        #expect(run.statuses == [0, 0])
        #expect(run.errors[1].contains("frames: silence"))
        #expect(run.errors[1].contains("frames of silence for want of sound"))
        #expect(run.errors[1].contains(" xruns"))
    }
}
