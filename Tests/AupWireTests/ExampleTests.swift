import AupSound
import AupWire
import Foundation
import TestSupport
import Testing

@Suite("A reader and a writer in another language, made from the page alone")
struct ExampleTests {
    @Test func `what the Python writer writes is read here to the sample`() throws {
        let options = ["--seconds", "0.5", "--hertz", "1000", "--rate", "44100", "--channels", "3", "--demo"]
        let result = try Self.run("examples/write_stream.py", options, input: [])
        #expect(result.status == 0, "\(result.complaint)")
        var decoder = PacketDecoder()
        var samples: [Int16] = []
        var others: [Seen] = []
        var offset = 0
        while offset < result.output.count {
            offset += unsafe result.output[offset...].withUnsafeBytes { unsafe decoder.feed($0) }
            while let packet = try decoder.next() {
                if case .audio(let audio) = packet {
                    samples += unsafe Array(audio.payload.bindMemory(to: Int16.self))
                } else {
                    others.append(Seen(packet, sequence: decoder.sequence &- 1, position: decoder.position))
                }
            }
        }
        try decoder.finish()
        let frames = 22_050
        #expect(samples.count == 3 * frames)
        #expect(
            samples.indices.allSatisfy { index in
                let phase = 2 * Double.pi * 1000 / 44_100 * Double(index / 3)
                return abs(Double(samples[index]) - 16_383 * sin(phase)) <= 0.5001
            })
        #expect(others.map { $0.fields["packet"] } == ["format", "silence", "gap", "event", "end"].map { .text($0) })
        #expect(others.last?.fields["frames"] == .number(Int64(frames + 480 + 17)))
        #expect(others.last?.fields["lost"] == .number(17))
    }

    @Test(arguments: vectors)
    func `the Python reader agrees about a vector`(_ vector: WirePage.Vector) throws {
        let result = try Self.run("examples/read_stream.py", [], input: vector.bytes)
        switch vector.outcome {
        case .read(let lines, _):
            #expect(result.status == 0, "\(result.complaint)")
            let seen = try String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(Seen.init(json:))
            #expect(seen == lines)
        case .refused(let rule, _):
            #expect(result.status == 1)
            #expect(result.complaint.contains(rule), "\(result.complaint)")
        }
    }

    @Test func `what is encoded here the Python reader reads to the byte`() throws {
        let format = try #require(PCMFormat(.s24Packed, rate: 96_000, channels: 5))
        var dice = Dice(seed: 11)
        let sound = (0..<format.frameBytes * 3000).map { _ in UInt8.random(in: 0...255, using: &dice) }
        var encoder = PacketEncoder(checksAudio: true)
        encoder.encodeFormat(StreamDescription(format, source: "ramp"))
        for first in stride(from: 0, to: sound.count, by: format.frameBytes * 250) {
            unsafe sound[first..<first + format.frameBytes * 250].withUnsafeBytes {
                unsafe encoder.encodeAudio(captureTime: nil, payload: $0)
            }
        }
        encoder.encodeEnd(.normal)
        let bytes = unsafe Array(encoder.output.bytes)
        let packets = try Self.run("examples/read_stream.py", [], input: bytes)
        #expect(packets.status == 0, "\(packets.complaint)")
        let seen = try String(decoding: packets.output, as: UTF8.self).split(separator: "\n").map(Seen.init(json:))
        #expect(seen == Reading(bytes).seen)
        let pcm = try Self.run("examples/read_stream.py", ["--pcm"], input: bytes)
        #expect(pcm.output == sound)
    }

    /// The example checks the rules that keep it from believing damage, not those that only a writer breaks.
    private static let vectors = WirePage.shared.vectors.filter { vector in
        if case .refused(let rule, _) = vector.outcome { rulesOfExample.contains(rule) } else { true }
    }
    private static let rulesOfExample: Set = [
        "W-01", "W-02", "W-03", "W-05", "W-08", "W-10", "W-12", "W-13", "W-14", "W-15", "W-18", "W-19", "W-20", "W-33",
    ]

    /// Runs one of the examples with a file of input and waits for its end.
    private static func run(
        _ script: String, _ options: [String], input: [UInt8]
    ) throws -> (status: Int32, output: [UInt8], complaint: String) {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Files and not pipes, so that neither side can wait for the other.
        let names = ["in", "out", "err"].map { folder.appending(path: $0) }
        try Data(input).write(to: names[0])
        for name in names[1...] { try Data().write(to: name) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", Repository.root.appending(path: script).path] + options
        process.standardInput = try FileHandle(forReadingFrom: names[0])
        process.standardOutput = try FileHandle(forWritingTo: names[1])
        process.standardError = try FileHandle(forWritingTo: names[2])
        try process.run()
        process.waitUntilExit()
        return (
            process.terminationStatus, try Array(Data(contentsOf: names[1])),
            try String(contentsOf: names[2], encoding: .utf8)
        )
    }
}
