import AupFiles
import AupSound
import Foundation
import Testing

/// When a recording began, as broadcasters write it down.
@Suite struct `The bext chunk` {
    private func start(_ text: String, _ nanoseconds: Int64 = 0) throws -> RecordingStart {
        let seconds = try Date(text, strategy: .iso8601).timeIntervalSince1970
        return RecordingStart(utcNanoseconds: Int64(seconds) * 1_000_000_000 + nanoseconds)
    }

    @Test(arguments: [
        "1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-03-29T01:00:00Z", "2100-03-01T12:34:56Z",
        "1969-12-31T23:59:58Z", "2024-12-31T23:59:59Z",
    ])
    func `dates are the calendar's`(text: String) throws {
        let start = try start(text)
        #expect("\(start.date)T\(start.time)Z" == text)
    }

    @Test func `the time reference is exact to the sample`() throws {
        #expect(try start("2026-03-29T00:00:00Z").framesSinceMidnight(rate: 48_000) == 0)
        #expect(try start("2026-03-29T23:59:59Z", 999_979_167).framesSinceMidnight(rate: 48_000) == 86_400 * 48_000 - 1)
        #expect(
            try start("2026-03-29T01:00:00Z", 500_000_000).framesSinceMidnight(rate: 44_100) == 3600 * 44_100 + 22_050)
        #expect(try start("1969-12-31T23:59:58Z").framesSinceMidnight(rate: 768_000) == 86_398 * 768_000)
    }

    @Test func `it has its fields, and the header its length, whatever is known`() throws {
        let format = PCMFormat(.s16, rate: 48_000, channels: 2)!
        let moment = try start("2026-03-29T01:02:03Z", 250_000_000)
        let header = WAVHeader(format, for: .file, broadcast: BroadcastExtension(description: "Böe\n1", start: moment))
        let bytes = header.bytes(dataBytes: 4000)
        #expect(bytes.count == header.byteCount)
        let chunk = Array(bytes[48..<48 + BroadcastExtension.byteCount])
        #expect(chunk[..<8] == (Array("bext".utf8) + Bytes.little(602, 4))[...])
        #expect(chunk[8..<14] == Array("B?e?1\0".utf8)[...])
        #expect(chunk[264..<268] == Array("aup\0".utf8)[...])
        #expect(chunk[328..<346] == Array("2026-03-2901:02:03".utf8)[...])
        #expect(chunk[346..<354] == Bytes.little(3723 * 48_000 + 12_000, 8)[...])
        #expect(chunk[354..<356] == [1, 0])
        #expect(try readWAV(bytes)?.dataBytes == 4000)
        let long = WAVHeader(
            format, for: .file, broadcast: BroadcastExtension(start: moment), longBytes: 1000)
        #expect(long.byteCount == header.byteCount)
        #expect(try readWAV(long.bytes(dataBytes: 4000))?.container == .rf64)
    }
}
