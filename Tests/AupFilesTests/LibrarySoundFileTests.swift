import AupFiles
import AupOpus
import AupSound
import Foundation
import Glibc
import TestSupport
import Testing

/// The containers that take samples; packets of Opus are made elsewhere.
private let ofSamples = RecordingContainer.allCases.filter { $0 != .opus }

/// Containers that libsndfile writes, read back by other programs.
@Suite(.enabled(if: ToolRun.find("ffmpeg") != nil, "ffmpeg is not installed"))
struct `Recordings in other containers` {
    private static let lossless: [RecordingContainer] = [.w64, .caf, .aiff, .flac]

    private func append(_ file: any RecordingFile, _ bytes: [UInt8]) throws {
        try unsafe bytes.withUnsafeBytes { unsafe try file.append($0) }
    }

    private func decode(_ path: String, _ codec: String) throws -> Data {
        let scratch = try Scratch()
        let raw = scratch.path("out.raw")
        let run = try ToolRun("ffmpeg", ["-v", "error", "-i", path, "-f", codec, raw])
        try #require(run.status == 0, "\(run.errors)")
        return try Data(contentsOf: URL(filePath: raw))
    }

    private func ramp(_ sample: SampleFormat, count: Int) -> [UInt8] {
        (0..<count).flatMap { index -> [UInt8] in
            let value = Int64(index) &* 7919
            switch sample {
            case .s24: return Bytes.little(UInt64(bitPattern: (value & 0xFF_FFFF ^ 0x80_0000) - 0x80_0000), 4)
            default: return Bytes.little(UInt64(bitPattern: value), sample.bytesPerSample)
            }
        }
    }

    @Test(arguments: lossless, [SampleFormat.s16, .s24, .u8])
    func `not a bit is lost`(container: RecordingContainer, sample: SampleFormat) throws {
        let scratch = try Scratch()
        let format = PCMFormat(sample, rate: 48_000, channels: 2)!
        let file = try container.create(path: scratch.path("a.x"), format: format, overwrite: false)
        #expect(file.format.sampleFormat == sample)
        let bytes = ramp(sample, count: 10_002)
        try append(file, Array(bytes[..<(bytes.count / 3)]))
        try file.refreshHeader()
        try append(file, Array(bytes[(bytes.count / 3)...]))
        #expect(file.frames == 5001)
        try file.finish()
        let codec = sample == .u8 ? "u8" : sample == .s16 ? "s16le" : "s24le"
        let packed =
            sample == .s24 ? Data(bytes.enumerated().filter { $0.offset % 4 < 3 }.map(\.element)) : Data(bytes)
        #expect(try decode(file.path, codec) == packed)
    }

    @Test(arguments: ofSamples)
    func `sound with six loudspeakers keeps its places`(container: RecordingContainer) throws {
        guard container != .mp3 else { return }
        let scratch = try Scratch()
        let layout = ChannelLayout.standard(channels: 6)!
        let format = PCMFormat(.f32, rate: 48_000, channels: 6, layout: layout)!
        let file = try container.create(path: scratch.path("a.x"), format: format, overwrite: false)
        // The centre, and nothing else, is loud; in the file's order.
        let centre = try #require(layout.positions.firstIndex(of: .frontCenter))
        let place = try #require((file.channelSources ?? Array(0..<6)).firstIndex(of: centre))
        for block in 0..<20 {
            var samples: [UInt8] = []
            for frame in 0..<2400 {
                for channel in 0..<6 {
                    let value = channel == place ? Float(sin(Double(block * 2400 + frame) * 0.1)) * 0.5 : 0
                    samples +=
                        file.format.sampleFormat == .f32
                        ? Bytes.little(UInt64(value.bitPattern), 4)
                        : Bytes.little(UInt64(bitPattern: Int64(value * 8_000_000)), 4)
                }
            }
            try append(file, samples)
        }
        try file.finish()
        let run = try ToolRun("ffmpeg", ["-i", file.path, "-af", "pan=mono|c0=FC,volumedetect", "-f", "null", "-"])
        let level = run.errors.split(separator: "max_volume: ").last?.split(separator: " ").first.flatMap {
            Double($0)
        }
        #expect((level ?? -100) > -8, "\(run.errors)")
    }

    @Test func `the ending of a name says the container`() {
        for (name, container) in [
            ("a.wav", .wav), ("/x.y/A.WAV", .wav), ("a.w64", .w64), ("a.caf", .caf), ("a.aif", .aiff),
            ("b/a.flac", .flac), ("a.b.ogg", .ogg), ("a.opus", .opus), ("a.mp3", .mp3), ("a", nil), ("x.wav/a", nil),
            (".wav", nil), ("a.txt", nil),
        ] as [(String, RecordingContainer?)] {
            #expect(RecordingContainer(fileName: name) == container, "\(name)")
        }
    }

    @Test func `what a container cannot hold is named, and nothing is left lying about`() throws {
        let scratch = try Scratch()
        for (container, rate, channels) in [
            (.flac, 48_000, 9), (.mp3, 96_000, 2), (.mp3, 48_000, 6),
        ] as [(RecordingContainer, Int, Int)] {
            let path = scratch.path("a.\(container)")
            let error = fileError { () throws(FileError) in
                _ = try container.create(
                    path: path, format: PCMFormat(.s16, rate: rate, channels: channels)!, overwrite: false)
            }
            guard case .unwritable(let name, let what)? = error else {
                Issue.record("\(container) took \(rate) Hz in \(channels) channels: \(String(describing: error))")
                continue
            }
            #expect(name == container.name && what.contains("\(rate)"))
            #expect(!FileManager.default.fileExists(atPath: path + ".part"))
        }
    }

    @Test(arguments: ofSamples)
    func `a file gets the name that was found meanwhile, and a taken one is left alone`(
        container: RecordingContainer
    ) throws {
        let scratch = try Scratch()
        let format = PCMFormat(.s16, rate: 48_000, channels: 1)!
        let file = try container.create(path: scratch.path("a"), format: format, overwrite: false)
        try append(file, [UInt8](repeating: 0, count: 20_000))
        try file.finish(as: scratch.path("b"))
        #expect(FileManager.default.fileExists(atPath: scratch.path("b")))
        let second = try container.create(path: scratch.path("a"), format: format, overwrite: false)
        #expect(
            fileError { () throws(FileError) in try second.finish(as: scratch.path("b")) }
                == .exists(path: scratch.path("b")))
        #expect(FileManager.default.fileExists(atPath: second.partPath))
    }

    @Test(arguments: [SampleFormat.u8, .s16, .s24]) func `a FLAC file of no frames is one all the same`(
        sample: SampleFormat
    ) throws {
        let scratch = try Scratch()
        let format = PCMFormat(sample, rate: 44_100, channels: 3)!
        let file = try RecordingContainer.flac.create(path: scratch.path("a.flac"), format: format, overwrite: false)
        try file.setTags([SoundTag("TITLE=Nothing")!])
        try file.finish()
        let probe = try ToolRun(
            "ffprobe",
            [
                "-v", "error", "-show_entries", "stream=sample_rate,channels,bits_per_raw_sample:format_tags", "-of",
                "csv=p=0", scratch.path("a.flac"),
            ])
        #expect(probe.output == "44100,3,\(sample == .u8 ? 8 : sample == .s16 ? 16 : 24)\nNothing\n", "\(probe.errors)")
        let reader = try SoundFileReader(path: scratch.path("a.flac"), opus: .library)
        #expect(reader.format.rate == 44_100 && reader.format.channels == 3)
        #expect(reader.tags.map { $0.text } == ["TITLE=Nothing"])
        #expect(reader.cutOff == nil)
    }

    /// The size limit of a process of its own stands for a full disk: both refuse the same call.
    @Test func `no room left is an error in every container, and what was written opens`() async throws {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 50_001, rlim_max: 50_001)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let scratch = try Scratch()
            for container in ofSamples {
                let file = try container.create(
                    path: scratch.path("a.\(container)"), format: PCMFormat(.s16, rate: 48_000, channels: 2)!,
                    overwrite: false)
                var state: UInt32 = 1
                let bytes = (0..<8192 * file.format.frameBytes / 4).flatMap { _ -> [UInt8] in
                    state = state &* 1_664_525 &+ 1_013_904_223
                    let noise = Float(Int32(bitPattern: state)) / 4_294_967_296
                    return Bytes.little(UInt64(file.format.sampleFormat == .f32 ? noise.bitPattern : state), 4)
                }
                var failure: FileError?
                do {
                    for _ in 0..<1000 { try unsafe bytes.withUnsafeBytes { unsafe try file.append($0) } }
                } catch let error as FileError {
                    failure = error
                }
                guard case .full(let path, _)? = failure else {
                    fatalError("\(container): \(String(describing: failure))")
                }
                precondition(path == file.partPath)
                try? file.finish()
                precondition(FileManager.default.fileExists(atPath: file.path))
                guard ToolRun.find("ffprobe") != nil else { continue }
                let probe = try ToolRun("ffprobe", ["-v", "error", file.path])
                precondition(probe.status == 0, "\(container): \(probe.errors)")
            }
        }
    }
}
