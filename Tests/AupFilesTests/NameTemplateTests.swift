import Foundation
import Testing

@testable import AupFiles

@Suite struct `Names with the time in them` {
    /// 2026-11-21 01:02:03.456 UTC.
    private let moment: Int64 = 1_795_222_923_456_000_000

    private func name(_ text: String, number: Int = 1, zone: CalendarZone = .utc) throws -> String {
        try NameTemplate(text).name(at: moment, zone: zone, number: number)
    }

    @Test func `strftime's letters are the moment of the first frame`() throws {
        #expect(try name("rec/%F/%H%M%S.wav") == "rec/2026-11-21/010203.wav")
        #expect(try name("%Y%m%d-%j-%s.wav") == "20261121-325-1795222923.wav")
        #expect(try name("%a %d %B.wav") == "Sat 21 November.wav")
    }

    @Test func `milliseconds, the number of the file and a percent sign are ours`() throws {
        #expect(try name("%S.%f.wav") == "03.456.wav")
        #expect(try name("take %i.wav", number: 7) == "take 7.wav")
        #expect(try name("%04i.wav", number: 7) == "0007.wav")
        #expect(try name("%04i.wav", number: 12345) == "12345.wav")
        #expect(try name("100%%.wav") == "100%.wav")
    }

    @Test func `another zone shows another time`() throws {
        let berlin = CalendarZone { _ in 3600 }
        #expect(try name("%H %z.wav", zone: berlin) == "02 +0100.wav")
    }

    @Test(arguments: ["%q.wav", "%", "a%3H.wav", "%9999i", "%99i.wav", "%n", "%+"])
    func `what is no part of a time is refused in one line`(text: String) {
        #expect {
            try NameTemplate(text)
        } throws: { error in
            let message = (error as? NameTemplate.Malformed)?.message ?? ""
            return message.contains(text) && !message.contains("\n")
        }
    }

    @Test func `a taken name has siblings`() {
        #expect(NameTemplate.name("a.b/c.d.wav", counter: 0) == "a.b/c.d.wav")
        #expect(NameTemplate.name("a.b/c.d.wav", counter: 2) == "a.b/c.d-2.wav")
        #expect(NameTemplate.name("a.b/c", counter: 1) == "a.b/c-1")
        #expect(NameTemplate.name("a/.hidden", counter: 1) == "a/.hidden-1")
    }

    @Test(arguments: ["rec/%F/%H%M%S.wav", "%Y%j_%f_%i.wav", "/tmp/%a/%04i-%Z%z.wav", "plain.wav", "no-extension-%s"])
    func `a template knows what it has made, and the siblings`(text: String) throws {
        let template = try NameTemplate(text)
        for zone in [CalendarZone.utc, CalendarZone.local, CalendarZone { _ in -12_600 }] {
            for moment in stride(from: Int64(0), to: 4_000_000_000, by: 333_333_333) {
                let name = template.name(at: moment * 1_000_000_000, zone: zone, number: Int(moment % 100_000) + 1)
                #expect(template.canMake(name), "\(name)")
                #expect(template.canMake(NameTemplate.name(name, counter: 12)), "\(name)")
            }
        }
    }

    @Test(arguments: [
        "rec/2026-11-21/010203.wav.part", "rec/2026-11-21/010203.wav.json", "rec/2026-11-21/01020.wav",
        "rec/2026-11-21/0102033.wav", "rec/2026-11-2/010203.wav", "rec/2026-11-21/x010203.wav",
        "other/2026-11-21/010203.wav", "rec/2026-11-21/sub/010203.wav", "rec/2026-11-21/010203-.wav",
        "rec/2026-11-21/010203-x.wav", "rec/2026-11-21/notes.wav", "rec/2026-11-21/010203.flac", "",
    ])
    func `nothing else is taken for its own`(path: String) throws {
        #expect(try !NameTemplate("rec/%F/%H%M%S.wav").canMake(path))
    }

    @Test func `the folder is what is certain of the path`() throws {
        #expect(try NameTemplate("rec/%F/%H.wav").folder == "rec")
        #expect(try NameTemplate("rec/%F/%H.wav").depth == 1)
        #expect(try NameTemplate("/a/b/x%H.wav").folder == "/a/b")
        #expect(try NameTemplate("/a/b/x%H.wav").depth == 0)
        #expect(try NameTemplate("%Y/%m/%H.wav").folder == ".")
        #expect(try NameTemplate("%Y/%m/%H.wav").depth == 2)
        #expect(try NameTemplate("/%H.wav").folder == "/")
        #expect(try NameTemplate("/%H.wav").depth == 0)
        #expect(try NameTemplate("rec/a.wav").depth == 0)
    }

    @Test func `a command is words, and nothing in them is expanded`() {
        #expect(CommandWords("mv $AUP_FILE  /x")?.words == ["mv", "$AUP_FILE", "/x"])
        #expect(
            CommandWords(#"sh -c 'echo "$AUP_FILE"; true' a\ b "c \" d" """#)?.words
                == ["sh", "-c", #"echo "$AUP_FILE"; true"#, "a b", #"c " d"#, ""])
        for text in ["", "  ", "'open", "\"open", "end\\", "'' x"] { #expect(CommandWords(text) == nil, "\(text)") }
    }
}
