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
