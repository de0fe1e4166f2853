/// Tells from the first bytes of an input what it is, so that junk is refused instead of played as noise.
///
/// The aup stream is looked for elsewhere; this knows the foreign formats. Magic numbers: RIFF/WAVE (Microsoft,
/// Multimedia Programming Interface 1.0), RF64 (EBU Tech 3306), AU (audio(5)), and the published headers of the rest.
///
/// - Thread: any.
public enum ContainerSniffer {
    /// What the first bytes are.
    public enum Sighting: Equatable, Sendable {
        /// RIFF or RF64 WAVE: feed it to ``WAVReader``.
        case wav
        /// Sun/NeXT audio: feed it to ``AUReader``.
        case au
        /// Sound that a library decodes, by the name people call it: ``SoundFileReader`` reads it.
        case coded(String)
        /// Too few bytes to tell; read on and ask again with all of them.
        case needsMore
        /// Something that is not read: what it is and what to do.
        case refused(FileError)
    }

    /// More bytes than this never change the answer.
    public static let decidingBytes = 64

    /// - Parameters:
    ///   - bytes: the input from its first byte; 4 KiB of it at most is looked at.
    ///   - isComplete: the input has ended, so there will be no more.
    public static func identify(_ bytes: Span<UInt8>, isComplete: Bool = false) -> Sighting {
        if bytes.isEmpty {
            guard isComplete else { return .needsMore }
            return .refused(.refused(seen: "empty input", remedy: "look at the command that should write it"))
        }
        if bytes.count < 12, !isComplete { return .needsMore }
        if bytes.starts("RIFF", at: 0) || bytes.starts("RF64", at: 0) || bytes.starts("BW64", at: 0) {
            if bytes.starts("WAVE", at: 8) { return .wav }
            // "RIFF" and an end of input: the reader tells where it was cut off.
            if bytes.count < 12 { return .wav }
            return refused("a RIFF file of kind \(bytes.printable(8..<12)), not WAVE", convert)
        }
        if bytes.starts(".snd", at: 0) { return .au }
        if bytes.starts("OggS", at: 0), bytes.count < decidingBytes, !isComplete { return .needsMore }
        if let name = codedName(bytes) { return .coded(name) }
        // The name of the codec is not all there.
        if bytes.starts("OggS", at: 0), bytes.count < min(decidingBytes, bytes.count > 26 ? 35 + Int(bytes[26]) : 35) {
            return .refused(.truncated(container: "Ogg", byteOffset: UInt64(bytes.count)))
        }
        if let name = knownName(bytes) { return refused(name, convert) }
        return refused(
            "no sound aup knows, it begins with \(bytes.printable(0..<min(bytes.count, 16)))",
            "give -f -r -c with --raw for headerless PCM")
    }

    private static let convert = "aup does not read it: decode it to WAV first, for example with ffmpeg"

    private static func refused(_ seen: String, _ remedy: String) -> Sighting {
        .refused(.refused(seen: seen, remedy: remedy))
    }

    /// What a recognised input that libsndfile or libmpg123 decode is called.
    private static func codedName(_ bytes: Span<UInt8>) -> String? {
        // Twelve of Wave64's sixteen GUID bytes, of which the first four alone would be a word.
        if bytes.starts([0x72, 0x69, 0x66, 0x66, 0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB], at: 0) {
            return "W64"
        }
        if bytes.starts("RIFX", at: 0), bytes.starts("WAVE", at: 8) { return "big-endian WAV (RIFX)" }
        if bytes.starts("FORM", at: 0), bytes.starts("AIF", at: 8) { return "AIFF" }
        if bytes.starts("caff", at: 0) { return "CAF" }
        if bytes.starts("fLaC", at: 0) { return "FLAC" }
        if bytes.starts("dns.", at: 0) { return "little-endian AU" }
        if bytes.starts("OggS", at: 0) {
            let name = oggName(bytes)
            return ["Ogg Opus", "Ogg Vorbis", "Ogg FLAC"].contains(name) ? name : nil
        }
        if bytes.starts("ID3", at: 0) || bytes.isMPEGLayerFrame { return "MP3" }
        return nil
    }

    /// What a recognised input that is not read is called.
    private static func knownName(_ bytes: Span<UInt8>) -> String? {
        if bytes.starts("OggS", at: 0) { return oggName(bytes) }
        if bytes.starts("ftyp", at: 4) { return "MP4 (M4A)" }
        if bytes.starts([0x1A, 0x45, 0xDF, 0xA3], at: 0) { return "Matroska or WebM" }
        if bytes.starts("MThd", at: 0) { return "MIDI, which holds notes, not sound" }
        if bytes.starts("wvpk", at: 0) { return "WavPack" }
        return nil
    }

    /// The codec of an Ogg stream stands in the first packet, behind a page header of 27 bytes and its lacing.
    private static func oggName(_ bytes: Span<UInt8>) -> String {
        guard bytes.count > 26 else { return "Ogg" }
        let packet = 27 + Int(bytes[26])
        if bytes.starts("OpusHead", at: packet) { return "Ogg Opus" }
        if bytes.starts("vorbis", at: packet + 1) { return "Ogg Vorbis" }
        if bytes.starts("FLAC", at: packet + 1) { return "Ogg FLAC" }
        if bytes.starts("Speex", at: packet) { return "Ogg Speex" }
        return "Ogg"
    }
}

extension Span<UInt8> {
    func starts(_ text: StaticString, at offset: Int) -> Bool {
        guard offset + text.utf8CodeUnitCount <= count else { return false }
        for index in 0..<text.utf8CodeUnitCount where unsafe self[offset + index] != text.utf8Start[index] {
            return false
        }
        return true
    }

    func starts(_ wanted: [UInt8], at offset: Int) -> Bool {
        guard offset + wanted.count <= count else { return false }
        for index in wanted.indices where self[offset + index] != wanted[index] { return false }
        return true
    }

    /// Bytes as a message shows them: text where it is text, hexadecimal otherwise.
    func printable(_ range: Range<Int>) -> String {
        var text = ""
        var hexadecimal = ""
        var isText = true
        for index in range {
            let byte = self[index]
            isText = isText && (0x20...0x7E).contains(byte)
            text.unicodeScalars.append(Unicode.Scalar(byte))
            let digits = String(byte, radix: 16, uppercase: true)
            hexadecimal += (index == range.lowerBound ? "" : " ") + (digits.count == 1 ? "0" : "") + digits
        }
        return isText ? "'\(text)'" : "bytes \(hexadecimal)"
    }

    /// An MPEG audio frame header (ISO/IEC 11172-3, 2.4.1.3) with no reserved value in it. Silence as PCM and most
    /// noise fail it; libmpg123 wants a second one where the first one ends.
    var isMPEGLayerFrame: Bool {
        guard count >= 4, self[0] == 0xFF, self[1] & 0xE0 == 0xE0 else { return false }
        let version = self[1] >> 3 & 3
        let layer = self[1] >> 1 & 3
        let bitrate = self[2] >> 4
        let rate = self[2] >> 2 & 3
        return version != 1 && layer != 0 && bitrate != 0 && bitrate != 15 && rate != 3
    }
}
