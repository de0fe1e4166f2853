import AupSound
import AupWire
import Foundation

/// One packet as docs/wire.md and examples/read_stream.py write it down: key and value of a line of JSON.
struct Seen: Equatable, Sendable, CustomStringConvertible {
    private(set) var fields: [String: Value] = [:]

    enum Value: Equatable, Sendable, Decodable {
        case null
        case truth(Bool)
        case number(Int64)
        case text(String)
        case list([Int64])

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() {
                self = .null
            } else if let truth = try? value.decode(Bool.self) {
                self = .truth(truth)
            } else if let number = try? value.decode(Int64.self) {
                self = .number(number)
            } else if let text = try? value.decode(String.self) {
                self = .text(text)
            } else {
                self = .list(try value.decode([Int64].self))
            }
        }
    }

    var description: String {
        fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }

    init(json line: some StringProtocol) throws {
        fields = try JSONDecoder().decode([String: Value].self, from: Data(line.utf8))
    }

    /// - Parameters:
    ///   - sequence: the packet's number.
    ///   - position: the decoder's position behind the packet, which is that of a packet without frames.
    init(_ packet: Packet, sequence: UInt32, position: Int64) {
        fields["sequence"] = .number(Int64(sequence))
        fields["position"] = .number(position)
        switch packet {
        case .format(let description): add(description)
        case .audio(let audio):
            add("audio", position: audio.position, time: audio.captureTime, frames: Int64(audio.frames))
            fields["checked"] = .truth(audio.isChecked)
            fields["payload"] = .text(unsafe Self.hexadecimal(Array(audio.payload)))
        case .silence(let silence):
            add("silence", position: silence.position, time: silence.captureTime, frames: silence.frames)
        case .gap(let gap):
            add("gap", position: gap.position, time: gap.captureTime, frames: gap.frames)
            fields["cause"] = .text(gap.cause.name)
            fields["seen_by"] = .text(gap.seenBy)
        case .event(let event):
            fields["packet"] = .text("event")
            fields["time"] = event.captureTime.map(Value.number) ?? .null
            fields["key"] = .text(event.key)
            fields["value"] = .text(event.value)
        case .end(let end):
            fields["packet"] = .text("end")
            fields["frames"] = .number(end.totalFrames)
            fields["lost"] = .number(end.lostFrames)
            fields["reason"] = .text("\(end.reason)")
            fields["code"] = .number(Int64(end.code))
            fields["message"] = .text(end.message)
        }
    }

    private mutating func add(_ name: String, position: Int64, time: Int64?, frames: Int64) {
        fields["packet"] = .text(name)
        fields["position"] = .number(position)
        fields["time"] = time.map(Value.number) ?? .null
        fields["frames"] = .number(frames)
    }

    private mutating func add(_ description: StreamDescription) {
        fields["packet"] = .text("format")
        fields["rate"] = .number(Int64(description.rate))
        fields["channels"] = .number(Int64(description.channels))
        fields["live"] = .truth(description.isLive)
        fields["clock"] = .text("\(description.clock.kind)")
        if description.clock.kind == .monotonic { fields["boot"] = .text(Self.hexadecimal(description.clock.boot)) }
        fields["layout"] = description.layout.map { .list($0.positions.map { Int64($0.rawValue) }) } ?? .null
        fields["source"] = .text(description.source)
        switch description.coding {
        case .pcm(let format):
            fields["coding"] = .text("pcm")
            fields["format"] = .text(format.sampleFormat.name)
        case .opus(let opus):
            fields["coding"] = .text("opus")
            fields["format"] = opus.originalFormat.map { .text($0.name) } ?? .null
            fields["pre_skip"] = .number(Int64(opus.preSkipFrames))
            fields["frame_size"] = .number(Int64(opus.frameSize))
            fields["original_rate"] = opus.originalRate.map { .number(Int64($0)) } ?? .null
            fields["streams"] = .number(Int64(opus.streams))
            fields["coupled"] = .number(Int64(opus.coupledStreams))
            fields["mapping"] = .list(opus.mapping.map(Int64.init))
        }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
