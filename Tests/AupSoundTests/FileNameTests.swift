import AupSound
import Testing

@Suite struct `Names of files` {
    private func bytes(_ text: String) -> [UInt8] { FileName.bytes(text).dropLast().map { UInt8(bitPattern: $0) } }

    @Test func `a name that is UTF-8 is its own string`() {
        for name in ["a.wav", "", "Füße/漢字 🎙.flac", "e\u{301}.mp3"] {
            #expect(FileName.text(Array(name.utf8)) == name)
            #expect(bytes(name) == Array(name.utf8))
            #expect(FileName.readable(name) == name)
        }
    }

    @Test func `a name in Latin-1 comes back, and can be read`() {
        let name: [UInt8] = [0x66, 0xFC, 0x72, 0x2E, 0x77, 0x61, 0x76]
        #expect(bytes(FileName.text(name)) == name)
        #expect(FileName.readable(FileName.text(name)) == #"f\xFCr.wav"#)
    }

    @Test func `characters of the private area are no other name`() {
        let name = Array("\u{EFFC}.wav".utf8)
        #expect(bytes(FileName.text(name)) == name)
        #expect(FileName.text(name) != FileName.text([0xFC] + Array(".wav".utf8)))
    }

    @Test func `any bytes come back, each name as another string`() {
        var generator = SystemRandomNumberGenerator()
        var names: [String: [UInt8]] = [:]
        // Beginnings and middles of sequences, too long ones, surrogates, the private area itself.
        let pieces: [[UInt8]] = [
            [0x80], [0xBF], [0xC3], [0xC3, 0xBC], [0xE2, 0x82], [0xE2, 0x82, 0xAC], [0xED, 0xA0, 0x80], [0xF0, 0x9F],
            [0xF0, 0x9F, 0x8E, 0x99], [0xFF], [0xC0, 0xAF], [0xEE, 0xBE, 0x80], [0xEE, 0xBF, 0xBF], [0x61], [0x2F],
        ]
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...5, using: &generator)
            let name = (0..<count).flatMap { _ in pieces.randomElement(using: &generator)! }
            let text = FileName.text(name)
            guard bytes(text) == name, names[text] ?? name == name else {
                Issue.record("\(name)")
                return
            }
            names[text] = name
        }
    }
}
