import AupFiles
import Testing

@Suite struct `What the first bytes are` {
    private func see(_ text: String, then more: [UInt8] = [], isComplete: Bool = true) -> ContainerSniffer.Sighting {
        ContainerSniffer.identify((Array(text.utf8) + more).span, isComplete: isComplete)
    }

    private func refusal(_ bytes: [UInt8]) -> String? {
        guard case .refused(let error) = ContainerSniffer.identify(bytes.span, isComplete: true) else { return nil }
        return error.message
    }

    @Test func `RIFF, RF64 and BW64 WAVE are read`() {
        for name in ["RIFF", "RF64", "BW64"] { #expect(see("\(name)....WAVEfmt ") == .wav) }
        #expect(see(".snd........") == .au)
    }

    @Test func `too few bytes of a pipe are not judged yet`() {
        for text in ["", "R", "RIFF....WAV", ".snd"] { #expect(see(text, isComplete: false) == .needsMore) }
        #expect(see("OggS" + String(repeating: ".", count: 20), isComplete: false) == .needsMore)
    }

    @Test func `sixty-four bytes always decide`() {
        for first in 0..<256 {
            let bytes = [UInt8](repeating: UInt8(first), count: ContainerSniffer.decidingBytes)
            #expect(ContainerSniffer.identify(bytes.span) != .needsMore)
        }
    }

    @Test(arguments: [
        ("RIFF....AVI ", "RIFF file of kind 'AVI '"), ("....ftypM4A ", "MP4"), ("MThd........", "MIDI"),
        ("wvpk........", "WavPack"),
    ])
    func `formats that are not read are called by name`(_ text: String, _ name: String) throws {
        let message = try #require(refusal(Array(text.utf8)))
        #expect(message.contains(name))
        #expect(message.contains("ffmpeg"))
    }

    private func codec(_ bytes: [UInt8]) -> String? {
        guard case .coded(let name) = ContainerSniffer.identify(bytes.span, isComplete: true) else { return nil }
        return name
    }

    @Test(arguments: [
        ("RIFX....WAVE", "RIFX"), ("FORM....AIFF", "AIFF"), ("FORM....AIFC", "AIFF"), ("caff........", "CAF"),
        ("fLaC........", "FLAC"), ("ID3.........", "MP3"), ("dns.........", "AU"),
    ])
    func `formats that a library reads are called by name`(_ text: String, _ name: String) throws {
        #expect(try #require(codec(Array(text.utf8))).contains(name))
    }

    @Test func `the codec inside Ogg is named`() throws {
        for (packet, name) in [("OpusHead", "Opus"), ("\u{1}vorbis", "Vorbis"), ("\u{7F}FLAC", "FLAC")] {
            var bytes = Array("OggS".utf8) + [UInt8](repeating: 0, count: 22) + [1, 30] + Array(packet.utf8)
            bytes += [UInt8](repeating: 0, count: 40)
            #expect(try #require(codec(bytes)).contains("Ogg \(name)"))
        }
    }

    @Test func `Wave64 and an MPEG frame are recognised by their bytes`() throws {
        let wave64: [UInt8] = [0x72, 0x69, 0x66, 0x66, 0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 4, 0xC1, 0, 0]
        #expect(try #require(codec(wave64)).contains("W64"))
        let mpeg: [UInt8] = [0xFF, 0xFB, 0x90, 0x64] + [UInt8](repeating: 0, count: 12)
        #expect(try #require(codec(mpeg)).contains("MP3"))
    }

    @Test func `junk is shown and headerless PCM explained`() throws {
        #expect(
            try #require(refusal(Array("Hello, world, here I am".utf8)))
                == "this is no sound aup knows, it begins with 'Hello, world, he'; give -f -r -c with --raw for headerless PCM"
        )
        #expect(try #require(refusal([0, 1, 0xFE, 10])).contains("bytes 00 01 FE 0A;"))
        #expect(try #require(refusal([])).contains("empty input"))
    }

    @Test func `no message breaks into two lines`() throws {
        for byte in 0..<256 {
            let message = try #require(refusal([UInt8(byte), 10, 13, 27] + Array(repeating: 0x0A, count: 20)))
            #expect(!message.contains("\n") && !message.contains("\u{1B}"))
        }
        #expect(try !#require(refusal(Array("RIFF....\n\n\u{1B}[".utf8))).contains("\n"))
    }
}
