import AupFiles
import AupSound
import AupWire

/// What a file is to say about its sound: what was asked for, and of what the stream says all that this does not replace.
///
/// In the stream a tag is an event `tag`, whose value is `KEY=VALUE`.
///
/// - Thread: transport.
struct TagList {
    static let eventKey = "tag"

    private let asked: [SoundTag]
    private let copies: Bool
    private var streamed: [SoundTag] = []

    init(_ plan: RecordingPlan) {
        asked = plan.tags
        copies = plan.copiesTags
    }

    /// Takes an event of the stream, if it is a tag.
    mutating func add(_ event: EventPacket) {
        guard copies, event.key == Self.eventKey, let tag = SoundTag(event.value), !tag.isOfItsFile,
            streamed.count < SoundTag.mostTags, !streamed.contains(tag)
        else { return }
        streamed.append(tag)
    }

    /// The stream's first, in its order; then those that were asked for.
    var tags: [SoundTag] {
        let kept = streamed.filter { tag in !asked.contains { $0.hasKey(tag.key) } }
        return kept + asked.filter { !$0.isRemoval }
    }

    /// The events that bring tags to whatever writes a file.
    static func events(_ tags: [SoundTag], position: Int64 = 0) -> [EventPacket] {
        tags.map { EventPacket(position: position, captureTime: nil, key: eventKey, value: $0.text) }
    }
}

extension SoundTag {
    /// `--tag KEY=` takes what the input says away.
    fileprivate var isRemoval: Bool { value.isEmpty }
}

extension RecordingPlan {
    /// The header that a WAV file with such tags gets; when it was begun takes no room.
    func header(_ format: PCMFormat, _ tagEvents: [EventPacket]) -> WAVHeader {
        var list = TagList(self)
        for event in tagEvents { list.add(event) }
        let broadcast =
            hasBroadcast ? BroadcastExtension(description: description, start: .init(utcNanoseconds: 0)) : nil
        return WAVHeader(format, for: .file, broadcast: broadcast, tags: list.tags)
    }
}
