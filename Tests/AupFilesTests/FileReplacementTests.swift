import Foundation
import TestSupport
import Testing

@testable import AupFiles

/// Tags that are written into a file which at every instant is the old or the new one.
@Suite struct `A file that is given tags` {
    /// FLAC of so many bytes, which nobody needs to decode.
    private static func flac(_ count: Int = 1000) -> [UInt8] {
        Array("fLaC".utf8) + [0x80, 0, 0, 34] + [UInt8](repeating: 7, count: 34) + [0xFF, 0xF8]
            + (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    }

    private func names(_ scratch: Scratch) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path).sorted()
    }

    @Test func `keeps mode, owner and attributes, also behind symbolic links and in a name of 255 bytes`() throws {
        let scratch = try Scratch()
        let name = String(repeating: "é", count: 125) + ".flac"
        let path = scratch.path(name)
        try TaggedFiles.save(Self.flac(), path)
        #expect(unsafe chmod(path, 0o640) == 0)
        let isRoot = geteuid() == 0
        if isRoot { #expect(unsafe chown(path, 1234, 4321) == 0) }
        let hasAttributes =
            (try? ToolRun("python3", ["-c", "import os,sys; os.setxattr(sys.argv[1], 'user.aup', b'x')", path]))?
            .status == 0
        try FileManager.default.createSymbolicLink(atPath: scratch.path("one"), withDestinationPath: name)
        try FileManager.default.createSymbolicLink(atPath: scratch.path("two"), withDestinationPath: "one")
        try LoudnessTagWriter.write(TaggedFiles.tags, into: scratch.path("two"))
        #expect(try TaggedFiles.bytes(path).count > Self.flac().count)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: scratch.path("two")) == "one")
        var facts = stat()
        #expect(unsafe lstat(path, &facts) == 0)
        #expect(facts.st_mode & 0o7777 == 0o640)
        if isRoot { #expect(facts.st_uid == 1234 && facts.st_gid == 4321) }
        if hasAttributes {
            let read = try ToolRun(
                "python3", ["-c", "import os,sys; print(os.getxattr(sys.argv[1], 'user.aup'))", path])
            #expect(read.output == "b'x'\n")
        }
        #expect(try names(scratch).count == 3)
    }

    @Test func `is refused with what to do where it is read-only, no file, no sound of the kind or not there`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.flac")
        try TaggedFiles.save(Self.flac(), path)
        #expect(unsafe chmod(path, 0o444) == 0)
        #expect(TaggedFiles.refusal(path)?.contains("read-only; it is left as it was; make it writable") == true)
        #expect(try TaggedFiles.bytes(path) == Self.flac())
        #expect(TaggedFiles.refusal(scratch.path("none"))?.contains("no such file") == true)
        #expect(TaggedFiles.refusal(scratch.folder.path)?.contains("no regular file") == true)
        #expect(unsafe mkfifo(scratch.path("pipe"), 0o600) == 0)
        #expect(TaggedFiles.refusal(scratch.path("pipe"))?.contains("no regular file") == true)
        for (bytes, kind) in [
            (Bytes.wav([]), "WAV"), (Array(".snd0000".utf8), "AU"), (Array("ID3".utf8) + [4, 0], "MP3"), ([], "empty"),
            (Array("0123456789abcdef".utf8), "0123456789abcdef"), (Array("wvpk".utf8), "WavPack"),
        ] {
            try TaggedFiles.save(bytes, scratch.path("b"))
            let said = try #require(TaggedFiles.refusal(scratch.path("b")))
            #expect(said.contains(kind) && said.contains("convert it") && !said.contains("\n"), "\(said)")
            #expect(try TaggedFiles.bytes(scratch.path("b")) == bytes)
        }
        #expect(try names(scratch) == ["a.flac", "b", "pipe"])
    }

    @Test func `waits for nobody who writes it, and takes away what a kill left behind`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.flac")
        try TaggedFiles.save(Self.flac(), path)
        let other = unsafe open(path, O_RDONLY)
        #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
        #expect(TaggedFiles.refusal(path)?.contains("another program is writing it") == true)
        close(other)
        try TaggedFiles.save([1, 2, 3], path + ".tagging")
        #expect(TaggedFiles.refusal(path) == nil)
        #expect(try names(scratch) == ["a.flac"])
        // What cannot be a leftover stays.
        try FileManager.default.createDirectory(atPath: path + ".tagging", withIntermediateDirectories: false)
        let quiet = LoudnessTags(trackLoudness: -40, trackPeak: 0.1)
        #expect(TaggedFiles.refusal(path, quiet)?.contains("is taken") == true)
    }

    @Test func `is left to another program that changes it in the meantime`() throws {
        let scratch = try Scratch()
        let path = scratch.path("a.flac")
        try TaggedFiles.save(Self.flac(), path)
        let file = try FileReplacement(path)
        try file.append([1, 2, 3])
        try TaggedFiles.save(Self.flac(5), path)
        let error = fileError { () throws(FileError) in try file.finish() }
        #expect(error?.message.contains("another program changed it") == true)
        #expect(try TaggedFiles.bytes(path) == Self.flac(5))
    }

    @Test(.enabled(if: SmallDisk.isAvailable))
    func `is as it was where the disk is full`() throws {
        let disk = try SmallDisk(megabytes: 2)
        let path = "\(disk.path)/a.flac"
        let bytes = Self.flac(1_200_000)
        try TaggedFiles.save(bytes, path)
        let free = disk.freeBytes
        let error = fileError { () throws(FileError) in try LoudnessTagWriter.write(TaggedFiles.tags, into: path) }
        #expect(error == .noRoomToTag(path: path))
        #expect(try TaggedFiles.bytes(path) == bytes)
        #expect(disk.freeBytes == free)
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["a.flac"])
    }

    /// A limit on the size of files stands for the full disk: both refuse the same call.
    @Test
    func `is the old one where it may not grow or the writer is killed in the midst, and can be tagged the next time`()
        async throws
    {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            let scratch = try Scratch()
            let path = scratch.path("a.flac")
            let bytes = Self.flac(3_000_000)
            try TaggedFiles.save(bytes, path)
            var limit = rlimit(rlim_cur: 1_500_001, rlim_max: 1_500_001)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let error = fileError { () throws(FileError) in try LoudnessTagWriter.write(TaggedFiles.tags, into: path) }
            #expect(error == .noRoomToTag(path: path))
            #expect(try TaggedFiles.bytes(path) == bytes)
        }
        let scratch = try Scratch()
        let path = scratch.path("a.flac")
        let bytes = Self.flac(3_000_000)
        try TaggedFiles.save(bytes, path)
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let file = try FileReplacement(path)
            try file.copy(0..<1_500_001)
            kill(getpid(), SIGKILL)
            try file.finish()
        }
        #expect(try TaggedFiles.bytes(path) == bytes)
        #expect(try names(scratch) == ["a.flac", "a.flac.tagging"])
        try LoudnessTagWriter.write(TaggedFiles.tags, into: path)
        #expect(try names(scratch) == ["a.flac"])
        #expect(try TaggedFiles.bytes(path).suffix(3_000_000) == bytes.suffix(3_000_000))
    }

    @Test func `is the old or the new one at whatever moment the writer is killed`() async throws {
        let scratch = try Scratch()
        let path = scratch.path("a.flac")
        let (loud, quiet) = (TaggedFiles.tags, LoudnessTags(trackLoudness: -33, trackPeak: 0.1))
        try TaggedFiles.save(Self.flac(2_000_000), path)
        // Both have been there before, so that each is as long the next time.
        try LoudnessTagWriter.write(quiet, into: path)
        try LoudnessTagWriter.write(loud, into: path)
        var states = [try TaggedFiles.bytes(path)]
        try LoudnessTagWriter.write(quiet, into: path)
        states.append(try TaggedFiles.bytes(path))
        for round in 0..<4 {
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, round = round as Int] in
                let (loud, quiet) = (TaggedFiles.tags, LoudnessTags(trackLoudness: -33, trackPeak: 0.1))
                let killer = Thread {
                    // Somewhere in the second of writing, which goes on until then.
                    usleep(UInt32(100_000 + 150_000 * round) + UInt32.random(in: 0..<100_000))
                    kill(getpid(), SIGKILL)
                }
                killer.start()
                while true {
                    try LoudnessTagWriter.write(loud, into: path)
                    try LoudnessTagWriter.write(quiet, into: path)
                }
            }
            let now = try TaggedFiles.bytes(path)
            #expect(states.contains(now), "round \(round): \(now.count) bytes")
        }
        #expect(TaggedFiles.refusal(path, loud) == nil)
        #expect(try names(scratch) == ["a.flac"])
    }
}
