public import AupSound
internal import AupSystem

/// Writes loudness tags into files that are there: Ogg Opus and FLAC.
///
/// Everything else in the file stays as it is, byte by byte: sound, pictures, other tags, the name of who wrote it, and
/// what is padding takes up the difference where there is enough. The file is at every instant the old one or the new
/// one, because the new one is made beside it and takes its place in one step (``FileReplacement`` says what else is kept).
///
/// - Thread: control; it reads and writes as much as the file is long.
public enum LoudnessTagWriter {
    /// Writes the tags that the container has a form for; a file that says the same already is not touched.
    ///
    /// - Returns: what the file now says.
    /// - Throws: ``FileError/untagged(path:why:remedy:)`` for what is neither, is damaged, is several streams in one file,
    ///   may not be written or is being written; ``FileError/noRoomToTag(path:)`` where the disk is full.
    @discardableResult
    public static func write(_ tags: LoudnessTags, into path: String) throws(FileError) -> [SoundTag] {
        let file = try FileReplacement(path)
        let start = try file.read(at: 0, count: ContainerSniffer.decidingBytes)
        let flac = try FLACTagging.start(of: file, start)
        switch ContainerSniffer.identify(start.span, isComplete: true) {
        case _ where flac != nil:
            try FLACTagging.write(tags.replayGain, for: tags.replacedInFLAC, into: file, at: flac ?? 0)
            return tags.replayGain
        case .coded("Ogg Opus"):
            try OggOpusTagging.write(tags.r128, for: tags.replacedInOpus, into: file)
            return tags.r128
        case .coded(let name): throw refusal(file, name)
        case .wav: throw refusal(file, "WAV")
        case .au: throw refusal(file, "AU")
        case .refused(.refused(let seen, _)): throw refusal(file, seen)
        case .refused(let error): throw error
        case .needsMore: throw refusal(file, "no sound")
        }
    }

    private static func refusal(_ file: FileReplacement, _ seen: String) -> FileError {
        file.refusal(
            "this is \(seen), and loudness tags are written into Ogg Opus and FLAC",
            "convert it to one of them, or tag it with a program for its kind")
    }
}
