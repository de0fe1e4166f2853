internal import AupSound
internal import CSndfile

/// Where containers without comments of their own keep what a sound says about itself.
enum TagPlaces {
    /// Keys of Vorbis comments, the names that RIFF's INFO list has for them (Microsoft, Multimedia Programming
    /// Interface 1.0), and libsndfile's.
    private static let places: [(key: String, chunk: StaticString, library: Int)] = [
        ("TITLE", "INAM", Int(SF_STR_TITLE)), ("ARTIST", "IART", Int(SF_STR_ARTIST)),
        ("ALBUM", "IPRD", Int(SF_STR_ALBUM)), ("DATE", "ICRD", Int(SF_STR_DATE)),
        ("GENRE", "IGNR", Int(SF_STR_GENRE)), ("COMMENT", "ICMT", Int(SF_STR_COMMENT)),
        ("COPYRIGHT", "ICOP", Int(SF_STR_COPYRIGHT)), ("TRACKNUMBER", "ITRK", Int(SF_STR_TRACKNUMBER)),
        ("LICENSE", "", Int(SF_STR_LICENSE)),
    ]

    /// libsndfile's kinds of text with their keys.
    static var libraryKinds: [(key: String, kind: Int32)] { places.map { ($0.key, Int32($0.library)) } }

    /// The texts that libsndfile takes; of several values of a key the first. DESCRIPTION is a comment where there is none.
    static func libraryTexts(_ tags: [SoundTag]) -> [(kind: Int32, text: String)] {
        places.compactMap { place in value(tags, place.key).map { (Int32(place.library), $0) } }
    }

    /// A LIST chunk for a WAV file; nothing where it would hold nothing.
    static func infoChunk(_ tags: [SoundTag]) -> [UInt8] {
        var body: [UInt8] = []
        for place in places where place.chunk.utf8CodeUnitCount == 4 {
            guard let text = value(tags, place.key) else { continue }
            let bytes = Array(text.utf8) + [0]
            body.appendName(place.chunk)
            body.appendLittle(UInt64(bytes.count), 4)
            body += bytes + (bytes.count % 2 == 1 ? [0] : [])
        }
        guard !body.isEmpty else { return [] }
        var chunk: [UInt8] = []
        chunk.appendName("LIST")
        chunk.appendLittle(UInt64(body.count + 4), 4)
        chunk.appendName("INFO")
        return chunk + body
    }

    /// What the body of a LIST chunk says, if it is one of these.
    static func info(_ body: [UInt8]) -> [SoundTag] {
        guard body.span.starts("INFO", at: 0) else { return [] }
        var tags: [SoundTag] = []
        var place = 4
        while place + 8 <= body.count, tags.count < SoundTag.mostTags {
            let length = Int(body.little(place + 4, 4))
            guard place + 8 + length <= body.count else { break }
            if let known = places.first(where: {
                $0.chunk.utf8CodeUnitCount == 4 && body.span.starts($0.chunk, at: place)
            }) {
                let text = body[(place + 8)..<(place + 8 + length)].prefix { $0 != 0 }
                if !text.isEmpty, let tag = SoundTag(known.key, String(decoding: text, as: UTF8.self)) {
                    tags.append(tag)
                }
            }
            place += 8 + length + length % 2
        }
        return tags
    }

    private static func value(_ tags: [SoundTag], _ key: String) -> String? {
        let names = key == "COMMENT" ? [key, "DESCRIPTION"] : [key]
        for name in names {
            // A zero would end the text for every reader.
            if let tag = tags.first(where: { $0.hasKey(name) }), !tag.value.utf8.contains(0),
                tag.value.utf8.count <= Limits.stringBytes
            {
                return tag.value
            }
        }
        return nil
    }
}
